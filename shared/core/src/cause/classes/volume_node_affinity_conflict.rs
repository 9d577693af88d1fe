//! The bound volume of a pod lives where no node is that the pod may use.

use crate::cause::unplaced::causes;
use crate::cause::{Class, Heard, Stage};
use crate::scheduling::Filter;

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-node-affinity-conflict",
    page: PAGE,
    recognise: |view| causes(view, Filter::Volume),
    heard: Some(Heard::of(
        Stage::Scheduling,
        |it| it.says(&["volume node affinity conflict", "available volume zone"]),
        |_| "the bound volume lives where no node that is left is".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A claim of the pod is bound to a PersistentVolume that can be reached from certain nodes only (a zone,
one machine), and none of the nodes that the pod may use is among them.

Looked at: nodeAffinity of the PersistentVolumes behind the pod's claims, and the labels of the nodes.

What to do: bring a node back in the volume's place; a volume cannot be moved, only copied:
  kubectl describe persistentvolume NAME";
