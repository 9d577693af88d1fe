//! What takes a change back: only what was done, the last step first.

use super::call::{Call, Standing};
use super::edit::{FieldChange, with_changes};
use super::expectation::Expectation;
use super::outcome::Happened;
use super::run::Run;
use super::target::{Address, Target, content_of};
use super::{Checked, Plan, Step, Tier};
use crate::helm::loss;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What takes a step back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "camelCase", deny_unknown_fields)]
pub enum Undo {
    /// The fields get their values of before.
    Reverse,
    /// The object that was made is deleted.
    Delete,
    /// The program is run with other arguments.
    Run(Box<Run>),
    /// Nothing does.
    None {
        /// Why not.
        why: String,
    },
}

/// What is to be done to take a change back, and what cannot be taken back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undoing {
    /// The steps, in the order in which they are to be done.
    pub steps: Vec<Step>,
    /// What stays as it is, and why.
    pub stays: Vec<String>,
    /// What somebody changed since: taking it back would undo their work as well.
    pub moved: Vec<String>,
}

/// What takes back the steps of a plan that were applied; `now` gives the object of a step as it is, or what its
/// subresource shows.
pub fn undoing(plan: &Plan, happened: &[Happened], now: impl Fn(&Step) -> Option<Value>) -> Undoing {
    let mut undoing = Undoing::default();
    // An object that several steps changed, as it is once the later ones are taken back.
    let mut taken_back: BTreeMap<(&Address, Option<&str>), Value> = BTreeMap::new();
    // Of a step whose fate nobody knows the object tells.
    let is_meant = |(step, happened): &(&Step, &Happened)| {
        may_have_done(step, happened) || matches!(happened, Happened::Unknown { .. })
    };
    let applied = plan.steps.iter().zip(happened).filter(is_meant);
    for (step, _) in applied.rev() {
        let part = (&step.object.address, step.call.subresource());
        let now = taken_back.get(&part).cloned().or_else(|| now(step));
        let known = undoing.steps.len();
        take_back(step, now.as_ref(), &mut undoing);
        let done = undoing.steps.get(known).map(|it| &it.call);
        if let (Some(Call::Edit { fields, .. } | Call::Restore { fields, .. }), Some(now)) = (done, &now) {
            taken_back.insert(part, with_changes(now, fields));
        }
    }
    undoing
}

/// Whether a step did something, or may have: of a command that runs once its probe tells, however it ended.
pub(super) fn may_have_done(step: &Step, happened: &Happened) -> bool {
    let is_half = matches!(happened, Happened::Failed { .. } | Happened::Unknown { .. });
    happened.is_applied() || is_half && step.call.is_of_one_pod()
}

fn take_back(step: &Step, now: Option<&Value>, undoing: &mut Undoing) {
    let object = step.object.address.object_ref();
    let call = match (&step.undo, &step.call) {
        (Undo::None { why }, _) => return undoing.stays.push(format!("{} of {object}: {why}", step.action.id())),
        (Undo::Reverse, Call::Edit { subresource, fields }) => {
            let fields = fields.iter().rev().map(FieldChange::reversed).collect();
            Call::Edit { subresource: subresource.clone(), fields }
        }
        (Undo::Reverse, Call::Restore { fields, hidden_in }) => {
            let fields = fields.iter().rev().map(FieldChange::reversed).collect();
            Call::Restore { fields, hidden_in: hidden_in.clone() }
        }
        (Undo::Reverse, Call::Exec { run, back: Some(back) }) => {
            Call::Exec { run: back.clone(), back: Some(run.clone()) }
        }
        (Undo::Delete, _) => Call::Delete {},
        (Undo::Run(run), _) => Call::Run(Run::clone(run)),
        (Undo::Reverse, _) => {
            return undoing.stays.push(format!("{} of {object}: no field was changed", step.action.id()));
        }
    };
    match (step.call.standing(&step.object, now), now) {
        (Standing::After, Some(now)) => undoing.steps.push(Step {
            object: Target {
                resource_version: now.pointer("/metadata/resourceVersion").and_then(Value::as_str).map(str::to_owned),
                // Of a command its probe says nothing of the pod, which must be the same one.
                uid: match step.call.is_of_one_pod() {
                    true => step.object.uid.clone(),
                    false => now.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned),
                },
                content: (step.call.subresource().is_none() && step.object.address.is_served())
                    .then(|| content_of(now)),
                ..step.object.clone()
            },
            why: format!("takes back: {}", step.why),
            tier: step.tier.max(tier_of(&call, step)),
            undo: undo_of(&call, step),
            expects: if matches!(call, Call::Delete {}) { Expectation::Gone } else { step.expects },
            health: step.health.as_ref().map(|it| Box::new(it.reversed())),
            call,
            checked: Checked::NotAsked,
            ..step.clone()
        }),
        (Standing::Before, _) => undoing.stays.push(format!("{object} is already as it was before")),
        _ => undoing.moved.push(format!("{object} was changed since")),
    }
}

/// What may be lost when something is set as it was before: fewer replicas, a bound below those that run, a taint that
/// ends pods, an object. Of a StatefulSet claims may go with its replicas.
fn tier_of(call: &Call, step: &Step) -> Tier {
    let fields = match call {
        Call::Edit { fields, .. } | Call::Restore { fields, .. } => fields,
        Call::Exec { .. } => return step.tier,
        Call::Run(run) => return Tier::Disruptive.max(loss(&run.changes)),
        _ => return Tier::Disruptive,
    };
    let is_lowered = is_lowered(fields);
    let ends_pods = fields.iter().any(|field| {
        field.pointer.starts_with("/spec/taints")
            && field.after.as_ref().is_some_and(|it| it.to_string().contains("NoExecute"))
    });
    let acts = fields.iter().any(|field| is_let_act(step, field));
    match (is_lowered, step.object.address.kind.as_str()) {
        (true, "StatefulSet") => Tier::Destructive,
        (true, _) => Tier::Disruptive,
        (false, _) if ends_pods || acts => Tier::Disruptive,
        (false, _) => Tier::Reversible,
    }
}

/// Whether some count is less than before.
fn is_lowered(fields: &[FieldChange]) -> bool {
    let number = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64);
    fields.iter().any(|field| {
        let is_count = ["/replicas", "/maxReplicas", "/minReplicas"].iter().any(|end| field.pointer.ends_with(end));
        is_count && number(&field.after).unwrap_or(0.0) < number(&field.before).unwrap_or(0.0)
    })
}

/// What makes the change once more after it was taken back.
fn undo_of(call: &Call, step: &Step) -> Undo {
    if step.health.is_some() && is_lowered(step.call.fields()) {
        return Undo::None { why: "members are asked anew before they go: scale it again".to_owned() };
    }
    match (call, &step.call) {
        (Call::Edit { .. } | Call::Restore { .. } | Call::Exec { .. }, _) => Undo::Reverse,
        (Call::Run(back), Call::Run(first)) => Undo::Run(Box::new(first.again_after(back))),
        _ => Undo::None { why: "what was deleted is not kept".to_owned() },
    }
}

/// Whether an autoscaler acts on pods once the field is as before: KEDA scales again or to a number of its own, a vertical
/// one ends pods.
fn is_let_act(step: &Step, field: &FieldChange) -> bool {
    match step.object.address.kind.as_str() {
        "ScaledObject" => true,
        "VerticalPodAutoscaler" => {
            let after = field.after.as_ref().map(Value::to_string).unwrap_or_default();
            let is_idle = ["Off", "Initial"].iter().any(|it| after.contains(it));
            step.tier > Tier::Reversible || (field.pointer.starts_with("/spec/updatePolicy") && !is_idle)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{plan, step};
    use super::*;
    use serde_json::json;

    fn object(step: &Step, replicas: u8) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": replicas},
            "metadata": {"name": step.object.address.name, "namespace": "shop", "uid": step.object.uid, "resourceVersion": "9"},
        })
    }

    #[test]
    fn the_last_step_is_taken_back_first_and_the_undo_of_an_undo_is_the_change() {
        let plan = plan(vec![step("web"), step("api")]);
        let done = [Happened::Done, Happened::Unverified { why: "slow".to_owned() }];
        let back = undoing(&plan, &done, |step| Some(object(step, 3)));
        let names: Vec<&str> = back.steps.iter().map(|step| step.object.address.name.as_str()).collect();
        assert_eq!(names, ["api", "web"]);
        assert_eq!(back.steps[0].object.resource_version.as_deref(), Some("9"), "the version that is there now");
        let Call::Edit { fields, .. } = &back.steps[0].call else { panic!("an edit") };
        assert_eq!(with_changes(&object(&back.steps[0], 3), fields)["spec"]["replicas"], 2);
        let undone = super::super::Plan { steps: back.steps, ..plan.clone() };
        let again = undoing(&undone, &[Happened::Done, Happened::Done], |step| Some(object(step, 2)));
        let calls: Vec<&Call> = again.steps.iter().map(|step| &step.call).collect();
        assert_eq!(calls, plan.steps.iter().map(|step| &step.call).collect::<Vec<_>>());
    }

    #[test]
    fn what_takes_away_is_no_less_dangerous_for_taking_back() {
        let back = |step: Step, now: Value| {
            undoing(&plan(vec![step]), &[Happened::Done], |_| Some(now.clone())).steps.remove(0)
        };
        let deployment = step("web");
        let now = object(&deployment, 3);
        assert_eq!((deployment.tier, back(deployment.clone(), now.clone()).tier), (Tier::Reversible, Tier::Disruptive));
        let mut set = deployment.clone();
        set.object.address.kind = "StatefulSet".to_owned();
        assert_eq!(back(set, now.clone()).tier, Tier::Destructive);
        let taints = json!([{"key": "a", "effect": "NoExecute"}]);
        let tainted = json!({"metadata": {"uid": "uid-web"}, "spec": {"taints": taints}});
        let clean = json!({"metadata": {"uid": "uid-web"}, "spec": {}});
        let fields = super::super::difference(&tainted, &clean, "");
        let untaint = Step { call: Call::Edit { subresource: None, fields }, ..deployment };
        assert_eq!(back(untaint, clean).tier, Tier::Disruptive);
    }

    #[test]
    fn of_a_step_whose_fate_is_unknown_the_object_tells() {
        let plan = plan(vec![step("web")]);
        let unknown = [Happened::Unknown { why: "killed".to_owned() }];
        let back = |replicas: u8| undoing(&plan, &unknown, |step| Some(object(step, replicas)));
        assert_eq!((back(3).steps.len(), back(2).steps.len(), back(2).stays.len()), (1, 0, 1));
    }

    #[test]
    fn only_what_was_done_is_taken_back() {
        let plan = plan(vec![step("web"), step("api"), step("db")]);
        let happened = [Happened::Done, Happened::Failed { why: "no".to_owned() }, Happened::NotDone];
        let back = undoing(&plan, &happened, |step| Some(object(step, 3)));
        assert_eq!(back.steps.len(), 1);
        assert_eq!(back.steps[0].object.address.name, "web");
    }

    #[test]
    fn what_somebody_changed_since_is_not_touched_and_what_is_back_stays() {
        let plan = plan(vec![step("web")]);
        let back = |replicas: u8| undoing(&plan, &[Happened::Done], |step| Some(object(step, replicas)));
        assert_eq!((back(9).steps.len(), back(9).moved), (0, vec!["Deployment/shop/web was changed since".to_owned()]));
        assert_eq!((back(2).steps.len(), back(2).stays.len(), back(2).moved.len()), (0, 1, 0));
        assert_eq!(undoing(&plan, &[Happened::Done], |_| None).moved.len(), 1, "it is gone");
    }

    #[test]
    fn an_object_that_several_steps_changed_goes_back_step_by_step() {
        let (first, mut second) = (step("db"), step("db"));
        let Call::Edit { fields, .. } = &mut second.call else { panic!("an edit") };
        (fields[0].before, fields[0].after) = (Some(json!(3)), Some(json!(4)));
        let plan = plan(vec![first, second]);
        let done = [Happened::Done, Happened::Done];
        let back = undoing(&plan, &done, |step| Some(object(step, 4)));
        assert_eq!((back.steps.len(), back.moved.len()), (2, 0), "{back:#?}");
        let after = back.steps.iter().fold(object(&plan.steps[0], 4), |object, step| {
            let Call::Edit { fields, .. } = &step.call else { panic!("an edit") };
            assert!(fields.iter().all(|it| it.is_before(&object)));
            with_changes(&object, fields)
        });
        assert_eq!(after["spec"]["replicas"], 2);
        assert_eq!(undoing(&plan, &done, |step| Some(object(step, 9))).moved.len(), 2, "somebody scaled it since");
    }

    #[test]
    fn what_was_made_is_to_be_gone_afterwards() {
        let mut made = step("web");
        let body = object(&made, 3);
        (made.call, made.undo) = (Call::Create { body }, Undo::Delete);
        let back = undoing(&plan(vec![made]), &[Happened::Done], |step| Some(object(step, 3)));
        assert_eq!((&back.steps[0].call, back.steps[0].expects), (&Call::Delete {}, Expectation::Gone));
    }

    #[test]
    fn a_program_takes_back_what_it_did_and_does_it_once_more() {
        use crate::plan::run::tests::resize;
        let address = Address::outside("NodeGroup", None, "main");
        let group = Step {
            object: Target::to_be_made(address),
            call: Call::Run(resize(2, 3)),
            undo: Undo::Run(Box::new(resize(3, 2))),
            ..step("main")
        };
        let answer = |size: u8| Some(json!([{"DesiredCapacity": size, "Status": "ACTIVE"}]));
        let plan = plan(vec![group.clone()]);
        let back = undoing(&plan, &[Happened::Done], |_| answer(3)).steps.remove(0);
        assert_eq!((&back.call, &back.object), (&Call::Run(resize(3, 2)), &group.object));
        assert_eq!(back.undo, Undo::Run(Box::new(resize(2, 3))));
        let undone = super::super::Plan { steps: vec![back], ..plan.clone() };
        let again = undoing(&undone, &[Happened::Done], |_| answer(2)).steps.remove(0);
        assert_eq!((&again.call, &again.undo), (&group.call, &group.undo));
        assert_eq!(undoing(&plan, &[Happened::Done], |_| answer(9)).moved.len(), 1, "somebody resized it since");
    }

    #[test]
    fn what_has_no_undo_is_told() {
        let mut plan = plan(vec![step("web")]);
        plan.steps[0].undo = Undo::None { why: "the pod is another one".to_owned() };
        let back = undoing(&plan, &[Happened::Done], |_| None);
        assert_eq!(back.stays, ["scale of Deployment/shop/web: the pod is another one"]);
    }

    #[test]
    fn members_that_came_back_are_asked_the_same_and_not_taken_away_unasked() {
        use crate::container_command::{ContainerCommand, Wants};
        use crate::plan::{Health, MemberCheck};
        let check = |word: &str| MemberCheck {
            command: ContainerCommand {
                namespace: "shop".to_owned(),
                pod: "db-0".to_owned(),
                container: None,
                words: vec![word.to_owned()],
                input: None,
            },
            wants: Wants::Success,
        };
        let mut down = step("db");
        let Call::Edit { fields, .. } = &mut down.call else { panic!("an edit") };
        (fields[0].before, fields[0].after) = (Some(json!(3)), Some(json!(2)));
        down.health = Some(Box::new(Health { after: vec![check("two")], back: vec![check("three")] }));
        let back = undoing(&plan(vec![down.clone()]), &[Happened::Done], |step| Some(object(step, 2))).steps.remove(0);
        assert_eq!(back.health.map(|it| it.after), Some(vec![check("three")]));
        assert!(matches!(&back.undo, Undo::None { why } if why.contains("asked anew")), "{:?}", back.undo);
    }
}
