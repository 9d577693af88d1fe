//! What must hold after a step, and how far it is.

use super::Step;
use super::call::Standing;
use super::target::Address;
use crate::object::ObjectRef;
use crate::units::Amount;
use crate::workload_status::{Progress, replicas, rollout};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What must hold after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expectation {
    /// The fields have the values that they were given.
    Fields,
    /// The controller of the object has seen what it was given.
    Observed,
    /// The workload runs what it wants, all of it available.
    RolledOut,
    /// As many replicas are there as are wanted, by the subresource `scale`.
    Scaled,
    /// As many replicas are ready as are wanted, and no more are there; whether they are new does not matter.
    Ready,
    /// The node of a pod has given its containers the size that they were given.
    Resized,
    /// The containers of a pod run.
    Running,
    /// The object is gone, or another one has its name.
    Gone,
    /// What looks after a command finds what it is to find.
    Found,
}

impl Expectation {
    /// In words, what must hold of an object.
    pub fn words(self, object: &ObjectRef) -> String {
        match self {
            Self::Fields => format!("{object} is as it was made"),
            Self::Observed => format!("the controller has seen {object} as it is"),
            Self::RolledOut => format!("the rollout of {object} is complete"),
            Self::Ready => format!("all replicas of {object} are ready"),
            Self::Scaled => format!("{object} has as many replicas as it wants"),
            Self::Resized => format!("the node of {object} has resized it"),
            Self::Running => format!("{object} runs"),
            Self::Gone => format!("{object} is gone"),
            Self::Found => format!("a look into {object} finds it so"),
        }
    }

    /// How far it is when no step is looked at, but the object alone.
    pub fn of_object(self, object: &Address, now: Option<&Value>) -> Progress {
        match (self, now) {
            (Self::Gone, None) => Progress::Done,
            (Self::Gone, Some(_)) => Progress::Waiting(format!("{} is still there", object.name)),
            (_, None) => Progress::Failed(format!("{} is not there any more", object.name)),
            (Self::Observed, Some(now)) => observed(now),
            (Self::RolledOut, Some(now)) => rollout(&object.kind, now),
            (Self::Scaled, Some(now)) => scaled(now),
            (Self::Ready, Some(now)) => replicas(now),
            (Self::Resized, Some(now)) => resized(now),
            (Self::Running, Some(now)) => running(now),
            (Self::Fields | Self::Found, Some(_)) => Progress::Done,
        }
    }

    /// How far it is; `now` is the object as it is, its subresource `scale` for [`Self::Scaled`], or what the probe wrote
    /// for [`Self::Found`].
    pub fn progress(self, step: &Step, now: Option<&Value>) -> Progress {
        let name = &step.object.address.name;
        match (self, now) {
            (Self::Gone, now) => match step.call.standing(&step.object, now) {
                Standing::Before => Progress::Waiting(format!("{name} is still there")),
                _ if now.is_some_and(|it| {
                    let uid = step.object.uid.as_deref();
                    uid.is_none() || it.pointer("/metadata/uid").and_then(Value::as_str) == uid
                }) =>
                {
                    Progress::Waiting(format!("{name} is ending"))
                }
                _ => Progress::Done,
            },
            (_, None) => Progress::Failed(format!("{name} is not there any more")),
            (Self::Observed, Some(now)) => observed(now),
            (Self::RolledOut, Some(now)) => rollout(&step.object.address.kind, now),
            (Self::Scaled, Some(now)) => scaled(now),
            (Self::Ready, Some(now)) => replicas(now),
            (Self::Resized, Some(now)) => resized(now),
            (Self::Running, Some(now)) => running(now),
            (Self::Found, now) => match step.call.standing(&step.object, now) {
                Standing::After => Progress::Done,
                Standing::Before => Progress::Waiting(format!("{name} does not show it yet")),
                Standing::Otherwise => Progress::Failed(format!("a look into {name} found something else")),
            },
            (Self::Fields, now) => match step.call.standing(&step.object, now) {
                Standing::After => Progress::Done,
                _ => Progress::Failed(format!("{name} was changed again by somebody else")),
            },
        }
    }
}

/// How far a pod is: what it waits for is told, and what no waiting helps is a failure.
fn running(pod: &Value) -> Progress {
    let text = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let joined = |reason: String, message: String| {
        let words = [reason, message].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>();
        words.join(": ")
    };
    let states = pod.pointer("/status/containerStatuses").and_then(Value::as_array);
    let states: Vec<&Value> = states.into_iter().flatten().collect();
    match text(pod, "/status/phase").as_str() {
        "Running" if !states.is_empty() && states.iter().all(|it| it.pointer("/state/running").is_some()) => {
            return Progress::Done;
        }
        "Failed" | "Succeeded" => {
            let why = joined(text(pod, "/status/reason"), text(pod, "/status/message"));
            return Progress::Failed(format!("it has ended already {why}").trim_end().to_owned());
        }
        _ => {}
    }
    for state in states {
        let reason = text(state, "/state/waiting/reason");
        let why = joined(reason.clone(), text(state, "/state/waiting/message"));
        match reason.as_str() {
            "" => {}
            "ImagePullBackOff"
            | "ErrImageNeverPull"
            | "InvalidImageName"
            | "CreateContainerConfigError"
            | "CreateContainerError"
            | "RunContainerError"
            | "CrashLoopBackOff" => return Progress::Failed(why),
            _ => return Progress::Waiting(why),
        }
    }
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    let waits = conditions.into_iter().flatten().find(|it| it["type"] == "PodScheduled" && it["status"] == "False");
    Progress::Waiting(
        waits.map_or_else(|| "it does not run yet".to_owned(), |it| joined(text(it, "/reason"), text(it, "/message"))),
    )
}

fn observed(object: &Value) -> Progress {
    let number = |path: &str| object.pointer(path).and_then(Value::as_i64).unwrap_or(0);
    if number("/status/observedGeneration") >= number("/metadata/generation") {
        Progress::Done
    } else {
        Progress::Waiting("its controller has not seen the change yet".to_owned())
    }
}

fn scaled(scale: &Value) -> Progress {
    let number = |path: &str| scale.pointer(path).and_then(Value::as_i64).unwrap_or(0);
    let (wanted, there) = (number("/spec/replicas"), number("/status/replicas"));
    if wanted == there { Progress::Done } else { Progress::Waiting(format!("{there} of {wanted} replicas are there")) }
}

/// How far a node is with the size of a pod
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#pod-resize-status>).
fn resized(pod: &Value) -> Progress {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    let condition = |kind: &str| {
        let mut all = conditions.into_iter().flatten();
        let own = all.find(|it| it["type"] == kind && it["status"] == "True")?;
        let text = |field: &str| own[field].as_str().unwrap_or_default().to_owned();
        Some((text("reason"), text("message")))
    };
    match condition("PodResizePending") {
        Some((reason, why)) if reason == "Infeasible" => {
            return Progress::Failed(format!("its node can never give it that: {why}"));
        }
        Some((reason, why)) => return Progress::Waiting(format!("its node puts it off ({reason}): {why}")),
        None => {}
    }
    if let Some((reason, why)) = condition("PodResizeInProgress") {
        let words = [reason, why].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(": ");
        return Progress::Waiting(format!("its node is at it {words}").trim_end().to_owned());
    }
    let containers = pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten();
    match containers.into_iter().find(|it| !has_its_size(pod, it)) {
        None => Progress::Done,
        Some(other) => {
            let name = other["name"].as_str().unwrap_or_default();
            Progress::Waiting(format!("its node has not given container {name} its size yet"))
        }
    }
}

/// Whether a container has what is asked for it; the node may write the same amount in other words.
fn has_its_size(pod: &Value, container: &Value) -> bool {
    let states = pod.pointer("/status/containerStatuses").and_then(Value::as_array).into_iter().flatten();
    let Some(state) = states.into_iter().find(|it| it["name"] == container["name"]) else { return false };
    ["requests", "limits"].iter().all(|part| {
        let wanted = container["resources"][*part].as_object().into_iter().flatten();
        wanted.filter(|(name, _)| matches!(name.as_str(), "cpu" | "memory")).all(|(name, wanted)| {
            let amount = |value: &Value| value.as_str().and_then(|it| it.parse::<Amount>().ok());
            let given = amount(&state["resources"][*part][name]);
            given.is_some() && given == amount(wanted)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::step;
    use super::super::{Call, Undo};
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_deleted_is_gone_when_another_has_its_name() {
        let mut step = step("web-0");
        (step.call, step.undo) = (Call::Delete {}, Undo::None { why: "it is gone".to_owned() });
        let now = |uid: &str, going: bool| {
            let stamp = going.then_some("2026-01-15T08:00:00Z");
            json!({"metadata": {"uid": uid, "deletionTimestamp": stamp}})
        };
        let progress = |now: Option<&Value>| Expectation::Gone.progress(&step, now);
        assert!(matches!(progress(Some(&json!({"metadata": {"uid": "uid-web-0"}}))), Progress::Waiting(_)));
        assert_eq!(progress(Some(&now("uid-web-0", true))), Progress::Waiting("web-0 is ending".to_owned()));
        assert_eq!(progress(Some(&now("other", false))), Progress::Done);
        assert_eq!(progress(None), Progress::Done);
    }

    #[test]
    fn fields_that_were_set_back_are_a_failure() {
        let step = step("web");
        let now = |replicas: u8| json!({"metadata": {"uid": "uid-web"}, "spec": {"replicas": replicas}});
        assert_eq!(Expectation::Fields.progress(&step, Some(&now(3))), Progress::Done);
        assert!(matches!(Expectation::Fields.progress(&step, Some(&now(2))), Progress::Failed(_)));
        assert!(matches!(Expectation::Fields.progress(&step, None), Progress::Failed(_)));
    }

    #[test]
    fn a_controller_is_waited_for() {
        let object = |seen: u8| json!({"metadata": {"generation": 3}, "status": {"observedGeneration": seen}});
        assert!(matches!(Expectation::Observed.progress(&step("db"), Some(&object(2))), Progress::Waiting(_)));
        assert_eq!(Expectation::Observed.progress(&step("db"), Some(&object(3))), Progress::Done);
    }

    #[test]
    fn replicas_are_waited_for() {
        let scale = |there: u8| json!({"spec": {"replicas": 3}, "status": {"replicas": there}});
        assert_eq!(Expectation::Scaled.progress(&step("web"), Some(&scale(3))), Progress::Done);
        let waiting = Progress::Waiting("1 of 3 replicas are there".to_owned());
        assert_eq!(Expectation::Scaled.progress(&step("web"), Some(&scale(1))), waiting);
    }

    #[test]
    fn a_node_tells_how_far_it_is_with_the_size_of_a_pod() {
        let pod = |given: &str, kind: &str, reason: &str| {
            let condition = json!({"type": kind, "status": "True", "reason": reason, "message": "too little cpu"});
            json!({
                "spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "1500m", "x/y": "1"}}}]},
                "status": {
                    "conditions": [condition],
                    "containerStatuses": [{"name": "app", "resources": {"requests": {"cpu": given}}}],
                },
            })
        };
        let progress = |now: &Value| Expectation::Resized.progress(&step("web"), Some(now));
        assert_eq!(progress(&pod("1.5", "Ready", "")), Progress::Done);
        let waiting = |now: &Value| matches!(progress(now), Progress::Waiting(_));
        assert!(waiting(&pod("1", "Ready", "")) && waiting(&pod("1.5", "PodResizePending", "Deferred")));
        assert!(waiting(&pod("1.5", "PodResizeInProgress", "")));
        assert_eq!(
            progress(&pod("1", "PodResizePending", "Infeasible")),
            Progress::Failed("its node can never give it that: too little cpu".to_owned())
        );
    }
}
