//! Making a volume larger.

use super::{Action, ActionInfo};
use crate::plan::Tier;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::ResizeVolume,
    id: "resize-volume",
    tier: Tier::Disruptive,
    does: "asks for a larger volume for a claim",
    undo: "none: a volume never gets smaller",
    higher: "never: what is on the volume stays",
    page: "\
Looked at: whether the storage class lets volumes grow, a resize that is under way, quotas, the claim template of the
StatefulSet.

Must hold afterwards: the claim asks for the size. The driver makes the volume larger after that, and its file system
when a pod uses it.",
};
