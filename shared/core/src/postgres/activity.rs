//! What all sessions of a server do at one moment, and who waits for whom.

use super::{Unexpected, read, span, without_literals};
use serde::{Deserialize, Serialize};

/// The query whose answer is an [`Activity`]. Who blocks whom is asked of those alone that wait: it holds the server up
/// for a moment (<https://www.postgresql.org/docs/current/functions-info.html>). A session that just starts has no state before
/// PostgreSQL 18; one that is not shown has no type either
/// (<https://github.com/postgres/postgres/blob/REL_17_STABLE/src/backend/utils/adt/pgstatfuncs.c>).
pub const ACTIVITY: &str = "select json_build_object('isStandby', pg_is_in_recovery(), \
    'mostConnections', current_setting('max_connections')::int, \
    'reserved', current_setting('superuser_reserved_connections')::int, \
    'sessions', (select coalesce(json_agg(s order by s.pid), '[]') from (\
    select a.pid, a.usename as role, a.datname as database, a.application_name as application, \
    coalesce(a.state, case when a.backend_type is not null then 'starting' end) as state, \
    a.wait_event_type as \"waitType\", a.wait_event as \"waitEvent\", \
    floor(extract(epoch from clock_timestamp() - a.state_change))::bigint as \"stateSeconds\", \
    floor(extract(epoch from clock_timestamp() - a.xact_start))::bigint as \"transactionSeconds\", \
    floor(extract(epoch from clock_timestamp() - a.query_start))::bigint as \"statementSeconds\", \
    case when a.state <> 'idle' then left(a.query, 1000) end as statement, \
    case when a.wait_event_type = 'Lock' then pg_blocking_pids(a.pid) end as \"blockedBy\" \
    from pg_stat_activity a where a.pid <> pg_backend_pid() \
    and (a.backend_type = 'client backend' or a.backend_type is null and a.datid is not null)) s))";

/// The sessions of clients, but for the one that looked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// Whether the server follows another one.
    pub is_standby: bool,
    /// How many sessions there may be, `max_connections`.
    pub most_connections: u32,
    /// How many of them only superusers get.
    pub reserved: u32,
    /// The sessions, by their process ids.
    pub sessions: Vec<Backend>,
}

/// A session of a client, as `pg_stat_activity` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backend {
    /// Process id of its backend.
    pub pid: i32,
    /// Who logged in.
    pub role: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// What the client calls itself.
    pub application: Option<String>,
    /// `idle`, `active` ...; absent where whoever looks may not see it.
    pub state: Option<String>,
    /// The sort of what it waits for: `Lock`, `IO` ...
    pub wait_type: Option<String>,
    /// What it waits for.
    pub wait_event: Option<String>,
    /// How long it has been in its state.
    pub state_seconds: Option<i64>,
    /// How long its transaction has lasted.
    pub transaction_seconds: Option<i64>,
    /// How long ago its latest statement began.
    pub statement_seconds: Option<i64>,
    /// That statement, without constants; absent for idle sessions.
    pub statement: Option<String>,
    /// Whom it waits for, where it waits for a lock; 0 is a prepared transaction.
    pub blocked_by: Option<Vec<i32>>,
}

impl Activity {
    /// Reads the answer to [`ACTIVITY`].
    ///
    /// # Errors
    /// Says that it is none.
    pub fn of(answer: &str) -> Result<Self, Unexpected> {
        read(answer)
    }

    /// How many sessions do not show whoever looked what they do.
    pub fn hidden(&self) -> usize {
        self.sessions.iter().filter(|it| it.state.is_none()).count()
    }

    /// How many sessions show nobody what they do, as `track_activities` is off.
    pub fn untracked(&self) -> usize {
        self.sessions.iter().filter(|it| it.state.as_deref() == Some("disabled")).count()
    }
}

impl Backend {
    /// Whether it is at work, or waits while it is.
    pub fn is_active(&self) -> bool {
        self.state.as_deref() == Some("active")
    }

    /// Whether it does nothing, with a transaction open.
    pub fn is_idle_in_transaction(&self) -> bool {
        self.state.as_deref().is_some_and(|state| state.starts_with("idle in transaction"))
    }

    /// Whether it waits for a lock that others hold.
    pub fn is_blocked(&self) -> bool {
        self.blocked_by.as_ref().is_some_and(|by| !by.is_empty())
    }

    /// Who it is, what it does and for how long, for people.
    pub fn words(&self) -> String {
        let part = |value: &Option<String>| value.as_deref().filter(|it| !it.is_empty()).unwrap_or("-").to_owned();
        let since = if self.is_active() { self.statement_seconds } else { self.state_seconds };
        let waits = match (&self.wait_type, &self.wait_event) {
            (Some(sort), Some(event)) if self.is_active() => format!(", waits for {sort}/{event}"),
            _ => String::new(),
        };
        let statement = self.statement.iter().filter(|it| !it.is_empty()).map(|it| format!(": {it}"));
        format!(
            "user {}, database {}, application {}, {} for {}{waits}{}",
            part(&self.role),
            part(&self.database),
            part(&self.application),
            part(&self.state),
            since.map_or_else(|| "?".to_owned(), span),
            statement.collect::<String>(),
        )
    }
}

/// An answer as it is kept: statements without what somebody wrote into them. Of what is no answer nothing is kept.
pub fn kept_of_activity(answer: &str) -> String {
    let Ok(mut activity) = Activity::of(answer) else { return String::new() };
    for session in &mut activity.sessions {
        session.statement = session.statement.take().map(|text| without_literals(&text));
    }
    serde_json::to_string(&activity).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_holds_no_constants_and_reads_the_same_again() {
        let answer = r#"{"isStandby":false,"mostConnections":100,"reserved":3,"sessions":[{"pid":7,"role":"app",
            "database":"shop","application":"","state":"active","waitType":"Lock","waitEvent":"tuple","stateSeconds":3,
            "transactionSeconds":4,"statementSeconds":3,"statement":"update a set b = 'hunter2'","blockedBy":[8]},
            {"pid":8,"role":"app","database":"shop","application":"web","state":null,"waitType":null,"waitEvent":null,
            "stateSeconds":null,"transactionSeconds":null,"statementSeconds":null,"statement":null,"blockedBy":null}]}"#;
        let kept = kept_of_activity(answer);
        assert!(!kept.contains("hunter2"), "{kept}");
        assert_eq!(kept_of_activity(&kept), kept);
        let activity = Activity::of(&kept).expect("an answer");
        assert_eq!((activity.hidden(), activity.sessions[0].is_blocked()), (1, true));
        assert_eq!(
            activity.sessions[0].words(),
            "user app, database shop, application -, active for 3 s, waits for Lock/tuple: update a set b = ?"
        );
        assert_eq!(kept_of_activity("hunter2"), "");
    }
}
