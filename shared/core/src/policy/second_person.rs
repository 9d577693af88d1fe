//! What a second person approves.

use super::operation::Operation;
use super::placed::Placed;
use crate::strict::Cursor;

/// The minutes that an approval holds when the policy does not say.
const MINUTES: u32 = 60;

/// What a second person approves, who that may be, and for how long it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct SecondPerson {
    /// The file of allowed signers, as `ssh-keygen -Y verify` reads it, as it stands in the policy.
    pub signers: String,
    /// How long an approval holds.
    pub minutes: u32,
    pub(super) only_production: bool,
    pub(super) operations: Vec<Placed<Operation>>,
}

impl SecondPerson {
    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["onlyProduction", "signers", "for", "minutes"])?;
        let only_production = fields.optional("onlyProduction").map_or(Some(false), |it| it.truth());
        let signers = fields.required("signers").and_then(|it| it.text());
        let operations = fields.required("for").and_then(|it| it.each(super::operation_at));
        let minutes = fields.optional("minutes").map_or(Some(MINUTES), |it| it.count(1..=1440));
        Some(Self { signers: signers?, minutes: minutes?, only_production: only_production?, operations: operations? })
    }
}
