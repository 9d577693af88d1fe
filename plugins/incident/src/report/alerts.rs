//! The alerts that a triage started from, and what they are about.

use super::document::Document;
use crate::alert::{Firing, listed, written};
use crate::args::Request;
use serde::Serialize;
use sre_core::logs::Redactor;
use sre_core::object::ObjectRef;
use sre_core::redaction::is_confidential;
use sre_core::report::{Block, Span, Tone};
use sre_runtime::ui::times;
use std::collections::BTreeMap;

/// An alert.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AlertView {
    name: String,
    labels: BTreeMap<String, String>,
    since: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<ObjectRef>,
    #[serde(skip)]
    written: String,
    #[serde(skip)]
    missing: Option<String>,
}

impl AlertView {
    pub(super) fn all(firing: &[Firing]) -> Vec<Self> {
        firing.iter().map(Self::of).collect()
    }

    fn of(firing: &Firing) -> Self {
        // Whoever writes rules puts into labels what he likes.
        let redacted = |name: &str, value: &str| match is_confidential(name, Some(value)) {
            true => "(hidden)".to_owned(),
            false => Redactor::default().redacted(value, &mut false),
        };
        let mut alert = firing.alert.clone();
        alert.labels.iter_mut().for_each(|(name, value)| *value = redacted(name, value));
        let missing = firing.missing.as_ref().map(|it| match it.was_looked_for {
            true => format!("{} is not there", it.object),
            false => format!("whether {} is there could not be looked at", it.object),
        });
        let summary = ["summary", "description", "message"].iter().find_map(|name| alert.annotations.get(*name));
        let line = summary.and_then(|text| text.lines().map(str::trim).find(|line| !line.is_empty()));
        Self {
            name: alert.name().to_owned(),
            labels: alert.labels.clone(),
            since: alert.starts_at.to_string(),
            state: if alert.is_active() { "active" } else { "suppressed" },
            summary: line.map(|line| Redactor::default().redacted(line, &mut false)),
            object: firing.subject.clone(),
            written: written(&alert),
            missing,
        }
    }
}

/// Whether the alerts lead to objects, all of them: else everything in scope is looked at.
pub(super) fn leads(document: &Document) -> bool {
    !document.alerts.is_empty() && document.alerts.iter().all(|alert| alert.object.is_some())
}

/// Where the look started.
pub(super) fn blocks(request: &Request, document: &Document) -> Vec<Block> {
    let Some(named) = &request.alert else { return Vec::new() };
    let mut blocks = vec![Block::Heading(vec![Span::new(Tone::Strong, format!("Alert {}", named.name))])];
    blocks.extend(listed(document.alerts.iter().map(line)));
    if !leads(document) {
        let words = match document.alerts.is_empty() {
            true => "Alertmanager could not be asked, so that everything in scope is looked at",
            false => "not all of them name something that is there, so that everything in scope is looked at",
        };
        blocks.push(Block::line(1, [Span::new(Tone::Unknown, words)]));
    }
    blocks
}

fn line(alert: &AlertView) -> Block {
    let about = alert.object.as_ref().map_or_else(|| "about nothing that is there".to_owned(), ObjectRef::to_string);
    let quiet = if alert.state == "active" { "" } else { ", suppressed" };
    let about = alert.missing.iter().fold(about, |about, missing| format!("{about} ({missing})"));
    let summary = alert.summary.as_ref().map_or_else(String::new, |words| format!(": {words}"));
    let facts = format!("  {about}, since {}{quiet}{summary}", times(&alert.since));
    Block::line(1, [Span::plain(alert.written.as_str()), Span::faint(facts)])
}
