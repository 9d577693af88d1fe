//! What may be done: a pure verdict for each step of a plan, with the rule that gave it and the line it stands in.
//!
//! A policy guards against mistakes of people who have the rights to make them; it is no replacement for RBAC.

mod effect;
mod environment;
mod facts;
mod freeze;
mod judge;
mod operation;
mod placed;
mod second_person;
mod table;
#[cfg(test)]
mod tests;
mod verdict;
mod window;

pub use environment::Environment;
pub use facts::{Budget, Facts, PROTECT_LABEL, SCRATCH_LABEL};
pub use freeze::{FORBIDS, Forbids, ON_NO_DATA, OnNoData};
pub use operation::{Operation, OperationInfo, Purpose};
pub use second_person::SecondPerson;
pub use table::OPERATIONS;
pub use verdict::{Answer, Judgement, Reason, Rule, Verdict};
pub use window::DAYS;

use crate::strict::{self, Cursor, Fields, Problem};
use freeze::Freeze;
use placed::Placed;
use window::Windows;

/// The key of Kubilitics' own file that holds its policy.
pub const KUBILITICS: &str = "safety_policy";

/// What may be done, what is asked about, and what is refused.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    level: Option<Placed<u32>>,
    protected_namespaces: Vec<Placed<String>>,
    forbidden: Vec<Placed<Operation>>,
    approval: Vec<Placed<Operation>>,
    automatic: Vec<Placed<Operation>>,
    windows: Windows,
    most_objects: Option<Placed<u32>>,
    most_namespaces: Option<Placed<u32>>,
    freeze: Option<Freeze>,
    second_person: Option<SecondPerson>,
    allow_without_lease: bool,
}

/// Who wrote the file: the fields that both know are spelled differently.
#[derive(Clone, Copy)]
enum Spelling {
    Profile,
    Kubilitics,
}

impl Policy {
    /// Reads a file of Kubilitics, whose other parts are that program's own.
    ///
    /// # Errors
    /// Every problem of its policy at once, each with its line.
    pub fn parse_kubilitics(text: &str) -> Result<Self, Vec<Problem>> {
        strict::read(text, |document| Self::read_kubilitics(&document.part(KUBILITICS)?))
    }

    /// Reads the part of a profile.
    pub(crate) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        const FIELDS: [&str; 10] = [
            "autonomyLevel",
            "protectedNamespaces",
            "forbiddenOperations",
            "requireApproval",
            "automatic",
            "changeWindows",
            "blastRadius",
            "errorBudget",
            "secondPerson",
            "allowWithoutLease",
        ];
        let fields = cursor.fields(&FIELDS)?;
        let common = Self::common(&fields, Spelling::Profile);
        let automatic = fields.optional("automatic").map_or(Some(Vec::new()), |it| it.each(operation_at));
        let windows = fields.optional("changeWindows").map_or(Some(Windows::default()), |it| Windows::read(&it));
        let radius = fields.optional("blastRadius").map_or(Some((None, None)), |it| blast_radius(&it));
        let freeze = fields.optional("errorBudget").map_or(Some(None), |it| Freeze::read(&it).map(Some));
        let second_person = fields.optional("secondPerson");
        let second_person = second_person.map_or(Some(None), |it| SecondPerson::read(&it).map(Some));
        let allow_without_lease = fields.optional("allowWithoutLease").map_or(Some(false), |it| it.truth());
        let (most_objects, most_namespaces) = radius?;
        Some(Self {
            automatic: automatic?,
            windows: windows?,
            most_objects,
            most_namespaces,
            freeze: freeze?,
            second_person: second_person?,
            allow_without_lease: allow_without_lease?,
            ..common?
        })
    }

    /// Reads the part of a file of Kubilitics, as it stands there.
    pub(crate) fn read_kubilitics(cursor: &Cursor<'_>) -> Option<Self> {
        const FIELDS: [&str; 4] =
            ["autonomy_level", "protected_namespaces", "forbidden_operations", "require_approval"];
        Self::common(&cursor.fields(&FIELDS)?, Spelling::Kubilitics)
    }

    fn common(fields: &Fields<'_>, spelling: Spelling) -> Option<Self> {
        let [level, namespaces, forbidden, approval] = spelling.words().map(|name| fields.optional(name));
        let level = level.map_or(Some(None), |it| Some(Some(Placed::at(&it, it.count(1..=3)?))));
        let namespaces = namespaces.map_or(Some(Vec::new()), |it| it.each(namespace_at));
        let forbidden = forbidden.map_or(Some(Vec::new()), |it| it.each(operation_at));
        let approval = approval.map_or(Some(Vec::new()), |it| approvals(&it));
        Some(Self {
            level: level?,
            protected_namespaces: namespaces?,
            forbidden: forbidden?,
            approval: approval?,
            ..Self::default()
        })
    }

    /// Who approves what beside the person who asks for it.
    pub fn second_person(&self) -> Option<&SecondPerson> {
        self.second_person.as_ref()
    }

    /// Whether it wants to know how much of the error budgets is used.
    pub fn asks_for_budgets(&self) -> bool {
        self.freeze.is_some()
    }

    /// Whether a change is made though nothing can keep others from the same object meanwhile.
    pub fn allows_without_lease(&self) -> bool {
        self.allow_without_lease
    }
}

impl Spelling {
    fn words(self) -> [&'static str; 4] {
        match self {
            Self::Profile => ["autonomyLevel", "protectedNamespaces", "forbiddenOperations", "requireApproval"],
            Self::Kubilitics => ["autonomy_level", "protected_namespaces", "forbidden_operations", "require_approval"],
        }
    }
}

fn operation_at(cursor: &Cursor<'_>) -> Option<Placed<Operation>> {
    Some(Placed::at(cursor, cursor.parsed(Operation::named)?))
}

fn namespace_at(cursor: &Cursor<'_>) -> Option<Placed<String>> {
    let named = cursor.parsed(|name| {
        let is_name =
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*".contains(&byte));
        if is_name {
            Ok(name.to_owned())
        } else {
            Err(format!("{name} is no name of a namespace; * stands for any letters"))
        }
    });
    Some(Placed::at(cursor, named?))
}

/// The operations whose value is true.
fn approvals(cursor: &Cursor<'_>) -> Option<Vec<Placed<Operation>>> {
    let read = |(name, wanted): &(Cursor<'_>, Cursor<'_>)| Some((operation_at(name), wanted.truth()));
    let entries: Vec<_> = cursor.entries()?.iter().filter_map(read).collect();
    let both = entries.into_iter().map(|(operation, is_wanted)| Some((operation?, is_wanted?)));
    let both: Option<Vec<_>> = both.collect();
    Some(both?.into_iter().filter(|(_, is_wanted)| *is_wanted).map(|(operation, _)| operation).collect())
}

type Most = Option<Placed<u32>>;

fn blast_radius(cursor: &Cursor<'_>) -> Option<(Most, Most)> {
    let fields = cursor.fields(&["objects", "namespaces"])?;
    let most =
        |name| fields.optional(name).map_or(Some(None), |it| Some(Some(Placed::at(&it, it.count(1..=100_000)?))));
    let (objects, namespaces) = (most("objects"), most("namespaces"));
    Some((objects?, namespaces?))
}
