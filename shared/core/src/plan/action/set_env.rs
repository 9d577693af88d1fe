//! Setting environment variables of containers.

use super::template::{TemplateFault, changed_template, containers, template_of};
use super::{Action, ActionInfo};
use crate::plan::{Step, Tier};
use crate::redaction::is_confidential;
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::SetEnv,
    id: "set-env",
    tier: Tier::Reversible,
    does: "sets or takes away environment variables of containers, which replaces the pods as the strategy says",
    undo: "the values of before are set again, which replaces the pods once more",
    higher: "2 when all pods end before others start",
    page: "\
Looked at: where each variable comes from today, the strategy, who keeps the object.

Must hold afterwards: the rollout is complete, as kubectl rollout status says it; with a paused rollout or the strategy
OnDelete only that the variables are written, for nothing rolls.

Not done: to a variable that comes from a Secret or ConfigMap (valueFrom), for it is changed there, and with a value
that looks like a secret, for it would stand in plans and records. Not done to what Argo CD, Flux or an operator keep.

  kubectl sre change set-env deployment/NAME -n NAMESPACE KEY=VALUE OTHER- --dry-run",
};

/// Which variables of which containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// The container, init containers too; absent for all that are none.
    pub container: Option<String>,
    /// Names with their new values, or none for those that go.
    pub values: Vec<(String, Option<String>)>,
}

/// The step that sets variables; `None` when they are already so.
///
/// # Errors
/// Says which container or variable stands in the way.
pub fn set_env(object: &Value, wanted: &Variables, why: String) -> Result<Option<Step>, TemplateFault> {
    if let Some((name, _)) = wanted.values.iter().find(|(name, value)| is_confidential(name, value.as_deref())) {
        return Err(TemplateFault::Confidential(name.clone()));
    }
    let kind = object["kind"].as_str().unwrap_or_default();
    // The environment of a pod that runs cannot be changed.
    if template_of(kind).is_none() || kind == "Pod" {
        return Err(TemplateFault::NoTemplate(kind.to_owned()));
    }
    let mut after = object.clone();
    for container in containers(&mut after, wanted.container.as_deref())? {
        set(container, &wanted.values)?;
    }
    let step = changed_template(Action::SetEnv, object, &after, why);
    step.map_or(Ok(None), |step| {
        exposes(&step).map_or(Ok(Some(step.clone())), |name| Err(TemplateFault::Confidential(name)))
    })
}

fn set(container: &mut Value, values: &[(String, Option<String>)]) -> Result<(), TemplateFault> {
    let name_of_container = container["name"].as_str().unwrap_or_default().to_owned();
    let Some(fields) = container.as_object_mut() else { return Ok(()) };
    let mut env = fields.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
    for (name, value) in values {
        let elsewhere = env.iter().filter(|it| it["name"] == name.as_str()).find_map(|it| it.get("valueFrom"));
        if let Some(source) = elsewhere {
            return Err(TemplateFault::FromElsewhere {
                name: name.clone(),
                container: name_of_container,
                origin: origin_of(source),
            });
        }
        match (env.iter_mut().rfind(|it| it["name"] == name.as_str()), value) {
            (Some(variable), Some(value)) => *variable = variable_of(name, value),
            (None, Some(value)) => env.push(variable_of(name, value)),
            (_, None) => env.retain(|it| it["name"] != name.as_str()),
        }
    }
    // The server shows no empty list.
    if env.is_empty() {
        drop(fields.remove("env"))
    } else {
        drop(fields.insert("env".to_owned(), Value::Array(env)))
    }
    Ok(())
}

/// The server shows no empty value.
fn variable_of(name: &str, value: &str) -> Value {
    if value.is_empty() { json!({"name": name}) } else { json!({"name": name, "value": value}) }
}

/// What a variable is taken from, by name only.
fn origin_of(source: &Value) -> String {
    let kinds = [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap"), ("fieldRef", "the pod's own fields")];
    let found = kinds.into_iter().find_map(|(field, kind)| Some((kind, source.get(field)?)));
    match found {
        Some((kind, reference)) => match (reference["name"].as_str(), reference["key"].as_str()) {
            (Some(name), Some(key)) => format!("key {key} of {kind} {name}"),
            _ => kind.to_owned(),
        },
        None => "the resources of a container".to_owned(),
    }
}

/// A variable that the step would tell though nobody asked for it: a list that loses one in the middle is told whole.
fn exposes(step: &Step) -> Option<String> {
    let crate::plan::Call::Edit { fields, .. } = &step.call else { return None };
    let values = fields.iter().flat_map(|field| field.before.iter().chain(&field.after));
    let variables = values.filter_map(Value::as_array).flatten();
    let confidential = |it: &&Value| is_confidential(it["name"].as_str().unwrap_or_default(), it["value"].as_str());
    let mut told = variables.filter(|it| it.get("value").is_some()).filter(confidential);
    told.next().and_then(|it| it["name"].as_str()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Call, Expectation, FieldChange, with_changes};

    fn workload() -> Value {
        let secret = json!({"secretKeyRef": {"name": "db", "key": "password"}});
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
            "spec": {"replicas": 2, "template": {"spec": {
                "initContainers": [{"name": "init"}],
                "containers": [
                    {"name": "app", "env": [
                        {"name": "CACHE_TTL", "value": "300"}, {"name": "POOL", "value": "20"},
                        {"name": "DB_PASSWORD", "valueFrom": secret},
                    ]},
                    {"name": "proxy"},
                ],
            }}},
        })
    }

    fn step(container: Option<&str>, values: &[(&str, Option<&str>)]) -> Result<Option<Step>, TemplateFault> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        let wanted = Variables { container: container.map(str::to_owned), values };
        set_env(&workload(), &wanted, "asked for".to_owned())
    }

    fn fields(step: Result<Option<Step>, TemplateFault>) -> Vec<FieldChange> {
        let step = step.expect("no fault").expect("a step");
        let Call::Edit { fields, .. } = step.call else { panic!("an edit") };
        fields
    }

    #[test]
    fn taking_back_after_setting_is_nothing_done() {
        let all: [&[(&str, Option<&str>)]; 5] = [
            &[("CACHE_TTL", Some("60")), ("NEW", Some("1"))],
            &[("CACHE_TTL", None)],
            &[("CACHE_TTL", Some(""))],
            &[("POOL", None), ("A", Some("x")), ("B", Some("y"))],
            &[("CACHE_TTL", None), ("POOL", None)],
        ];
        for values in all {
            for container in [Some("app"), Some("proxy"), Some("init"), None] {
                let Some(step) = step(container, values).expect("no fault") else { continue };
                let Call::Edit { fields, .. } = &step.call else { panic!("an edit") };
                let done = with_changes(&workload(), fields);
                let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
                assert_eq!(with_changes(&done, &back), workload(), "{values:?} {container:?}");
                assert_eq!((step.tier, step.expects), (Tier::Reversible, Expectation::RolledOut));
            }
        }
    }

    #[test]
    fn only_what_is_changed_is_told() {
        let changes = fields(step(Some("app"), &[("CACHE_TTL", Some("60")), ("NEW", Some("1"))]));
        let told: Vec<&str> = changes.iter().map(|it| it.field.as_str()).collect();
        let place = "spec.template.spec.containers[app].env";
        assert_eq!(told, [format!("{place}[CACHE_TTL].value"), format!("{place}[NEW]")]);
        assert_eq!(step(Some("app"), &[("POOL", Some("20")), ("GONE", None)]), Ok(None), "it is already so");
    }

    #[test]
    fn without_a_container_all_are_meant_but_those_that_only_start() {
        let changes = fields(step(None, &[("MODE", Some("fast"))]));
        let places: Vec<&str> = changes.iter().map(|it| it.pointer.as_str()).collect();
        let root = "/spec/template/spec/containers";
        assert_eq!(places, [format!("{root}/0/env/3"), format!("{root}/1/env")]);
        assert!(matches!(step(Some("db"), &[("A", None)]), Err(TemplateFault::NoContainer { .. })));
    }

    #[test]
    fn what_comes_from_a_secret_is_left_and_what_looks_like_one_is_not_written_down() {
        for value in [Some("hunter2"), None] {
            let fault = step(Some("app"), &[("DB_PASSWORD", value)]).expect_err("refused");
            assert_eq!(fault, TemplateFault::Confidential("DB_PASSWORD".to_owned()));
        }
        let mut object = workload();
        object["spec"]["template"]["spec"]["containers"][0]["env"][2]["name"] = json!("DB");
        let wanted = Variables { container: None, values: vec![("DB".to_owned(), Some("x".to_owned()))] };
        let fault = set_env(&object, &wanted, String::new()).expect_err("refused");
        assert_eq!(fault.to_string(), "DB of container app comes from key password of Secret db");
        let url = Some("postgres://shop:hunter2@db/shop");
        assert_eq!(step(None, &[("DATABASE_URL", url)]), Err(TemplateFault::Confidential("DATABASE_URL".to_owned())));
        for harmless in ["AI_LLM_MAX_TOKENS", "TOKEN_TTL", "CACHE_KEY_PREFIX", "MONKEY"] {
            assert!(!is_confidential(harmless, Some("redis://cache:6379/0")), "{harmless}");
        }
        let mut plain = workload();
        plain["spec"]["template"]["spec"]["containers"][0]["env"][1] = json!({"name": "API_KEY", "value": "hunter2"});
        let wanted = Variables { container: None, values: vec![("CACHE_TTL".to_owned(), None)] };
        let fault = set_env(&plain, &wanted, String::new());
        assert_eq!(fault, Err(TemplateFault::Confidential("API_KEY".to_owned())), "the list is told whole");
    }

    #[test]
    fn only_what_has_a_template_has_variables_to_set() {
        let wanted = Variables { container: None, values: vec![("A".to_owned(), None)] };
        for kind in ["Pod", "Service", "Job"] {
            let object = json!({"kind": kind, "spec": {"containers": []}});
            assert_eq!(set_env(&object, &wanted, String::new()), Err(TemplateFault::NoTemplate(kind.to_owned())));
        }
    }
}
