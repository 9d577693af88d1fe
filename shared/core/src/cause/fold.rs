//! Folds symptoms under what explains them, so that a report has causes and not floods.

use crate::finding::{Finding, Role, Severity};
use crate::object::ObjectRef;
use crate::view::{Layer, View, layer};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A finding with its identity and its place among the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The stable identity.
    pub id: String,
    /// The finding itself.
    pub finding: Finding,
    /// Identities of the findings that it explains.
    pub explains: Vec<String>,
    /// Identities of the findings that explain it; empty for what stands for itself.
    pub caused_by: Vec<String>,
}

/// Merges what is the same trouble, folds symptoms under causes, and sorts: worst first, causes before symptoms.
///
/// A symptom is folded when every object that shows it lies downstream of an explaining finding: one
/// that is at least as severe and stands for itself, or a symptom of a deeper layer.
pub fn fold(findings: Vec<Finding>, view: &View<'_>) -> Vec<Judged> {
    let mut judged = merge(findings);
    let sources = Sources::new(&judged);
    let mut upstream = Upstream::of(view);
    for index in 0..judged.len() {
        if judged[index].finding.role == Role::Symptom {
            let causes = sources.explaining(index, &judged, &mut upstream);
            attach(&mut judged, index, &causes);
        }
    }
    judged.sort_by(|a, b| order(a).cmp(&order(b)));
    judged
}

fn order(judged: &Judged) -> (Severity, bool, Reverse<usize>, &str, &str) {
    let finding = &judged.finding;
    (finding.severity, !judged.caused_by.is_empty(), Reverse(judged.explains.len()), finding.check, &judged.id)
}

fn attach(judged: &mut [Judged], symptom: usize, causes: &BTreeSet<usize>) {
    let symptom_id = judged[symptom].id.clone();
    for &cause in causes {
        judged[cause].explains.push(symptom_id.clone());
        let cause_id = judged[cause].id.clone();
        judged[symptom].caused_by.push(cause_id);
    }
}

/// One finding for one trouble of one accountable object, with everything that shows it.
fn merge(findings: Vec<Finding>) -> Vec<Judged> {
    let mut by_id: BTreeMap<String, Finding> = BTreeMap::new();
    for finding in findings {
        match by_id.get_mut(&finding.id()) {
            Some(first) => absorb(first, finding),
            None => {
                by_id.insert(finding.id(), finding);
            }
        }
    }
    let judge = |(id, finding)| Judged { id, finding, explains: Vec::new(), caused_by: Vec::new() };
    by_id.into_iter().map(judge).collect()
}

/// The first stays the speaker; the worst severity, the earliest time and every showing object count.
fn absorb(first: &mut Finding, other: Finding) {
    if other.severity < first.severity {
        first.severity = other.severity;
    }
    first.since = match (first.since, other.since) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    first.rivals.extend(other.rivals);
    for object in other.shows_on {
        if !first.shows_on.contains(&object) {
            first.shows_on.push(object);
        }
    }
}

/// Which finding stands at which object.
struct Sources {
    at: HashMap<ObjectRef, Vec<usize>>,
}

impl Sources {
    fn new(judged: &[Judged]) -> Self {
        let mut at: HashMap<ObjectRef, Vec<usize>> = HashMap::new();
        for (index, one) in judged.iter().enumerate() {
            let objects: BTreeSet<&ObjectRef> = one.finding.shows_on.iter().chain([&one.finding.object]).collect();
            for object in objects {
                at.entry(object.clone()).or_default().push(index);
            }
        }
        Self { at }
    }

    /// What explains a symptom: for each object that shows it the deepest explanation; nothing when one has none.
    fn explaining(&self, symptom: usize, judged: &[Judged], upstream: &mut Upstream<'_, '_>) -> BTreeSet<usize> {
        let finding = &judged[symptom].finding;
        let shown_by: Vec<ObjectRef> =
            if finding.shows_on.is_empty() { vec![finding.object.clone()] } else { finding.shows_on.clone() };
        let mut causes = BTreeSet::new();
        for object in &shown_by {
            let reachable = upstream.needs(object);
            let candidates = reachable.iter().filter_map(|at| self.at.get(at)).flatten().copied();
            let candidates = candidates.filter(|&other| hurts(&judged[other].finding, object, &reachable));
            let best =
                candidates.filter(|&other| explains(judged, other, symptom)).min_by_key(|&other| rank(judged, other));
            match best {
                Some(cause) => causes.insert(cause),
                None => return BTreeSet::new(),
            };
        }
        causes
    }
}

/// Whether a finding that stands somewhere upstream reaches so far: one that names what shows it explains no others,
/// as a missing key of a Secret hurts who reads that key, and not everybody who reads the Secret.
fn hurts(cause: &Finding, object: &ObjectRef, reachable: &[ObjectRef]) -> bool {
    cause.object == *object
        || cause.shows_on.is_empty()
        || cause.shows_on.iter().any(|object| reachable.contains(object))
}

/// Causes before symptoms, deeper layers first.
fn rank(judged: &[Judged], index: usize) -> (Role, Layer, usize) {
    (judged[index].finding.role, layer(&judged[index].finding.object), index)
}

fn explains(judged: &[Judged], cause: usize, symptom: usize) -> bool {
    let (cause_is, symptom_is) = (&judged[cause].finding, &judged[symptom].finding);
    let weighty = cause_is.severity <= symptom_is.severity && cause_is.severity != Severity::Info;
    let deeper = (cause_is.role, layer(&cause_is.object)) < (symptom_is.role, layer(&symptom_is.object));
    // A node is never the victim of what runs on it.
    let plausible = layer(&symptom_is.object) != Layer::Node || layer(&cause_is.object) <= Layer::Node;
    cause != symptom && weighty && deeper && plausible
}

/// Everything that an object needs, directly or not, itself included.
pub fn upstream(view: &View<'_>, object: &ObjectRef) -> Vec<ObjectRef> {
    Upstream::of(view).needs(object)
}

/// The same for many objects, each looked at once.
pub struct Upstream<'v, 'a> {
    view: &'v View<'a>,
    known: HashMap<ObjectRef, Vec<ObjectRef>>,
}

impl<'v, 'a> Upstream<'v, 'a> {
    /// Of the objects of a view.
    pub fn of(view: &'v View<'a>) -> Self {
        Self { view, known: HashMap::new() }
    }

    /// Everything that an object needs, directly or not, itself included.
    pub fn needs(&mut self, object: &ObjectRef) -> Vec<ObjectRef> {
        let mut seen: BTreeSet<ObjectRef> = BTreeSet::new();
        let mut open = vec![object.clone()];
        while let Some(next) = open.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            let view = self.view;
            let needs = self.known.entry(next).or_insert_with_key(|object| view.needs(object));
            open.extend(needs.iter().filter(|need| !seen.contains(need)).cloned());
        }
        seen.into_iter().collect()
    }
}
