//! The Event of a change on its main object, by which colleagues see what was done.

use super::objects::Objects;
use super::record::Record;
use crate::cluster::connection::RequestFault;
use jiff::Timestamp;
use serde_json::{Value, json};
use sre_core::plan::{Ended, Outcome, Plan, Request};

/// Who reports, by which such Events are found again.
pub const COMPONENT: &str = "kubectl-sre";

/// Annotation that holds the id of the change.
pub const CHANGE: &str = "kubectl-sre/change";

/// Annotation that holds the hash of the audit log's head.
const HEAD: &str = "kubectl-sre/audit-head";

/// Namespace of Events about what has none.
const FOR_THE_CLUSTER: &str = "default";

/// Puts the Event on the main object of a plan, the first one.
///
/// # Errors
/// Says why the server did not take it.
pub async fn put(
    objects: &Objects,
    plan: &Plan,
    outcome: &Outcome,
    overridden: Option<&[String]>,
    record: &Record,
    now: Timestamp,
) -> Result<(), RequestFault> {
    let Some(request) = request(plan, outcome, overridden, record, now) else { return Ok(()) };
    objects.send(&request, false).await.map(drop)
}

fn request(
    plan: &Plan,
    outcome: &Outcome,
    overridden: Option<&[String]>,
    record: &Record,
    now: Timestamp,
) -> Option<Request> {
    let main = &plan.steps.first()?.object;
    let address = &main.address;
    let namespace = address.namespace.as_deref().unwrap_or(FOR_THE_CLUSTER);
    let (kind, word, said) = match &outcome.ended {
        Ended::Done => ("Normal", "Done", String::new()),
        Ended::Interrupted => ("Warning", "Interrupted", "; interrupted".to_owned()),
        Ended::Failed { why } | Ended::Stale { why } => ("Warning", "Failed", format!("; failed: {why}")),
        _ => return None,
    };
    let (kind, said) = match overridden {
        Some(rules) => ("Warning", format!("{said}; BREAK GLASS, overriding {}", rules.join("; "))),
        None => (kind, said),
    };
    let verb = camel(plan.steps.first()?.action.id());
    let time = format!("{now:.0}");
    let body = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {
            "generateName": format!("{}.", address.name), "namespace": namespace,
            "annotations": {CHANGE: plan.id, HEAD: outcome.head},
        },
        "involvedObject": {
            "apiVersion": address.api_version, "kind": address.kind, "name": address.name,
            "namespace": address.namespace, "uid": main.uid, "resourceVersion": main.resource_version,
        },
        "reason": format!("{verb}{word}"), "type": kind,
        "message": message(plan, record.user(), &said),
        "source": {"component": COMPONENT, "host": record.host()}, "reportingComponent": COMPONENT,
        "firstTimestamp": time, "lastTimestamp": time, "count": 1,
    });
    Some(Request {
        method: "POST",
        path: format!("/api/v1/namespaces/{namespace}/events"),
        content_type: "application/json",
        body,
    })
}

/// The most bytes that the message of an Event may have.
const LONGEST: usize = 1024;

fn message(plan: &Plan, user: &str, said: &str) -> String {
    let reason = plan.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    let whole = format!("{} by {}, change {}{reason}{said}", plan.title, user, plan.id);
    let end = (0..=whole.len().min(LONGEST)).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
    whole[..end].to_owned()
}

/// `delete-pod` as reasons of Events are written: `DeletePod`.
fn camel(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    id.split('-').map(word).collect()
}

/// What an Event tells of a change of somebody, if it is one of ours.
pub fn told(event: &Value) -> Option<Told> {
    let text = |path: &str| event.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let change = event.pointer("/metadata/annotations")?.get(CHANGE)?.as_str()?.to_owned();
    Some(Told {
        change,
        at: text("/lastTimestamp")?.parse().ok()?,
        reason: text("/reason")?,
        message: text("/message")?,
        host: text("/source/host").unwrap_or_default(),
    })
}

/// What an Event tells of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The id of the change.
    pub change: String,
    /// When.
    pub at: Timestamp,
    /// The reason of the Event: `RollbackDone`.
    pub reason: String,
    /// What it says.
    pub message: String,
    /// The machine that it was done from.
    pub host: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_written_as_events_write_them() {
        assert_eq!((camel("delete-pod"), camel("rollback")), ("DeletePod".to_owned(), "Rollback".to_owned()));
    }

    #[test]
    fn only_our_events_tell_of_changes() {
        let mut event = json!({
            "metadata": {"annotations": {CHANGE: "c-1"}}, "lastTimestamp": "2026-01-15T08:00:00Z",
            "reason": "RollbackDone", "message": "m", "source": {"component": COMPONENT, "host": "h"},
        });
        assert_eq!(told(&event).map(|it| (it.change, it.host)), Some(("c-1".to_owned(), "h".to_owned())));
        event["metadata"] = json!({});
        assert_eq!(told(&event), None);
    }
}
