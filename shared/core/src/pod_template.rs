//! Pod templates, compared by what they mean.

use crate::plan::{canonical, sha256};
use serde_json::{Map, Value};

/// What controllers add to the labels of a template to tell their revisions apart.
const HASHES: &[&str] = &["pod-template-hash", "controller-revision-hash", "pod-template-generation"];

/// What `kubectl rollout restart` stamps on a template to have all pods replaced by the same.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

/// A template as whoever wrote it meant it: without what controllers add, without nulls, and without labels and
/// annotations that are empty.
pub fn meant(template: &Value) -> Value {
    let mut meant = without_nulls(template);
    if let Some(fields) = meant.as_object_mut() {
        // A ControllerRevision holds a strategic merge patch, which says with this key that it replaces all.
        fields.remove("$patch");
    }
    let Some(metadata) = meant.get_mut("metadata").and_then(Value::as_object_mut) else { return meant };
    if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
        HASHES.iter().for_each(|hash| drop(labels.remove(*hash)));
    }
    metadata.retain(|_, value| value.as_object().is_none_or(|it| !it.is_empty()));
    meant
}

/// Older API servers show a `creationTimestamp` of null in templates, newer ones do not.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(key, value)| (key.clone(), without_nulls(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// Whether two templates make the same pods.
pub fn is_same(one: &Value, other: &Value) -> bool {
    meant(one) == meant(other)
}

/// Whether two templates make the same pods but for the stamp of a restart: going from one to the other mends nothing.
pub fn is_same_but_restarted(one: &Value, other: &Value) -> bool {
    let unstamped = |template: &Value| {
        let mut meant = meant(template);
        if let Some(annotations) = meant.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
            annotations.remove(RESTARTED);
        }
        self::meant(&meant)
    };
    unstamped(one) == unstamped(other)
}

/// SHA-256 of what a template means, which records name it by.
pub fn digest(template: &Value) -> String {
    sha256(canonical(&meant(template)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_controllers_add_is_no_difference() {
        let written = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"volumes": [{"emptyDir": {}}]}});
        let mut kept = written.clone();
        kept["metadata"]["labels"]["pod-template-hash"] = json!("9ff676c45");
        kept["metadata"]["creationTimestamp"] = Value::Null;
        kept["metadata"]["annotations"] = json!({});
        kept["$patch"] = json!("replace");
        assert!(is_same(&written, &kept));
        assert_eq!(digest(&written), digest(&kept));
        assert_eq!(meant(&kept), written);
        kept["spec"]["volumes"][0] = json!({});
        assert!(!is_same(&written, &kept), "an empty object means something outside of the metadata");
    }

    #[test]
    fn a_restart_is_a_difference_that_mends_nothing() {
        let written = json!({"metadata": {"labels": {"app": "web"}}});
        let mut restarted = written.clone();
        restarted["metadata"]["annotations"] = json!({"kubectl.kubernetes.io/restartedAt": "2026-01-15T08:00:00Z"});
        assert!(!is_same(&written, &restarted) && is_same_but_restarted(&written, &restarted));
        restarted["metadata"]["annotations"]["sidecar.istio.io/inject"] = json!("false");
        assert!(!is_same_but_restarted(&written, &restarted));
    }
}
