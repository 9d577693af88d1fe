//! What others noted of a revision: we, when we changed the workload, and the kubelet in its events.

use super::super::fields::{Fields, fact};
use super::super::kept::Kept;
use super::super::{Record, digest};
use super::{Says, Sign};
use serde_json::Value;
use sre_core::object::ObjectRef;

/// What we found last, when we brought the workload to this template.
pub(super) fn by_records(records: &[Record], revision: &Kept<'_>) -> Vec<Sign> {
    let template = digest(&revision.template);
    let last = records.iter().filter(|it| it.template == template).max_by_key(|it| it.at);
    let sign = last.map(|record| {
        let (says, word) = if record.is_healthy { (Says::Available, "verified") } else { (Says::Fails, "failed") };
        says.by(fact(&revision.object, &format!("change {}", record.change), format!("{word} at {}", record.at)))
    });
    sign.into_iter().collect()
}

/// The trouble that pods of a revision had, those that are gone included: they have the name of their ReplicaSet.
///
/// A probe that fails while a pod starts is no trouble, and is only told.
pub(super) fn by_events(events: &[Value], revision: &Kept<'_>) -> Vec<Sign> {
    let of_pods = events.iter().filter(|event| is_about(event, revision));
    let mut signs: Vec<Sign> = of_pods.filter_map(sign).collect();
    signs.sort_by_key(|sign| sign.says == Says::Nothing);
    signs.truncate(3);
    signs
}

fn sign(event: &Value) -> Option<Sign> {
    let (reason, message) = (event["reason"].as_str()?, event["message"].as_str().unwrap_or_default());
    let says = match reason {
        "BackOff" | "Failed" => Says::HadTrouble,
        "Unhealthy" => Says::Nothing,
        _ => return None,
    };
    let text = |field: &str| Fields(event).text(&format!("/involvedObject/{field}")).unwrap_or_default();
    let pod = ObjectRef::scoped("Pod", text("namespace"), text("name"));
    Some(says.by(fact(&pod, &format!("event {reason}"), message)))
}

fn is_about(event: &Value, revision: &Kept<'_>) -> bool {
    let regarding = Fields(event);
    if regarding.text("/involvedObject/kind") != Some("Pod") || event["type"] != "Warning" {
        return false;
    }
    let (name, uid) =
        (regarding.text("/involvedObject/name").unwrap_or_default(), regarding.text("/involvedObject/uid"));
    if let Some(pod) = revision.pods.iter().find(|pod| Fields(pod).name() == name) {
        return Fields(pod).text("/metadata/uid") == uid;
    }
    // A ReplicaSet names its pods; those of a StatefulSet have the same names in every revision.
    let suffix = name.strip_prefix(&revision.object.name).and_then(|it| it.strip_prefix('-'));
    revision.object.kind == "ReplicaSet" && suffix.is_some_and(|it| !it.contains('-'))
}
