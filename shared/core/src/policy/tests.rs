use super::*;
use crate::object::ObjectRef;
use crate::plan::tests::{plan, step};
use crate::plan::{Action, Address, Call, FieldChange, Plan, Step, Target, Tier};
use serde_json::{Value, json};

const NOW: &str = "2026-01-15T08:00:00Z";

fn facts() -> Facts {
    Facts::new(NOW.parse().expect("a time"), true)
}

fn policy(text: &str) -> Policy {
    strict::read(text, Policy::read).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn problems(text: &str) -> Vec<String> {
    strict::read(text, Policy::read).expect_err("a wrong policy").iter().map(ToString::to_string).collect()
}

/// A step on an object of a kind in the namespace `shop`.
fn on(api_version: &str, kind: &str, call: Call) -> Step {
    let address = Address {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        resource: format!("{}s", kind.to_lowercase()),
        namespace: Some("shop".to_owned()),
        name: "web".to_owned(),
    };
    let tier = if matches!(call, Call::Edit { .. }) { Tier::Reversible } else { Tier::Disruptive };
    Step { object: Target::to_be_made(address), call, tier, ..step("web") }
}

fn deletion(kind: &str) -> Step {
    Step { action: Action::DeletePod, ..on("v1", kind, Call::Delete {}) }
}

fn cluster_wide(mut step: Step) -> Step {
    step.object.address.namespace = None;
    step
}

fn edit(pointer: &str, before: Option<Value>, after: Option<Value>) -> Call {
    let field = FieldChange { pointer: pointer.to_owned(), field: pointer.to_owned(), before, after };
    Call::Edit { subresource: None, fields: vec![field] }
}

/// An edit that no action of its own stands for.
fn edited(api_version: &str, kind: &str, pointer: &str, before: Value, after: Value) -> Step {
    Step { action: Action::Restart, ..on(api_version, kind, edit(pointer, Some(before), Some(after))) }
}

fn said(policy: &Policy, step: Step, facts: &Facts) -> (Answer, String) {
    let judgement = policy.judge(&plan(vec![step]), facts);
    let reasons: Vec<String> = judgement.reasons().iter().map(ToString::to_string).collect();
    (judgement.answer(), reasons.join("; "))
}

fn answer(text: &str, step: Step) -> Answer {
    said(&policy(text), step, &facts()).0
}

/// Steps of every sort.
fn steps() -> Vec<Step> {
    let mut off = step("web");
    off.call = edit("/spec/replicas", Some(json!(2)), Some(json!(0)));
    let mut rollback = edited("apps/v1", "Deployment", "/spec/template/spec", json!({}), json!({"containers": []}));
    rollback.action = Action::Rollback;
    let image = "/spec/template/spec/containers/0/image";
    vec![
        step("web"),
        off,
        rollback,
        Step { action: Action::Scale, ..edited("apps/v1", "Deployment", image, json!("a:1"), json!("a:2")) },
        deletion("Pod"),
        deletion("Secret"),
        cluster_wide(deletion("Namespace")),
        on("v1", "Pod", Call::Evict {}),
        cluster_wide(edited("v1", "Node", "/spec/unschedulable", json!(false), json!(true))),
        on("rbac.authorization.k8s.io/v1", "RoleBinding", Call::Create { body: json!({}) }),
        Step { tier: Tier::Destructive, ..on("apps/v1", "StatefulSet", Call::Delete {}) },
    ]
}

mod operations;
mod reading;
mod rules;
