//! What is known of a pod that is to go: who makes it anew, what ends with it, who may not touch it.

use serde_json::Value;

/// Kind and name of the controller of a pod.
pub fn controller_of(pod: &Value) -> Option<(&str, &str)> {
    let owner = list(pod, "/metadata/ownerReferences").iter().find(|it| it["controller"] == true)?;
    Some((owner["kind"].as_str()?, owner["name"].as_str()?))
}

/// Whether it only shows a static pod, which the kubelet runs from a file
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>).
pub fn is_mirror(pod: &Value) -> bool {
    pod.pointer("/metadata/annotations").is_some_and(|all| all.get("kubernetes.io/config.mirror").is_some())
}

/// Whether it has come to its end.
pub fn has_ended(pod: &Value) -> bool {
    pod.pointer("/status/phase").is_some_and(|it| it == "Succeeded" || it == "Failed")
}

/// Whether it is ending already.
pub fn is_ending(pod: &Value) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_some()
}

/// Names of its volumes whose data end with it.
pub fn scratch_volumes(pod: &Value) -> Vec<&str> {
    let volumes = list(pod, "/spec/volumes").iter().filter(|volume| volume.get("emptyDir").is_some());
    volumes.filter_map(|volume| volume["name"].as_str()).collect()
}

pub(super) fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_ends_with_a_pod_and_what_does_not() {
        let pod = json!({
            "metadata": {
                "annotations": {"kubernetes.io/config.mirror": "9f"}, "deletionTimestamp": "2026-01-15T08:00:00Z",
                "ownerReferences": [{"kind": "Backup", "name": "b"}, {"kind": "Job", "name": "j", "controller": true}],
            },
            "spec": {"volumes": [{"name": "cache", "emptyDir": {}}, {"name": "data", "persistentVolumeClaim": {}}]},
            "status": {"phase": "Failed"},
        });
        assert_eq!((controller_of(&pod), scratch_volumes(&pod)), (Some(("Job", "j")), vec!["cache"]));
        assert!(is_mirror(&pod) && has_ended(&pod) && is_ending(&pod));
        let bare = json!({"status": {"phase": "Running"}});
        assert!(!is_mirror(&bare) && !has_ended(&bare) && !is_ending(&bare) && controller_of(&bare).is_none());
    }
}
