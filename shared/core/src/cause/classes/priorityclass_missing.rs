//! A PriorityClass that pods name does not exist.

use crate::cause::missing_dependencies::causes;
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::slim::{Kind, PriorityClass};
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let known: Vec<&str> = view.all::<PriorityClass>().iter().map(|class| class.metadata.name.as_str()).collect();
    causes(view, Kind::PriorityClass, &known)
}

/// See the module.
pub const CLASS: Class = Class {
    id: "priorityclass-missing",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Admission,
        |it| it.says(&["no priorityclass with name"]),
        |_| "the priority class of the pod does not exist".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod template names a PriorityClass that does not exist. The API server refuses every new pod of it;
such pods are never created, so only their controllers show it. Pods that are there already keep the
priority that they were given.

Looked at: priorityClassName of the pods and of the templates of workloads that want pods, the
PriorityClasses, and what the API server answered to the controllers.

What to do: correct the name, or create the class:
  kubectl get priorityclasses";
