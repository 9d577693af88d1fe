//! A RuntimeClass that pods name does not exist.

use crate::cause::missing_dependencies::causes;
use crate::cause::{Class, Heard, Stage};
use crate::finding::Finding;
use crate::slim::{Kind, RuntimeClass};
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let known: Vec<&str> = view.all::<RuntimeClass>().iter().map(|class| class.metadata.name.as_str()).collect();
    causes(view, Kind::RuntimeClass, &known)
}

/// See the module.
pub const CLASS: Class = Class {
    id: "runtimeclass-missing",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Sandbox,
        |it| {
            it.says(&["runtimeclass"]) && it.says(&["not found"]) || it.says(&["no runtime for", "runtime handler \""])
        },
        |_| "the runtime class of the pod has no handler".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod template names a RuntimeClass (a sandboxed or special container runtime) that does not exist.
The API server refuses every new pod of it; such pods are never created, so only their controllers
show it.

Looked at: runtimeClassName of the pods and of the templates of workloads that want pods, the
RuntimeClasses, and what the API server answered to the controllers.

What to do: correct the name, or install the runtime on the nodes and create its class:
  kubectl get runtimeclasses";
