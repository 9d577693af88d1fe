//! Pods were evicted within the last day.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Object, Pod, condition_of};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-22",
    title: "pods were evicted by their node's kubelet",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// Evicted pods stay as records until somebody deletes them: an old one says nothing about today.
const REMEMBERED_MINUTES: i64 = 24 * 60;

/// How the kubelet says that the node was short of something, and not the pod too large.
const SHORT: &str = "low on resource: ";
const CONDITION: &str = "had condition: ";

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut groups: BTreeMap<(ObjectRef, String), Vec<&Pod>> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| is_recent(pod, view)) {
        groups.entry(blame(pod, view)).or_default().push(pod);
    }
    groups.iter().map(|((object, what), pods)| statement(object, what, pods, view)).collect()
}

fn is_recent(pod: &Pod, view: &View<'_>) -> bool {
    let is_evicted = pod.status.phase == "Failed" && pod.status.reason == "Evicted";
    is_evicted && !view.is_going(&pod.metadata) && !view.is_older_than_minutes(evicted_at(pod), REMEMBERED_MINUTES)
}

fn evicted_at(pod: &Pod) -> Option<Timestamp> {
    let said = condition_of(&pod.status.conditions, "DisruptionTarget").and_then(|it| it.last_transition_time.at());
    let ended = || pod.container_statuses().filter_map(|it| it.state.terminated.as_ref()?.finished_at.at()).max();
    let unready = || condition_of(&pod.status.conditions, "Ready").and_then(|it| it.last_transition_time.at());
    let started = || pod.status.start_time.and_then(|time| time.at());
    said.or_else(ended).or_else(unready).or_else(started).or_else(|| pod.metadata.creation_timestamp.at())
}

/// The node that ran short and of what, or the owner of a pod that used more than it may.
fn blame(pod: &Pod, view: &View<'_>) -> (ObjectRef, String) {
    let message = message(pod, view);
    let after = |words: &str| message.split_once(words).map(|(_, rest)| rest);
    let word =
        |rest: &str| rest.trim_start_matches('[').split(['.', ' ', ']', ',']).next().unwrap_or_default().to_owned();
    let short = after(SHORT).or_else(|| after(CONDITION)).map(word).filter(|_| !pod.node_name.is_empty());
    match short {
        Some(resource) => (ObjectRef::cluster("Node", &pod.node_name), resource),
        None => (view.owner_of(pod), String::new()),
    }
}

/// What the kubelet said; the record of some pods lacks it, and their event has it.
fn message<'a>(pod: &'a Pod, view: &View<'a>) -> &'a str {
    let events = view.events_about(&pod.reference()).iter();
    let said = || events.copied().find(|event| event.reason == "Evicted").map_or("", |event| event.message.trim());
    Some(pod.status.message.trim()).filter(|message| !message.is_empty()).unwrap_or_else(said)
}

fn statement(object: &ObjectRef, resource: &str, pods: &[&Pod], view: &View<'_>) -> Finding {
    let pod = pods[0];
    let count = if pods.len() == 1 { "1 pod was".to_owned() } else { format!("{} pods were", pods.len()) };
    let said = Some(message(pod, view)).filter(|said| !said.is_empty()).unwrap_or("no reason is given");
    let is_of_node = object.kind == "Node";
    let title = if is_of_node {
        format!("{count} evicted within a day because the node ran low on {resource}")
    } else {
        format!("{count} evicted within a day: {said}")
    };
    let finding = Finding::new("POD-22", Severity::Warning, object.clone(), title)
        .part(resource)
        .evidence(&pod.reference(), "status.reason", "Evicted")
        .evidence(&pod.reference(), "status.message", said)
        .since(pods.iter().filter_map(|pod| evicted_at(pod)).min());
    let finding = pods.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    if is_of_node {
        return finding.symptom().look(format!("kubectl describe node {}", object.name));
    }
    let namespace = &pod.metadata.namespace;
    finding
        .look(format!("kubectl describe pod {} -n {namespace}", pod.metadata.name))
        .change(format!("kubectl delete pod {} -n {namespace} --dry-run=server", pod.metadata.name))
}

const PAGE: &str = "\
A kubelet ends pods when its node runs low on memory, disk or process ids, and when a pod uses more
scratch space than it may. Controllers make new pods in their place, and the evicted ones stay as
records until somebody deletes them.

One finding stands for all pods of a node that went for the same resource; it is folded under the
node's own trouble while that lasts. Pods that used too much themselves stand under their owner.

Looked at: phase, reason and message of the pods, and when it was, by their conditions. Not meant:
evictions more than a day ago, and those that the eviction API made (a drain).

What to do: give the pods requests that match their use, so that the scheduler spreads them, or limits
for their scratch space:
  kubectl describe node NODE
  kubectl delete pods -A --field-selector status.phase=Failed --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_and_the_resource_are_named_once_for_all_pods() {
        let findings = Scenario::captured("POD-22").judge(&CHECK);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        let of_node = findings.iter().find(|it| it.object.kind == "Node").unwrap();
        assert_eq!((of_node.part.as_str(), of_node.severity), ("ephemeral-storage", Severity::Warning));
        assert_eq!(of_node.title, "2 pods were evicted within a day because the node ran low on ephemeral-storage");
        assert_eq!(of_node.shows_on.len(), 2);
    }

    #[test]
    fn a_pod_that_used_too_much_stands_under_its_owner() {
        let findings = Scenario::captured("POD-22").judge(&CHECK);
        let own = findings.iter().find(|it| it.object.kind == "Pod").unwrap();
        assert_eq!(own.object.name, "greedy");
        let title = "1 pod was evicted within a day: Pod ephemeral local storage usage exceeds \
                     the total limit of containers 1Gi.";
        assert_eq!(own.title, title);
    }

    #[test]
    fn evictions_of_yesterday_are_not_told() {
        assert_eq!(Scenario::captured("POD-22").later(25 * 60).judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_failed_for_another_reason_is_not_meant() {
        let scenario = Scenario::captured("POD-22");
        let other = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/reason", "NodeShutdown"));
        assert_eq!(other.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-22");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
