//! A DaemonSet has fewer ready pods than nodes that want one.

use super::daemon_set_rollout_has_stopped::has_stopped;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{DaemonSet, Kind, Node, Object, Pod};
use sre_core::view::{View, is_ready, unready_since};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-16",
    title: "a DaemonSet has fewer ready pods than nodes that want one",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::DaemonSet)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Node), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.all::<DaemonSet>().iter().filter_map(|set| judge(set, view)).collect(),
};

/// How long a node that joins may lack a pod that is not there at all.
const MISSING_MINUTES: i64 = 5;

fn judge(set: &DaemonSet, view: &View<'_>) -> Option<Finding> {
    let status = &set.status;
    let is_unobserved = status.observed_generation < set.metadata.generation;
    let is_whole = status.number_ready >= status.desired_number_scheduled;
    if is_whole || is_unobserved || view.is_going(&set.metadata) || has_stopped(set, view) {
        return None;
    }
    let pods = view.pods_of(&set.reference());
    let stuck: Vec<&Pod> = pods.iter().copied().filter(|pod| view.is_stuck(pod)).collect();
    let since = stuck.iter().filter_map(|pod| unready_since(pod)).min();
    if !stuck.is_empty() {
        return Some(finding(set, &stuck).since(since));
    }
    let made = pods.iter().map(|pod| &pod.metadata).chain([&set.metadata]);
    let newest = made.filter_map(|it| it.creation_timestamp.at()).max();
    let joined = view.all::<Node>().iter().filter_map(|node| node.metadata.creation_timestamp.at()).max();
    let is_settled = view.is_older_than_minutes(newest.max(joined), MISSING_MINUTES);
    let is_missing = status.current_number_scheduled < status.desired_number_scheduled;
    (is_missing && is_settled && pods.iter().all(|pod| is_ready(pod))).then(|| finding(set, &[]).since(newest))
}

fn finding(set: &DaemonSet, stuck: &[&Pod]) -> Finding {
    let object = set.reference();
    let (ready, wanted) = (set.status.number_ready, set.status.desired_number_scheduled);
    let title = format!("{ready} of {wanted} nodes have a ready pod of it");
    let finding = Finding::new("WRK-16", Severity::Warning, object.clone(), title)
        .symptom()
        .evidence(&object, "status.desiredNumberScheduled", wanted.to_string())
        .evidence(&object, "status.numberReady", ready.to_string());
    let placed = stuck.iter().take(3);
    let finding =
        placed.fold(finding, |finding, pod| finding.evidence(&pod.reference(), "spec.nodeName", &*pod.node_name));
    let finding = stuck.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    finding
        .look(format!("kubectl describe daemonset {} -n {}", set.metadata.name, set.metadata.namespace))
        .look(format!("kubectl get pods -n {} -o wide", set.metadata.namespace))
}

const PAGE: &str = "\
A DaemonSet runs one pod on each node that its selector and tolerations admit. On some of them there is
none that is ready: what it gives to the node (network, storage, logs, metrics) is missing there.

It is a symptom: whatever is wrong with the pods, their image or their node comes first.

Looked at: desiredNumberScheduled and numberReady, and the pods. Not meant: a pod that started less than
five minutes ago and shows nothing wrong, nodes that joined just now, nodes whose taints it does not
tolerate. A rollout that has stopped is WRK-18.

What to do: see which nodes lack a pod, and why:
  kubectl describe daemonset NAME -n NAMESPACE
  kubectl get pods -n NAMESPACE -o wide";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_nodes_are_counted() {
        let findings = Scenario::captured("WRK-16").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "DaemonSet/fault-wrk-16/agent");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "0 of 3 nodes have a ready pod of it");
        assert_eq!(finding.shows_on.len(), 3);
    }

    #[test]
    fn it_is_told_below_what_is_wrong_with_the_pods() {
        let snapshot = Scenario::captured("WRK-16").snapshot();
        let view = View::new(&snapshot);
        let crashes = crate::checks::pods::container_crashes::CHECK;
        let judged = sre_core::cause::fold([(CHECK.run)(&view), (crashes.run)(&view)].concat(), &view);
        assert_eq!((judged.len(), judged[0].finding.check), (2, "POD-01"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn pods_that_may_just_be_starting_are_not_meant() {
        let scenario = Scenario::captured("WRK-16");
        let pods = scenario.names_of("Pod", "");
        let starting = pods.iter().fold(scenario, |scenario, pod| {
            let running = serde_json::json!({"running": {}});
            scenario.set("Pod", pod, "/status/containerStatuses/0/state", running).set(
                "Pod",
                pod,
                "/status/containerStatuses/0/restartCount",
                0,
            )
        });
        assert_eq!(starting.judge(&CHECK), []);
    }

    #[test]
    fn a_node_without_any_pod_is_told_once_it_has_had_its_time() {
        let missing = Scenario::captured("WRK-16")
            .without("Pod", "")
            .set("DaemonSet", "agent", "/status/currentNumberScheduled", 2)
            .set("DaemonSet", "agent", "/status/numberReady", 2);
        assert_eq!(missing.judge(&CHECK), []);
        assert_eq!(missing.later(6).judge(&CHECK)[0].title, "2 of 3 nodes have a ready pod of it");
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-16");
        let findings = scenario.gap(Sight::Of(Kind::DaemonSet), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("DaemonSet was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
