//! What a routine tells besides findings: the morning which incidents are open and what is due of them, what fired in the
//! night, which budgets are left and which backups were made, the evening the day's incidents, what changed and what is
//! planned, the week what there is room for, who may do everything, and
//! which certificates end.

mod backups;
mod capacity;
mod changes;
mod dates;
mod incidents;
mod night;
mod promises;
mod rights;
mod usage;

use crate::history::Comparison;
use crate::incidents::Kept;
use clap::ValueEnum;
use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::inquiry::Query;
use sre_core::object::ObjectRef;
use sre_core::snapshot::ReadState;
use sre_core::view::View;

/// Which of the routines is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Routine {
    /// What is wrong, open incidents, what fired in the night, and last night's backups
    #[default]
    Morning,
    /// Also the incidents and the changes of the last 24 hours, and what is planned until tomorrow morning
    Evening,
    /// Also how full the cluster is, who may do everything, and which certificates end within 90 days
    Weekly,
}

/// A part of the report that lists facts, not faults.
#[derive(Debug)]
pub struct Panel {
    /// Stable, for machines: `changes`.
    pub id: &'static str,
    /// What is listed, in words.
    pub title: &'static str,
    /// The facts; times first where they have one.
    pub rows: Vec<Row>,
    /// What it would have been made of and could not be looked at.
    pub unseen: Vec<String>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// When it was, or will be.
    pub at: Option<Timestamp>,
    /// What it is about.
    pub object: Option<ObjectRef>,
    /// What is so.
    pub text: String,
}

impl Row {
    fn of(at: Option<Timestamp>, object: ObjectRef, text: impl Into<String>) -> Self {
        Self { at, object: Some(object), text: text.into() }
    }

    fn fact(text: impl Into<String>) -> Self {
        Self { at: None, object: None, text: text.into() }
    }
}

/// A panel before anything was looked at.
struct Source {
    id: &'static str,
    title: &'static str,
    sights: &'static [Sight],
    /// What Prometheus is asked for it.
    queries: &'static [Query],
    /// The section that must be looked at for it; none if it goes with the routine.
    section: Option<Section>,
    /// None where there can be nothing to tell.
    rows: fn(&View<'_>, Option<&Comparison>) -> Option<Vec<Row>>,
}

const MORNING: &[Source] = &[night::SOURCE, promises::SOURCE, backups::SOURCE];
const EVENING: &[Source] = &[usage::SOURCE, promises::SOURCE, changes::SOURCE, dates::PLANNED];
const WEEKLY: &[Source] = &[capacity::SOURCE, rights::SOURCE, dates::CERTIFICATES];

impl Routine {
    /// What it tells besides the findings of these checks.
    fn sources(self, checks: &[&Check]) -> impl Iterator<Item = &'static Source> {
        let is_looked_at = |section| checks.iter().any(|check| check.section == section);
        self.all().iter().filter(move |source| source.section.is_none_or(is_looked_at))
    }

    fn all(self) -> &'static [Source] {
        match self {
            Self::Morning => MORNING,
            Self::Evening => EVENING,
            Self::Weekly => WEEKLY,
        }
    }

    /// What must be seen for its panels.
    pub fn sights(self, checks: &[&Check]) -> impl Iterator<Item = Sight> {
        self.sources(checks).flat_map(|source| source.sights).copied()
    }

    /// What Prometheus is asked for its panels.
    pub fn queries(self, checks: &[&Check]) -> impl Iterator<Item = Query> {
        self.sources(checks).flat_map(|source| source.queries).cloned()
    }

    /// What Prometheus is asked for them besides, and nothing is undecided without.
    pub fn trends(self) -> &'static [Query] {
        if self == Self::Evening { usage::TRENDS } else { &[] }
    }

    /// What it tells of the incidents that are recorded.
    pub fn of_incidents(self, kept: &Kept, now: Timestamp) -> Vec<Panel> {
        match self {
            Self::Morning => incidents::morning(kept, now),
            Self::Evening => incidents::evening(kept, now),
            Self::Weekly => Vec::new(),
        }
    }

    /// Its panels.
    pub fn panels(self, checks: &[&Check], view: &View<'_>, comparison: Option<&Comparison>) -> Vec<Panel> {
        let coverage = &view.snapshot.coverage;
        let unseen = |sight: &Sight| match coverage.state(*sight) {
            // What nobody has installed is not there, which is all that there is to know of it.
            ReadState::Read { .. } | ReadState::NotInstalled => None,
            other => Some(format!("{} ({})", sight.word(), other.word())),
        };
        let panel = |source: &Source| {
            let rows = (source.rows)(view, comparison)?;
            let unseen = source.sights.iter().filter_map(unseen).collect();
            Some(Panel { id: source.id, title: source.title, rows, unseen })
        };
        self.sources(checks).filter_map(panel).collect()
    }
}
