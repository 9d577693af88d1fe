//! A disruption budget can never let a pod go.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, PodDisruptionBudget};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-34",
    title: "a disruption budget makes drains impossible",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::PodDisruptionBudget), Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run,
};

/// Drains that wait now and shared pods are classes of their own; the rest are budgets that are too tight.
fn run(view: &View<'_>) -> Vec<Finding> {
    let mut findings = view.recognised("GAP-34", &["pdb-blocks-eviction", "pdb-overlap"]);
    let waiting: Vec<_> =
        findings.iter().filter(|it| it.class == Some("pdb-blocks-eviction")).map(Finding::id).collect();
    let tight = view.all::<PodDisruptionBudget>().iter().filter(|budget| leaves_no_room(budget)).map(finding);
    findings.extend(tight.filter(|it| !waiting.contains(&it.id())));
    findings
}

/// Whether it wants as many healthy pods as there are, however healthy they be.
fn leaves_no_room(budget: &PodDisruptionBudget) -> bool {
    let status = &budget.status;
    let is_observed = status.observed_generation >= budget.metadata.generation;
    is_observed && status.expected_pods > 0 && status.desired_healthy >= status.expected_pods
}

fn finding(budget: &PodDisruptionBudget) -> Finding {
    let object = budget.reference();
    let (name, namespace) = (&budget.metadata.name, &budget.metadata.namespace);
    let status = &budget.status;
    let (field, value) = match (&budget.spec.min_available, &budget.spec.max_unavailable) {
        (Some(least), _) => ("spec.minAvailable", least.to_string()),
        (None, most) => ("spec.maxUnavailable", most.as_ref().map_or("not set".to_owned(), ToString::to_string)),
    };
    let title = format!(
        "it wants {} of {} pods to stay: no node of theirs can be drained",
        status.desired_healthy, status.expected_pods
    );
    Finding::new("GAP-34", Severity::Warning, object.clone(), title)
        .risk()
        .evidence(&object, field, value)
        .evidence(&object, "status.expectedPods", status.expected_pods.to_string())
        .evidence(&object, "status.desiredHealthy", status.desired_healthy.to_string())
        .since(budget.metadata.creation_timestamp.at())
        .look(format!("kubectl describe pdb {name} -n {namespace}"))
        .change(format!(
            "kubectl patch pdb {name} -n {namespace} --type=merge -p \
             '{{\"spec\":{{\"minAvailable\":null,\"maxUnavailable\":1}}}}' --dry-run=server"
        ))
}

const PAGE: &str = "\
A PodDisruptionBudget that wants every pod to stay (minAvailable as large as the number of pods,
or maxUnavailable 0) refuses every eviction. So does a pod under two budgets, which the eviction
API does not accept at all. Node upgrades and autoscalers wait on it; people then delete pods by
force.

Looked at: desiredHealthy and expectedPods of the budget's status; the selectors of all budgets of a
namespace; cordoned nodes whose pods may not go. A budget without pods is not meant, nor is one that
has no room only because pods are not healthy just now.

What to do: let one pod go at a time, and run at least two; leave one budget for each workload:
  kubectl describe pdb NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn of(name: &str, scenario: &Scenario) -> Vec<Finding> {
        scenario.judge(&CHECK).into_iter().filter(|it| it.object.name == name).collect()
    }

    #[test]
    fn a_budget_that_wants_every_pod_is_found() {
        let findings = of("web", &Scenario::captured("GAP-34"));
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "PodDisruptionBudget/fault-gap-34/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Risk));
        assert_eq!(finding.title, "it wants 2 of 2 pods to stay: no node of theirs can be drained");
        assert_eq!(
            (finding.evidence[0].field.as_str(), finding.evidence[0].value.as_str()),
            ("spec.minAvailable", "2")
        );
    }

    #[test]
    fn a_budget_with_room_is_let_be() {
        let roomy = Scenario::captured("GAP-34").set("PodDisruptionBudget", "web", "/status/desiredHealthy", 1);
        assert_eq!(of("web", &roomy), []);
    }

    #[test]
    fn a_budget_without_pods_is_let_be() {
        let idle = Scenario::captured("GAP-34").set("PodDisruptionBudget", "web", "/status/expectedPods", 0);
        assert_eq!(of("web", &idle), []);
    }

    #[test]
    fn pods_under_two_budgets_are_found_once() {
        let scenario = Scenario::captured("GAP-34");
        let findings = of("api", &scenario);
        assert_eq!((findings.len(), findings[0].class), (1, Some("pdb-overlap")));
        assert_eq!(findings[0].title, "pods of api stand under 2 budgets (api, api-old): none can be evicted");
        assert_eq!(of("api", &scenario.without("PodDisruptionBudget", "api-old")), []);
    }

    #[test]
    fn a_drain_that_waits_is_told_apart() {
        let scenario = Scenario::captured("GAP-34");
        let pod = scenario.name_of("Pod", "web-");
        let node = serde_json::json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "leaving"}, "spec": {"unschedulable": true}});
        let findings = of("web", &scenario.with(node).set("Pod", &pod, "/spec/nodeName", "leaving"));
        assert_eq!((findings.len(), findings[0].class), (1, Some("pdb-blocks-eviction")));
        assert!(findings[0].title.starts_with("node leaving is being emptied"), "{}", findings[0].title);
    }

    #[test]
    fn budgets_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("GAP-34").gap(Sight::Of(Kind::PodDisruptionBudget), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
