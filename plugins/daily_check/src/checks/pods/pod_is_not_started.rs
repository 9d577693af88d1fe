//! A pod was given a node long ago, and the kubelet there has not begun with it.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::{Event, Kind, Object, Pod, condition_of};
use sre_core::view::{Group, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-21",
    title: "a pod has a node and is not started there",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// A kubelet takes note of a pod within seconds.
const NOTICE_MINUTES: i64 = 5;

fn run(view: &View<'_>) -> Vec<Finding> {
    let left = view.all::<Pod>().iter().filter(|pod| is_left(pod, view));
    view.grouped(left.map(|pod| (pod, pod.node_name.clone()))).iter().map(|group| statement(group, view)).collect()
}

/// A kubelet sets the start time, and says of each container why it waits, before it does anything else.
fn is_left(pod: &Pod, view: &View<'_>) -> bool {
    let is_untouched = pod.status.start_time.is_none() && pod.container_statuses().next().is_none();
    let waits = pod.status.phase == "Pending" && !pod.node_name.is_empty() && is_untouched;
    let is_noticed = view.events_about(&pod.reference()).iter().any(|event| !is_of_scheduler(event));
    waits
        && !is_noticed
        && view.is_older_than_minutes(placed(pod), NOTICE_MINUTES)
        && !view.is_going(&pod.metadata)
        && !view.is_explained(pod)
}

/// Whoever else says something of a pod, a kubelet about its mounts or a controller about its volumes, is at work on it.
fn is_of_scheduler(event: &Event) -> bool {
    event.reason == "Scheduled" || event.reason == "FailedScheduling"
}

fn placed(pod: &Pod) -> Option<jiff::Timestamp> {
    let scheduled = condition_of(&pod.status.conditions, "PodScheduled").filter(|it| it.status == "True");
    scheduled.and_then(|it| it.last_transition_time.at()).or_else(|| pod.metadata.creation_timestamp.at())
}

fn statement(group: &Group<'_>, view: &View<'_>) -> Finding {
    let (pod, node) = (group.first(), &group.part);
    let title = format!("{} on node {node}, and its kubelet has not begun", group.are());
    let finding = Finding::new("POD-21", view.loss(group), group.owner.clone(), title)
        .part(node)
        .evidence(&pod.reference(), "spec.nodeName", node)
        .evidence(&pod.reference(), "status.startTime", "not set")
        .since(group.pods.iter().filter_map(|pod| placed(pod)).min())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
        .look(format!("kubectl describe node {node}"));
    group.show(finding)
}

const PAGE: &str = "\
The scheduler gave a pod a node more than five minutes ago, and the kubelet there has not even taken
note of it: it has no start time and no state of a container, although the node says that it is ready.
The kubelet hangs, does not see the API server, or belongs to another cluster.

It is critical when no pod of the workload is ready.

Looked at: phase, start time, condition PodScheduled and container states of the pods, and their events.
Not meant: pods of a node that is not ready, which is told of the node; pods of which anybody but the
scheduler has said something: they wait for images or volumes.

What to do: read the kubelet's log on that node; a restart of the kubelet is harmless to what runs:
  kubectl describe node NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_is_named() {
        let findings = Scenario::captured("POD-21").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-pod-21/web");
        assert_eq!(finding.severity, Severity::Critical);
        let title = format!("1 pod is on node {}, and its kubelet has not begun", finding.part);
        assert_eq!(finding.title, title);
        assert_eq!(finding.evidence[1].value, "not set");
        assert_eq!(finding.remedies[1].command, format!("kubectl describe node {}", finding.part));
    }

    #[test]
    fn a_pod_that_the_kubelet_took_note_of_is_not_meant() {
        let noticed = Scenario::captured("POD-21").set("Pod", "web-0", "/status/startTime", "2026-01-01T00:00:00Z");
        assert_eq!(noticed.judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_was_placed_just_now_is_not_meant() {
        let scenario = Scenario::captured("POD-21");
        let made = scenario.field("Pod", "web-0", "/metadata/creationTimestamp").clone();
        let fresh = scenario.set("Pod", "web-0", "/status/conditions/0/lastTransitionTime", made);
        assert_eq!(fresh.judge(&CHECK), []);
    }

    #[test]
    fn a_pod_whose_volumes_are_being_worked_on_is_not_meant() {
        let attaching = Scenario::captured("POD-21").with(serde_json::json!({
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": "web-0.1", "namespace": "fault-pod-21"},
            "involvedObject": {"kind": "Pod", "name": "web-0", "namespace": "fault-pod-21"},
            "reason": "FailedAttachVolume", "type": "Warning"
        }));
        assert_eq!(attaching.judge(&CHECK), []);
    }

    #[test]
    fn a_node_that_is_not_ready_explains_it() {
        let scenario = Scenario::captured("POD-21");
        let node = scenario.field("Pod", "web-0", "/spec/nodeName").clone();
        let down = scenario.with(serde_json::json!({
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": node},
            "status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}
        }));
        assert_eq!(down.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-21");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
