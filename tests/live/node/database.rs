//! A real PostgreSQL in a real container: its idle sessions are ended, its slow statements logged, and nothing else.

use super::super::person::{Person, id};
use super::super::rig::{Rig, eventually};
use crate::cli::Ran;
use serde_json::Value;
use std::fs;

const SERVER: [&str; 3] = ["statefulset/db", "-c", "postgres"];

/// Gives the node an image of the server that is installed here, and starts one that listens so.
pub(super) fn server(rig: &Rig, namespace: &str, listens: &str) {
    let version = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL, see tests/cluster/node/node.sh");
    let root = version.flatten().next().expect("a version of it").path();
    let version = root.file_name().expect("a name").to_string_lossy().into_owned();
    let program = |name: &str| root.join(name).to_string_lossy().into_owned();
    let share = format!("/usr/share/postgresql/{version}");
    let more = ["bin/postgres", "bin/initdb", "bin/psql", "bin/pg_isready", "lib/plpgsql.so", "lib/dict_snowball.so"]
        .map(program);
    let more: Vec<&str> = more.iter().map(String::as_str).chain([share.as_str()]).collect();
    rig.give_image("localhost/postgres:1", more[0], &more);
    let objects = include_str!("../../cluster/node/database.yaml");
    let objects = objects.replace("/postgresql/15/", &format!("/postgresql/{version}/"));
    rig.apply(namespace, &objects.replace("listen_addresses=", listens));
    let rollout = ["rollout", "status", "statefulset/db", "-n", namespace, "--timeout=60s"];
    rig.kubectl(&rollout);
}

/// Runs a command beside the server.
pub(super) fn shell(rig: &Rig, namespace: &str, script: &str) -> String {
    rig.kubectl(&["exec", "db-0", "-c", "postgres", "-n", namespace, "--", "sh", "-c", script])
}

pub(super) fn query(rig: &Rig, namespace: &str, statement: &str) -> String {
    shell(rig, namespace, &format!("psql -X -A -t -U postgres -c \"{statement}\"")).trim().to_owned()
}

/// Opens a session that does nothing until it is ended.
pub(super) fn open_session(rig: &Rig, namespace: &str, target: &str) {
    shell(rig, namespace, &format!("(sleep 600 | psql -X \"{target}\" >/dev/null 2>&1 &) >/dev/null 2>&1"));
}

/// What notes of a plan begin with a word.
fn notes(document: &Value, word: &str) -> Vec<String> {
    let notes = document["notes"].as_array().expect("notes").iter();
    let texts = notes.filter_map(|note| note["text"].as_str());
    texts.filter(|text| text.starts_with(word)).map(str::to_owned).collect()
}

#[test]
fn a_real_database_is_changed_by_its_own_program_and_only_as_listed() {
    let rig = Rig::with_node();
    let namespace = rig.namespace("data");
    let namespace = namespace.name.as_str();
    server(&rig, namespace, "listen_addresses=");
    let person = Person::new(&rig, namespace);
    idle_sessions_are_ended(&person);
    slow_statements_are_logged_and_not_any_more(&person);
    what_is_forbidden_or_missing_is_said(&person);
}

fn idle_sessions_are_ended(person: &Person<'_>) {
    let (rig, namespace) = (person.rig, person.namespace.as_str());
    let roles = "create role app login; create role boss login superuser; create role copy login replication";
    query(rig, namespace, roles);
    for user in ["app", "app", "boss", "copy"] {
        open_session(rig, namespace, &format!("dbname=postgres user={user} application_name=web"));
    }
    open_session(rig, namespace, "dbname=postgres user=copy replication=database");
    let arguments = [&["change", "db-terminate-idle"], &SERVER[..], &["--idle-for", "1s"]].concat();
    let dry = [&arguments[..], &["--dry-run"]].concat();
    let planned = eventually(60, || {
        let (code, plan) = person.document(&dry);
        assert_eq!(code, 0, "{plan:#}");
        (notes(&plan, "ends ").len() == 2 && notes(&plan, "keeps ").len() == 3).then_some(plan)
    });
    let planned = planned.expect("two sessions to end, three to keep");
    assert!(notes(&planned, "ends ").iter().all(|note| note.contains("user app, database postgres, application web")));
    assert_eq!((planned["tier"].as_u64(), planned["confirm"].as_str()), (Some(2), Some("db-0")));
    assert_eq!(planned["steps"][0]["undo"]["how"], "none");
    assert_eq!(person.writes(&id(&planned)), Vec::<String>::new(), "only questions");

    let (code, refused) = person.document(&arguments);
    assert_eq!((code, refused["outcome"]["ended"]["ended"].as_str()), (3, Some("refused")), "{refused:#}");
    let (code, done) = person.document(&[&arguments[..], &["--confirm", "db-0"]].concat());
    assert_eq!((code, done["outcome"]["ended"]["ended"].as_str()), (0, Some("done")), "{done:#}");
    assert_eq!(person.writes(&id(&done)), ["create leases", "delete leases", "create events"]);
    let left = query(
        rig,
        namespace,
        "select string_agg(usename || ' ' || backend_type, ',' order by 1) from pg_stat_activity \
         where usename in ('app', 'boss', 'copy')",
    );
    let mut left: Vec<&str> = left.split(',').collect();
    left.sort_unstable();
    assert_eq!(left, ["boss client backend", "copy client backend", "copy walsender"]);
    let (code, again) = person.document(&arguments);
    assert_eq!((code, again["outcome"]["ended"]["ended"].as_str()), (0, Some("nothingToDo")), "{again:#}");
}

fn slow_statements_are_logged_and_not_any_more(person: &Person<'_>) {
    let (rig, namespace) = (person.rig, person.namespace.as_str());
    let shown = || query(rig, namespace, "show log_min_duration_statement");
    let written = || shell(rig, namespace, "cat /data/pg/postgresql.auto.conf");
    let arguments = [&["change", "db-slow-log"], &SERVER[..], &["--over", "250ms", "--for", "30m"]].concat();
    let (code, plan) = person.document(&[&arguments[..], &["--dry-run"]].concat());
    assert_eq!((code, shown().as_str()), (0, "-1"), "{plan:#}");
    assert!(notes(&plan, "nothing sets it back by itself; due back at ").len() == 1, "{plan:#}");
    let (code, done) = person.document(&[&arguments[..], &["--yes"]].concat());
    assert_eq!((code, shown().as_str()), (0, "250ms"), "{done:#}");
    query(rig, namespace, "select pg_sleep(0.3)");
    let logged = rig.kubectl(&["logs", "db-0", "-c", "postgres", "-n", namespace]);
    assert!(logged.contains("pg_sleep(0.3)"), "{logged}");
    let (code, again) = person.document(&arguments);
    assert_eq!((code, again["outcome"]["ended"]["ended"].as_str()), (0, Some("nothingToDo")), "{again:#}");

    // Somebody set another value meanwhile: it is not overwritten.
    let change = id(&done);
    query(rig, namespace, "alter system set log_min_duration_statement = 7");
    let ran = person.run(&["change", "undo", &change, "--yes"]);
    assert_eq!((ran.code, written().contains("'7'")), (3, true), "{}{}", ran.stdout, ran.stderr);
    query(rig, namespace, "alter system set log_min_duration_statement = '250'");
    let (code, undone) = person.document(&["change", "undo", &change, "--yes"]);
    assert_eq!((code, shown().as_str()), (0, "-1"), "{undone:#}");
    assert!(!written().contains("log_min_duration_statement"), "{}", written());
}

fn what_is_forbidden_or_missing_is_said(person: &Person<'_>) {
    fn change<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
        [&["change", "db-terminate-idle"], arguments].concat()
    }
    let refused = |ran: Ran, words: &[&str]| ran.fails(3, words);
    let looking = [&SERVER[..], &["-n", person.namespace.as_str(), "--dry-run"]].concat();
    refused(person.rig.run_as("viewer", &change(&looking)), &["pods/exec", "ask for the right to create pods/exec"]);
    refused(person.run(&change(&["statefulset/db", "-c", "beside"])), &["no program \"psql\""]);
    refused(person.run(&change(&["statefulset/db"])), &["-c NAME", "postgres"]);
    refused(person.run(&change(&["pod/db-0", "-c", "postgres", "--db-user", "nobody"])), &["nobody", "--db-user"]);
    // A role that sees nothing of others is not told that there is nothing to do.
    let blind = change(&["pod/db-0", "-c", "postgres", "--db-user", "app", "--idle-for", "1s"]);
    refused(person.run(&blind), &["do not show the role app what they do", "pg_read_all_stats"]);
}
