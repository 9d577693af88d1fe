//! Whether what a source applied last says the same as a change: by the manifest of a release of Helm, and by the fields
//! that Flux's apply owns.

use super::persisted::Persistence;
use super::text;
use crate::helm::{Release, named};
use crate::manifest::holds_at;
use crate::object::ObjectRef;
use crate::plan::FieldChange;
use crate::redaction::is_redacted;
use serde_json::Value;

/// The field manager of Flux's controller of Kustomizations
/// (<https://fluxcd.io/flux/components/kustomize/kustomizations/#reconciliation>).
const KUSTOMIZE: &str = "kustomize-controller";

/// How the newest revision of a release stands to fields of an object; `now` is the object as it is.
pub fn manifest_says(newest: &Release, object: &ObjectRef, now: &Value, fields: &[FieldChange]) -> Persistence {
    let revision = newest.revision;
    if newest.status != "deployed" {
        return Persistence::Unknown(format!("revision {revision} of the release is {}", newest.status));
    }
    let Some(said) = newest.objects.iter().find(|it| named(it, &newest.namespace) == *object) else {
        return Persistence::Unknown(format!("the manifest of revision {revision} does not have {object}"));
    };
    fields.iter().map(|field| field_said(revision, said, now, field)).fold(Persistence::Agrees, worse)
}

/// What differs is known; what cannot be seen comes next.
fn worse(one: Persistence, other: Persistence) -> Persistence {
    match (&one, &other) {
        (Persistence::Differs(_), _) | (_, Persistence::Agrees) => one,
        (_, Persistence::Differs(_)) | (Persistence::Agrees, _) => other,
        _ => one,
    }
}

fn field_said(revision: i64, manifest: &Value, now: &Value, field: &FieldChange) -> Persistence {
    let name = &field.field;
    let Some(said) = at(manifest, now, field) else {
        return Persistence::Unknown(format!("which {name} of revision {revision} is meant cannot be told"));
    };
    match (&field.after, said) {
        (None, None) => Persistence::Agrees,
        (None, Some(_)) => Persistence::Differs(format!("revision {revision} says {name}, which was taken away")),
        (Some(_), None) => Persistence::Differs(format!("revision {revision} does not say {name}")),
        (Some(after), Some(said)) if is_redacted(after) || is_redacted(said) => {
            Persistence::Unknown(format!("what revision {revision} says of {name} is hidden"))
        }
        (Some(after), Some(said)) => {
            match (holds_at(&field.pointer, after, said), holds_at(&field.pointer, said, after)) {
                (true, true) => Persistence::Agrees,
                // It leaves out what may be a default, or may be what was set.
                (true, false) => Persistence::Unknown(format!("revision {revision} says only a part of {name}")),
                (false, _) => Persistence::Differs(format!("revision {revision} has another value of {name}")),
            }
        }
    }
}

/// What a manifest has of a field of the object as it is: items with names are found by them. `None` where it cannot be
/// told which item is meant.
fn at<'m>(manifest: &'m Value, now: &Value, field: &FieldChange) -> Option<Option<&'m Value>> {
    let keys: Vec<String> = keys(&field.pointer).collect();
    let (mut said, mut now) = (manifest, Some(now));
    for (depth, key) in keys.iter().enumerate() {
        // An item that was taken away is not there any more: another one is in its place.
        let is_last = depth + 1 == keys.len();
        let there =
            if is_last { field.after.as_ref().or(field.before.as_ref()) } else { now.and_then(|it| child(it, key)) };
        let next = match (said, there.and_then(|it| text(it, "/name"))) {
            (Value::Array(items), Some(name)) => named_item(items, key, name)?,
            (Value::Array(_), None) if field.after.is_none() && is_last => return None,
            (said, _) => child(said, key),
        };
        let Some(next) = next else { return Some(None) };
        (said, now) = (next, there);
    }
    Some(Some(said))
}

/// The item of a name; where several have it, as mounts of one volume do, the one at the same place.
fn named_item<'m>(items: &'m [Value], index: &str, name: &str) -> Option<Option<&'m Value>> {
    let has_name = |it: &&Value| text(it, "/name") == Some(name);
    let mut all = items.iter().filter(has_name);
    match (all.next(), all.next()) {
        (first, None) => Some(first),
        _ => items.get(index.parse::<usize>().ok()?).filter(has_name).map(Some),
    }
}

fn keys(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"))
}

fn child<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Whether Flux applied the values that fields of an object have: whoever changes a value takes the field away from who
/// applied it, who owns it again only by applying the same value
/// (<https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>).
///
/// Before it applies, Flux takes over what `kubectl` and programs of such names own: only after an apply that went well
/// this tells something, by the Kustomization.
pub fn flux_applied(kustomization: &Value, now: &Value, fields: &[FieldChange]) -> bool {
    let entries = now.pointer("/metadata/managedFields").and_then(Value::as_array);
    let applied = entries.into_iter().flatten().find(|it| {
        it["manager"] == KUSTOMIZE && it["operation"] == "Apply" && it["subresource"].as_str().is_none_or(str::is_empty)
    });
    let is_owned = |owned: &Value| fields.iter().all(|field| owns(owned, now, field));
    went_well(kustomization) && !fields.is_empty() && applied.is_some_and(|it| is_owned(&it["fieldsV1"]))
}

/// Whether what a Kustomization tried last was applied.
fn went_well(kustomization: &Value) -> bool {
    let tried = text(kustomization, "/status/lastAttemptedRevision");
    let conditions = kustomization.pointer("/status/conditions").and_then(Value::as_array);
    let is_ready = conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True");
    is_ready && tried.is_some() && tried == text(kustomization, "/status/lastAppliedRevision")
}

/// Whether an entry of managed fields has a field, and all that was set in it.
fn owns(entry: &Value, now: &Value, field: &FieldChange) -> bool {
    let (mut owned, mut now) = (entry, now);
    for key in keys(&field.pointer) {
        let (Some(fields), Some(there)) = (owned.as_object(), child(now, &key)) else { return false };
        let next = if now.is_array() { item(fields, there) } else { fields.get(&format!("f:{key}")) };
        let Some(next) = next else { return false };
        // What has nothing in it is owned as a whole.
        if next.as_object().is_some_and(serde_json::Map::is_empty) {
            return field.after.is_some();
        }
        (owned, now) = (next, there);
    }
    field.after.as_ref().is_some_and(|after| owns_all(owned, after))
}

fn owns_all(owned: &Value, value: &Value) -> bool {
    let Some(fields) = owned.as_object() else { return false };
    match value {
        _ if fields.is_empty() => true,
        Value::Object(all) => {
            all.iter().all(|(key, value)| fields.get(&format!("f:{key}")).is_some_and(|it| owns_all(it, value)))
        }
        Value::Array(all) => all.iter().all(|value| item(fields, value).is_some_and(|it| owns_all(it, value))),
        _ => true,
    }
}

/// The entry of an item of a list: by its keys, or by its value.
fn item<'e>(fields: &'e serde_json::Map<String, Value>, item: &Value) -> Option<&'e Value> {
    let is_it = |name: &str| {
        let keys = name.strip_prefix("k:").and_then(|it| serde_json::from_str::<Value>(it).ok());
        let value = name.strip_prefix("v:").and_then(|it| serde_json::from_str::<Value>(it).ok());
        let has_keys = |keys: Value| keys.as_object().is_some_and(|all| all.iter().all(|(key, it)| item[key] == *it));
        keys.is_some_and(has_keys) || value.is_some_and(|it| it == *item)
    };
    fields.iter().find(|(name, _)| is_it(name)).map(|(_, entry)| entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helm::tests::release;
    use serde_json::json;

    fn web() -> ObjectRef {
        ObjectRef::namespaced("Deployment", "shop", "web")
    }

    fn deployment(containers: Value) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"template": {"spec": {"containers": containers}}},
        })
    }

    fn field(of: &str, before: Value, after: Value) -> FieldChange {
        let pointer = format!("/spec/template/spec/containers/0/{of}");
        let absent = |value: Value| Some(value).filter(|it| !it.is_null());
        FieldChange { pointer, field: of.to_owned(), before: absent(before), after: absent(after) }
    }

    fn said(manifest: Value, change: FieldChange) -> Persistence {
        let now = deployment(json!([{"name": "app", "image": "web:2"}, {"name": "log", "image": "log:1"}]));
        manifest_says(&release(5, "deployed", vec![manifest]), &web(), &now, &[change])
    }

    #[test]
    fn a_manifest_is_compared_field_by_field_and_its_containers_by_name() {
        let manifest =
            |image: &str| deployment(json!([{"name": "log", "image": "log:1"}, {"name": "app", "image": image}]));
        let image = || field("image", json!("web:1"), json!("web:2"));
        assert_eq!(said(manifest("web:2"), image()), Persistence::Agrees);
        let differs = |text: &str| Persistence::Differs(format!("revision 5 {text}"));
        assert_eq!(said(manifest("web:1"), image()), differs("has another value of image"));
        let args = field("args", Value::Null, json!(["-v"]));
        assert_eq!(said(manifest("web:2"), args.clone()), differs("does not say args"));
        assert_eq!(said(manifest("web:2"), args.reversed()), Persistence::Agrees, "it is gone from both");
        let gone = field("image", json!("web:2"), Value::Null);
        assert_eq!(said(manifest("web:2"), gone), differs("says image, which was taken away"));
    }

    #[test]
    fn an_item_that_was_taken_away_is_not_taken_for_the_one_in_its_place() {
        let manifest = |env: Value| deployment(json!([{"name": "app", "image": "web:2", "env": env, "args": ["-v"]}]));
        let now = manifest(json!([{"name": "B", "value": "1"}]));
        let says = |env: Value, change: FieldChange| {
            manifest_says(&release(5, "deployed", vec![manifest(env)]), &web(), &now, &[change])
        };
        let gone = || field("env/0", json!({"name": "A", "value": "1"}), Value::Null);
        assert_eq!(says(json!([{"name": "B", "value": "1"}]), gone()), Persistence::Agrees);
        assert!(matches!(says(json!([{"name": "A", "value": "1"}]), gone()), Persistence::Differs(_)));
        assert!(matches!(says(json!([]), field("args/0", json!("-q"), Value::Null)), Persistence::Unknown(_)));
        let twice = json!([{"name": "C", "value": "1"}, {"name": "B", "value": "1"}, {"name": "B", "value": "2"}]);
        let second = field("env/0/value", json!("0"), json!("1"));
        assert!(matches!(says(twice, second), Persistence::Unknown(_)), "two have the name");
    }

    #[test]
    fn what_is_hidden_or_said_in_part_or_not_deployed_is_not_known() {
        let with = |more: Value| {
            let mut container = json!({"name": "app", "image": "web:2"});
            container["resources"] = more;
            deployment(json!([container]))
        };
        let set = || field("resources", Value::Null, json!({"limits": {"cpu": "1", "memory": "1Gi"}}));
        assert_eq!(said(with(json!({"limits": {"cpu": "1000m", "memory": "1Gi"}})), set()), Persistence::Agrees);
        assert!(matches!(said(with(json!({"limits": {"cpu": 1}})), set()), Persistence::Unknown(_)));
        assert!(matches!(said(with(json!({"limits": {"cpu": 2}})), set()), Persistence::Differs(_)));
        let hidden = field("image", json!("a"), json!("(hidden: value 1 of IMAGE)"));
        assert!(matches!(said(with(json!({})), hidden), Persistence::Unknown(_)));
        let now = with(json!({}));
        let pending = release(5, "pending-upgrade", vec![now.clone()]);
        assert!(matches!(manifest_says(&pending, &web(), &now, &[set()]), Persistence::Unknown(_)));
        let of_hook = release(5, "deployed", Vec::new());
        assert!(matches!(manifest_says(&of_hook, &web(), &now, &[set()]), Persistence::Unknown(_)));
    }

    fn kustomization(applied: &str, ready: &str) -> Value {
        json!({"status": {
            "lastAttemptedRevision": "main@sha1:2", "lastAppliedRevision": applied,
            "conditions": [{"type": "Ready", "status": ready}],
        }})
    }

    #[test]
    fn what_flux_owns_again_it_applied() {
        let mut now = deployment(json!([{"name": "app", "image": "web:2", "args": ["-v"]}]));
        let owned = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {
            "k:{\"name\":\"app\"}": {".": {}, "f:name": {}, "f:image": {}, "f:resources": {"f:limits": {"f:cpu": {}}}},
        }}}}});
        now["metadata"]["managedFields"] = json!([
            {"manager": "kubectl-sre", "operation": "Update", "fieldsV1": {"f:spec": {}}},
            {"manager": KUSTOMIZE, "operation": "Apply", "fieldsV1": owned},
        ]);
        let well = kustomization("main@sha1:2", "True");
        let image = field("image", json!("web:1"), json!("web:2"));
        assert!(flux_applied(&well, &now, std::slice::from_ref(&image)));
        for badly in [kustomization("main@sha1:1", "True"), kustomization("main@sha1:2", "False"), json!({})] {
            assert!(!flux_applied(&badly, &now, std::slice::from_ref(&image)), "{badly}");
        }
        let limits = |value: Value| field("resources", Value::Null, json!({"limits": value}));
        now["spec"]["template"]["spec"]["containers"][0]["resources"] = json!({"limits": {"cpu": "1"}});
        assert!(flux_applied(&well, &now, &[limits(json!({"cpu": "1"}))]));
        assert!(!flux_applied(&well, &now, &[limits(json!({"cpu": "1", "memory": "1Gi"}))]), "not all of it");
        let args = field("args", Value::Null, json!(["-v"]));
        assert!(!flux_applied(&well, &now, &[image.clone(), args]), "one of them is not Flux's");
        assert!(!flux_applied(&well, &now, &[field("tty", json!(true), Value::Null)]), "nobody owns what is gone");
        now["metadata"]["managedFields"][1]["manager"] = json!("kubectl-sre");
        assert!(!flux_applied(&well, &now, &[image]));
    }
}
