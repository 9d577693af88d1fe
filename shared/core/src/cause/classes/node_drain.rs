//! A node is being emptied on purpose.

use crate::cause::{Class, Heard, Saying, Stage};
use crate::object::ObjectRef;
use crate::slim::Pod;
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "node-drain",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                it.is(&[
                    "Drain",
                    "DrainScheduled",
                    "DrainStarted",
                    "NodeDrain",
                    "EvictionByEvictionAPI",
                    "FailedDraining",
                ]) || it.says(&[
                    "draining node",
                    "node drain",
                    "being drained",
                    "due to drain",
                    "evicted for node maintenance",
                ])
            },
            |_| "the node is being drained".to_owned(),
        )
        .blames(drained),
    ),
    brings: &["unschedulable-cordoned"],
    ..Class::SILENT
};

/// The node of the pod that is evicted.
fn drained(saying: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let pod = view.get::<Pod>(saying.about.namespace.as_deref().unwrap_or_default(), &saying.about.name)?;
    (!pod.node_name.is_empty()).then(|| ObjectRef::cluster("Node", &pod.node_name))
}

const PAGE: &str = "\
A node is cordoned and its pods are evicted through the API: planned work. Its pods come back elsewhere;
those that nobody replaces do not.

Looked at: events of the drain, and pods whose status says that they were evicted through the API.

What to do: nothing, if the work is known; otherwise ask who drains, and put the node back:
  kubectl sre change uncordon NAME --dry-run";
