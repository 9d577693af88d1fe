//! What a cause class is.

use super::acts::Acts;
use super::saying::{Saying, Stage};
use crate::finding::Finding;
use crate::object::ObjectRef;
use crate::view::View;

/// A class of root causes.
pub struct Class {
    /// Id, for example `image-not-found`.
    pub id: &'static str,
    /// The page that `kubectl sre explain ID` prints.
    pub page: &'static str,
    /// Finds every case of it. The findings name no check; each names the accountable object.
    pub recognise: fn(&View<'_>) -> Vec<Finding>,
    /// Finds what is left when the others have spoken: it may ask the view for their causes.
    pub residual: Option<fn(&View<'_>) -> Vec<Finding>>,
    /// How it is recognised by what is said, where no state shows it.
    pub heard: Option<Heard>,
    /// Whether it says why something does not work, or only that it does not.
    pub tells: Tells,
    /// Classes that follow from it wherever they show: what everybody needs has no edge to everybody.
    pub brings: &'static [&'static str],
    /// Whether everybody in the cluster needs whoever is at fault, so that what it brings may show anywhere.
    pub is_everybodys: bool,
    /// Whose word its id is.
    pub origin: Origin,
    /// What can be done where a log or a measurement tells of it, besides looking; the most harmless first.
    pub acts: fn(&Acts<'_>) -> Vec<String>,
}

/// Whose word an id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One of the triage vocabulary.
    Vocabulary,
    /// One of ours beside it: what only logs and measurements show, or nothing in the cluster.
    Own,
}

/// What a class tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// Why something does not work.
    Why,
    /// That it does not work: right only where nothing says why.
    That,
}

/// How a class is recognised by an event, a condition or the state of a container.
pub struct Heard {
    /// The stage on a pod's way at which it holds the pod up; it is over when the pod is past that.
    pub stage: Stage,
    /// Whether a saying tells of it.
    pub says: fn(&Saying<'_>) -> bool,
    /// Who is accountable; the owner of whom it is about where this does not say.
    pub whom: fn(&Saying<'_>, &View<'_>) -> Option<ObjectRef>,
    /// One sentence without a full stop.
    pub title: fn(&Saying<'_>) -> String,
    /// Whether it is by design, and only worth knowing.
    pub is_by_design: bool,
    /// Whether the words count that a process left at its end: they are an application's own, and may say anything.
    pub hears_processes: bool,
}

impl Heard {
    /// One that holds whom it is about to account.
    pub const fn of(stage: Stage, says: fn(&Saying<'_>) -> bool, title: fn(&Saying<'_>) -> String) -> Self {
        Self { stage, says, whom: nobody, title, is_by_design: false, hears_processes: false }
    }

    /// The same, of which processes tell too.
    pub const fn and_by_processes(self) -> Self {
        Self { hears_processes: true, ..self }
    }

    /// The same, which nobody must act on.
    pub const fn by_design(self) -> Self {
        Self { is_by_design: true, ..self }
    }

    /// The same, which holds somebody else to account.
    pub const fn blames(self, whom: fn(&Saying<'_>, &View<'_>) -> Option<ObjectRef>) -> Self {
        Self { whom, ..self }
    }
}

fn nobody(_: &Saying<'_>, _: &View<'_>) -> Option<ObjectRef> {
    None
}

impl Class {
    /// A class of which no state and no saying tells, to start from.
    pub const SILENT: Self = Self {
        id: "",
        page: "",
        recognise: |_| Vec::new(),
        residual: None,
        heard: None,
        tells: Tells::Why,
        brings: &[],
        is_everybodys: false,
        origin: Origin::Vocabulary,
        acts: |_| Vec::new(),
    };

    /// One of ours, to start from.
    pub const OWN: Self = Self { origin: Origin::Own, ..Self::SILENT };

    /// The cases of this class, marked as such.
    pub fn recognised(&self, view: &View<'_>) -> Vec<Finding> {
        (self.recognise)(view).into_iter().map(|cause| cause.class(self.id)).collect()
    }

    /// The cases of this class that are left when the others have spoken.
    pub fn left(&self, view: &View<'_>) -> Vec<Finding> {
        let left = self.residual.map_or_else(Vec::new, |residual| residual(view));
        left.into_iter().map(|cause| cause.class(self.id)).collect()
    }
}
