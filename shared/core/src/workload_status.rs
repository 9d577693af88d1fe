//! How far a rollout is, as `kubectl rollout status` tells it, for Deployments, StatefulSets, DaemonSets and ReplicaSets
//! (<https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status>).

use serde_json::Value;

/// How far something is that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It has come true.
    Done,
    /// Not yet, and why.
    Waiting(String),
    /// It will not come true by itself, and why.
    Failed(String),
}

/// How far the rollout of a workload is; `object` is the whole of it, as the API server shows it.
pub fn rollout(kind: &str, object: &Value) -> Progress {
    let seen = Seen(object);
    if seen.number("/metadata/generation") > seen.number("/status/observedGeneration") {
        return Progress::Waiting("its controller has not seen the change yet".to_owned());
    }
    match kind {
        "Deployment" => deployment(&seen),
        "StatefulSet" => stateful_set(&seen),
        "DaemonSet" => daemon_set(&seen),
        "ReplicaSet" | "ReplicationController" => {
            let (wanted, available) = (seen.wanted(), seen.number("/status/availableReplicas"));
            let there = seen.number("/status/replicas");
            counted(available == wanted && there == wanted, &format!("{available} of {wanted} replicas are available"))
        }
        other => Progress::Failed(format!("a {other} has no rollout")),
    }
}

/// How far a workload is with the replicas that it wants, whatever revision they are of; `object` is a Deployment,
/// StatefulSet, ReplicaSet or ReplicationController as the API server shows it.
pub fn replicas(object: &Value) -> Progress {
    let seen = Seen(object);
    if seen.number("/metadata/generation") > seen.number("/status/observedGeneration") {
        return Progress::Waiting("its controller has not seen the change yet".to_owned());
    }
    let (wanted, there, ready) = (seen.wanted(), seen.number("/status/replicas"), seen.number("/status/readyReplicas"));
    // A rollout that is under way has pods of both revisions; a ReplicaSet knows none.
    let updated = seen.0.pointer("/status/updatedReplicas").and_then(Value::as_i64).unwrap_or(there);
    if there > wanted && updated >= wanted {
        return Progress::Waiting(format!("{} replicas are still to go", there - wanted));
    }
    let refused = seen.condition("ReplicaFailure").filter(|it| it["status"] == "True");
    let why = refused.and_then(|it| it["message"].as_str()).map_or_else(String::new, |why| format!(": {why}"));
    counted(ready >= wanted, &format!("{ready} of {wanted} replicas are ready{why}"))
}

/// Whether a workload's strategy ends all pods of before until others are available.
pub fn ends_all_at_once(workload: &Value) -> bool {
    let strategy = |pointer: &str| workload.pointer(pointer);
    match workload["kind"].as_str() {
        Some("Deployment") => {
            let most = strategy("/spec/strategy/rollingUpdate/maxUnavailable");
            let wanted = strategy("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
            let is_all =
                |most: &Value| *most == "100%" || most.as_i64().is_some_and(|most| wanted > 0 && most >= wanted);
            strategy("/spec/strategy/type").is_some_and(|it| it == "Recreate") || most.is_some_and(is_all)
        }
        Some("StatefulSet") => strategy("/spec/replicas").is_none_or(|it| *it == 1),
        _ => strategy("/spec/updateStrategy/rollingUpdate/maxUnavailable").is_some_and(|it| it == "100%"),
    }
}

/// How many pods of a workload its strategy lets go at once, as it stands.
pub fn goes_at_once(workload: &Value) -> i64 {
    let number = |pointer: &str| workload.pointer(pointer).and_then(Value::as_i64);
    let wanted = match workload["kind"].as_str() {
        Some("DaemonSet") => number("/status/desiredNumberScheduled").unwrap_or(0),
        _ => number("/spec/replicas").unwrap_or(1),
    };
    let most = match workload["kind"].as_str() {
        Some("Deployment") => workload.pointer("/spec/strategy/rollingUpdate/maxUnavailable"),
        _ => workload.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable"),
    };
    // Of a Deployment a part of a pod counts for none, elsewhere for a whole one.
    let up = if workload["kind"] == "Deployment" { 0 } else { 99 };
    let percent = |text: &str| Some((text.strip_suffix('%')?.parse::<i64>().ok()? * wanted + up) / 100);
    match most {
        _ if ends_all_at_once(workload) => wanted,
        Some(Value::String(text)) => percent(text).unwrap_or(1),
        Some(number) => number.as_i64().unwrap_or(1),
        None => 1,
    }
}

/// Whether the rollout of a Deployment is paused.
pub fn is_paused(workload: &Value) -> bool {
    workload.pointer("/spec/paused") == Some(&Value::Bool(true))
}

/// Whether the pods of a StatefulSet or DaemonSet are replaced only when somebody deletes them.
pub fn is_on_delete(workload: &Value) -> bool {
    workload.pointer("/spec/updateStrategy/type").is_some_and(|it| it == "OnDelete")
}

struct Seen<'a>(&'a Value);

impl Seen<'_> {
    fn number(&self, pointer: &str) -> i64 {
        self.0.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// One, where nothing is said.
    fn wanted(&self) -> i64 {
        self.0.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1)
    }

    fn condition(&self, kind: &str) -> Option<&Value> {
        self.0.pointer("/status/conditions")?.as_array()?.iter().find(|condition| condition["type"] == kind)
    }
}

fn counted(is_done: bool, waiting: &str) -> Progress {
    if is_done { Progress::Done } else { Progress::Waiting(waiting.to_owned()) }
}

fn deployment(seen: &Seen<'_>) -> Progress {
    if let Some(late) = seen.condition("Progressing").filter(|it| it["reason"] == "ProgressDeadlineExceeded") {
        let said = late["message"].as_str().unwrap_or("it exceeded its progress deadline");
        return Progress::Failed(said.to_owned());
    }
    let (wanted, updated) = (seen.wanted(), seen.number("/status/updatedReplicas"));
    let (all, available) = (seen.number("/status/replicas"), seen.number("/status/availableReplicas"));
    if is_paused(seen.0) && updated < wanted {
        return Progress::Failed("the rollout is paused".to_owned());
    }
    if updated < wanted {
        return Progress::Waiting(format!("{updated} of {wanted} replicas are new"));
    }
    if all > updated {
        return Progress::Waiting(format!("{} old replicas are still there", all - updated));
    }
    counted(available >= updated, &format!("{available} of {updated} new replicas are available"))
}

fn daemon_set(seen: &Seen<'_>) -> Progress {
    if is_on_delete(seen.0) {
        return Progress::Failed("its strategy is OnDelete: a pod is replaced when somebody deletes it".to_owned());
    }
    let (wanted, updated) =
        (seen.number("/status/desiredNumberScheduled"), seen.number("/status/updatedNumberScheduled"));
    if updated < wanted {
        return Progress::Waiting(format!("{updated} of {wanted} pods are new"));
    }
    let available = seen.number("/status/numberAvailable");
    counted(available >= wanted, &format!("{available} of {wanted} new pods are available"))
}

fn stateful_set(seen: &Seen<'_>) -> Progress {
    if is_on_delete(seen.0) {
        return Progress::Failed("its strategy is OnDelete: a pod is replaced when somebody deletes it".to_owned());
    }
    let (wanted, ready) = (seen.wanted(), seen.number("/status/readyReplicas"));
    let (all, updated) = (seen.number("/status/replicas"), seen.number("/status/updatedReplicas"));
    if all > wanted {
        return Progress::Waiting(format!("{} replicas are still to go", all - wanted));
    }
    if ready < wanted {
        return Progress::Waiting(format!("{ready} of {wanted} pods are ready"));
    }
    let partition = seen.number("/spec/updateStrategy/rollingUpdate/partition");
    if partition > 0 {
        let due = (wanted - partition).max(0);
        return counted(updated >= due, &format!("{updated} of {due} pods from ordinal {partition} on are new"));
    }
    let is_current = seen.text("/status/updateRevision") == seen.text("/status/currentRevision");
    counted(is_current, &format!("{updated} of {wanted} pods are new"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(generation: i64, spec: Value, status: Value) -> Value {
        json!({"metadata": {"generation": generation}, "spec": spec, "status": status})
    }

    fn waiting(text: &str) -> Progress {
        Progress::Waiting(text.to_owned())
    }

    #[test]
    fn a_deployment_is_done_when_all_replicas_are_new_and_available() {
        let of = |status: Value| rollout("Deployment", &object(2, json!({"replicas": 3}), status));
        let status = |updated: u8, all: u8, available: u8| json!({"observedGeneration": 2, "updatedReplicas": updated, "replicas": all, "availableReplicas": available});
        assert_eq!(of(json!({"observedGeneration": 1})), waiting("its controller has not seen the change yet"));
        assert_eq!(of(status(1, 4, 3)), waiting("1 of 3 replicas are new"));
        assert_eq!(of(status(3, 4, 3)), waiting("1 old replicas are still there"));
        assert_eq!(of(status(3, 3, 2)), waiting("2 of 3 new replicas are available"));
        assert_eq!(of(status(3, 3, 3)), Progress::Done);
    }

    #[test]
    fn a_deployment_that_does_not_progress_fails_with_its_own_words() {
        let late = json!([{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "it timed out"}]);
        let status = json!({"observedGeneration": 2, "conditions": late});
        let failed = rollout("Deployment", &object(2, json!({"replicas": 3}), status));
        assert_eq!(failed, Progress::Failed("it timed out".to_owned()));
        let paused = rollout("Deployment", &object(0, json!({"replicas": 3, "paused": true}), json!({})));
        assert_eq!(paused, Progress::Failed("the rollout is paused".to_owned()));
    }

    #[test]
    fn a_stateful_set_is_done_up_to_its_partition() {
        let of = |partition: u8, ready: u8, updated: u8, current: &str| {
            let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}});
            let spec = json!({"replicas": 3, "updateStrategy": strategy});
            let status = json!({
                "observedGeneration": 1, "replicas": 3, "readyReplicas": ready, "updatedReplicas": updated,
                "updateRevision": "b", "currentRevision": current,
            });
            rollout("StatefulSet", &object(1, spec, status))
        };
        assert_eq!(of(0, 2, 1, "a"), waiting("2 of 3 pods are ready"));
        assert_eq!(of(0, 3, 1, "a"), waiting("1 of 3 pods are new"));
        assert_eq!(of(0, 3, 3, "b"), Progress::Done);
        assert_eq!(of(2, 3, 0, "a"), waiting("0 of 1 pods from ordinal 2 on are new"));
        assert_eq!(of(2, 3, 1, "a"), Progress::Done);
    }

    #[test]
    fn all_pods_end_at_once_where_as_many_may_be_unavailable_as_there_are() {
        let deployment = |replicas: u8, most: Value| {
            let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": most}});
            ends_all_at_once(&json!({"kind": "Deployment", "spec": {"replicas": replicas, "strategy": strategy}}))
        };
        assert!(deployment(4, json!("100%")) && deployment(1, json!(1)) && deployment(2, json!(3)));
        assert!(!deployment(1, json!("25%")) && !deployment(2, json!(1)) && !deployment(0, json!(1)));
    }

    #[test]
    fn what_goes_at_once_is_counted_as_controllers_count() {
        let deployment = |most: Value| {
            let strategy = json!({"rollingUpdate": {"maxUnavailable": most}});
            goes_at_once(&json!({"kind": "Deployment", "spec": {"replicas": 6, "strategy": strategy}}))
        };
        assert_eq!((deployment(json!("25%")), deployment(json!(2)), deployment(json!("100%"))), (1, 2, 6));
        let recreated = json!({"kind": "Deployment", "spec": {"replicas": 3, "strategy": {"type": "Recreate"}}});
        assert_eq!(goes_at_once(&recreated), 3);
        assert_eq!(goes_at_once(&json!({"kind": "StatefulSet", "spec": {"replicas": 3}})), 1);
    }

    #[test]
    fn what_only_rolls_by_hand_is_told() {
        let spec = json!({"updateStrategy": {"type": "OnDelete"}});
        for kind in ["StatefulSet", "DaemonSet"] {
            let Progress::Failed(why) = rollout(kind, &object(0, spec.clone(), json!({}))) else { panic!("{kind}") };
            assert!(why.contains("OnDelete"), "{why}");
        }
        assert!(matches!(rollout("Pod", &object(0, json!({}), json!({}))), Progress::Failed(_)));
    }

    #[test]
    fn replicas_are_ready_whatever_revision_they_are_of() {
        let of = |there: u8, ready: u8, updated: u8, conditions: Value| {
            let status = json!({"observedGeneration": 1, "replicas": there, "readyReplicas": ready, "updatedReplicas": updated, "conditions": conditions});
            replicas(&object(1, json!({"replicas": 3}), status))
        };
        assert_eq!(of(4, 4, 1, json!([])), Progress::Done, "in the midst of a rollout");
        assert_eq!(of(4, 4, 3, json!([])), waiting("1 replicas are still to go"));
        assert_eq!(of(3, 2, 3, json!([])), waiting("2 of 3 replicas are ready"));
        let refused = json!([{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: q"}]);
        assert_eq!(of(2, 2, 2, refused), waiting("2 of 3 replicas are ready: exceeded quota: q"));
        let set = replicas(&object(0, json!({"replicas": 1}), json!({"replicas": 2, "readyReplicas": 2})));
        assert_eq!(set, waiting("1 replicas are still to go"));
        let unseen = replicas(&object(2, json!({"replicas": 3}), json!({"observedGeneration": 1})));
        assert_eq!(unseen, waiting("its controller has not seen the change yet"));
    }

    #[test]
    fn a_daemon_set_and_a_replica_set_are_counted() {
        let daemons = |updated: u8, available: u8| {
            let status =
                json!({"desiredNumberScheduled": 2, "updatedNumberScheduled": updated, "numberAvailable": available});
            rollout("DaemonSet", &object(0, json!({}), status))
        };
        assert_eq!(daemons(1, 2), waiting("1 of 2 pods are new"));
        assert_eq!(daemons(2, 1), waiting("1 of 2 new pods are available"));
        assert_eq!(daemons(2, 2), Progress::Done);
        let replicas = |there: u8, available: u8| {
            let status = json!({"replicas": there, "availableReplicas": available});
            rollout("ReplicaSet", &object(0, json!({"replicas": 2}), status))
        };
        assert_eq!(replicas(3, 2), waiting("2 of 2 replicas are available"));
        assert_eq!(replicas(2, 2), Progress::Done);
    }
}
