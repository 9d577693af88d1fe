//! How the PostgreSQL server of a component is asked, and from where on what it says is worth a word.

use crate::object::ObjectRef;
use crate::object_pattern::ObjectPattern;
use crate::strict::Cursor;
use crate::units::seconds_of;

/// A PostgreSQL server as a team describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Database {
    /// The container of the server; absent where its image says which.
    pub container: Option<String>,
    /// The role to log in as, inside the container; absent where the container says which.
    pub role: Option<String>,
    /// The database to log in to; absent where it is the usual one.
    pub database: Option<String>,
    /// Whether a triage asks it without being told to.
    pub is_asked: bool,
    /// From where on something is worth a word.
    pub bounds: Bounds,
    /// The workloads that run it.
    pub(super) workloads: Vec<ObjectPattern>,
}

/// From where on what a server says of its sessions is worth a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Connections in use, in percent of those that there may be.
    pub connections_percent: u32,
    /// How long a session does nothing, in seconds.
    pub idle: i64,
    /// How long a statement runs, in seconds.
    pub statement: i64,
    /// How long a session waits for a lock, in seconds.
    pub blocked: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { connections_percent: 80, idle: 600, statement: 60, blocked: 10 }
    }
}

impl Database {
    /// Whether a workload or a pod is one of those that run it.
    pub fn holds(&self, object: &ObjectRef) -> bool {
        self.workloads.iter().any(|pattern| pattern.matches(object))
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        const FIELDS: [&str; 8] =
            ["container", "role", "database", "ask", "connectionsPercent", "idleFor", "statementsOver", "blockedFor"];
        let usual = Bounds::default();
        let fields = cursor.fields(&FIELDS)?;
        let text = |name: &str| fields.optional(name).map_or(Some(None), |it| it.text().map(Some));
        let span = |name: &str, usual: i64| fields.optional(name).map_or(Some(usual), |it| it.parsed(seconds));
        let (container, role, database) = (text("container"), text("role"), text("database"));
        let is_asked = fields.optional("ask").map_or(Some(false), |it| it.truth());
        let percent = fields.optional("connectionsPercent");
        let percent = percent.map_or(Some(usual.connections_percent), |it| it.count(1..=100));
        let (idle, statement, blocked) =
            (span("idleFor", usual.idle), span("statementsOver", usual.statement), span("blockedFor", usual.blocked));
        Some(Self {
            container: container?,
            role: role?,
            database: database?,
            is_asked: is_asked?,
            bounds: Bounds { connections_percent: percent?, idle: idle?, statement: statement?, blocked: blocked? },
            workloads: Vec::new(),
        })
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a day at the most")]
fn seconds(text: &str) -> Result<i64, String> {
    let found = seconds_of(text).filter(|it| (1.0..=86_400.0).contains(it));
    found.map(|it| it as i64).ok_or_else(|| format!("{text} is no time between 1s and 24h; write for example 10m"))
}

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::*;

    fn read(database: &str) -> Result<Database, Vec<String>> {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: db\n  \
             workloads: [StatefulSet/shop/db]\n  database: {database}\n"
        );
        let profile = Profile::parse(&text, &[]).map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        profile.map(|it| it.components[0].database.clone().expect("a database"))
    }

    #[test]
    fn a_database_is_of_the_workloads_of_its_component() {
        let database = read("{ask: true, role: app, idleFor: 5m, blockedFor: 1m30s}").expect("a database");
        assert!(database.holds(&ObjectRef::namespaced("StatefulSet", "shop", "db")) && database.is_asked);
        assert_eq!(database.bounds, Bounds { idle: 300, blocked: 90, ..Bounds::default() });
        assert_eq!(read("{}").expect("a database").bounds, Bounds::default());
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = |text: &str| read(text).expect_err("wrong").join("\n");
        assert!(wrong("{idleFor: '10'}").contains("no time between 1s and 24h"));
        assert!(wrong("{idleFor: 100h}").contains("no time between 1s and 24h"));
        assert!(wrong("{connectionsPercent: 0}").contains("not between"));
        assert!(wrong("{password: x}").contains("password: unknown field"));
    }
}
