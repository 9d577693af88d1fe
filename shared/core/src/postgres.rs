//! PostgreSQL by its own `psql`, in the container that the server runs in: how it is called, and what it says.
//!
//! No password is passed: within its container the server trusts whoever runs there, or tells that it does not.

mod activity;
mod statement;

pub use activity::{ACTIVITY, Activity, Backend, kept_of_activity};
pub use statement::without_literals;

use crate::container_command::ContainerCommand;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How long a statement that only looks may take.
const LOOKS_FOR: &str = "10s";

/// How long it may wait for a lock, or for a server that does not answer.
const WAITS_FOR: &str = "5s";

/// A server in a pod, and as whom it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// Namespace of the pod.
    pub namespace: String,
    /// Name of the pod.
    pub pod: String,
    /// The container; absent where the pod has one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The role to log in as.
    pub user: String,
    /// The database to log in to.
    pub database: String,
}

impl Server {
    /// The command that runs a query in a session that may write nothing, and in which nobody's functions and views stand
    /// before those of the server.
    pub fn look(&self, query: &str) -> ContainerCommand {
        let options = format!(
            "-c default_transaction_read_only=on -c statement_timeout={LOOKS_FOR} -c lock_timeout={WAITS_FOR} \
             -c search_path=pg_catalog -c DateStyle=ISO"
        );
        self.psql(&options, &[query])
    }

    /// The command that runs statements, each in a transaction of its own; the first that fails ends it.
    pub fn run(&self, statements: &[&str]) -> ContainerCommand {
        self.psql("-c DateStyle=ISO", statements)
    }

    /// No start-up file, nothing around the values, no question for a password.
    fn psql(&self, options: &str, statements: &[&str]) -> ContainerCommand {
        let target = format!(
            "dbname={} application_name=kubectl-sre connect_timeout=5 options={}",
            setting(&self.database),
            setting(options)
        );
        let head = ["psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-U", &self.user, "-d", &target];
        let statements = statements.iter().flat_map(|statement| ["-c", statement]);
        ContainerCommand {
            namespace: self.namespace.clone(),
            pod: self.pod.clone(),
            container: self.container.clone(),
            words: head.into_iter().chain(statements).map(str::to_owned).collect(),
            input: None,
        }
    }
}

/// Whether an image is that of a PostgreSQL server, and not of what measures one.
pub fn is_server(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    matches!(name, "postgres" | "postgresql" | "postgis" | "timescaledb" | "pgvector" | "spilo")
        || name.starts_with("postgresql-repmgr")
}

/// A value of a connection string
/// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE>).
fn setting(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A string constant of SQL that means the same whatever `standard_conforming_strings` says.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// The query whose answer [`sessions`] reads.
pub const SESSIONS: &str = "select coalesce(json_agg(s order by s.pid), '[]') from (\
    select a.pid, a.usename as role, a.datname as database, a.application_name as application, a.state, \
    a.backend_type as kind, a.backend_start::text as started, a.state_change::text as changed, \
    floor(extract(epoch from clock_timestamp() - a.state_change))::bigint as seconds, \
    a.pid = pg_backend_pid() as own, coalesce(r.rolsuper, false) as superuser, \
    coalesce(r.rolreplication, false) as replication \
    from pg_stat_activity a left join pg_roles r on r.oid = a.usesysid) s";

/// A session, as `pg_stat_activity` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Process id of its backend.
    pub pid: i32,
    /// Who logged in; absent for background processes.
    pub role: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// What the client calls itself.
    pub application: Option<String>,
    /// `idle`, `active` ...; absent for background processes, and where the caller may not see it.
    pub state: Option<String>,
    /// `client backend`, `walsender` ...
    pub kind: Option<String>,
    /// When the backend was started, as the server writes it.
    pub started: Option<String>,
    /// Since when it has been in its state, as the server writes it.
    pub changed: Option<String>,
    /// How long it has been in its state.
    pub seconds: Option<i64>,
    /// Whether it is the one that looks.
    pub own: bool,
    /// Whether its role is a superuser.
    pub superuser: bool,
    /// Whether its role may replicate.
    pub replication: bool,
}

impl Session {
    /// Who it is, for people.
    pub fn words(&self) -> String {
        let part = |value: &Option<String>| value.as_deref().filter(|it| !it.is_empty()).unwrap_or("-").to_owned();
        let seconds = self.seconds.map_or_else(|| "?".to_owned(), span);
        format!(
            "pid {}, user {}, database {}, application {}, {} for {seconds}",
            self.pid,
            part(&self.role),
            part(&self.database),
            part(&self.application),
            part(&self.state),
        )
    }
}

/// A time in seconds, for people.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

/// Reads the answer to [`SESSIONS`].
///
/// # Errors
/// Says that it is none.
pub fn sessions(answer: &str) -> Result<Vec<Session>, Unexpected> {
    read(answer)
}

/// What psql said is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("psql said something else than was asked for: {0}")]
pub struct Unexpected(Cow<'static, str>);

/// Reads a value that a query wrote as JSON.
///
/// # Errors
/// Says that it is none.
pub fn read<T: for<'a> Deserialize<'a>>(answer: &str) -> Result<T, Unexpected> {
    // What it stumbled over may be anything: only the place is told.
    let place = |error: serde_json::Error| Unexpected(format!("column {}", error.column()).into());
    serde_json::from_str(answer.trim()).map_err(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_servers_are_told_from_those_of_exporters() {
        for image in ["postgres:16", "docker.io/bitnami/postgresql@sha256:ab", "registry.example:5000/postgres"] {
            assert!(is_server(image), "{image}");
        }
        for image in ["prometheuscommunity/postgres-exporter:v0.15", "shop/web:1", "postgres-backup:2", ""] {
            assert!(!is_server(image), "{image}");
        }
    }

    #[test]
    fn names_and_words_are_quoted_for_whoever_reads_them() {
        let server = Server {
            namespace: "shop".to_owned(),
            pod: "db-0".to_owned(),
            container: None,
            user: "postgres".to_owned(),
            database: "it's".to_owned(),
        };
        let words = server.look("select 1").words;
        let target = words.iter().find(|word| word.starts_with("dbname=")).expect("a target");
        assert!(
            target.starts_with("dbname='it\\'s' ") && target.contains("default_transaction_read_only=on"),
            "{target}"
        );
        assert!(!server.run(&["select 1"]).shown().contains("read_only"));
        assert_eq!(server.run(&["a", "b"]).words[12..], ["-c", "a", "-c", "b"]);
        assert_eq!([literal("it's"), literal("a\\b")], ["'it''s'", "E'a\\\\b'"]);
    }

    #[test]
    fn what_psql_says_besides_is_not_quoted() {
        assert_eq!(sessions(" []\n"), Ok(Vec::new()));
        let error = sessions("hunter2").expect_err("no JSON").to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
