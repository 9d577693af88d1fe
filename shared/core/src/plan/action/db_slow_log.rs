//! Having a database log the statements that take long.

use super::{Action, ActionInfo};
use crate::plan::{AFTER, BEFORE, Call, Checked, Exec, Expectation, Step, Target, Tier, Undo};
use crate::postgres::{Server, literal};
use serde::Deserialize;
use serde_json::Value;

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::DbSlowLog,
    id: "db-slow-log",
    tier: Tier::Reversible,
    does: "has a PostgreSQL server log the statements that take longer than a limit",
    undo: "the value of before is set again, or what ALTER SYSTEM wrote is taken away, and the server reads it",
    higher: "2 when the limit is under 100 ms: much is written",
    page: "\
Looked at: what log_min_duration_statement is, where it is set, and what ALTER SYSTEM wrote of it before, by psql in the
container of the server.

Done: ALTER SYSTEM SET log_min_duration_statement, and pg_reload_conf(). What is logged holds the text of statements,
with the values that stand in it.

Must hold afterwards: a new session of the server has the new value.

With --for the plan says when it is due back. Nothing sets it back by itself: kubectl sre change undo does.

Not done: where the command line of the server, or a setting of the role or the database, outranks what ALTER SYSTEM
writes.

Needs: create pods/exec; a superuser, or a role that may ALTER SYSTEM this setting and read pg_file_settings.

  kubectl sre change db-slow-log statefulset/NAME -n NAMESPACE --over 1s --for 30m --dry-run",
};

/// Under so many milliseconds a busy server writes much.
const LOW: i64 = 100;

/// What is set.
const SETTING: &str = "log_min_duration_statement";

/// How the setting stands.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SlowLog {
    /// In milliseconds; -1 for never.
    pub value: i64,
    /// Where the value comes from: `default`, `configuration file`, `command line`, `user` ...
    pub source: String,
    /// What ALTER SYSTEM wrote.
    pub written: Option<String>,
}

impl SlowLog {
    /// What outranks whatever ALTER SYSTEM writes, if something does.
    pub fn outranked_by(&self) -> Option<&str> {
        let source = self.source.as_str();
        ["command line", "database", "user", "database user", "client", "override", "session"]
            .contains(&source)
            .then_some(source)
    }

    /// The value, for people.
    pub fn words(&self) -> String {
        limit(self.value)
    }
}

/// A limit, for people.
fn limit(milliseconds: i64) -> String {
    match milliseconds {
        ..0 => "no statement is logged for its time".to_owned(),
        0 => "every statement is logged with its time".to_owned(),
        _ => format!("statements over {milliseconds} ms are logged"),
    }
}

/// What ALTER SYSTEM wrote last, as one value; nothing is another value than any text.
fn written() -> String {
    format!(
        "(select setting from pg_file_settings where name = '{SETTING}' and sourcefile like '%/postgresql.auto.conf' \
         order by seqno desc limit 1)"
    )
}

/// The query whose answer is a [`SlowLog`] in JSON.
pub fn slow_log_question() -> String {
    format!(
        "select json_build_object('value', setting::bigint, 'source', source, 'written', {}) from pg_settings \
         where name = '{SETTING}'",
        written()
    )
}

/// The step that has statements over a limit logged; `None` when it is so already, or the pod has no name.
pub fn db_slow_log(pod: &Value, server: &Server, now: &SlowLog, milliseconds: i64, why: String) -> Option<Step> {
    let wanted = milliseconds.to_string();
    (now.value != milliseconds).then_some(())?;
    let before = (now.written.as_deref(), now.value);
    let after = (Some(wanted.as_str()), milliseconds);
    Some(Step {
        action: Action::DbSlowLog,
        object: Target::of(pod, "pods")?,
        why,
        tier: if milliseconds < LOW { Tier::Disruptive } else { INFO.tier },
        call: Call::Exec { run: run(server, before, after).into(), back: Some(run(server, after, before).into()) },
        expects: Expectation::Found,
        undo: Undo::Reverse,
        health: None,
        checked: Checked::NotAsked,
    })
}

/// What ALTER SYSTEM wrote, and the value that the server has.
type State<'a> = (Option<&'a str>, i64);

fn run(server: &Server, from: State<'_>, to: State<'_>) -> Exec {
    let set = match to.0 {
        Some(value) => format!("alter system set {SETTING} = {}", literal(value)),
        None => format!("alter system reset {SETTING}"),
    };
    let does = match to.0 {
        Some(_) => format!("sets {SETTING}: {}", limit(to.1)),
        None => format!("takes away what ALTER SYSTEM wrote of {SETTING}: {}", limit(to.1)),
    };
    Exec {
        does,
        command: server.run(&[&set, "select pg_reload_conf()"]),
        once: false,
        seconds: None,
        probe: server.look(&probe(from, to)),
    }
}

/// What is written and not read yet is half done: it is done again.
fn probe(from: State<'_>, to: State<'_>) -> String {
    let is = |value: Option<&str>| {
        value.map_or_else(|| "written is null".to_owned(), |value| format!("written = {}", literal(value)))
    };
    format!(
        "select case when {after} and value = {value} then '{AFTER}' when {after} or {before} then '{BEFORE}' \
         else coalesce(written, 'nothing') end \
         from (select setting::bigint as value, {written} as written from pg_settings where name = '{SETTING}') s",
        after = is(to.0),
        before = is(from.0),
        value = to.1,
        written = written(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;
    use crate::plan::{Happened, undoing};
    use serde_json::json;

    fn now(value: i64, source: &str, written: Option<&str>) -> SlowLog {
        SlowLog { value, source: source.to_owned(), written: written.map(str::to_owned) }
    }

    fn step(now: &SlowLog) -> Option<Step> {
        let pod =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "db-0", "namespace": "shop", "uid": "u"}});
        let server = Server {
            namespace: "shop".to_owned(),
            pod: "db-0".to_owned(),
            container: None,
            user: "postgres".to_owned(),
            database: "postgres".to_owned(),
        };
        db_slow_log(&pod, &server, now, 1000, "asked for".to_owned())
    }

    #[test]
    fn what_was_written_before_comes_back_and_what_was_not_goes() {
        let set = |now: &SlowLog| match step(now).map(|step| step.call) {
            Some(Call::Exec { run, back: Some(back) }) => {
                [run.command.words[13].clone(), back.command.words[13].clone()]
            }
            other => panic!("{other:#?}"),
        };
        let [to, back] = set(&now(-1, "default", None));
        assert_eq!(to, "alter system set log_min_duration_statement = '1000'");
        assert_eq!(back, "alter system reset log_min_duration_statement");
        let [_, back] = set(&now(250, "configuration file", Some("250ms")));
        assert_eq!(back, "alter system set log_min_duration_statement = '250ms'");
    }

    #[test]
    fn what_is_so_already_has_no_step_and_what_is_outranked_says_by_what() {
        assert_eq!(step(&now(1000, "configuration file", Some("1s"))), None);
        assert_eq!(now(1, "command line", None).outranked_by(), Some("command line"));
        assert_eq!(now(1, "configuration file", None).outranked_by(), None);
    }

    #[test]
    fn the_undo_of_the_undo_is_the_change() {
        let step = step(&now(-1, "default", None)).expect("a step");
        let back = undoing(&plan(vec![step.clone()]), &[Happened::Done], |_| Some(json!(AFTER)));
        let again = undoing(&plan(back.steps), &[Happened::Done], |_| Some(json!(AFTER)));
        assert_eq!(again.steps[0].call, step.call);
        let moved = undoing(&plan(vec![step]), &[Happened::Done], |_| Some(json!("200")));
        assert_eq!((moved.steps.len(), moved.moved.len()), (0, 1));
    }
}
