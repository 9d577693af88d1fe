//! Fewer pods of a disruption budget are healthy than it wants.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Pod, PodDisruptionBudget};
use sre_core::view::{View, unready_since};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-47",
    title: "fewer pods are healthy than a disruption budget wants",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::PodDisruptionBudget)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run: |view| view.all::<PodDisruptionBudget>().iter().filter_map(|it| judge(it, view)).collect(),
};

fn judge(budget: &PodDisruptionBudget, view: &View<'_>) -> Option<Finding> {
    let status = &budget.status;
    let is_observed = status.observed_generation >= budget.metadata.generation;
    let is_violated = status.expected_pods > 0 && status.current_healthy < status.desired_healthy;
    if !is_observed || !is_violated || view.is_going(&budget.metadata) {
        return None;
    }
    let selector = budget.spec.selector.as_ref()?;
    let covered = view.pods_in(&budget.metadata.namespace).iter().copied();
    let covered = covered.filter(|pod| selector.matches(&pod.metadata.labels));
    let stuck: Vec<&Pod> = covered.filter(|pod| view.is_stuck(pod)).collect();
    (!stuck.is_empty()).then(|| finding(budget, &stuck))
}

fn finding(budget: &PodDisruptionBudget, stuck: &[&Pod]) -> Finding {
    let object = budget.reference();
    let (name, namespace) = (&budget.metadata.name, &budget.metadata.namespace);
    let status = &budget.status;
    let title = format!(
        "{} of {} pods are healthy, and the budget wants {}: no eviction is let through",
        status.current_healthy, status.expected_pods, status.desired_healthy
    );
    let policy = budget.spec.unhealthy_pod_eviction_policy.as_deref();
    let finding = Finding::new("WRK-47", Severity::Warning, object.clone(), title)
        .symptom()
        .evidence(&object, "status.currentHealthy", status.current_healthy.to_string())
        .evidence(&object, "status.desiredHealthy", status.desired_healthy.to_string())
        .since(stuck.iter().filter_map(|pod| unready_since(pod)).min())
        .look(format!("kubectl describe pdb {name} -n {namespace}"));
    let finding = stuck.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    if policy == Some("AlwaysAllow") {
        return finding;
    }
    let words = "IfHealthyBudget: the unhealthy pods cannot be evicted either";
    finding.evidence(&object, "spec.unhealthyPodEvictionPolicy", words).change(format!(
        "kubectl patch pdb {name} -n {namespace} --type=merge -p \
         '{{\"spec\":{{\"unhealthyPodEvictionPolicy\":\"AlwaysAllow\"}}}}' --dry-run=server"
    ))
}

const PAGE: &str = "\
Fewer pods are healthy than a PodDisruptionBudget wants to stay. It cannot bring pods back; it only
refuses evictions, so that drains of nodes wait. With the default unhealthyPodEvictionPolicy
(IfHealthyBudget) even the pods that serve nobody cannot be evicted, and a drain of their node never
ends by itself.

It is a symptom: whatever is wrong with the pods comes first and explains it.

Looked at: the budget's status, and its pods. Not meant: pods that started less than five minutes ago
and show nothing wrong.

What to do: see what is wrong with the pods; allow evictions of those that are not healthy:
  kubectl describe pdb NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_policy_for_unhealthy_pods_is_told_with_it() {
        let findings = Scenario::captured("WRK-47").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "PodDisruptionBudget/fault-wrk-47/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        let title = "0 of 2 pods are healthy, and the budget wants 1: no eviction is let through";
        assert_eq!(finding.title, title);
        assert_eq!(finding.evidence[2].field, "spec.unhealthyPodEvictionPolicy");
        assert_eq!(finding.shows_on.len(), 2);
    }

    #[test]
    fn it_is_told_below_what_is_wrong_with_the_pods() {
        let snapshot = Scenario::captured("WRK-47").snapshot();
        let view = View::new(&snapshot);
        let crashes = crate::checks::pods::container_crashes::CHECK;
        let judged = sre_core::cause::fold([(CHECK.run)(&view), (crashes.run)(&view)].concat(), &view);
        assert_eq!((judged.len(), judged[0].finding.check), (2, "POD-01"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn a_budget_with_enough_healthy_pods_is_not_meant() {
        let served = Scenario::captured("WRK-47").set("PodDisruptionBudget", "web", "/status/currentHealthy", 1);
        assert_eq!(served.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-47");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
