//! The pods of the fullest node would not find room on the others.

use sre_core::cause::node_problem::{is_leaving, is_virtual, readiness};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::scheduling::{Demand, Floor, Place, Resources, pod_request, written};
use sre_core::slim::{ConfigMap, Kind, Lease, Node, Object, Pod};
use sre_core::units::Amount;
use sre_core::view::View;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-110",
    title: "the pods of the fullest node would find no room elsewhere",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ConfigMap)],
    consults: &[
        Sight::Of(Kind::Lease),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::PersistentVolumeClaim),
        Sight::Of(Kind::PersistentVolume),
    ],
    page: PAGE,
    run: |view| judge(view).into_iter().collect(),
};

/// Whether everything was seen that room is counted from: pods of all namespaces, and the traces of an autoscaler.
pub fn is_in_sight(view: &View<'_>) -> bool {
    view.knows(Kind::Pod, "") && view.knows(Kind::ConfigMap, "kube-system")
}

fn judge(view: &View<'_>) -> Option<Finding> {
    if !is_in_sight(view) || grows_by_itself(view) {
        return None;
    }
    let floor = Floor::new(view);
    let open: Vec<&Place<'_>> = floor.places.iter().filter(|place| is_open(place.node)).collect();
    if open.len() < 2 {
        return None;
    }
    let fullest = ["cpu", "memory"].map(|resource| fullest(&open, resource));
    let mut seen = BTreeSet::new();
    let lost = fullest.into_iter().flatten().filter(|place| seen.insert(place.node.metadata.name.as_str()));
    lost.filter_map(|place| homeless(place, &open, &floor, view)).next()
}

/// Whether an autoscaler adds nodes when pods wait: such clusters keep no room on purpose.
fn grows_by_itself(view: &View<'_>) -> bool {
    let is_autoscaler = |name: &str| name.starts_with("cluster-autoscaler") || name.starts_with("karpenter");
    view.all::<ConfigMap>().iter().any(|map| is_autoscaler(&map.metadata.name))
        || view.all::<Lease>().iter().any(|lease| is_autoscaler(&lease.metadata.name))
        || view
            .all::<Node>()
            .iter()
            .any(|node| node.metadata.labels.iter().any(|it| it.key.starts_with("karpenter.sh/")))
}

fn is_open(node: &Node) -> bool {
    let is_ready = readiness(node).is_some_and(|ready| ready.status == "True");
    is_ready && !node.spec.unschedulable && !is_leaving(node) && !is_virtual(node)
}

fn fullest<'p, 'a>(open: &[&'p Place<'a>], resource: &str) -> Option<&'p Place<'a>> {
    let by_use = |place: &&&Place<'_>| (place.used.get(resource), Reverse(place.node.metadata.name.clone()));
    open.iter().max_by_key(by_use).copied()
}

/// A node that takes pods of the lost one, and what it has taken of them.
struct Taker<'p, 'a> {
    place: &'p Place<'a>,
    taken: Resources,
    pods: i64,
}

/// Lays the pods of a node onto the others, the largest first, and says which find no room.
fn homeless<'a>(lost: &Place<'a>, open: &[&Place<'a>], floor: &Floor<'a>, view: &View<'a>) -> Option<Finding> {
    let name = &lost.node.metadata.name;
    let others = open.iter().filter(|place| place.node.metadata.name != *name);
    let mut takers: Vec<Taker<'_, 'a>> =
        others.map(|place| Taker { place, taken: Resources::default(), pods: 0 }).collect();
    let demands = by_size(name, view).into_iter().map(|pod| Demand::of(pod, view, floor));
    let without: Vec<Demand<'a>> = demands.filter(|demand| !finds_room(demand, &mut takers)).collect();
    (!without.is_empty()).then(|| finding(lost, &without, takers.len(), view))
}

/// The pods of a node that are made anew elsewhere when it is lost, the largest first.
fn by_size<'a>(node: &str, view: &View<'a>) -> Vec<&'a Pod> {
    let mut pods: Vec<&Pod> = view.pods_on(node).iter().copied().filter(|pod| moves(pod, view)).collect();
    pods.sort_by_cached_key(|pod| {
        let request = pod_request(&pod.spec);
        let name = (pod.metadata.namespace.clone(), pod.metadata.name.clone());
        (Reverse(request.get("cpu")), Reverse(request.get("memory")), name)
    });
    pods
}

/// Lays a pod onto the first node with room. One that no other node may take at all is not counted as without room:
/// that is a matter of its rules.
fn finds_room<'a>(demand: &Demand<'a>, takers: &mut [Taker<'_, 'a>]) -> bool {
    let mut allowed = takers.iter_mut().filter(|taker| is_allowed(demand, taker.place)).peekable();
    let may_move = allowed.peek().is_some();
    match allowed.find(|taker| has_room(demand, taker)) {
        Some(taker) => {
            taker.taken.add(&demand.request);
            taker.pods += 1;
            true
        }
        None => !may_move,
    }
}

/// Whether a pod is made anew elsewhere when its node is lost.
fn moves(pod: &Pod, view: &View<'_>) -> bool {
    let stays = pod.metadata.controller().is_none_or(|owner| matches!(owner.kind.as_str(), "Node" | "DaemonSet"));
    let is_over = matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
    !stays && !is_over && pod.metadata.deletion_timestamp.is_none() && view.owner_of(pod).kind != "Job"
}

/// Whether a node may take a pod, room and neighbours aside.
fn is_allowed(demand: &Demand<'_>, place: &Place<'_>) -> bool {
    let lacks = |resource: &str| place.offered(resource) == Amount::ZERO;
    demand.against_machine(place).is_empty() && !demand.request.iter().any(|(resource, _)| lacks(resource))
}

fn has_room(demand: &Demand<'_>, taker: &Taker<'_, '_>) -> bool {
    let free = |resource: &str| taker.place.free(resource) - taker.taken.get(resource);
    let slots = taker.place.offered("pods") - Amount::whole(taker.place.pods + taker.pods);
    slots >= Amount::whole(1) && demand.request.iter().all(|(resource, wanted)| free(resource) >= wanted)
}

fn finding(lost: &Place<'_>, without: &[Demand<'_>], others: usize, view: &View<'_>) -> Finding {
    let (object, name) = (lost.node.reference(), &lost.node.metadata.name);
    let owners: BTreeSet<_> = without.iter().map(|demand| view.owner_of(demand.pod)).collect();
    let plural = if others == 1 { "node" } else { "nodes" };
    let title =
        format!("if node {name} fails, {} of its pods find no room on the other {others} {plural}", without.len());
    let mut short = Resources::default();
    without.iter().for_each(|demand| short.add(&demand.request));
    let listed = |resources: &Resources| {
        let words = resources.iter().map(|(resource, amount)| format!("{resource} {}", written(resource, amount)));
        words.collect::<Vec<_>>().join(", ")
    };
    let finding = Finding::new("GAP-110", Severity::Warning, object.clone(), title)
        .risk()
        .evidence(&object, "requests of its pods", listed(&lost.used))
        .evidence(&object, "requests that find no room", listed(&short));
    let finding = owners.into_iter().take(10).fold(finding, Finding::shows_on);
    finding
        .look(format!("kubectl describe node {name}"))
        .look("kubectl describe nodes -l '!node-role.kubernetes.io/control-plane'")
}

const PAGE: &str = "\
When one node fails, or is drained for an upgrade, its pods must find room on the others. Those of
the node with the largest requests would not: some of them would wait until it comes back.

Looked at: the requests of all pods, and what the ready nodes offer. The pods of the fullest node, by
CPU and by memory, are laid onto the others, the largest first, with their taints, node selectors,
required node affinity and the reach of their volumes. Wishes, spread rules and priorities are left
out. Not meant: pods of DaemonSets and Jobs, pods that no other node may take anyhow, clusters of one
node, and clusters with an autoscaler, which makes room when pods wait. Judged only when all
namespaces were seen.

What to do: add a node, or lower requests that are far above what is used:
  kubectl describe nodes
  kubectl top pods -A";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::{GapReason, NamespaceScope};
    use sre_testkit::Scenario;

    const FULL: &str = "fault-gap-110-a";

    #[test]
    fn the_fullest_node_and_the_pods_without_room_are_named() {
        let findings = Scenario::captured("GAP-110").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.severity, finding.role), (Severity::Warning, sre_core::finding::Role::Risk));
        assert!(finding.title.contains("1 of its pods find no room on the other"), "{}", finding.title);
        assert_eq!(finding.shows_on[0].to_string(), "Deployment/fault-gap-110/model");
        assert_eq!(finding.evidence[1].value, "cpu 30, memory 1Gi");
    }

    #[test]
    fn with_room_on_another_node_all_is_well() {
        let more = |node: &str| format!("fault-gap-110-{node}");
        let roomy = Scenario::captured("GAP-110").set("Node", &more("b"), "/status/allocatable/cpu", "128");
        let roomy = roomy.set("Node", &more("a"), "/status/allocatable/cpu", "128");
        assert_eq!(roomy.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_no_other_node_may_take_are_not_counted() {
        let alone = Scenario::captured("GAP-110")
            .set("Node", "fault-gap-110-b", "/metadata/labels/pool", "another")
            .set("Node", FULL, "/metadata/labels/pool", "fault-gap-110");
        assert_eq!(alone.judge(&CHECK), []);
    }

    #[test]
    fn a_cluster_with_an_autoscaler_is_not_meant() {
        let status = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "cluster-autoscaler-status", "namespace": "kube-system"}
        });
        assert_eq!(Scenario::captured("GAP-110").with(status).judge(&CHECK), []);
        let label = "/metadata/labels/karpenter.sh~1nodepool";
        assert_eq!(Scenario::captured("GAP-110").set("Node", FULL, label, "default").judge(&CHECK), []);
    }

    #[test]
    fn one_namespace_says_nothing_of_room() {
        let mut snapshot = Scenario::captured("GAP-110").snapshot();
        snapshot.namespaces = NamespaceScope::One("fault-gap-110".to_owned());
        assert_eq!((CHECK.run)(&View::new(&snapshot)), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-110").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
