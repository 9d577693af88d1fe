//! What was changed, and when: rollouts, edits, scaling, what came into being, what nodes went through, recorded changes.
//!
//! All of it is read from what the objects and Events of a snapshot tell; what was deleted has left no trace. Whether a
//! change has to do with a trouble is not decided here.

mod edits;
mod rollouts;
mod template;
mod told;

pub use edits::tells_of_edits;
pub use template::{FieldChange, differences};

use crate::check::Sight;
use crate::object::ObjectRef;
use crate::slim::Kind;
use crate::snapshot::{Gap, ReadState, Snapshot};
use crate::view::View;
use jiff::Timestamp;

/// What tells of changes, and of no trouble.
pub const SIGHTS: [Sight; 5] = [
    Sight::Of(Kind::ControllerRevision),
    Sight::Of(Kind::Role),
    Sight::Of(Kind::ClusterRole),
    Sight::Of(Kind::RoleBinding),
    Sight::Of(Kind::ClusterRoleBinding),
];

/// The kinds that say who may do what.
pub const RIGHTS: [Kind; 4] = [Kind::Role, Kind::ClusterRole, Kind::RoleBinding, Kind::ClusterRoleBinding];

/// Takes out of the coverage what of rights could not be read, and says which: they tell of changes, and of no trouble,
/// and who looks at workloads may seldom list them.
pub fn unread_rights(snapshot: &mut Snapshot) -> Vec<(Kind, Gap)> {
    let unread = RIGHTS.into_iter().filter_map(|kind| Some((kind, snapshot.coverage.gap(Sight::Of(kind))?.clone())));
    let unread: Vec<(Kind, Gap)> = unread.collect();
    for (kind, _) in &unread {
        snapshot.coverage.record(Sight::Of(*kind), ReadState::NotAsked);
    }
    unread
}

/// A change of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Of what: the accountable object, a Deployment and not its ReplicaSet.
    pub object: ObjectRef,
    /// Of what sort it is.
    pub sort: Sort,
    /// What was done, as words that follow the object: `was scaled`.
    pub statement: String,
    /// The fields, where both states are known.
    pub fields: Vec<FieldChange>,
    /// Who did it, as the API server or the record names it.
    pub by: Option<String>,
}

/// The sorts of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// New pods from another template.
    Rollout,
    /// A rollout that changed nothing of the containers, such as a restart.
    Restart,
    /// Another write.
    Edit,
    /// Another number of replicas.
    Scaling,
    /// It came into being.
    Creation,
    /// What a node went through.
    Node,
    /// A change that this suite recorded.
    Record,
    /// What a repository has was applied.
    Sync,
}

impl Sort {
    /// The word of documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rollout => "rollout",
            Self::Restart => "restart",
            Self::Edit => "edit",
            Self::Scaling => "scaling",
            Self::Creation => "creation",
            Self::Node => "node",
            Self::Record => "record",
            Self::Sync => "sync",
        }
    }
}

impl Change {
    fn new(at: Timestamp, object: ObjectRef, sort: Sort, statement: impl Into<String>) -> Self {
        Self { at, object, sort, statement: statement.into(), fields: Vec::new(), by: None }
    }

    fn by(self, by: Option<&str>) -> Self {
        Self { by: by.filter(|it| !it.is_empty()).map(str::to_owned), ..self }
    }

    fn is_within(&self, seconds: i64, at: Timestamp) -> bool {
        self.at.duration_since(at).as_secs().abs() <= seconds
    }
}

/// Seconds between the writes that are one change: of a Deployment and of what its controller does about it.
const SAME: i64 = 30;

/// Every change in a view, the oldest first.
pub fn changes(view: &View<'_>) -> Vec<Change> {
    let mut all = rollouts::rollouts(view);
    all.extend(told::told(view, &all));
    let edits = edits::edits(view, &all);
    edits::name_authors(view, &mut all);
    all.extend(edits);
    all.sort_by(|a, b| (a.at, a.sort, &a.object).cmp(&(b.at, b.sort, &b.object)));
    all.dedup();
    all
}
