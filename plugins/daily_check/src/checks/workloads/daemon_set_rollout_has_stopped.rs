//! The rollout of a DaemonSet has made no step for a while.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{DaemonSet, Kind, Object, Pod};
use sre_core::view::{View, is_ready};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-18",
    title: "the rollout of a DaemonSet has stopped",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::DaemonSet)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| {
        view.all::<DaemonSet>().iter().filter(|set| has_stopped(set, view)).map(|set| finding(set, view)).collect()
    },
};

/// A step is a pod on one node: so long it may take to become ready, and no longer than a Deployment has.
const STEP_MINUTES: i64 = 10;

/// Whether pods have an old template and no pod was replaced for a while.
pub(super) fn has_stopped(set: &DaemonSet, view: &View<'_>) -> bool {
    let status = &set.status;
    let is_rolling = set.spec.update_strategy.type_ != "OnDelete";
    let is_unobserved = status.observed_generation < set.metadata.generation;
    let has_old = status.updated_number_scheduled < status.current_number_scheduled;
    let step = STEP_MINUTES + i64::from(set.spec.min_ready_seconds) / 60;
    let is_still = view.is_older_than_minutes(last_step(set, view), step);
    is_rolling && has_old && !is_unobserved && is_still && !view.is_going(&set.metadata)
}

fn last_step(set: &DaemonSet, view: &View<'_>) -> Option<Timestamp> {
    view.pods_of(&set.reference()).iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).max()
}

fn finding(set: &DaemonSet, view: &View<'_>) -> Finding {
    let object = set.reference();
    let (name, namespace, status) = (&set.metadata.name, &set.metadata.namespace, &set.status);
    let (updated, all) = (status.updated_number_scheduled, status.current_number_scheduled);
    let unready: Vec<&Pod> = view.pods_of(&object).iter().copied().filter(|pod| !is_ready(pod)).collect();
    let title = format!("the rollout has stopped: {updated} of {all} pods updated, {} not ready", unready.len());
    let finding = Finding::new("WRK-18", Severity::Warning, object.clone(), title)
        .symptom()
        .evidence(&object, "status.updatedNumberScheduled", format!("{updated} of {all}"))
        .evidence(&object, "status.numberReady", status.number_ready.to_string())
        .since(last_step(set, view))
        .look(format!("kubectl rollout status daemonset/{name} -n {namespace} --timeout=5s"))
        .look(format!("kubectl describe daemonset {name} -n {namespace}"))
        .change(format!("kubectl sre rollback daemonset/{name} -n {namespace} --dry-run"));
    unready.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}

const PAGE: &str = "\
A DaemonSet's template was changed, some of its pods still have the old one, and for ten minutes no pod
was replaced. A DaemonSet has no deadline that would say so: the rollout waits for a new pod to become
ready, for ever.

It is a symptom: whatever is wrong with the new pods comes first and explains it.

Looked at: updatedNumberScheduled, the age of the newest pod, minReadySeconds. Not meant: the strategy
OnDelete, where people replace the pods (GAP-41).

What to do: see why the new pods are not ready, or go back:
  kubectl describe daemonset NAME -n NAMESPACE
  kubectl sre rollback daemonset/NAME -n NAMESPACE --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_rollout_is_told_with_the_pod_that_stops_it() {
        let findings = Scenario::captured("WRK-18").later(11).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "DaemonSet/fault-wrk-18/agent");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "the rollout has stopped: 1 of 3 pods updated, 1 not ready");
        assert_eq!(finding.shows_on.len(), 1);
        let missing = super::super::daemon_set_lacks_ready_pods::CHECK;
        assert_eq!(Scenario::captured("WRK-18").later(11).judge(&missing), [], "it is told once");
    }

    #[test]
    fn a_rollout_that_moved_lately_is_not_meant() {
        assert_eq!(Scenario::captured("WRK-18").later(2).judge(&CHECK), []);
    }

    #[test]
    fn people_who_replace_the_pods_themselves_are_not_meant() {
        let by_hand =
            Scenario::captured("WRK-18").later(11).set("DaemonSet", "agent", "/spec/updateStrategy/type", "OnDelete");
        assert_eq!(by_hand.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-18").later(11);
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
