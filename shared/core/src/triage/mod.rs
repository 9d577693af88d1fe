//! Triage: from what is seen to the root causes, what follows from each, and whom it hurts.
//!
//! It asks the same engine as every check. What it adds is order, confidence and the users' side.

mod alternatives;
mod consequences;
mod impact;
mod rights;
mod suspects;
mod undecided;

pub use impact::Impact;
pub use suspects::{Reach, Suspect, WINDOW, suspect};

use crate::cause::{Judged, fold, sayings, upstream, with_logs, with_sayings};
use crate::finding::{Confidence, Finding, Rival, Role};
use crate::inquiry::asked_databases;
use crate::logs::LogRead;
use crate::object::ObjectRef;
use crate::performance::with_measurements;
use crate::slim::{LabelSelector, Object, Pod};
use crate::view::{View, layer};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What a look came to.
#[derive(Debug, Default)]
pub struct Triage {
    /// The root causes, the one to act on first.
    pub causes: Vec<Diagnosis>,
    /// Whether something is wrong and what is seen does not say what.
    pub undetermined: bool,
}

/// A root cause with what follows from it.
#[derive(Debug)]
pub struct Diagnosis {
    /// The statement, with its evidence.
    pub judged: Judged,
    /// What it explains: these are no causes of their own.
    pub explains: Vec<Finding>,
    /// What users meet because of it.
    pub impact: Vec<Impact>,
    /// What else it could be, by evidence that was there too.
    pub alternatives: Vec<Rival>,
    /// What its own pods wrote last, as far as it was read.
    pub logs: Vec<LogRead>,
    /// When it showed first, as far as the objects tell.
    pub first_symptom: Option<Timestamp>,
    /// What was changed before it showed and may have to do with it, the likeliest first; see [`suspect`].
    pub suspects: Vec<Suspect>,
    /// How many more there were, less likely than those.
    pub suspects_left_out: usize,
}

/// Finds the root causes in a view; with targets only those that reach one of them, with labels those that have to do with
/// an object that carries them.
pub fn triage(view: &View<'_>, targets: &[ObjectRef], labels: Option<&LabelSelector>) -> Triage {
    let named = |cause: &Finding| Finding { check: cause.class.unwrap_or_default(), ..cause.clone() };
    let sayings = sayings(view);
    let causes = with_logs(view, with_sayings(view, &sayings, [view.causes(), view.causes_left()].concat()));
    let causes = with_measurements(view, causes);
    let judged = fold(causes.iter().map(named).collect(), view);
    let by_id: BTreeMap<String, Finding> = judged.iter().map(|one| (one.id.clone(), one.finding.clone())).collect();
    let mut causes: Vec<Diagnosis> = judged
        .into_iter()
        .filter(|one| one.caused_by.is_empty())
        .map(|one| {
            let explains: Vec<Finding> = one.explains.iter().filter_map(|id| by_id.get(id)).cloned().collect();
            Diagnosis::of(one, explains)
        })
        .collect();
    consequences::gather(&mut causes, view);
    causes.extend(undecided::left(view, &sayings, &causes));
    if let Some(namespace) = view.snapshot.namespaces.one() {
        causes.retain(|cause| cause.concerns(namespace));
    }
    if !targets.is_empty() {
        let (namespaces, others): (Vec<_>, Vec<_>) = targets.iter().partition(|target| target.kind == "Namespace");
        let mut reached: BTreeSet<ObjectRef> = others.into_iter().flat_map(|target| reached(view, target)).collect();
        // Which database a program uses often stands in a Secret: one that was asked for it has to do with it.
        let of_targets = |it: &ObjectRef| targets.iter().any(|target| target.namespace == it.namespace);
        reached.extend(asked_databases(view.snapshot).filter(of_targets));
        let concerns = |cause: &Diagnosis| namespaces.iter().any(|namespace| cause.concerns(&namespace.name));
        causes.retain(|cause| cause.touches(&reached) || concerns(cause));
    }
    if let Some(labels) = labels {
        let carries = |object: &ObjectRef| view.labels_of(object).is_some_and(|it| labels.matches(it));
        causes.retain(|cause| cause.objects().into_iter().any(carries));
    }
    let impacts = impact::Impacts::of(view, &causes);
    for cause in &mut causes {
        cause.impact = impacts.because_of(cause);
        cause.logs = logs_of(view, cause);
        cause.alternatives = alternatives::of(cause);
    }
    causes.sort_by_key(Diagnosis::rank);
    let undetermined = causes.first().is_some_and(|first| first.judged.finding.confidence == Confidence::Low);
    Triage { causes, undetermined }
}

/// The logs of the pods that a cause shows on.
fn logs_of(view: &View<'_>, cause: &Diagnosis) -> Vec<LogRead> {
    let finding = &cause.judged.finding;
    let is_of = |read: &&LogRead| {
        let pod = read.log.object();
        read.tail.is_ok() && (finding.object == pod || finding.shows_on.contains(&pod))
    };
    view.snapshot.logs.iter().filter(is_of).cloned().collect()
}

/// What a target needs, and whoever made it; of a node what is on it.
fn reached(view: &View<'_>, target: &ObjectRef) -> BTreeSet<ObjectRef> {
    let mut reached: BTreeSet<ObjectRef> = upstream(view, target).into_iter().collect();
    if target.kind == "Node" {
        let on_it = view.all::<Pod>().iter().filter(|pod| pod.node_name == target.name);
        reached.extend(on_it.map(Object::reference));
        return reached;
    }
    let owners: Vec<ObjectRef> = reached.iter().filter_map(|object| view.accountable_of(object)).collect();
    reached.extend(owners);
    reached
}

impl Diagnosis {
    fn of(judged: Judged, explains: Vec<Finding>) -> Self {
        Self {
            judged,
            explains,
            impact: Vec::new(),
            alternatives: Vec::new(),
            logs: Vec::new(),
            first_symptom: None,
            suspects: Vec::new(),
            suspects_left_out: 0,
        }
    }

    /// Every object that it stands at, shows on, or explains trouble of.
    pub fn objects(&self) -> BTreeSet<&ObjectRef> {
        let findings = [&self.judged.finding].into_iter().chain(&self.explains);
        findings.flat_map(|finding| finding.shows_on.iter().chain([&finding.object])).collect()
    }

    /// Whether it has to do with a namespace: kinds that belong to the whole cluster are read with every namespace.
    fn concerns(&self, namespace: &str) -> bool {
        let is_itself = |object: &ObjectRef| object.kind == "Namespace" && object.name == namespace;
        self.objects().into_iter().any(|it| it.namespace.as_deref() == Some(namespace) || is_itself(it))
    }

    fn touches(&self, reached: &BTreeSet<ObjectRef>) -> bool {
        self.objects().into_iter().any(|object| reached.contains(object))
    }

    /// Worst first; what hurts before what may; sure before unsure; what explains much, then what lies deep.
    fn rank(&self) -> impl Ord + use<> {
        let finding = &self.judged.finding;
        let is_risk = finding.role == Role::Risk;
        let reach = Reverse(self.explains.len() + self.impact.len());
        let is_low = finding.confidence == Confidence::Low;
        (finding.severity, is_low, is_risk, finding.confidence, reach, layer(&finding.object), self.judged.id.clone())
    }
}
