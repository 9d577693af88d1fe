//! The closed set of things that can be done.

use super::Tier;
use serde::{Deserialize, Serialize};

/// One of the things that can be done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Goes back to an earlier revision.
    Rollback,
    /// Changes how many replicas are wanted.
    Scale,
    /// Deletes a pod, which its controller makes anew.
    DeletePod,
    /// Starts all pods anew.
    Restart,
}

/// What is known of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionInfo {
    /// The action.
    pub action: Action,
    /// How it is called in plans, records and policies.
    pub id: &'static str,
    /// The tier that it has at least.
    pub tier: Tier,
    /// What it does, one sentence without a full stop.
    pub does: &'static str,
    /// What takes it back, or why nothing does.
    pub undo: &'static str,
    /// When it has a higher tier.
    pub higher: &'static str,
}

/// Every action.
pub const ACTIONS: &[ActionInfo] = &[
    ActionInfo {
        action: Action::Rollback,
        id: "rollback",
        tier: Tier::Reversible,
        does: "sets the pod template of a Deployment, StatefulSet or DaemonSet to that of an earlier revision",
        undo: "the pod template of before is set again",
        higher: "2 when nothing shows that the revision was healthy, or when all pods end before others start",
    },
    ActionInfo {
        action: Action::Scale,
        id: "scale",
        tier: Tier::Reversible,
        does: "sets how many replicas are wanted",
        undo: "the number of before is set again",
        higher: "2 when fewer than before are wanted; 3 when claims are deleted with the replicas",
    },
    ActionInfo {
        action: Action::DeletePod,
        id: "delete-pod",
        tier: Tier::Disruptive,
        does: "deletes a pod, which its controller makes anew",
        undo: "none: the pod that comes instead is another one",
        higher: "never",
    },
    ActionInfo {
        action: Action::Restart,
        id: "restart",
        tier: Tier::Reversible,
        does: "has the controller replace all pods, as its strategy says",
        undo: "the annotation of before is set again, which replaces the pods once more",
        higher: "2 when the strategy ends all pods before it starts others",
    },
];

impl Action {
    /// What is known of it.
    pub fn info(self) -> &'static ActionInfo {
        let row = ACTIONS.iter().find(|row| row.action == self);
        row.expect("every action has its row, see the test")
    }

    /// How it is called in plans, records and policies.
    pub fn id(self) -> &'static str {
        self.info().id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_its_row_and_is_written_as_its_id() {
        for row in ACTIONS {
            assert_eq!(serde_json::to_value(row.action).expect("a word"), row.id);
            assert_eq!(row.action.info(), row);
        }
        let ids: std::collections::BTreeSet<_> = ACTIONS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), ACTIONS.len());
    }
}
