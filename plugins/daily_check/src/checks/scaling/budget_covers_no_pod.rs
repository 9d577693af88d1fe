//! A disruption budget's selector matches no pod and no workload.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, LabelSelector, Object, PodDisruptionBudget, ReplicaSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-45",
    title: "a disruption budget covers no pod",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::PodDisruptionBudget)],
    relies_on: &[
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::ReplicaSet),
    ],
    consults: &[Sight::Of(Kind::Job), Sight::Of(Kind::CronJob)],
    page: PAGE,
    run: |view| view.all::<PodDisruptionBudget>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// An installer makes the budget before the workload, and an operator makes its pods after both.
const INSTALL_MINUTES: i64 = 60;

fn judge(budget: &PodDisruptionBudget, view: &View<'_>) -> Option<Finding> {
    let namespace = budget.metadata.namespace.as_str();
    let selector = budget.spec.selector.as_ref().filter(|selector| !selector.is_empty())?;
    let is_old = view.is_older_than_minutes(budget.metadata.creation_timestamp.at(), INSTALL_MINUTES);
    let is_empty = budget.status.expected_pods == 0 && !covers_any(selector, namespace, view);
    let is_meant = is_old && is_empty && view.knows_workloads(namespace) && !view.is_going(&budget.metadata);
    is_meant.then(|| finding(budget, selector))
}

/// Whether a pod, or a workload that may make some, scaled to zero or not, has labels that it matches.
fn covers_any(selector: &LabelSelector, namespace: &str, view: &View<'_>) -> bool {
    let mut pods = view.pods_in(namespace).iter();
    let mut templates = view.workloads().filter(|it| it.metadata.namespace == namespace);
    let mut sets = view.all::<ReplicaSet>().iter().filter(|it| it.metadata.namespace == namespace);
    pods.any(|pod| selector.matches(&pod.metadata.labels))
        || templates.any(|it| selector.matches(&it.template.metadata.labels))
        || sets.any(|it| selector.matches(&it.spec.template.metadata.labels))
}

fn finding(budget: &PodDisruptionBudget, selector: &LabelSelector) -> Finding {
    let object = budget.reference();
    let (name, namespace) = (&budget.metadata.name, &budget.metadata.namespace);
    let labels: Vec<String> = selector.match_labels.iter().map(|pair| format!("{}={}", pair.key, pair.value)).collect();
    let words = if labels.is_empty() { "expressions only".to_owned() } else { labels.join(",") };
    Finding::new("WRK-45", Severity::Info, object.clone(), "it protects nothing: no pod and no workload has its labels")
        .risk()
        .evidence(&object, "spec.selector", words)
        .evidence(&object, "status.expectedPods", "0")
        .since(budget.metadata.creation_timestamp.at())
        .look(format!("kubectl get pods -n {namespace} --show-labels"))
        .look(format!("kubectl describe pdb {name} -n {namespace}"))
}

const PAGE: &str = "\
A PodDisruptionBudget has a selector that no pod matches, and no template of a workload of its
namespace either. It is left from a workload that is gone, or a label differs by a typing error: then
the workload that it was made for has no protection when nodes are drained.

Looked at: the selector against the pods and the templates of the namespace. Not meant: workloads that
are scaled to zero, whose template matches, and budgets of less than an hour.

What to do: compare the labels; correct or delete the budget:
  kubectl get pods -n NAMESPACE --show-labels";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn later() -> Scenario {
        Scenario::captured("WRK-45").later(61)
    }

    #[test]
    fn a_label_that_differs_protects_nothing() {
        let findings = later().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "PodDisruptionBudget/fault-wrk-45/web");
        assert_eq!((finding.severity, finding.evidence[0].value.as_str()), (Severity::Info, "app=wbe"));
    }

    #[test]
    fn a_workload_that_is_scaled_to_zero_is_covered() {
        let labels = serde_json::json!({"app": "web"});
        let field = "/spec/selector/matchLabels";
        let rest = later().without("Pod", "").set("Deployment", "web", "/spec/replicas", 0);
        assert_eq!(rest.set("PodDisruptionBudget", "web", field, labels).judge(&CHECK), []);
    }

    #[test]
    fn a_new_budget_waits_for_its_workload() {
        assert_eq!(Scenario::captured("WRK-45").later(10).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-45").later(61);
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
