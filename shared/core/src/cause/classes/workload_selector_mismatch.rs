//! A workload's selector does not match its own template.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{LabelSelector, Pair};
use crate::view::Workload;
use std::borrow::Borrow;

/// See the module.
pub const CLASS: Class = Class {
    id: "workload-selector-mismatch",
    page: PAGE,
    recognise: |view| view.workloads().filter_map(|workload| mismatch(&workload)).collect(),
    ..Class::SILENT
};

/// Jobs choose their own labels when they are created, so only the other kinds can be wrong.
fn mismatch(workload: &Workload<'_>) -> Option<Finding> {
    let selector = workload.selector.filter(|selector| !selector.is_empty())?;
    let labels = &workload.template.metadata.labels;
    // No API server takes a template without labels that a selector could match: they were not collected.
    if labels.is_empty() || workload.reference.kind == "Job" || selector.matches(labels) {
        return None;
    }
    let object = &workload.reference;
    let title = "the selector does not match the labels of its own pod template: no pod can belong to it";
    let kind = object.kind.to_lowercase();
    Some(
        Finding::new("", Severity::Critical, object.clone(), title)
            .evidence(object, "spec.selector", words(selector))
            .evidence(object, "spec.template.metadata.labels", pairs(labels))
            .since(workload.metadata.creation_timestamp.at())
            .look(format!("kubectl get {kind} {} -n {} -o yaml", object.name, workload.metadata.namespace)),
    )
}

fn words(selector: &LabelSelector) -> String {
    let expressions = selector.match_expressions.iter();
    let expressions = expressions.map(|one| format!("{} {} ({})", one.key, one.operator, one.values.join(", ")));
    let labels = Some(pairs(&selector.match_labels)).filter(|text| !text.is_empty());
    labels.into_iter().chain(expressions).collect::<Vec<_>>().join(", ")
}

fn pairs<P: Borrow<Pair>>(pairs: &[P]) -> String {
    let text = pairs.iter().map(Borrow::borrow).map(|pair| format!("{}={}", pair.key, pair.value));
    text.collect::<Vec<_>>().join(", ")
}

const PAGE: &str = "\
A workload finds its pods by its selector, and makes them from its template. The two do not agree:
it would not recognise a pod that it made. Today's API servers refuse such an object; old
archives, converted objects and mutated ones hold it nevertheless.

Looked at: spec.selector and spec.template.metadata.labels of every workload.

What to do: a selector cannot be changed, so correct the labels of the template, or make it anew:
  kubectl get deployment NAME -n NAMESPACE -o yaml";
