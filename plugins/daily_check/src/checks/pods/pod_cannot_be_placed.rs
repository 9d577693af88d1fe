//! A pod fits on no node.

use sre_core::cause::specs::{counted, shown};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::scheduling::{Stranded, Verdict};
use sre_core::slim::Kind;
use sre_core::slim::Object;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-19",
    title: "a pod fits on no node",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::Node),
        Sight::Of(Kind::PersistentVolumeClaim),
        Sight::Of(Kind::PersistentVolume),
        Sight::Of(Kind::StorageClass),
        Sight::Of(Kind::Namespace),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    page: PAGE,
    run,
};

const CLASSES: &[&str] = &[
    "unschedulable-insufficient-resources",
    "unschedulable-request-too-large",
    "unschedulable-fragmented",
    "unschedulable-node-selector",
    "unschedulable-taint",
    "unschedulable-cordoned",
    "unschedulable-pod-affinity",
    "unschedulable-topology-spread",
    "unschedulable-max-pods",
    "host-port-conflict",
    "extended-resource-unavailable",
    "scheduling-gated",
];

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut findings = view.recognised("POD-19", CLASSES);
    findings.extend(view.stranded().iter().filter_map(|one| unclassed(one, view)));
    findings
}

/// Pods that wait for their claims, or for a reason that nothing in sight gives.
fn unclassed(one: &Stranded<'_>, view: &View<'_>) -> Option<Finding> {
    let pods = counted(&one.group.pods, view);
    let title = match &one.verdict {
        Verdict::Claims(claims) => format!("{pods} cannot be placed before a claim is bound: {}", claims.join(", ")),
        Verdict::Unclear => format!("{pods} cannot be placed: {}", one.quoted(view)),
        Verdict::Gated | Verdict::Filtered(_) => return None,
    };
    let pod = one.group.first();
    let finding = Finding::new("POD-19", one.severity(view), one.owner().clone(), title)
        .symptom()
        .evidence(&pod.reference(), "status.conditions[PodScheduled].message", &*one.message)
        .since(one.since)
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, pod.metadata.namespace));
    Some(shown(finding, &one.group.pods))
}

const PAGE: &str = "\
The scheduler finds no node for a pod. Its filters are replayed on the nodes and pods that were seen:
cordons, taints, labels, host ports, room for the whole request (init containers, sidecars and
overhead included), number of pods, reach of volumes, spread, rules about other pods. The title says
how many nodes each requirement excludes; a node counts for every requirement that is against it.

Where nothing that was seen keeps the pod off some node, or the nodes could not be listed, the title
quotes the scheduler and says how many nodes that is: it may know more (below), or nodes and pods have
changed since it looked.

The requirement that decides gives the cause. Labels, volumes and taints say which nodes are meant for
the pod at all; among those that are left, the nodes that come nearest to taking it decide. What comes
nearest is shown: the node with the most room, the label that differs by a typing error.

Not seen: attach limits, device claims, plugins of the scheduler.

Follows from something else: a claim that is not bound, a node whose condition closes it, a scheduler
that is down.

See also: kubectl sre explain unschedulable-insufficient-resources";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn found(scenario: &Scenario, deployment: &str) -> Option<Finding> {
        scenario.judge(&CHECK).into_iter().find(|finding| finding.object.name == deployment)
    }

    fn classes(scenario: &Scenario) -> Vec<(String, Option<&'static str>)> {
        scenario.judge(&CHECK).iter().map(|it| (it.object.name.clone(), it.class)).collect()
    }

    #[test]
    fn each_workload_has_its_reason() {
        let expected = [
            ("friend", "unschedulable-pod-affinity"),
            ("gated", "scheduling-gated"),
            ("large", "unschedulable-request-too-large"),
            ("model", "extended-resource-unavailable"),
            ("picky", "unschedulable-node-selector"),
            ("spread", "unschedulable-topology-spread"),
        ];
        let expected: Vec<_> = expected.iter().map(|(name, class)| ((*name).to_owned(), Some(*class))).collect();
        assert_eq!(classes(&Scenario::captured("POD-19")), expected);
    }

    #[test]
    fn the_title_counts_nodes_and_names_the_most_room() {
        let finding = found(&Scenario::captured("POD-19"), "large").expect("a finding");
        assert_eq!(
            finding.title,
            "3 pods of Deployment/large cannot be placed: 3 of 3 nodes lack cpu (64 asked, 8 free at most, on worker-0000)"
        );
        assert_eq!((finding.severity, finding.shows_on.len()), (Severity::Warning, 3));
        assert!(finding.evidence[0].value.contains("3 Insufficient cpu"), "{:?}", finding.evidence);
        assert!(finding.remedies[0].command.starts_with("kubectl describe pod large-"));
    }

    #[test]
    fn it_hurts_once_an_autoscaler_has_had_its_time() {
        let later = Scenario::captured("POD-19").later(6);
        assert_eq!(found(&later, "large").map(|it| it.severity), Some(Severity::Critical));
        assert_eq!(found(&later, "gated").map(|it| it.severity), Some(Severity::Info));
    }

    #[test]
    fn the_label_that_was_meant_is_named() {
        let finding = found(&Scenario::captured("POD-19"), "picky").expect("a finding");
        let values: Vec<&str> = finding.evidence.iter().map(|it| it.value.as_str()).collect();
        assert_eq!(values[1..], ["kubernetes.io/arch=amd46", "kubernetes.io/arch=amd64 (nearest)"]);
    }

    #[test]
    fn without_nodes_the_schedulers_message_is_counted() {
        let blind = Scenario::captured("POD-19").gap(Sight::Of(Kind::Node), GapReason::Forbidden);
        let finding = found(&blind, "picky").expect("a finding");
        assert_eq!(finding.class, Some("unschedulable-node-selector"));
        let words = "cannot be placed: the scheduler says 0/3 nodes are available: ";
        assert!(finding.title.contains(words) && !finding.title.contains("preemption"), "{}", finding.title);
    }

    #[test]
    fn one_node_is_and_several_are_what_they_are() {
        let taint = json!([{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]);
        let scenario = Scenario::captured("POD-19").set("Node", "worker-0000", "/spec", json!({"unschedulable": true}));
        let scenario = scenario.set("Node", "worker-0001", "/spec", json!({"taints": taint}));
        let finding = found(&scenario, "large").expect("a finding");
        let counts = "1 of 3 nodes is cordoned, 1 of 3 nodes is not ready, 3 of 3 nodes lack cpu (";
        assert!(finding.title.contains(counts), "{}", finding.title);
    }

    #[test]
    fn what_nothing_explains_is_not_explained() {
        let scenario = Scenario::captured("POD-19");
        let roomy = scenario.set("Node", "worker-0000", "/status/allocatable/cpu", "128");
        let finding = found(&roomy, "large").expect("a finding");
        let says = "cannot be placed: the scheduler says 0/3 nodes are available: ";
        let seen = "; nothing that was seen keeps the pod off 1 of 3 nodes";
        assert!(finding.title.contains(says) && finding.title.ends_with(seen), "{}", finding.title);
    }

    #[test]
    fn a_placed_pod_is_not_meant() {
        let scenario = Scenario::captured("POD-19");
        let placed = scenario
            .names_of("Pod", "large-")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/conditions/0/status", "True"));
        assert_eq!(found(&placed, "large"), None);
        assert_eq!(classes(&placed).len(), 5);
    }

    #[test]
    fn a_claim_that_is_not_bound_is_told_below_what_is_wrong_with_it() {
        let snapshot = Scenario::captured("POD-29").later(2).snapshot();
        let view = View::new(&snapshot);
        let findings = [run(&view), view.recognised("POD-29", &["pvc-missing"])].concat();
        let judged = sre_core::cause::fold(findings, &view);
        assert_eq!(judged.len(), 2);
        assert_eq!(judged[0].finding.check, "POD-29");
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("POD-19").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
