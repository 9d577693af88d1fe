//! Setting how many replicas are wanted.

use super::{Action, ActionInfo};
use crate::plan::Tier;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Scale,
    id: "scale",
    tier: Tier::Reversible,
    does: "sets how many replicas are wanted",
    undo: "the number of before is set again",
    higher: "2 when fewer than before are wanted; 3 when claims are deleted with the replicas",
    page: "\
Must hold afterwards: as many replicas are there as are wanted.",
};
