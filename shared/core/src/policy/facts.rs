//! What a verdict rests on besides the plan and the policy.

use crate::inquiry::Sample;
use crate::object::ObjectRef;
use crate::profile::Objective;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// The label that keeps an object, or all that a namespace holds, from being changed; only the value `false` does not.
pub const PROTECT_LABEL: &str = "kubectl-sre/protect";
/// The label of what drills and probes make for themselves, on the object or on its namespace; its value is the run.
pub const SCRATCH_LABEL: &str = "kubectl-sre/scratch";

/// What a verdict rests on besides the plan and the policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// When it is judged.
    pub now: Timestamp,
    /// Whether the cluster counts as production.
    pub production: bool,
    /// Objects and namespaces that were seen with [`PROTECT_LABEL`].
    pub protected: BTreeSet<ObjectRef>,
    /// Objects and namespaces that were seen with [`SCRATCH_LABEL`].
    pub scratch: BTreeSet<ObjectRef>,
    /// The error budgets of the system, as far as they are known.
    pub budgets: Vec<Budget>,
    /// `--max-changes`.
    pub max_changes: Option<usize>,
}

/// How much of an error budget is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// Of which objective.
    pub name: String,
    /// The used part of it, 1 when all is gone; absent when it could not be measured.
    pub spent: Option<f64>,
}

impl Budget {
    /// Of an objective, by what Prometheus said of it.
    pub fn of(objective: &Objective, samples: &[Sample]) -> Self {
        Self { name: objective.name.clone(), spent: objective.spent(samples) }
    }
}

impl Facts {
    /// Of a time and an environment, with nothing else known.
    pub fn new(now: Timestamp, production: bool) -> Self {
        let (protected, scratch) = (BTreeSet::new(), BTreeSet::new());
        Self { now, production, protected, scratch, budgets: Vec::new(), max_changes: None }
    }

    /// Takes note of the labels of an object, or of a namespace, that a plan is about.
    pub fn note(&mut self, object: &Value) {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let named = ObjectRef::scoped(text("/kind"), text("/metadata/namespace"), text("/metadata/name"));
        let labels = &object["metadata"]["labels"];
        if labels[PROTECT_LABEL].as_str().is_some_and(|value| value != "false") {
            self.protected.insert(named.clone());
        }
        if labels[SCRATCH_LABEL].is_string() {
            self.scratch.insert(named);
        }
    }
}

/// The one of some objects that is the object, or the namespace that holds it.
pub(super) fn holder<'o>(all: &'o BTreeSet<ObjectRef>, object: &ObjectRef) -> Option<&'o ObjectRef> {
    let namespace = object.namespace.as_deref().map(|name| ObjectRef::cluster("Namespace", name));
    all.get(object).or_else(|| all.get(&namespace?))
}
