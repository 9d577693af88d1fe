//! Nodes that are short of something: the ground that the classes of pressure share.

use crate::cause::Saying;
use crate::cause::node_problem::is_leaving;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::condition::NodeCondition;
use crate::slim::{ConditionFacts, Node, Object, Pod};
use crate::view::View;

/// The nodes that report such a condition.
pub(super) fn causes(view: &View<'_>, condition: &str, resource: &str) -> Vec<Finding> {
    let staying = view.all::<Node>().iter().filter(|node| !is_leaving(node));
    let pressed = staying.flat_map(|node| {
        let conditions = node.status.conditions.iter().filter(|it| it.type_ == condition && it.status == "True");
        conditions.map(move |it| (node, it))
    });
    pressed.map(|(node, it)| finding(node, it, resource, view)).collect()
}

/// The node that a saying is about, or whose pod it is about.
pub(super) fn node_of(saying: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    if saying.about.kind == "Node" {
        return Some(saying.about.clone());
    }
    let pod = view.get::<Pod>(saying.about.namespace.as_deref().unwrap_or_default(), &saying.about.name)?;
    (!pod.node_name.is_empty()).then(|| ObjectRef::cluster("Node", &pod.node_name))
}

/// The same, or for a pod without a node the one node that reports the condition.
pub(super) fn pressed(saying: &Saying<'_>, view: &View<'_>, condition: &str) -> Option<ObjectRef> {
    let reports = |node: &&Node| node.status.conditions.iter().any(|it| it.type_ == condition && it.status == "True");
    let mut nodes = view.all::<Node>().iter().filter(reports);
    let only = || match (nodes.next(), nodes.next()) {
        (Some(node), None) => Some(node.reference()),
        _ => None,
    };
    node_of(saying, view).or_else(only)
}

fn finding(node: &Node, condition: &NodeCondition, resource: &str, view: &View<'_>) -> Finding {
    let (object, name) = (node.reference(), &node.metadata.name);
    let evicted: Vec<&Pod> = view.pods_on(name).iter().copied().filter(|pod| pod.status.reason == "Evicted").collect();
    let field = |field: &str| format!("status.conditions[{}].{field}", condition.type_);
    let consequence = match evicted.len() {
        0 => "no new pods are placed there".to_owned(),
        1 => "1 pod was evicted".to_owned(),
        count => format!("{count} pods were evicted"),
    };
    let title = format!("node {name} is short of {resource}: {consequence}");
    let finding = Finding::new("", Severity::Warning, object.clone(), title)
        .part(&*condition.type_)
        .evidence(&object, field("status"), &*condition.status)
        .evidence(&object, field("message"), format!("{}: {}", condition.reason, condition.message))
        .since(ConditionFacts::since(condition))
        .look(format!("kubectl describe node {name}"))
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={name}"));
    // Only the evicted pods are known to have been hurt by it.
    if evicted.is_empty() {
        return finding.risk();
    }
    evicted.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}
