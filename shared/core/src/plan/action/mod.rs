//! The closed set of things that can be done, one file each: what is known of it, and the steps that do it.
//!
//! An action is added by its file, one line in [`Action`] and one in [`ACTIONS`].

mod cordon;
mod db_slow_log;
mod db_terminate_idle;
mod delete_pod;
mod drain;
mod heap_dump;
mod label;
mod pause_gitops;
mod pod;
mod probe;
mod resize_volume;
mod restart;
mod rollback;
mod rollback_helm;
mod scale;
mod scale_nodes;
mod set_autoscaler;
mod set_env;
mod set_image;
mod set_resources;
mod shift_traffic;
mod taint;
mod template;
mod uncordon;
mod update_strategy;

pub use cordon::{cordon, is_cordoned};
pub use db_slow_log::{SlowLog, db_slow_log, slow_log_question};
pub use db_terminate_idle::{Idle, Sorted, db_terminate_idle, sort_sessions};
pub use delete_pod::delete_pod;
pub use drain::{Draining, Losses, drain};
pub use heap_dump::heap_dump;
pub use label::label;
pub use pause_gitops::{pause_gitops, resumes_gitops};
pub use pod::{controller_of, has_ended, is_ending, is_mirror, scratch_volumes};
pub use probe::probe;
pub use restart::restart;
pub use rollback::goes_back_to;
pub use rollback_helm::{rollback_helm, runs_helm_by};
pub use scale::scale;
pub use scale_nodes::scale_nodes;
pub use set_env::{Variables, set_env};
pub use set_image::{is_moving, set_image};
pub use shift_traffic::{Destination, TrafficFault, shared_rules, shift_traffic};
pub use taint::{EFFECTS, TaintChange, taint, tolerates_execution};
pub use template::{Follows, TemplateFault, template_notes, template_of};
pub use uncordon::uncordon;
pub use update_strategy::{Strategy, StrategyFault, update_strategy, update_strategy_to, will_roll};

use super::Tier;
use serde::{Deserialize, Serialize};

/// One of the things that can be done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Goes back to an earlier revision.
    Rollback,
    /// Has Helm go back to an earlier revision of a release.
    RollbackHelm,
    /// Changes how many replicas are wanted.
    Scale,
    /// Changes how many nodes a group has.
    ScaleNodes,
    /// Makes an autoscaler, or changes what it does.
    SetAutoscaler,
    /// Sets what a container of a workload asks for.
    SetResources,
    /// Asks for a larger volume.
    ResizeVolume,
    /// Deletes a pod, which its controller makes anew.
    DeletePod,
    /// Starts all pods anew.
    Restart,
    /// Has a GitOps controller leave alone what it keeps.
    PauseGitops,
    /// Sets environment variables.
    SetEnv,
    /// Sets the images of containers.
    SetImage,
    /// Sets labels.
    Label,
    /// Sets taints of a node.
    Taint,
    /// Lets no new pods on a node.
    Cordon,
    /// Lets new pods on a node again.
    Uncordon,
    /// Asks a pod to go, within budgets.
    Drain,
    /// Changes how a workload replaces its pods.
    UpdateStrategy,
    /// Moves shares of traffic.
    ShiftTraffic,
    /// Ends sessions of a database that do nothing.
    DbTerminateIdle,
    /// Has a database log slow statements.
    DbSlowLog,
    /// Writes the memory of a program to a file.
    HeapDump,
    /// Asks from a pod that is made for it.
    Probe,
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
    /// What is looked at beforehand, what must hold afterwards, and what to know besides.
    pub page: &'static str,
}

/// Every action.
pub const ACTIONS: &[&ActionInfo] = &[
    &rollback::INFO,
    &rollback_helm::INFO,
    &scale::INFO,
    &scale_nodes::INFO,
    &set_autoscaler::INFO,
    &set_resources::INFO,
    &resize_volume::INFO,
    &delete_pod::INFO,
    &restart::INFO,
    &pause_gitops::INFO,
    &set_env::INFO,
    &set_image::INFO,
    &label::INFO,
    &taint::INFO,
    &cordon::INFO,
    &uncordon::INFO,
    &drain::INFO,
    &update_strategy::INFO,
    &shift_traffic::INFO,
    &db_terminate_idle::INFO,
    &db_slow_log::INFO,
    &heap_dump::INFO,
    &probe::INFO,
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
            assert_eq!(&row.action.info(), row);
        }
        let ids: std::collections::BTreeSet<_> = ACTIONS.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), ACTIONS.len());
    }
}
