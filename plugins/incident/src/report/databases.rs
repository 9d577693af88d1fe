//! What the PostgreSQL servers that were asked said of their sessions, well or not.

use super::document::Document;
use serde::Serialize;
use sre_core::object::ObjectRef;
use sre_core::performance::DatabaseSeen;
use sre_core::report::{Block, Span};

/// A server that was asked.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DatabaseView {
    object: ObjectRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    role: String,
    database: String,
    /// Whether it had no connection left to ask by; then nothing more is known.
    full: bool,
    standby: bool,
    connections: usize,
    most_connections: u32,
    blocked: usize,
    states: Vec<StateView>,
}

/// The sessions in one state.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StateView {
    state: String,
    sessions: usize,
    longest_seconds: i64,
}

impl DatabaseView {
    pub(super) fn of(seen: &DatabaseSeen) -> Self {
        let activity = seen.activity.as_ref();
        let states = seen.states().into_iter().map(|(state, (sessions, longest_seconds))| StateView {
            state: state.to_owned(),
            sessions,
            longest_seconds,
        });
        Self {
            object: seen.pod.clone(),
            container: seen.server.container.clone(),
            role: seen.server.user.clone(),
            database: seen.server.database.clone(),
            full: activity.is_none(),
            standby: activity.is_some_and(|it| it.is_standby),
            connections: activity.map_or(0, |it| it.sessions.len()),
            most_connections: activity.map_or(0, |it| it.most_connections),
            blocked: seen.blocked(),
            states: states.collect(),
        }
    }

    fn words(&self) -> String {
        if self.full {
            return format!("{} was asked, and takes no more connections", self.object);
        }
        let states: Vec<String> = self.states.iter().map(|it| format!("{} {}", it.sessions, it.state)).collect();
        let states = if states.is_empty() { "no other session".to_owned() } else { states.join(", ") };
        let standby = if self.standby { ", a standby," } else { "" };
        let connections = format!("{} of {} connections", self.connections, self.most_connections);
        format!(
            "{}{standby} was asked as {}: {connections} ({states}), {} blocked",
            self.object, self.role, self.blocked
        )
    }
}

/// One line for each, so that nobody takes silence for an answer.
pub(super) fn blocks(document: &Document) -> impl Iterator<Item = Block> + use<'_> {
    document.databases.iter().map(|it| Block::line(0, [Span::faint(it.words())]))
}
