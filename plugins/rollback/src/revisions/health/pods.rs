//! What the pods of a revision say of it.

use super::super::Seen;
use super::super::fields::{Fields, fact};
use super::super::kept::Kept;
use super::{Says, Sign};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Why a container does not start: what the revision names, or what it does, and not the node.
const CANNOT_START: &[&str] = &[
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImageInspectError",
    "ImagePullBackOff",
    "InvalidImageName",
    "PostStartHookError",
    "RegistryUnavailable",
    "RunContainerError",
];

/// What is wrong with a container of a pod.
pub(crate) struct Fault {
    pub(crate) field: String,
    pub(crate) value: String,
}

/// As long as the kubelet waits for before it takes a container that crashed for one that works again.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);

/// A revision fails when at least as many of its pods are broken as are ready; fewer may have another reason, such as a
/// node that cannot pull.
pub(super) fn signs(seen: &Seen<'_>, revision: &Kept<'_>) -> Vec<Sign> {
    let faults: Vec<_> = revision.pods.iter().filter_map(|pod| Some((*pod, fault(pod)?))).collect();
    let ready = revision.pods.iter().filter(|pod| ready_since(pod).is_some()).count();
    let says = if !faults.is_empty() && faults.len() >= ready { Says::Fails } else { Says::Nothing };
    let sign = |(pod, fault): (&Value, Fault)| says.by(fact(&Fields(pod).object_ref("Pod"), &fault.field, fault.value));
    // A few are proof enough: each of thousands would say the same.
    let mut signs: Vec<Sign> = faults.into_iter().map(sign).take(3).collect();
    signs.extend(crashed(seen, revision));
    // Of a Deployment, the ReplicaSet counts the pods that are available.
    signs.extend(available(seen, revision).filter(|_| seen.workload["kind"] != "Deployment"));
    signs
}

/// Whether being available means little just now, because at least half of the pods crashed a short time ago.
pub(super) fn are_flapping(seen: &Seen<'_>, revision: &Kept<'_>) -> bool {
    let crashed = revision.pods.iter().filter(|pod| has_crashed(pod, seen.taken_at)).count();
    crashed > 0 && 2 * crashed >= revision.pods.len()
}

fn crashed(seen: &Seen<'_>, revision: &Kept<'_>) -> Option<Sign> {
    let pod = revision.pods.iter().find(|pod| has_crashed(pod, seen.taken_at))?;
    let says = if are_flapping(seen, revision) { Says::HadTrouble } else { Says::Nothing };
    let restarts: i64 =
        Fields(pod).list("/status/containerStatuses").iter().map(|it| Fields(it).number("/restartCount")).sum();
    Some(says.by(fact(&Fields(pod).object_ref("Pod"), "status.containerStatuses.restartCount", restarts)))
}

fn available(seen: &Seen<'_>, revision: &Kept<'_>) -> Option<Sign> {
    let wait = SignedDuration::from_secs(Fields(seen.workload).number("/spec/minReadySeconds"));
    revision.pods.iter().find_map(|pod| {
        let since = ready_since(pod)?;
        let is_lasting = seen.taken_at.duration_since(since) >= wait && !has_crashed(pod, seen.taken_at);
        let fact = fact(&Fields(pod).object_ref("Pod"), "status.conditions[Ready]", format!("True since {since}"));
        is_lasting.then(|| Says::Available.by(fact))
    })
}

/// Whether a pod that is ready crashed a short time ago, and may do so again.
fn has_crashed(pod: &Value, now: Timestamp) -> bool {
    let Some(since) = ready_since(pod) else { return false };
    let crashed = |status: &Value| {
        let code = status.pointer("/lastState/terminated/exitCode").and_then(Value::as_i64);
        Fields(status).number("/restartCount") > 0 && code.is_some_and(|code| code != 0)
    };
    now.duration_since(since) < SETTLED && Fields(pod).list("/status/containerStatuses").iter().any(crashed)
}

/// Since when a pod is ready.
pub(crate) fn ready_since(pod: &Value) -> Option<Timestamp> {
    Fields(pod).condition("Ready").filter(|it| it.text("/status") == Some("True"))?.time("/lastTransitionTime")
}

/// What breaks a pod that is not ready: a container that cannot start, or that ended with an error.
///
/// A pod that failed as a whole was evicted or lost its node.
pub(crate) fn fault(pod: &Value) -> Option<Fault> {
    if ready_since(pod).is_some() || Fields(pod).text("/status/phase") == Some("Failed") {
        return None;
    }
    let lists = ["initContainerStatuses", "containerStatuses"];
    lists.into_iter().find_map(|list| {
        Fields(pod)
            .list(&format!("/status/{list}"))
            .iter()
            .find_map(|status| fault_of(status, &format!("status.{list}")))
    })
}

fn fault_of(status: &Value, list: &str) -> Option<Fault> {
    let name = status["name"].as_str().unwrap_or_default();
    let found = |field: &str, value: String| Some(Fault { field: format!("{list}[{name}].{field}"), value });
    let container = Fields(status);
    if let Some(reason) = container.text("/state/waiting/reason").filter(|it| CANNOT_START.contains(it)) {
        return found("state.waiting.reason", reason.to_owned());
    }
    // Between two crashes it runs, and is not ready, or the pod would be.
    let last = if container.number("/restartCount") > 0 && status["ready"] != true { "lastState" } else { "state" };
    ["state", last].into_iter().find_map(|state| {
        let code = status.pointer(&format!("/{state}/terminated/exitCode"))?.as_i64().filter(|code| *code != 0)?;
        let reason = container.text(&format!("/{state}/terminated/reason")).unwrap_or("Error");
        found(&format!("{state}.terminated"), format!("{reason}, exit code {code}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(ready: &str, status: Value) -> Value {
        json!({"status": {
            "phase": "Running", "containerStatuses": [status],
            "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": "2026-01-15T08:00:00Z"}],
        }})
    }

    fn value(pod: &Value) -> Option<String> {
        fault(pod).map(|it| format!("{}: {}", it.field, it.value))
    }

    #[test]
    fn a_container_that_cannot_start_or_ended_badly_breaks_its_pod() {
        let waiting = json!({"name": "app", "state": {"waiting": {"reason": "ImagePullBackOff"}}});
        let expected = "status.containerStatuses[app].state.waiting.reason: ImagePullBackOff";
        assert_eq!(value(&pod("False", waiting)).as_deref(), Some(expected));
        let ended = |code: u8| json!({"name": "app", "state": {"terminated": {"reason": "Error", "exitCode": code}}});
        let expected = "status.containerStatuses[app].state.terminated: Error, exit code 1";
        assert_eq!(value(&pod("False", ended(1))).as_deref(), Some(expected));
        assert_eq!(value(&pod("False", ended(0))), None);
        let between = json!({
            "name": "app", "ready": false, "restartCount": 2, "state": {"running": {}},
            "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}},
        });
        let expected = "status.containerStatuses[app].lastState.terminated: OOMKilled, exit code 137";
        assert_eq!(value(&pod("False", between.clone())).as_deref(), Some(expected));
        assert_eq!(value(&pod("True", between)), None, "it recovered");
    }

    #[test]
    fn an_init_container_that_fails_breaks_its_pod() {
        let mut pod = pod("False", json!({"name": "app", "state": {"waiting": {"reason": "PodInitializing"}}}));
        assert_eq!(value(&pod), None, "it is starting");
        pod["status"]["initContainerStatuses"] =
            json!([{"name": "migrate", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]);
        assert!(value(&pod).is_some_and(|it| it.starts_with("status.initContainerStatuses[migrate]")));
    }

    #[test]
    fn a_pod_that_was_evicted_says_nothing_of_its_revision() {
        let mut evicted = pod("False", json!({"name": "app", "state": {"terminated": {"exitCode": 137}}}));
        evicted["status"]["phase"] = json!("Failed");
        evicted["status"]["reason"] = json!("Evicted");
        assert_eq!(value(&evicted), None);
    }
}
