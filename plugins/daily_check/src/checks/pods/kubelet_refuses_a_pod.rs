//! A pod has failed by the word of its kubelet: none of its containers did, and it was no eviction or shutdown.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Job, Kind, Object, Pod, condition_of};
use sre_core::view::{Group, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-24",
    title: "a pod has failed, and not by a container",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// Failed pods stay as records: an old one says nothing about today.
const REMEMBERED_MINUTES: i64 = 24 * 60;

/// Ends that were wanted, or that other checks tell.
const TOLD: [&str; 8] =
    ["Evicted", "NodeShutdown", "Shutdown", "Terminated", "Preempting", "NodeLost", "DeadlineExceeded", "Error"];

fn run(view: &View<'_>) -> Vec<Finding> {
    let failed = view.all::<Pod>().iter().filter(|pod| is_meant(pod, view));
    view.grouped(failed.map(|pod| (pod, pod.status.reason.clone()))).iter().map(statement).collect()
}

fn is_meant(pod: &Pod, view: &View<'_>) -> bool {
    let status = &pod.status;
    let is_disrupted = condition_of(&status.conditions, "DisruptionTarget").is_some_and(|it| it.status == "True");
    let is_refused = status.phase == "Failed" && !status.reason.is_empty() && !TOLD.contains(&&*status.reason);
    is_refused
        && !is_disrupted
        && !view.is_older_than_minutes(failed_at(pod), REMEMBERED_MINUTES)
        && !view.is_going(&pod.metadata)
        && !view.is_explained(pod)
        && !is_made_good(pod, view)
}

fn failed_at(pod: &Pod) -> Option<Timestamp> {
    let ended = pod.container_statuses().filter_map(|it| it.state.terminated.as_ref()?.finished_at.at()).max();
    let unready = || condition_of(&pod.status.conditions, "Ready").and_then(|it| it.last_transition_time.at());
    let started = || pod.status.start_time.and_then(|time| time.at());
    ended.or_else(unready).or_else(started).or_else(|| pod.metadata.creation_timestamp.at())
}

/// Whether the pod's Job was done by other pods of it.
fn is_made_good(pod: &Pod, view: &View<'_>) -> bool {
    let job = pod.metadata.controller().filter(|owner| owner.kind == "Job");
    let job = job.and_then(|owner| view.get::<Job>(&pod.metadata.namespace, &owner.name));
    job.is_some_and(|job| condition_of(&job.status.conditions, "Complete").is_some_and(|it| it.status == "True"))
}

fn statement(group: &Group<'_>) -> Finding {
    let (pod, reason) = (group.first(), &group.part);
    let has = if group.pods.len() == 1 { "has" } else { "have" };
    let title = format!("{} {has} failed, and not by a container: {reason}", group.count());
    let finding = Finding::new("POD-24", Severity::Warning, group.owner.clone(), title)
        .symptom()
        .part(reason)
        .evidence(&pod.reference(), "status.phase", &*pod.status.phase)
        .evidence(&pod.reference(), "status.reason", reason)
        .evidence(&pod.reference(), "status.message", pod.status.message.trim())
        .since(group.pods.iter().filter_map(|pod| failed_at(pod)).min())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
        .change(format!("kubectl delete pod {} -n {} --dry-run=server", pod.metadata.name, group.namespace()));
    group.show(finding)
}

const PAGE: &str = "\
A kubelet looks once more at a pod that it is given, and refuses it when the node has no room after all
(OutOfcpu), does not fit it (NodeAffinity), or cannot give it a device (UnexpectedAdmissionError). The
pod is Failed then, none of its containers ran, and its controller tries again. Once is an accident;
often means that scheduler and kubelet do not agree, or that a device plugin is broken.

Looked at: phase and reason of the pods of the last day. Not meant: containers that ended with an error
(POD-01), evictions (POD-22), shutdowns of nodes, preemption, and Jobs that were done all the same.

What to do: read the message; the records may be deleted:
  kubectl delete pods -n NAMESPACE --field-selector status.phase=Failed --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_reason_is_named() {
        let findings = Scenario::captured("POD-24").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Pod/fault-pod-24/encoder");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Warning, "UnexpectedAdmissionError"));
        assert_eq!(finding.title, "1 pod has failed, and not by a container: UnexpectedAdmissionError");
        assert!(finding.evidence[2].value.starts_with("Allocate failed"), "{:?}", finding.evidence);
    }

    #[test]
    fn a_shutdown_of_the_node_is_not_meant() {
        let planned = Scenario::captured("POD-24").set("Pod", "encoder", "/status/reason", "Terminated");
        assert_eq!(planned.judge(&CHECK), []);
    }

    #[test]
    fn a_failure_of_yesterday_is_not_told() {
        assert_eq!(Scenario::captured("POD-24").later(25 * 60).judge(&CHECK), []);
    }

    #[test]
    fn a_job_that_was_done_made_good_for_it() {
        let owner = serde_json::json!([{"kind": "Job", "name": "encode", "controller": true}]);
        let done = Scenario::captured("POD-24").set("Pod", "encoder", "/metadata/ownerReferences", owner).with(
            serde_json::json!({
                "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "encode", "namespace": "fault-pod-24"},
                "status": {"conditions": [{"type": "Complete", "status": "True"}]}
            }),
        );
        assert_eq!(done.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-24");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
