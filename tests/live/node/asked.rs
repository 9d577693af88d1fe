//! A real PostgreSQL in a real container is asked by a triage: what it says, and what becomes of it when it does not.

use super::super::person::Person;
use super::super::rig::{Rig, eventually};
use super::database::{open_session, query, server, shell};
use crate::cli::{Ran, triage_document};
use serde_json::Value;
use sre_core::postgres::Server;
use std::fs;

const ASK: [&str; 4] = ["incident", "triage", "statefulset/db", "--ask-database"];

/// A profile of the server; what takes minutes elsewhere takes a second here.
fn profile(person: &Person<'_>, name: &str, more: &str) -> String {
    let text = format!(
        "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: data\ncomponents:\n- {{name: db, \
         workloads: [StatefulSet/{}/db], database: {{idleFor: 1s, statementsOver: 1s, blockedFor: 1s{more}}}}}\n",
        person.namespace
    );
    person.sandbox.write(name, &text).to_string_lossy().into_owned()
}

fn looked(person: &Person<'_>, arguments: &[&str]) -> (Ran, Value) {
    let ran = person.run(&[arguments, &["-o", "json"]].concat());
    let document = triage_document(&ran);
    (ran, document)
}

/// What became of asking, as coverage says it.
fn state(document: &Value) -> (String, String) {
    let reads = document["coverage"]["reads"].as_array().expect("reads");
    let read = reads.iter().find(|it| it["what"] == "PostgreSQL servers");
    let text = |field: &str| read.and_then(|it| it[field].as_str()).unwrap_or_default().to_owned();
    (text("state"), text("detail"))
}

/// What is told of the database, by its classes.
fn told(document: &Value) -> Vec<(String, Value)> {
    let causes = document["causes"].as_array().expect("causes").iter();
    let of_server = causes.filter(|it| it["object"]["name"] == "db" && it["object"]["kind"] == "StatefulSet");
    of_server.map(|it| (it["class"].as_str().unwrap_or_default().to_owned(), it.clone())).collect()
}

/// Looks until the database is told of under these classes.
fn until(person: &Person<'_>, profile: &str, classes: &[&str]) -> Value {
    let mut last = Value::Null;
    let found = eventually(60, || {
        let (_, document) = looked(person, &[&ASK[..], &["--profile", profile]].concat());
        let mut seen: Vec<String> = told(&document).into_iter().map(|(class, _)| class).collect();
        seen.sort();
        last = document;
        (seen == classes).then(|| last.clone())
    });
    found.unwrap_or_else(|| panic!("not {classes:?}: {last:#}"))
}

#[test]
fn a_real_database_is_asked_and_what_it_says_is_told_and_kept() {
    let rig = Rig::with_node();
    let namespace = rig.namespace("asked");
    let namespace = namespace.name.as_str();
    server(&rig, namespace, "listen_addresses=");
    let person = Person::new(&rig, namespace);
    one_that_is_well_says_nothing_and_that_it_was_asked(&person);
    who_may_not_or_cannot_ask_has_a_gap(&person);
    nothing_can_be_written_by_asking(&person);
    locks_open_transactions_and_statements_are_told(&person);
    connections_that_run_out_are_told(&person);
}

fn one_that_is_well_says_nothing_and_that_it_was_asked(person: &Person<'_>) {
    let (ran, document) = looked(person, &ASK);
    assert_eq!((ran.code, told(&document)), (0, Vec::new()), "{document:#}{}", ran.stderr);
    assert!(ran.stderr.contains("asking the PostgreSQL server of Pod"), "{}", ran.stderr);
    assert_eq!(state(&document).0, "read");
    let seen = &document["databases"][0];
    assert_eq!((&seen["object"]["name"], &seen["mostConnections"]), (&"db-0".into(), &100.into()), "{seen:#}");
    assert_eq!((&seen["role"], &seen["container"]), (&"postgres".into(), &"postgres".into()));
    let connections = "connections of a database against its limit";
    let unseen = |document: &Value| document["coverage"]["unseen"].to_string().contains(connections);
    assert!(!unseen(&document), "{document:#}");
    let text = person.run(&ASK);
    assert!(text.stdout.contains("/db-0 was asked as postgres: 0 of 100 connections"), "{}", text.stdout);
    // Nobody is asked who was not named.
    let (_, document) = looked(person, &ASK[..3]);
    assert!(document["databases"].is_null() && unseen(&document) && state(&document).0.is_empty(), "{document:#}");
    // Nor where its profile only describes it; where it says so, it is.
    for (name, more, is_asked) in [("described.yaml", "", false), ("asked.yaml", ", ask: true", true)] {
        let profile = profile(person, name, more);
        let (_, document) = looked(person, &["incident", "triage", "--profile", &profile]);
        assert_eq!(
            (document["databases"].is_array(), unseen(&document)),
            (is_asked, !is_asked),
            "{name}: {document:#}"
        );
    }
    let ran = person.rig.run_as("admin", &["incident", "--ask-database"]);
    ran.fails(2, &["--ask-database: which one?", "-n NAMESPACE"]);
}

fn who_may_not_or_cannot_ask_has_a_gap(person: &Person<'_>) {
    let in_namespace = [&ASK[..], &["-n", &person.namespace, "-o", "json"]].concat();
    let ran = person.rig.run_as("viewer", &in_namespace);
    let (word, why) = state(&triage_document(&ran));
    assert!((ran.code, word.as_str()) == (6, "forbidden") && why.contains("pods/exec"), "{word}: {why}");
    for (name, more, word, words) in [
        ("beside.yaml", ", container: beside", "API unavailable", "no program \"psql\""),
        ("nobody.yaml", ", role: nobody", "forbidden", "role \"nobody\" does not exist"),
    ] {
        let profile = profile(person, name, more);
        let (ran, document) = looked(person, &[&ASK[..], &["--profile", &profile]].concat());
        let (found, why) = state(&document);
        assert!((ran.code, found.as_str()) == (6, word) && why.contains(words), "{found}: {why}");
    }
    // Who sees nothing of others is not told that all is well.
    query(person.rig, &person.namespace, "create role app login");
    open_session(person.rig, &person.namespace, "dbname=postgres user=postgres application_name=hidden");
    let profile = profile(person, "app.yaml", ", role: app");
    let hidden = eventually(60, || {
        let (ran, document) = looked(person, &[&ASK[..], &["--profile", &profile]].concat());
        (ran.code == 6 && state(&document).1.contains("is not shown what 1 of 1 sessions do")).then_some(())
    });
    assert!(hidden.is_some());
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hidden'";
    query(person.rig, &person.namespace, end);
}

fn nothing_can_be_written_by_asking(person: &Person<'_>) {
    let server = Server {
        namespace: person.namespace.clone(),
        pod: "db-0".to_owned(),
        container: Some("postgres".to_owned()),
        user: "postgres".to_owned(),
        database: "postgres".to_owned(),
    };
    for statement in ["create table public.written()", "delete from pg_class where false"] {
        let asked = server.look(statement).words;
        let words: Vec<&str> = asked.iter().map(String::as_str).collect();
        let head = ["exec", "db-0", "-c", "postgres", "-n", &person.namespace, "--"];
        let said = person.rig.kubectl_fails(&[&head[..], &words].concat());
        assert!(said.contains("read-only transaction"), "{statement}: {said}");
    }
}

fn locks_open_transactions_and_statements_are_told(person: &Person<'_>) {
    let (rig, namespace) = (person.rig, person.namespace.as_str());
    query(rig, namespace, "create table stock (item text, left_over int)");
    query(rig, namespace, "insert into stock values ('bolt', 1)");
    query(rig, namespace, "grant all on stock to app");
    let session = |name: &str, script: &str| {
        let psql = format!("psql -X 'dbname=postgres user=app application_name={name}'");
        shell(rig, namespace, &format!("(({script}; sleep 600) | {psql} >/dev/null 2>&1 &) >/dev/null 2>&1"));
    };
    session(
        "holder",
        "echo \"begin; update stock set left_over = 0 where item = 'hunter2';\"; echo \"update stock set left_over = 2;\"",
    );
    let profile = profile(person, "short.yaml", "");
    let open = until(person, &profile, &["database-locked"]);
    let (_, cause) = told(&open).remove(0);
    assert!(
        cause["statement"].as_str().is_some_and(|it| it.starts_with("a session has been idle in a transaction for ")),
        "{cause:#}"
    );

    session("waiter", "echo \"update stock set item = 'hunter2' where left_over = 1;\"");
    session("sleeper", "echo 'select pg_sleep(600);'");
    let mut last = Value::Null;
    let found = eventually(60, || {
        last = until(person, &profile, &["database-locked", "queries-slow"]);
        last["databases"][0]["blocked"].as_u64().filter(|it| *it == 1)
    });
    assert!(found.is_some(), "{last:#}");
    assert!(!last.to_string().contains("hunter2"), "{last:#}");
    let of = |class: &str| told(&last).into_iter().find(|it| it.0 == class).map(|it| it.1).expect("it is told");
    let (locked, slow) = (of("database-locked"), of("queries-slow"));
    let facts = locked["evidence"].to_string();
    assert!(facts.contains("blocks]") && facts.contains("application waiter"), "{locked:#}");
    assert!(facts.contains("update stock set item = ? where left_over = ?"), "{locked:#}");
    assert!(slow["evidence"].to_string().contains("waits for Timeout/PgSleep: select pg_sleep(?)"), "{slow:#}");
    let logged = slow["remedies"][0]["command"].as_str().unwrap_or_default();
    assert!(logged.contains("change db-slow-log statefulset/db -c postgres"), "{slow:#}");

    // What is printed does what it says: it names the session that holds the others up.
    let command = locked["remedies"][0]["command"].as_str().expect("a command").to_owned();
    let words = command.split_whitespace().skip(2).take_while(|it| !it.starts_with("--kubeconfig"));
    let planned = rig.run_as("admin", &words.collect::<Vec<_>>());
    assert!(
        planned.code == 0 && planned.stdout.contains("application holder"),
        "{command}: {}{}",
        planned.stdout,
        planned.stderr
    );

    // What is kept says the same, with no word of what was written.
    let asked = [&ASK[..], &["--profile", &profile]].concat();
    let saved = person.run(&[&asked[..], &["--save", "kept"]].concat());
    let again = person.sandbox.run(&["incident", "triage", "statefulset/db", "--profile", &profile, "--from", "kept"]);
    assert!(saved.stdout.contains("[database-locked]"), "{}{}", saved.stdout, saved.stderr);
    let told = |ran: &Ran| ran.stdout.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!((saved.code, told(&saved)), (again.code, told(&again)), "{}", again.stderr);
    let files = fs::read_dir(person.sandbox.path("kept/answers")).expect("answers").flatten();
    let kept: String = files.filter_map(|it| fs::read_to_string(it.path()).ok()).collect();
    assert!(kept.contains("pg_stat_activity") && !kept.contains("hunter2"), "what was written is kept");
}

fn connections_that_run_out_are_told(person: &Person<'_>) {
    // The three sessions of before are three of a hundred.
    let near = profile(person, "near.yaml", ", connectionsPercent: 3");
    let document = until(person, &near, &["database-connections-exhausted", "database-locked", "queries-slow"]);
    let found = told(&document).into_iter().find(|it| it.0 == "database-connections-exhausted").expect("it is told").1;
    assert_eq!(
        (&found["severity"], &found["statement"]),
        (&"warning".into(), &"3 of 100 connections are in use".into())
    );
    assert!(found["remedies"][0]["command"].as_str().is_some_and(|it| it.contains("db-terminate-idle")), "{found:#}");
    query(person.rig, &person.namespace, "create role few login");
    query(person.rig, &person.namespace, "create database crowded connection limit 0");
    let none = profile(person, "few.yaml", ", role: few, database: crowded");
    let document = until(person, &none, &["database-connections-exhausted"]);
    let found = told(&document).remove(0).1;
    assert_eq!(found["severity"], "warning", "{found:#}");
    assert!(found["evidence"].to_string().contains("too many connections for database"), "{found:#}");
    assert_eq!(document["databases"][0]["full"], true);
}
