//! Ending the sessions of a database that have done nothing for long.

use super::{Action, ActionInfo};
use crate::plan::{AFTER, BEFORE, Call, Checked, Exec, Expectation, Step, Target, Tier, Undo};
use crate::postgres::{Server, Session, literal};
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::DbTerminateIdle,
    id: "db-terminate-idle",
    tier: Tier::Disruptive,
    does: "ends sessions of a PostgreSQL server that have done nothing for a while",
    undo: "none: a session that ended is gone; its client opens another one",
    higher: "never",
    page: "\
Looked at: every session, by psql in the container of the server. The plan lists those that are ended (pid, user,
database, application, state, for how long) and counts those that are kept, with the reason.

Never ended: the session that looks, sessions of superusers and of roles that may replicate, replication, background
processes, and whatever is at work. Sessions that are idle within a transaction only with --in-transaction: what they
did not commit is rolled back.

A session is known by its pid, the start of its backend and since when it is idle: one that works again by then, or
another one that got the pid, is left alone.

Must hold afterwards: none of those that were listed is there and idle as it was.

Needs: create pods/exec; a role that sees and may end the sessions of others (pg_read_all_stats, pg_signal_backend).

  kubectl sre change db-terminate-idle statefulset/NAME -n NAMESPACE --idle-for 10m --dry-run",
};

/// Which sessions do nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// For so many seconds at least.
    pub seconds: i64,
    /// Whether those count that are idle within a transaction.
    pub in_transaction: bool,
}

/// The sessions of a server, by what becomes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Those that are ended.
    pub ended: Vec<Session>,
    /// Those that are idle for as long and are kept, and why.
    pub kept: Vec<(Session, &'static str)>,
    /// How many are at work, or not idle for long enough.
    pub others: usize,
    /// How many are of a client, and do not show what they do to whoever looks.
    pub hidden: usize,
}

/// Sorts the sessions of a server.
pub fn sort_sessions(sessions: Vec<Session>, idle: Idle) -> Sorted {
    let mut sorted = Sorted::default();
    for session in sessions {
        let is_client = session.kind.as_deref().is_none_or(|kind| kind == "client backend");
        if session.own || !is_client && session.state.is_none() {
            sorted.others += 1;
        } else if session.state.is_none() {
            sorted.hidden += 1;
        } else if !is_idle(&session, idle) {
            sorted.others += 1;
        } else if let Some(why) = kept(&session, is_client) {
            sorted.kept.push((session, why));
        } else {
            sorted.ended.push(session);
        }
    }
    sorted
}

fn is_idle(session: &Session, idle: Idle) -> bool {
    let is_long = session.seconds.is_some_and(|seconds| seconds >= idle.seconds);
    let is_known = session.started.is_some() && session.changed.is_some();
    let is_state = match session.state.as_deref() {
        Some("idle") => true,
        Some("idle in transaction" | "idle in transaction (aborted)") => idle.in_transaction,
        _ => false,
    };
    is_state && is_long && is_known
}

fn kept(session: &Session, is_client: bool) -> Option<&'static str> {
    match session {
        _ if !is_client => Some("it is no session of a client"),
        Session { superuser: true, .. } => Some("a superuser's"),
        Session { replication: true, .. } => Some("of a role that may replicate"),
        _ => None,
    }
}

/// The step that ends sessions; `None` when there are none, or the pod has no name.
pub fn db_terminate_idle(pod: &Value, server: &Server, ended: &[Session], why: String) -> Option<Step> {
    let listed = listed(ended)?;
    let end = format!("select pg_terminate_backend(a.pid) from {listed}");
    let probe = format!("select case when exists (select from {listed}) then '{BEFORE}' else '{AFTER}' end");
    let does = match ended.len() {
        1 => "ends one session".to_owned(),
        many => format!("ends {many} sessions"),
    };
    Some(Step {
        action: Action::DbTerminateIdle,
        object: Target::of(pod, "pods")?,
        why,
        tier: INFO.tier,
        call: Call::Exec {
            run: Exec { does, command: server.run(&[&end]), once: false, seconds: None, probe: server.look(&probe) }
                .into(),
            back: None,
        },
        expects: Expectation::Found,
        undo: Undo::None { why: "a session that ended is gone; its client opens another one".to_owned() },
        health: None,
        checked: Checked::NotAsked,
    })
}

/// The sessions that are still as they were listed: the same backend, idle since the same moment.
fn listed(sessions: &[Session]) -> Option<String> {
    let row = |session: &Session| {
        let (started, changed) = (session.started.as_deref()?, session.changed.as_deref()?);
        Some(format!("({}, {}::timestamptz, {}::timestamptz)", session.pid, literal(started), literal(changed)))
    };
    let rows: Vec<String> = sessions.iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| {
        format!(
            "pg_stat_activity a join (values {}) as listed (pid, started, changed) on a.pid = listed.pid \
             and a.backend_start = listed.started and a.state_change = listed.changed and a.state like 'idle%'",
            rows.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const IDLE: Idle = Idle { seconds: 600, in_transaction: false };

    fn session(pid: i32, state: Option<&str>, seconds: i64) -> Session {
        Session {
            pid,
            role: Some("app".to_owned()),
            database: Some("shop".to_owned()),
            application: Some("web".to_owned()),
            state: state.map(str::to_owned),
            kind: Some("client backend".to_owned()),
            started: Some("2026-01-15 08:00:00.5+00".to_owned()),
            changed: Some("2026-01-15 08:10:00.25+00".to_owned()),
            seconds: Some(seconds),
            own: false,
            superuser: false,
            replication: false,
        }
    }

    fn sorted(session: Session, idle: Idle) -> [usize; 4] {
        let sorted = sort_sessions(vec![session], idle);
        [sorted.ended.len(), sorted.kept.len(), sorted.others, sorted.hidden]
    }

    #[test]
    fn only_what_is_idle_for_long_enough_is_ended() {
        assert_eq!(sorted(session(1, Some("idle"), 600), IDLE), [1, 0, 0, 0]);
        assert_eq!(sorted(session(1, Some("idle"), 599), IDLE), [0, 0, 1, 0]);
        assert_eq!(sorted(session(1, Some("active"), 9000), IDLE), [0, 0, 1, 0]);
        let within = || session(1, Some("idle in transaction"), 600);
        assert_eq!(sorted(within(), IDLE), [0, 0, 1, 0]);
        assert_eq!(sorted(within(), Idle { in_transaction: true, ..IDLE }), [1, 0, 0, 0]);
    }

    #[test]
    fn its_own_replication_superusers_and_background_are_kept() {
        let base = || session(1, Some("idle"), 9000);
        assert_eq!(sorted(Session { own: true, ..base() }, IDLE), [0, 0, 1, 0]);
        assert_eq!(sorted(Session { superuser: true, ..base() }, IDLE), [0, 1, 0, 0]);
        assert_eq!(sorted(Session { replication: true, ..base() }, IDLE), [0, 1, 0, 0]);
        assert_eq!(sorted(Session { kind: Some("walsender".to_owned()), ..base() }, IDLE), [0, 1, 0, 0]);
        let background = Session { kind: Some("checkpointer".to_owned()), ..session(1, None, 0) };
        assert_eq!(sorted(background, IDLE), [0, 0, 1, 0]);
    }

    #[test]
    fn what_does_not_show_what_it_does_is_counted_apart() {
        assert_eq!(sorted(session(1, None, 0), IDLE), [0, 0, 0, 1]);
    }

    #[test]
    fn a_session_is_known_by_more_than_its_pid() {
        let pod =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "db-0", "namespace": "shop", "uid": "u"}});
        let server = Server {
            namespace: "shop".to_owned(),
            pod: "db-0".to_owned(),
            container: None,
            user: "postgres".to_owned(),
            database: "postgres".to_owned(),
        };
        let sessions = [session(7, Some("idle"), 900), session(8, Some("idle"), 900)];
        let step = db_terminate_idle(&pod, &server, &sessions, "asked for".to_owned()).expect("a step");
        let Call::Exec { run, back: None } = &step.call else { panic!("{step:#?}") };
        let statement = run.command.words.last().expect("a statement");
        assert!(
            statement.contains("(7, '2026-01-15 08:00:00.5+00'::timestamptz, '2026-01-15 08:10:00.25+00'"),
            "{statement}"
        );
        assert_eq!((run.does.as_str(), step.tier), ("ends 2 sessions", Tier::Disruptive));
        assert!(run.probe.shown().contains("default_transaction_read_only=on"));
        assert_eq!(db_terminate_idle(&pod, &server, &[], String::new()), None);
    }
}
