//! An incident for machines, as `docs/schema/incident.schema.json` describes it.

use super::view::View;
use serde_json::{Map, Value, json};
use sre_core::incident::{ActionItem, Delivery, DueItem, Entry, Joined, Mark, Period};
use sre_core::plan::API_VERSION;

/// One incident, whole.
pub(super) fn of(view: &View) -> Value {
    let incident = &view.incident;
    let mut document = summary(view);
    document.insert("apiVersion".to_owned(), json!(API_VERSION));
    document.insert("kind".to_owned(), json!("Incident"));
    let sections: Map<String, Value> =
        incident.sections.iter().map(|(section, texts)| (section.word().to_owned(), json!(texts))).collect();
    document.insert("sections".to_owned(), Value::Object(sections));
    document.insert("periods".to_owned(), incident.periods.iter().map(period).collect());
    document.insert("timeline".to_owned(), incident.entries.iter().map(entry).collect());
    if let Some(changes) = &view.changes {
        document.insert("changes".to_owned(), changes.iter().map(change).collect());
    }
    if let Some(why) = &view.unseen {
        document.insert("notLookedAt".to_owned(), json!([why]));
    }
    Value::Object(document)
}

/// Several, in short.
pub(super) fn list(views: &[View]) -> Value {
    let incidents: Vec<Value> = views.iter().map(|view| Value::Object(summary(view))).collect();
    json!({"apiVersion": API_VERSION, "kind": "IncidentList", "incidents": incidents})
}

fn summary(view: &View) -> Map<String, Value> {
    let incident = &view.incident;
    let declared = &incident.declaration;
    let roles: Map<String, Value> =
        incident.roles.iter().map(|(role, person)| (role.word().to_owned(), json!(person))).collect();
    filled(json!({
        "id": incident.id,
        "title": declared.title,
        "severity": incident.level,
        "unsure": declared.unsure,
        "state": if incident.is_open() { "open" } else { "resolved" },
        "declaredAt": incident.declared_at,
        "declaredBy": incident.declared_by,
        "resolvedAt": incident.resolved.as_ref().map(|it| it.at),
        "resolvedBy": incident.resolved.as_ref().map(|it| &it.by),
        "context": declared.context,
        "namespace": declared.namespace,
        "roles": roles,
        "asOf": view.now,
        "clockBehindSeconds": (view.behind > 0).then_some(view.behind),
        "overdue": incident.overdue(view.now),
        "due": incident.due(view.now).iter().map(due).collect::<Vec<_>>(),
        "deliveries": incident.deliveries.iter().map(delivery).collect::<Vec<_>>(),
        "actions": incident.actions.iter().map(|it| action(view, it)).collect::<Vec<_>>(),
    }))
}

/// The fields that have a value.
fn filled(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

fn at(mark: Option<&Mark>) -> Option<jiff::Timestamp> {
    mark.map(|mark| mark.at)
}

fn by(mark: Option<&Mark>) -> Option<&str> {
    mark.map(|mark| mark.by.as_str())
}

fn due(item: &DueItem) -> Value {
    let done = item.done.as_ref();
    Value::Object(filled(json!({
        "item": item.item, "text": item.text, "state": item.state.word(), "dueAt": item.due_at,
        "everyMinutes": item.every_minutes, "doneAt": at(done), "doneBy": by(done),
    })))
}

fn action(view: &View, item: &ActionItem) -> Value {
    let done = item.done.as_ref();
    let state = match done {
        Some(_) => "done",
        None if item.is_overdue(view.now) => "overdue",
        None => "open",
    };
    Value::Object(filled(json!({
        "id": item.id, "text": item.text, "owner": item.owner, "due": item.due, "state": state,
        "doneAt": at(done), "doneBy": by(done),
    })))
}

fn delivery(it: &Delivery) -> Value {
    Value::Object(filled(json!({
        "id": it.id, "item": it.item, "to": it.target.name, "channel": it.target.channel.word(), "state": it.state.word(),
        "why": it.state.why(), "attempts": it.attempts, "time": it.first.at, "by": it.first.by,
    })))
}

fn period(period: &Period) -> Value {
    Value::Object(filled(json!({"severity": period.level, "from": period.from, "to": period.to})))
}

fn entry(entry: &Entry) -> Value {
    Value::Object(filled(json!({
        "id": entry.id, "time": entry.at, "clock": entry.clock, "by": entry.by, "kind": entry.what.word(),
        "text": entry.what.text(), "pinned": entry.what.is_pinned(),
    })))
}

fn change(change: &Joined) -> Value {
    json!({"id": change.id, "time": change.at, "by": change.by, "title": change.text, "state": change.state})
}
