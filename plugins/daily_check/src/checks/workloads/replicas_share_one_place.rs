//! All pods of a workload run on one node, or in one zone, though several could take them.

use serde_json::{Value, json};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Node, Object, Pod};
use sre_core::view::{View, Workload, zone_of};
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-33",
    title: "all pods of a workload run in one place",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet), Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Node)],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::PersistentVolumeClaim), Sight::Of(Kind::PersistentVolume)],
    page: PAGE,
    run: |view| view.workloads().filter_map(|workload| judge(&workload, view)).collect(),
};

fn judge(workload: &Workload<'_>, view: &View<'_>) -> Option<Finding> {
    let is_replicated = matches!(workload.reference.kind.as_str(), "Deployment" | "StatefulSet") && workload.wanted > 1;
    if !is_replicated || stays_together(workload) || !view.knows(Kind::Pod, &workload.metadata.namespace) {
        return None;
    }
    let pods: Vec<&Pod> = view.pods_of(&workload.reference).iter().copied().filter(|pod| is_placed(pod)).collect();
    let nodes: BTreeSet<&str> = pods.iter().map(|pod| pod.node_name.as_str()).collect();
    let zones: BTreeSet<Option<&str>> = nodes.iter().map(|name| view.get::<Node>("", name).and_then(zone_of)).collect();
    let (Some(&node), Some(&zone)) = (nodes.first(), zones.first()) else { return None };
    if pods.len() < 2 || (nodes.len() > 1 && (zones.len() > 1 || zone.is_none())) {
        return None;
    }
    let mut others = view.nodes_for(&workload.template.spec);
    others.retain(|other| pods.iter().any(|pod| view.reaches_volumes(other, pod)));
    if nodes.len() == 1 {
        let free = others.iter().filter(|other| other.metadata.name != node).count();
        return (free > 0).then(|| finding(workload, &pods, &format!("node {node}"), free, "node"));
    }
    let other_zones: BTreeSet<&str> =
        others.iter().filter_map(|other| zone_of(other)).filter(|it| Some(*it) != zone).collect();
    let place = format!("zone {}", zone.unwrap_or_default());
    (!other_zones.is_empty()).then(|| finding(workload, &pods, &place, other_zones.len(), "zone"))
}

/// Whether its own rules want its pods near others.
fn stays_together(workload: &Workload<'_>) -> bool {
    let near = workload.template.spec.affinity.as_ref().and_then(|affinity| affinity.pod_affinity.as_ref());
    near.is_some_and(|near| !near.required.is_empty())
}

/// Whether a pod runs, and is to stay.
fn is_placed(pod: &Pod) -> bool {
    let is_over = matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
    !pod.node_name.is_empty() && pod.metadata.deletion_timestamp.is_none() && !is_over
}

fn finding(workload: &Workload<'_>, pods: &[&Pod], place: &str, free: usize, kind: &str) -> Finding {
    let object = &workload.reference;
    let namespace = &workload.metadata.namespace;
    let plural = if free == 1 { "" } else { "s" };
    let title = format!("all {} pods run on {place}, though {free} other {kind}{plural} could take some", pods.len());
    let title = title.replace("on zone", "in zone");
    let finding = Finding::new("GAP-33", Severity::Warning, object.clone(), title).risk();
    let finding = pods
        .iter()
        .take(3)
        .fold(finding, |finding, pod| finding.evidence(&pod.reference(), "spec.nodeName", &*pod.node_name));
    let finding = finding
        .since(pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).max())
        .look(format!("kubectl get pods -n {namespace} -o wide"));
    match spread(workload, if kind == "zone" { "topology.kubernetes.io/zone" } else { "kubernetes.io/hostname" }) {
        Some(constraint) => {
            let pods = json!({"spec": {"topologySpreadConstraints": [constraint]}});
            finding.patch("strategic", &json!({"spec": {"template": pods}}))
        }
        None => finding,
    }
}

/// A rule that spreads the pods of a workload, unless it has one already, or its selector is no list of labels.
fn spread(workload: &Workload<'_>, key: &str) -> Option<Value> {
    let selector = workload.selector.filter(|selector| selector.match_expressions.is_empty())?;
    let has_rule = workload.template.spec.topology_spread_constraints.iter().any(|rule| rule.topology_key == key);
    let labels: BTreeMap<&str, &str> = selector.match_labels.iter().map(|pair| (&*pair.key, &*pair.value)).collect();
    (!has_rule).then(|| {
        json!({"topologyKey": key, "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels}})
    })
}

const PAGE: &str = "\
Several replicas are there so that one may fail. All pods of this workload are on one node, or in
one zone, and go down together with it, although other nodes or zones could take some of them.

Looked at: the nodes of the running pods; the label topology.kubernetes.io/zone; which other nodes
are Ready, not cordoned, and fit the template's selector, required affinity and tolerations. Room
for the requests is not looked at. Not meant: single replicas, workloads whose own rules or bound
volumes leave one place only, and those that must run near other pods.

What to do: give the pod template a topology spread constraint; the rollout that follows spreads the pods:
  kubectl explain deployment.spec.template.spec.topologySpreadConstraints";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// Moves the first pod to another node.
    fn moved(scenario: Scenario, node: &str) -> Scenario {
        let pod = scenario.name_of("Pod", "web-");
        scenario.set("Pod", &pod, "/spec/nodeName", node)
    }

    /// A node of the same zone as the pods' one, or of another.
    fn node_beside(scenario: &Scenario, in_same_zone: bool) -> String {
        let snapshot = scenario.snapshot();
        let view = View::new(&snapshot);
        let home = view.get::<Node>("", &view.all::<Pod>()[0].node_name).unwrap();
        let fits =
            |node: &&Node| node.metadata.name != home.metadata.name && (zone_of(node) == zone_of(home)) == in_same_zone;
        view.all::<Node>().iter().find(fits).unwrap().metadata.name.clone()
    }

    #[test]
    fn replicas_on_one_node_are_found() {
        let findings = Scenario::captured("GAP-33").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-gap-33/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Risk));
        assert!(finding.title.starts_with("all 3 pods run on node node-"), "{}", finding.title);
        assert_eq!(finding.evidence.len(), 3);
        assert_eq!(finding.remedies.len(), 1, "a rule of its own lets it: nobody knows which one was meant");
        let field = "/spec/template/spec/topologySpreadConstraints";
        let free = Scenario::captured("GAP-33").unset("Deployment", "web", field).judge(&CHECK);
        let rule =
            r#"[{"labelSelector":{"matchLabels":{"app":"web"}},"maxSkew":1,"topologyKey":"kubernetes.io/hostname""#;
        assert!(free[0].remedies[1].command.contains(rule), "{}", free[0].remedies[1].command);
    }

    #[test]
    fn replicas_on_nodes_of_several_zones_are_let_be() {
        let scenario = Scenario::captured("GAP-33");
        let node = node_beside(&scenario, false);
        assert_eq!(moved(scenario, &node).judge(&CHECK), []);
    }

    #[test]
    fn replicas_in_one_zone_are_found() {
        let scenario = Scenario::captured("GAP-33");
        let node = node_beside(&scenario, true);
        let findings = moved(scenario, &node).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].title.starts_with("all 3 pods run in zone zone-"), "{}", findings[0].title);
        assert!(findings[0].remedies[1].command.contains(r#""topologyKey":"topology.kubernetes.io/zone""#));
    }

    #[test]
    fn a_workload_that_fits_one_node_only_is_let_be() {
        let scenario = Scenario::captured("GAP-33");
        let home = scenario.snapshot().all::<Pod>()[0].node_name.clone();
        let named = scenario.clone().set("Deployment", "web", "/spec/template/spec/nodeName", home.as_str());
        assert_eq!(named.judge(&CHECK), []);
        let selector = serde_json::json!({"kubernetes.io/hostname": home});
        assert_eq!(scenario.set("Deployment", "web", "/spec/template/spec/nodeSelector", selector).judge(&CHECK), []);
    }

    #[test]
    fn what_volumes_or_other_pods_tie_to_a_place_is_let_be() {
        let scenario = Scenario::captured("GAP-33");
        let home = scenario.snapshot().all::<Pod>()[0].node_name.clone();
        let claim = serde_json::json!([{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }]);
        let pods = scenario.names_of("Pod", "web-");
        let held = pods.iter().fold(scenario.clone(), |it, pod| it.set("Pod", pod, "/spec/volumes", claim.clone()));
        let hostname = serde_json::json!({ "key": "kubernetes.io/hostname", "operator": "In", "values": [home] });
        let volume = serde_json::json!({ "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "disk" },
            "spec": { "nodeAffinity": { "required": { "nodeSelectorTerms": [{ "matchExpressions": [hostname] }] } } } });
        let claim = serde_json::json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": { "name": "data", "namespace": "fault-gap-33" }, "spec": { "volumeName": "disk" } });
        assert_eq!(held.judge(&CHECK).len(), 1);
        assert_eq!(held.with(volume).with(claim).judge(&CHECK), []);
        let near = serde_json::json!({ "podAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [
            { "topologyKey": "kubernetes.io/hostname", "labelSelector": { "matchLabels": { "app": "cache" } } }] } });
        assert_eq!(scenario.set("Deployment", "web", "/spec/template/spec/affinity", near).judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-33").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
