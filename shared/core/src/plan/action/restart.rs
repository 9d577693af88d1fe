//! Having a controller replace all pods of a workload.

use super::template::changed_template;
use super::{Action, ActionInfo};
use crate::plan::{Step, Tier};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::Restart,
    id: "restart",
    tier: Tier::Reversible,
    does: "has the controller replace all pods, as its strategy says",
    undo: "the annotation of before is set again, which replaces the pods once more",
    higher: "2 when the strategy ends all pods before it starts others, or lets more go at once than a budget allows",
    page: "\
Looked at: the strategy and what it lets go at once, the disruption budgets, which a rollout does not heed, who keeps
the object.

Must hold afterwards: the rollout is complete, as kubectl rollout status says it; with the strategy OnDelete only that
the annotation is written, for nothing rolls.

Not done: where the rollout of a Deployment is paused.

  kubectl sre change restart deployment/NAME -n NAMESPACE --dry-run",
};

/// Annotation of a pod template that `kubectl rollout restart` writes, and every tool that knows it.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// The step that restarts a workload, or `None` when it has no pod template.
pub fn restart(workload: &Value, why: String, now: Timestamp) -> Option<Step> {
    let mut after = workload.clone();
    let template = after.pointer_mut("/spec/template").filter(|it| it.is_object())?;
    let metadata = template.as_object_mut()?.entry("metadata").or_insert_with(|| json!({}));
    let annotations = metadata.as_object_mut()?.entry("annotations").or_insert_with(|| json!({}));
    annotations.as_object_mut()?.insert(RESTARTED_AT.to_owned(), json!(format!("{now:.0}")));
    changed_template(Action::Restart, workload, &after, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Call, Expectation, FieldChange, with_changes};

    fn workload(strategy: &str) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
            "spec": {"strategy": {"type": strategy}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {}}},
        })
    }

    #[test]
    fn only_the_annotation_of_the_template_is_written() {
        let now: Timestamp = "2026-01-15T08:00:00.25Z".parse().expect("a time");
        let step = restart(&workload("RollingUpdate"), "asked for".to_owned(), now).expect("a step");
        let Call::Edit { fields, .. } = &step.call else { panic!("{step:#?}") };
        let after = with_changes(&workload("RollingUpdate"), fields);
        let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(with_changes(&after, &back), workload("RollingUpdate"));
        assert_eq!(after["spec"]["template"]["metadata"]["annotations"], json!({RESTARTED_AT: "2026-01-15T08:00:00Z"}));
        assert_eq!((fields.len(), step.tier, step.expects), (1, Tier::Reversible, Expectation::RolledOut));
        assert_eq!(restart(&json!({"kind": "Pod"}), String::new(), now), None);
    }

    #[test]
    fn where_all_pods_end_first_it_is_disruptive() {
        let now: Timestamp = "2026-01-15T08:00:00Z".parse().expect("a time");
        let step = restart(&workload("Recreate"), "asked for".to_owned(), now).expect("a step");
        assert_eq!(step.tier, Tier::Disruptive);
    }

    #[test]
    fn where_nothing_rolls_none_is_waited_for() {
        let mut by_hand = workload("RollingUpdate");
        (by_hand["kind"], by_hand["spec"]["updateStrategy"]) = (json!("DaemonSet"), json!({"type": "OnDelete"}));
        let step = restart(&by_hand, "asked for".to_owned(), Timestamp::UNIX_EPOCH).expect("a step");
        assert_eq!(step.expects, Expectation::Fields);
    }
}
