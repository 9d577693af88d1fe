//! The parts of a system: which workloads they are, and what sets their size.

use super::database::Database;
use super::heap::Heap;
use super::knob::Knob;
use super::members::Members;
use crate::object::ObjectRef;
use crate::object_pattern::ObjectPattern;
use crate::strict::Cursor;

/// What sets the size of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaler {
    /// A HorizontalPodAutoscaler.
    Horizontal,
    /// A VerticalPodAutoscaler.
    Vertical,
    /// A ScaledObject of KEDA.
    Keda,
    /// People.
    Manual,
}

impl Scaler {
    const NAMES: [(&'static str, Self); 4] =
        [("hpa", Self::Horizontal), ("vpa", Self::Vertical), ("keda", Self::Keda), ("manual", Self::Manual)];

    /// How a profile writes it.
    pub fn name(self) -> &'static str {
        let own = Self::NAMES.iter().find(|(_, scaler)| *scaler == self);
        own.map_or("", |(name, _)| name)
    }
}

/// How much depends on a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vital {
    /// Nothing works without it.
    Critical,
    /// Much does not work without it.
    Important,
    /// All works without it for a while.
    Supporting,
}

impl Vital {
    const NAMES: [(&'static str, Self); 3] =
        [("critical", Self::Critical), ("important", Self::Important), ("supporting", Self::Supporting)];

    /// How a profile writes it.
    pub fn name(self) -> &'static str {
        let own = Self::NAMES.iter().find(|(_, vital)| *vital == self);
        own.map_or("", |(name, _)| name)
    }
}

/// A part of a system.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// What the team calls it.
    pub name: String,
    /// How much depends on it, if the team says so.
    pub vital: Option<Vital>,
    /// What sets its size, if the team says so.
    pub scaler: Option<Scaler>,
    /// At which use of what is requested a horizontal autoscaler is to add replicas: resource and percent.
    pub targets: Vec<(&'static str, u16)>,
    /// What holds of its pods, if they are members of one cluster.
    pub members: Option<Members>,
    /// Settings that may be turned, and what each takes.
    pub knobs: Vec<Knob>,
    /// How its PostgreSQL server is asked, if it is one.
    pub database: Option<Database>,
    /// How the memory of its programs is written to a file, if the team says so.
    pub heap: Option<Heap>,
    workloads: Vec<ObjectPattern>,
}

impl Component {
    /// Whether a workload belongs to it.
    pub fn holds(&self, workload: &ObjectRef) -> bool {
        self.workloads.iter().any(|pattern| pattern.matches(workload))
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        const FIELDS: [&str; 9] =
            ["name", "workloads", "scaler", "targets", "members", "vital", "knobs", "database", "heap"];
        let fields = cursor.fields(&FIELDS)?;
        let name = fields.required("name").and_then(|it| it.text());
        let workloads = fields.required("workloads").and_then(|it| it.each(|one| one.parsed(ObjectPattern::parse)));
        let scaler = fields.optional("scaler").map_or(Some(None), |it| it.choice(&Scaler::NAMES).map(Some));
        let targets = fields.optional("targets").map_or(Some(Vec::new()), |it| targets(&it));
        let knobs =
            fields.optional("knobs").map_or(Some(Vec::new()), |it| super::named_once(&it, Knob::read, |it| &it.name));
        let database = fields.optional("database").map_or(Some(None), |it| Database::read(&it).map(Some));
        let heap = fields.optional("heap").map_or(Some(None), |it| Heap::read(&it).map(Some));
        let vital = fields.optional("vital").map_or(Some(None), |it| it.choice(&Vital::NAMES).map(Some));
        let members = fields.optional("members").map_or(Some(None), |it| Members::read(&it).map(Some));
        let workloads = workloads?;
        Some(Self {
            name: name?,
            database: database?.map(|it| Database { workloads: workloads.clone(), ..it }),
            heap: heap?.map(|it| Heap { workloads: workloads.clone(), ..it }),
            workloads,
            scaler: scaler?,
            targets: targets?,
            members: members?,
            vital: vital?,
            knobs: knobs?,
        })
    }
}

fn targets(cursor: &Cursor<'_>) -> Option<Vec<(&'static str, u16)>> {
    let fields = cursor.fields(&["cpu", "memory"])?;
    let mut all = Vec::new();
    for resource in ["cpu", "memory"] {
        if let Some(percent) = fields.optional(resource) {
            all.push((resource, u16::try_from(percent.count(1..=1000)?).ok()?));
        }
    }
    Some(all)
}
