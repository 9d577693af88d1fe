//! Changing how many nodes a group has.

use super::{Action, ActionInfo};
use crate::plan::{Address, Call, Checked, Expectation, Run, Step, Target, Tier, Undo};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::ScaleNodes,
    id: "scale-nodes",
    tier: Tier::Reversible,
    does: "changes how many nodes a group of a provider has, by the provider's own command line or by Cluster API",
    undo: "the size and the bounds of before are set again; nodes that went are others then",
    higher: "2 when fewer nodes than before are wanted; 3 when pods or local volumes may be lost with them",
    page: "\
Looked at: the group at its provider, with its bounds and what is under way; whoever keeps the group (eksctl,
Terraform by its tags, a Cluster with a topology); autoscalers that set the number back. Where nodes go: pods that
nothing makes anew, local volumes, disruption budgets without room, what the cluster autoscaler's annotations
hold, and whether what runs there fits on the other nodes.

A provider's command line runs with the arguments that the plan shows (aws, eksctl, gcloud, az). MachineDeployments
and MachinePools are scaled through the API.

Must hold afterwards: the provider says the size, and so many nodes of the group are ready and no more are there.

  kubectl sre scale nodes --group main --size 5 --dry-run",
};

/// The step by which a program resizes a group, and the run that takes it back, where one can.
pub fn scale_nodes(group: &str, run: Run, back: Option<Run>, tier: Tier, why: String) -> Step {
    let uneven = || Undo::None { why: "its zones had different numbers of nodes, which no call sets".to_owned() };
    Step {
        action: Action::ScaleNodes,
        object: Target::to_be_made(Address::outside("NodeGroup", None, group)),
        why,
        tier,
        call: Call::Run(run),
        expects: Expectation::Fields,
        undo: back.map_or_else(uneven, |back| Undo::Run(Box::new(back))),
        health: None,
        checked: Checked::NotAsked,
    }
}
