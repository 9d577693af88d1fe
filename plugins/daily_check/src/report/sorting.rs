//! Which findings are told, and which ones a team has excluded.

use crate::args::Request;
use sre_core::cause::Judged;
use sre_core::finding::Severity;
use sre_core::profile::{Excluded, Exclusion};
use sre_core::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// The findings of a run as they are told.
pub struct Sorted<'r> {
    /// What was asked for, and what explains it, wherever that stands.
    pub shown: Vec<&'r Judged>,
    /// What is known and accepted.
    pub excluded: Vec<(&'r Judged, &'r Exclusion)>,
    /// Exclusions whose time is over, by the finding that has come back.
    pub lapsed: BTreeMap<&'r str, &'r Exclusion>,
}

/// Sorts the findings of a run.
pub fn sorted<'r>(request: &'r Request, view: &View<'_>, judged: &'r [Judged]) -> Sorted<'r> {
    let asked = asked(request, view, judged);
    let mut sorted = Sorted { shown: Vec::new(), excluded: Vec::new(), lapsed: BTreeMap::new() };
    for one in &asked {
        let judge = |exclusion: &&Exclusion| exclusion.judges(&one.finding, view);
        let exclusions = &request.profile.exclusions;
        // What could not be looked at is nobody's to accept: a report would say fine without having looked.
        let mut of_it = exclusions.iter().filter(|_| one.finding.severity != Severity::Unknown);
        if let Some(exclusion) = of_it.clone().find(|it| judge(it) == Excluded::Yes) {
            sorted.excluded.push((one, exclusion));
        } else if let Some(exclusion) = of_it.find(|it| judge(it) == Excluded::Expired) {
            sorted.lapsed.insert(&one.id, exclusion);
        }
    }
    let hidden = hidden(&asked, &sorted.excluded);
    sorted.shown = asked.into_iter().filter(|one| !hidden.contains(one.id.as_str())).collect();
    sorted
}

/// What is excluded, and what nothing but that explains.
fn hidden<'r>(asked: &[&'r Judged], excluded: &[(&'r Judged, &Exclusion)]) -> BTreeSet<&'r str> {
    let mut hidden: BTreeSet<&str> = excluded.iter().map(|(one, _)| one.id.as_str()).collect();
    loop {
        let explained = |one: &&&Judged| {
            !hidden.contains(one.id.as_str())
                && !one.caused_by.is_empty()
                && one.caused_by.iter().all(|cause| hidden.contains(cause.as_str()))
        };
        let Some(one) = asked.iter().find(explained) else { return hidden };
        hidden.insert(&one.id);
    }
}

fn asked<'r>(request: &Request, view: &View<'_>, judged: &'r [Judged]) -> Vec<&'r Judged> {
    let wanted = judged.iter().filter(|one| is_in_scope(view, one) && is_selected(request, view, one));
    let mut ids: BTreeSet<&str> = wanted.map(|one| one.id.as_str()).collect();
    let by_id: BTreeMap<&str, &Judged> = judged.iter().map(|one| (one.id.as_str(), one)).collect();
    let mut open: Vec<&str> = ids.iter().copied().collect();
    while let Some(one) = open.pop().and_then(|id| by_id.get(id)) {
        open.extend(one.caused_by.iter().map(String::as_str).filter(|cause| ids.insert(cause)));
    }
    judged.iter().filter(|one| ids.contains(one.id.as_str())).collect()
}

/// Of the namespaces, which are cluster-scoped, only the one that was asked for is meant.
fn is_in_scope(view: &View<'_>, judged: &Judged) -> bool {
    let object = &judged.finding.object;
    object.kind != "Namespace" || object.name == "*" || view.snapshot.namespaces.includes(&object.name)
}

/// A selector keeps findings about objects that carry the labels, or that such objects show.
fn is_selected(request: &Request, view: &View<'_>, judged: &Judged) -> bool {
    let Some(selector) = &request.selector else { return true };
    let finding = &judged.finding;
    finding.severity == Severity::Unknown
        || [&finding.object]
            .into_iter()
            .chain(&finding.shows_on)
            .any(|object| view.labels_of(object).is_some_and(|labels| selector.matches(labels)))
}
