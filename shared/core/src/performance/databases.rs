//! What PostgreSQL servers say of their sessions, as findings.
//!
//! A pool keeps sessions that do nothing: they are worth a word where connections run out, and where they hold a
//! transaction open.

use crate::cause::Acts;
use crate::finding::{Finding, Severity, quoted};
use crate::inquiry::{Asked, Target, Told, may_be_asked};
use crate::object::ObjectRef;
use crate::postgres::{Activity, Backend, Server, is_server, span};
use crate::profile::Bounds;
use crate::slim::Pod;
use crate::view::View;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Sessions that stand in the evidence of one finding.
const SHOWN: usize = 3;

/// How a server that was asked is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSeen {
    /// The pod that it runs in.
    pub pod: ObjectRef,
    /// Who was asked, and as whom.
    pub server: Server,
    /// What its sessions do; absent where it had no connection left to ask by.
    pub activity: Option<Activity>,
}

impl DatabaseSeen {
    /// How many sessions are in each state, and for how many seconds the longest; what is not shown is `hidden`.
    pub fn states(&self) -> BTreeMap<&str, (usize, i64)> {
        let mut states: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
        for session in self.activity.iter().flat_map(|it| &it.sessions) {
            let state = states.entry(session.state.as_deref().unwrap_or("hidden")).or_default();
            state.0 += 1;
            state.1 = state.1.max(session.state_seconds.unwrap_or_default());
        }
        states
    }

    /// How many sessions wait for a lock that others hold.
    pub fn blocked(&self) -> usize {
        self.activity.iter().flat_map(|it| &it.sessions).filter(|it| it.is_blocked()).count()
    }
}

/// Every server that was asked and told something, in the order of asking.
pub fn databases(view: &View<'_>) -> Vec<DatabaseSeen> {
    let seen = |(server, told): (&Server, Told)| DatabaseSeen {
        pod: ObjectRef::namespaced("Pod", &server.namespace, &server.pod),
        server: server.clone(),
        activity: match told {
            Told::Activity(activity) => Some(activity),
            Told::Full(_) => None,
        },
    };
    told(view).map(seen).collect()
}

/// What was told by the servers that are looked at.
fn told<'v>(view: &View<'v>) -> impl Iterator<Item = (&'v Server, Told)> {
    let all = view.snapshot.answers.databases().into_iter();
    all.filter(|(server, _)| view.includes(&server.namespace))
}

/// Whether every server that was asked, or that runs and is known by its image, told of itself, and one did at least.
pub(super) fn all_told(view: &View<'_>) -> bool {
    let is_of_server =
        |it: &&Asked| matches!(&it.question.target, Target::Database(it) if view.includes(&it.namespace));
    let asked = view.snapshot.answers.iter().filter(is_of_server).count();
    let told: BTreeSet<(&str, &str)> =
        told(view).map(|(server, _)| (server.namespace.as_str(), server.pod.as_str())).collect();
    let runs = |pod: &&Pod| may_be_asked(pod) && view.includes(&pod.metadata.namespace);
    let servers =
        view.all::<Pod>().iter().filter(runs).filter(|pod| pod.spec.containers.iter().any(|it| is_server(&it.image)));
    let is_told = |pod: &Pod| told.contains(&(pod.metadata.namespace.as_str(), pod.metadata.name.as_str()));
    !told.is_empty() && told.len() == asked && servers.into_iter().all(is_told)
}

/// What is wrong with servers that were asked.
pub(super) fn findings(view: &View<'_>) -> Vec<Finding> {
    let judged = told(view).flat_map(|(server, told)| {
        let judging = Judging::of(view, server);
        match told {
            Told::Full(words) => vec![judging.full(&words)],
            Told::Activity(activity) => {
                let found = [judging.connections(&activity), judging.locks(&activity), judging.statements(&activity)];
                found.into_iter().flatten().collect()
            }
        }
    });
    judged.collect()
}

/// One server.
struct Judging<'v> {
    view: &'v View<'v>,
    server: &'v Server,
    pod: ObjectRef,
    owner: ObjectRef,
    bounds: Bounds,
    has_several_containers: bool,
}

impl<'v> Judging<'v> {
    fn of(view: &'v View<'v>, server: &'v Server) -> Self {
        let pod = ObjectRef::namespaced("Pod", &server.namespace, &server.pod);
        let seen = view.get::<Pod>(&server.namespace, &server.pod);
        let owner = seen.map_or_else(|| pod.clone(), |pod| view.owner_of(pod));
        let described = view.profile.components.iter().filter_map(|it| it.database.as_ref());
        let described = described.into_iter().find(|it| it.holds(&owner) || it.holds(&pod));
        let bounds = described.map(|it| it.bounds).unwrap_or_default();
        let has_several_containers = seen.is_some_and(|pod| pod.spec.containers.len() > 1);
        Self { view, server, pod, owner, bounds, has_several_containers }
    }

    fn finding(&self, class: &'static str, severity: Severity, title: String) -> Finding {
        let part = self.server.container.clone().unwrap_or_default();
        let finding = Finding::new("", severity, self.owner.clone(), title).class(class).part(part);
        if self.owner == self.pod { finding } else { finding.shows_on(self.pod.clone()) }
    }

    fn fact(&self, finding: Finding, of: &str, value: String) -> Finding {
        finding.evidence_at(&self.pod, format!("pg_stat_activity[{of}]"), value, Some(self.view.now()))
    }

    /// The moment that was so many seconds before the answer.
    fn ago(&self, seconds: Option<i64>) -> Option<Timestamp> {
        self.view.now().checked_sub(SignedDuration::from_secs(seconds?)).ok()
    }

    /// The action of a guide, and what the profile knows to do.
    fn acted(&self, finding: Finding, action: Option<String>) -> Finding {
        let finding = action.into_iter().fold(finding, Finding::change);
        let of_profile = Acts::of(self.view, &self.owner, "").of_profile(finding.class.unwrap_or_default());
        of_profile.into_iter().fold(finding, Finding::change)
    }

    /// A command of `change` about this server; where it is a standby, about this pod.
    fn change(&self, action: &str, is_standby: bool, more: &str) -> String {
        let Server { namespace, pod, container, user, database } = self.server;
        let whom = match self.owner.kind.as_str() {
            "StatefulSet" if !is_standby => format!("statefulset/{}", self.owner.name),
            _ => format!("pod/{pod}"),
        };
        let option = |name: &str, value: &str, usual: &str| match value == usual {
            true => String::new(),
            false => format!(" {name} {}", quoted(value)),
        };
        let container = container.as_deref().filter(|_| self.has_several_containers).unwrap_or_default();
        format!(
            "kubectl sre change {action} {whom}{}{}{} -n {namespace} {more} --dry-run",
            option("-c", container, ""),
            option("--db-user", user, "postgres"),
            option("--database", database, "postgres"),
        )
    }

    fn end_idle(&self, is_standby: bool, seconds: i64, more: &str) -> String {
        let least = if seconds % 60 == 0 { format!("{}m", seconds / 60) } else { format!("{seconds}s") };
        self.change("db-terminate-idle", is_standby, &format!("--idle-for {least}{more}"))
    }

    fn log_slow(&self, is_standby: bool) -> String {
        self.change("db-slow-log", is_standby, "--over 1s --for 30m")
    }

    fn full(&self, words: &str) -> Finding {
        // One of its databases may have a limit of its own.
        let (severity, title) = match words.contains("for database") {
            true => (Severity::Warning, "it takes no more connections to one of its databases"),
            false => (Severity::Critical, "it takes no more connections"),
        };
        let finding = self.finding("database-connections-exhausted", severity, title.to_owned());
        let finding = finding.evidence_at(&self.pod, "psql", words, Some(self.view.now()));
        self.acted(finding, Some(self.end_idle(false, self.bounds.idle, "")))
    }

    fn connections(&self, activity: &Activity) -> Option<Finding> {
        let (used, most) = (u32::try_from(activity.sessions.len()).ok()?, activity.most_connections);
        let usable = most.saturating_sub(activity.reserved);
        let is_full = used >= usable;
        if !is_full && u64::from(used) * 100 < u64::from(most) * u64::from(self.bounds.connections_percent) {
            return None;
        }
        let severity = if is_full { Severity::Critical } else { Severity::Warning };
        let rest = match (is_full, activity.reserved) {
            (false, _) => String::new(),
            (true, 0) => ": nobody gets another one".to_owned(),
            (true, reserved) => format!(": none but superusers get another one ({reserved} are kept for them)"),
        };
        let title = format!("{used} of {most} connections are in use{rest}");
        let mut finding = self.finding("database-connections-exhausted", severity, title);
        finding = self.fact(finding, "connections", format!("{used} of {most}"));
        let idle: Vec<&Backend> = sessions(activity, |it| it.state.as_deref() == Some("idle"), |it| it.state_seconds);
        let long = idle.iter().filter(|it| it.state_seconds.is_some_and(|it| it >= self.bounds.idle)).count();
        if let Some(longest) = idle.first() {
            let value = format!(
                "{}, {long} of them for {} at least; pid {}: {}",
                idle.len(),
                span(self.bounds.idle),
                longest.pid,
                longest.words()
            );
            finding = self.fact(finding, "idle", value);
        }
        let finding = self.acted(finding, Some(self.end_idle(activity.is_standby, self.bounds.idle, "")));
        Some(if is_full { finding } else { finding.risk() })
    }

    /// Who waits for whom; else who keeps locks and does nothing.
    fn locks(&self, activity: &Activity) -> Option<Finding> {
        let waited = |it: &Backend| waited(activity, it);
        let waits = |it: &Backend| it.is_blocked() && waited(it).is_some_and(|it| it >= self.bounds.blocked);
        let blocked = sessions(activity, waits, waited);
        let idle =
            |it: &Backend| it.is_idle_in_transaction() && it.state_seconds.is_some_and(|it| it >= self.bounds.idle);
        let idle = sessions(activity, idle, |it| it.state_seconds);
        let Some(first) = blocked.first() else { return self.idle_in_transaction(activity, &idle) };
        let holders = holders(activity, &blocked);
        let holder = holders.first().and_then(|pid| activity.sessions.iter().find(|it| it.pid == *pid));
        let who = holder_words(holders.first().copied(), holder);
        let longest = waited(first).map_or_else(|| "?".to_owned(), span);
        let title = match blocked.len() {
            1 => format!("a session has waited for a lock for up to {longest}: it is held by {who}"),
            count => {
                format!("{count} sessions wait for locks, the longest for up to {longest}: they are held by {who}")
            }
        };
        let mut finding = self.finding("database-locked", Severity::Warning, title).since(self.ago(waited(first)));
        if let Some(holder) = holder {
            finding = self.fact(finding, &format!("pid {}, blocks", holder.pid), holder.words());
        }
        for session in blocked.iter().take(SHOWN) {
            let by: Vec<String> = session.blocked_by.iter().flatten().map(i32::to_string).collect();
            let field = format!("pid {}, blocked by {}", session.pid, by.join(", "));
            finding = self.fact(finding, &field, session.words());
        }
        let action = match holder {
            Some(holder) if holder.is_idle_in_transaction() => {
                let seconds = holder.state_seconds.unwrap_or_default().clamp(1, self.bounds.idle);
                self.end_idle(activity.is_standby, seconds, " --in-transaction")
            }
            _ => self.log_slow(activity.is_standby),
        };
        Some(self.acted(finding, Some(action)))
    }

    fn idle_in_transaction(&self, activity: &Activity, idle: &[&Backend]) -> Option<Finding> {
        let first = idle.first()?;
        let longest = first.state_seconds.map_or_else(|| "?".to_owned(), span);
        let kept = "what it has locked stays locked, and dead rows are kept";
        let title = match idle.len() {
            1 => format!("a session has been idle in a transaction for {longest}: {kept}"),
            count => format!("{count} sessions have been idle in a transaction, the longest for {longest}: {kept}"),
        };
        let mut finding =
            self.finding("database-locked", Severity::Warning, title).since(self.ago(first.state_seconds));
        for session in idle.iter().take(SHOWN) {
            finding = self.fact(finding, &format!("pid {}", session.pid), session.words());
        }
        let action = self.end_idle(activity.is_standby, self.bounds.idle, " --in-transaction");
        Some(self.acted(finding, Some(action)).risk())
    }

    fn statements(&self, activity: &Activity) -> Option<Finding> {
        let is_slow = |it: &Backend| {
            let is_long = it.statement_seconds.is_some_and(|it| it >= self.bounds.statement);
            it.is_active() && !it.is_blocked() && is_long
        };
        let slow = sessions(activity, is_slow, |it| it.statement_seconds);
        let first = slow.first()?.statement_seconds;
        let longest = first.map_or_else(|| "?".to_owned(), span);
        let title = match slow.len() {
            1 => format!("a statement has run for {longest}"),
            count => {
                let bound = span(self.bounds.statement);
                format!("{count} statements have run for {bound} or more, the longest for {longest}")
            }
        };
        let mut finding = self.finding("queries-slow", Severity::Warning, title).since(self.ago(first));
        for session in slow.iter().take(SHOWN) {
            finding = self.fact(finding, &format!("pid {}", session.pid), session.words());
        }
        Some(self.acted(finding, Some(self.log_slow(activity.is_standby))).risk())
    }
}

/// How long a session may have waited for its lock, in seconds: not longer than its statement has run, nor than the
/// transactions that hold it up have lasted, as far as those are seen.
fn waited(activity: &Activity, session: &Backend) -> Option<i64> {
    let by = session.blocked_by.as_deref().unwrap_or_default();
    let holders: Option<Vec<i64>> = by
        .iter()
        .map(|pid| activity.sessions.iter().find(|it| it.pid == *pid).and_then(|it| it.transaction_seconds))
        .collect();
    let longest = holders.and_then(|all| all.into_iter().max());
    session.statement_seconds.map(|it| it.min(longest.unwrap_or(it)))
}

/// Who holds what others wait for, for people.
fn holder_words(pid: Option<i32>, session: Option<&Backend>) -> String {
    match (pid, session) {
        (_, Some(session)) => {
            let lasts = session.transaction_seconds.map_or_else(|| "?".to_owned(), span);
            let state = session.state.as_deref().unwrap_or("of which nothing is shown");
            format!("pid {}, {state}, whose transaction has lasted for {lasts}", session.pid)
        }
        (Some(0), None) => "a prepared transaction".to_owned(),
        (Some(pid), None) => format!("pid {pid}, which is no session of a client"),
        (None, None) => "each other".to_owned(),
    }
}

/// The sessions of which something is true, that of the longest time first.
fn sessions(
    activity: &Activity,
    is_meant: impl Fn(&Backend) -> bool,
    time: impl Fn(&Backend) -> Option<i64>,
) -> Vec<&Backend> {
    let mut all: Vec<&Backend> = activity.sessions.iter().filter(|it| is_meant(it)).collect();
    all.sort_by_key(|it| (std::cmp::Reverse(time(it)), it.pid));
    all
}

/// Who holds up the blocked and waits for nobody, the oldest transaction first; nobody where they wait for each other.
fn holders(activity: &Activity, blocked: &[&Backend]) -> Vec<i32> {
    let of = |pid: i32| activity.sessions.iter().find(|it| it.pid == pid);
    let mut left: Vec<i32> = blocked.iter().flat_map(|it| it.blocked_by.iter().flatten().copied()).collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(pid) = left.pop() {
        if !seen.insert(pid) {
            continue;
        }
        match of(pid) {
            Some(session) if session.is_blocked() => left.extend(session.blocked_by.iter().flatten()),
            _ => found.push(pid),
        }
    }
    found.sort_by_key(|pid| (std::cmp::Reverse(of(*pid).and_then(|it| it.transaction_seconds)), *pid));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Sight;
    use crate::finding::Role;
    use crate::inquiry::{Answer, Answers, Failure, Question};
    use crate::slim::{Kind, Pool};
    use crate::snapshot::{Encoded, Snapshot, decode_into};
    use serde_json::{Value, json};

    /// A server in a StatefulSet, beside another container, that told this.
    fn told(status: u16, body: &str) -> Vec<Finding> {
        findings(&View::new(&asked(status, body)))
    }

    fn asked(status: u16, body: &str) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let server = Server {
            namespace: "shop".to_owned(),
            pod: "db-0".to_owned(),
            container: Some("postgres".to_owned()),
            user: "postgres".to_owned(),
            database: "postgres".to_owned(),
        };
        let pod = json!({"metadata": {"name": "db-0", "namespace": "shop",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "uid": "1", "controller": true}]}, "status": {"phase": "Running"},
            "spec": {"containers": [{"name": "postgres", "image": "postgres:16"}, {"name": "beside", "image": "x"}]}});
        add(&mut snapshot, &pod);
        let question =
            Question { sight: Sight::Databases, target: Target::Database(server), path: "pg_stat_activity".to_owned() };
        let answer = Ok(Answer { status, body: body.to_owned(), milliseconds: 1 });
        snapshot.answers = Answers::of(vec![Asked { question, answer }]);
        snapshot
    }

    fn add(snapshot: &mut Snapshot, pod: &Value) {
        let text = pod.to_string();
        decode_into(Kind::Pod, Encoded::Json(text.as_bytes()), &mut snapshot.objects, &mut Pool::default())
            .expect("a pod");
        snapshot.objects.sort();
    }

    #[test]
    fn what_one_server_says_stands_for_no_other_one() {
        let body = json!({"isStandby": false, "mostConnections": 10, "reserved": 2, "sessions": []}).to_string();
        let mut snapshot = asked(200, &body);
        let has_told = |snapshot: &Snapshot| all_told(&View::new(snapshot));
        assert!(has_told(&snapshot));
        assert!(!has_told(&asked(500, &body.replace("sessions", "other"))), "it told nothing");
        let other = |phase: &str, image: &str, name: &str| {
            json!({"metadata": {"name": name, "namespace": "shop"}, "status": {"phase": phase},
                "spec": {"containers": [{"name": "it", "image": image}]}})
        };
        add(&mut snapshot, &other("Running", "nginx:1", "web-0"));
        add(&mut snapshot, &other("Succeeded", "postgres:16", "migrated"));
        assert!(has_told(&snapshot));
        let mut leaving = other("Running", "postgres:16", "db-1");
        leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        add(&mut snapshot, &leaving);
        assert!(has_told(&snapshot));
        // One that the profile names, of an image that is not known.
        let mut asked = snapshot.answers.iter().cloned().collect::<Vec<Asked>>();
        let Target::Database(server) = asked[0].question.target.clone() else { panic!("it is a database") };
        let target = Target::Database(Server { pod: "own-0".to_owned(), ..server });
        asked.push(Asked {
            question: Question { target, ..asked[0].question.clone() },
            answer: Err(Failure::TimedOut(10)),
        });
        let told = std::mem::replace(&mut snapshot.answers, Answers::of(asked));
        assert!(!has_told(&snapshot));
        snapshot.answers = told;
        add(&mut snapshot, &other("Running", "postgres:16", "other-0"));
        assert!(!has_told(&snapshot));
    }

    fn activity(sessions: Vec<Value>) -> Vec<Finding> {
        let body = json!({"isStandby": false, "mostConnections": 10, "reserved": 2, "sessions": sessions});
        told(200, &body.to_string())
    }

    fn session(pid: i32, state: &str, seconds: i64) -> Value {
        json!({"pid": pid, "role": "app", "database": "shop", "application": "web", "state": state, "stateSeconds": seconds,
            "transactionSeconds": seconds, "statementSeconds": seconds, "statement": "update t set a = ?"})
    }

    fn blocked(pid: i32, seconds: i64, by: &[i32]) -> Value {
        let mut session = session(pid, "active", seconds);
        session["waitType"] = "Lock".into();
        session["waitEvent"] = "transactionid".into();
        session["blockedBy"] = by.into();
        session
    }

    fn fields(finding: &Finding) -> Vec<&str> {
        finding.evidence.iter().map(|it| it.field.as_str()).collect()
    }

    fn command(finding: &Finding) -> &str {
        finding.remedies.first().map_or("", |it| it.command.as_str())
    }

    #[test]
    fn a_server_at_its_usual_work_is_not_told_of() {
        let pool = (1..=7).map(|pid| session(pid, "idle", 90_000));
        let work = [session(8, "active", 59), session(9, "idle in transaction", 599)];
        assert_eq!(activity(pool.take(4).chain(work).collect()), []);
        assert_eq!(activity(vec![blocked(1, 9, &[2]), session(2, "active", 12)]), []);
    }

    #[test]
    fn connections_that_run_out_name_the_idle_ones_and_their_end() {
        let idle = |count| (1..=count).map(|pid| session(pid, "idle", 300 * i64::from(pid))).collect::<Vec<_>>();
        // Eight of ten may be had by anybody.
        let full = &activity(idle(8))[0];
        assert_eq!((full.severity, full.role), (Severity::Critical, Role::Cause));
        assert_eq!(
            full.title,
            "8 of 10 connections are in use: none but superusers get another one (2 are kept for them)"
        );
        assert_eq!(fields(full), ["pg_stat_activity[connections]", "pg_stat_activity[idle]"]);
        assert!(full.evidence[1].value.starts_with("8, 7 of them for 10 min at least; pid 8: user app"), "{full:#?}");
        assert_eq!(
            command(full),
            "kubectl sre change db-terminate-idle statefulset/db -c postgres -n shop --idle-for 10m --dry-run"
        );
        assert_eq!(activity(idle(7)), []);
        let refused = &told(503, "FATAL:  sorry, too many clients already")[0];
        assert_eq!((refused.class, refused.severity), (Some("database-connections-exhausted"), Severity::Critical));
    }

    #[test]
    fn who_holds_up_others_is_followed_to_who_waits_for_nobody() {
        let waiting = [blocked(1, 30, &[2]), blocked(2, 45, &[3]), session(3, "idle in transaction", 200)];
        let found = &activity(waiting.to_vec())[0];
        assert_eq!((found.class, found.role), (Some("database-locked"), Role::Cause));
        assert_eq!(
            found.title,
            "2 sessions wait for locks, the longest for up to 45 s: they are held by pid 3, idle in transaction, whose transaction \
             has lasted for 3 min"
        );
        let expected = ["pid 3, blocks", "pid 2, blocked by 3", "pid 1, blocked by 2"];
        assert_eq!(fields(found), expected.map(|it| format!("pg_stat_activity[{it}]")));
        assert!(command(found).ends_with("--idle-for 200s --in-transaction --dry-run"), "{}", command(found));
        // One that is at work is not ended: its statements are logged.
        let working = &activity(vec![blocked(1, 30, &[2]), session(2, "active", 40)])[0];
        assert!(command(working).contains("change db-slow-log statefulset/db -c postgres"), "{}", command(working));
        // A statement that has run for long waits no longer than there is something to wait for.
        let mut short = session(2, "active", 1);
        assert_eq!(activity(vec![blocked(1, 50, &[2]), short.clone()]), []);
        short["transactionSeconds"] = 20.into();
        let bounded = &activity(vec![blocked(1, 50, &[2]), short])[0];
        assert!(bounded.title.starts_with("a session has waited for a lock for up to 20 s: "), "{}", bounded.title);
        let prepared = &activity(vec![blocked(1, 30, &[0])])[0];
        assert!(prepared.title.ends_with("held by a prepared transaction"), "{}", prepared.title);
        let each_other = &activity(vec![blocked(1, 30, &[2]), blocked(2, 30, &[1])])[0];
        assert!(each_other.title.ends_with("held by each other"), "{}", each_other.title);
    }

    #[test]
    fn open_transactions_and_long_statements_are_weaknesses() {
        let found = activity(vec![session(1, "idle in transaction (aborted)", 600), session(2, "active", 75)]);
        let seen: Vec<_> = found.iter().map(|it| (it.class.unwrap_or_default(), it.role)).collect();
        assert_eq!(seen, [("database-locked", Role::Risk), ("queries-slow", Role::Risk)]);
        assert_eq!(found[1].title, "a statement has run for 75 s");
        assert!(command(&found[0]).ends_with("--idle-for 10m --in-transaction --dry-run"));
    }
}
