//! Objects in trouble of which nothing that was seen says why: that is said, and nothing is guessed.

use super::Diagnosis;
use crate::cause::{Judged, Saying, Sayings, is_in_the_first_moments, is_past, with_line};
use crate::finding::{Finding, Severity};
use crate::logs;
use crate::object::ObjectRef;
use crate::slim::{Object, Pod};
use crate::view::{View, is_ready, seems_ready};
use std::collections::BTreeSet;

/// One statement for each owner whose pods are in trouble that no cause explains.
pub(super) fn left(view: &View<'_>, sayings: &Sayings<'_>, causes: &[Diagnosis]) -> Vec<Diagnosis> {
    let explained: BTreeSet<&ObjectRef> = causes.iter().flat_map(Diagnosis::objects).collect();
    let is_explained = |object: &ObjectRef| explained.contains(object);
    let mut found: Vec<Finding> = Vec::new();
    for pod in view.all::<Pod>() {
        let (object, owner) = (pod.reference(), view.owner_of(pod));
        let is_beginning = pod.status.phase != "Failed" && is_in_the_first_moments(view, pod);
        if is_beginning || is_past(view, pod) {
            continue;
        }
        let said = sayings.get(&object).map_or(&[][..], Vec::as_slice);
        if !is_in_trouble(pod, said, view) || is_explained(&object) || is_explained(&owner) {
            continue;
        }
        match found.iter_mut().find(|finding| finding.object == owner) {
            Some(finding) => finding.shows_on.push(object),
            None => found.push(statement(&object, owner, said)),
        }
    }
    if !found.is_empty() {
        for one in logs::explained(view) {
            let pod = one.log.object();
            if let Some(finding) = found.iter_mut().find(|finding| finding.shows_on.contains(&pod)) {
                finding.title =
                    format!("it does not work; by the log of its container {}, {}", one.log.container, one.sentence());
                *finding = with_line(finding.clone(), &one);
            }
        }
    }
    found.into_iter().map(diagnosis).collect()
}

/// Whether a pod does not do what it is there for, and that is no mere beginning.
fn is_in_trouble(pod: &Pod, said: &[Saying<'_>], view: &View<'_>) -> bool {
    let is_done = pod.status.phase == "Succeeded" || is_ready(pod) || view.is_going(&pod.metadata);
    if said.is_empty() && seems_ready(pod) {
        return false;
    }
    let complains = said.iter().any(|saying| !saying.is_state() || !saying.message.is_empty());
    !is_done && (pod.status.phase == "Failed" || complains || view.is_stuck(pod))
}

fn statement(object: &ObjectRef, owner: ObjectRef, said: &[Saying<'_>]) -> Finding {
    let title = "it does not work, and what was seen does not say why".to_owned();
    let finding = Finding::new("evidence-insufficient", Severity::Warning, owner, title)
        .class("evidence-insufficient")
        .unsure()
        .shows_on(object.clone());
    let namespace = object.namespace.clone().unwrap_or_default();
    let finding = finding.look(format!("kubectl describe pod {} -n {namespace}", object.name));
    let newest = said.iter().max_by_key(|saying| saying.at);
    match newest {
        Some(saying) => finding
            .evidence(object, &*saying.field, format!("{}: {}", saying.reason, saying.message))
            .since(saying.since),
        None => finding.evidence(object, "status", "not ready, and nothing is said about it"),
    }
}

fn diagnosis(finding: Finding) -> Diagnosis {
    let judged = Judged { id: finding.id(), finding, explains: Vec::new(), caused_by: Vec::new() };
    Diagnosis::of(judged, Vec::new())
}
