//! What a client reaches, asked from real containers: by what their images have, and from a pod that comes and goes.

use super::super::person::{Person, id};
use super::super::rig::{Rig, cluster_file, eventually};
use super::database;
use super::{ADDRESS, NODE};
use crate::cli::{BINARY, Ran};
use serde_json::Value;
use std::process::{Child, Stdio};
use std::sync::PoisonError;
use std::thread::sleep;
use std::time::Duration;

/// Nothing comes back from there.
const SILENT: &str = "10.77.0.1:9999";

const PROFILE: &str =
    "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nprobe: {image: 'localhost/asks:1'}\n";

/// A name server that ends with its test.
struct Names(Child);

impl Names {
    fn start(rig: &Rig, known: &[String]) -> Self {
        let mut command = rig.command("python3");
        command.arg(cluster_file("node/dns.py")).arg(ADDRESS).args(known);
        Self(command.stdin(Stdio::null()).spawn().expect("python3 runs"))
    }

    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.end();
    }
}

fn images(rig: &Rig) {
    rig.give_image("localhost/asks:1", "/usr/bin/curl", &["/usr/bin/getent", "/etc/ssl/certs"]);
    rig.give_image("localhost/bare:1", "/usr/bin/sleep", &[]);
}

fn field(rig: &Rig, namespace: &str, object: &str, path: &str) -> String {
    rig.kubectl(&["get", object, "-n", namespace, "-o", &format!("jsonpath={path}")])
}

/// Asks, and gives the exit code and the document.
fn probe(person: &Person<'_>, words: &str, more: &[&str]) -> (i32, Value) {
    let words: Vec<&str> = words.split(' ').collect();
    person.document(&[&["incident", "probe"], &words[..], more].concat())
}

fn text<'d>(document: &'d Value, field: &str) -> &'d str {
    document[field].as_str().unwrap_or_default()
}

/// The pods that were made for a question and are there.
fn left(person: &Person<'_>) -> String {
    let selector = ["get", "pods", "-l", "app.kubernetes.io/name=sre-probe", "-o", "name", "-n", &person.namespace];
    person.rig.kubectl(&selector)
}

#[test]
fn a_client_is_asked_from_what_it_has_and_else_from_a_pod_that_comes_and_goes() {
    let _alone = NODE.lock().unwrap_or_else(PoisonError::into_inner);
    let rig = Rig::with_node();
    let namespace = rig.namespace("probe");
    let namespace = namespace.name.as_str();
    images(&rig);
    rig.apply(namespace, &include_str!("../../cluster/node/probe.yaml").replace("NAMESPACE", namespace));
    for what in ["pod/plain", "pod/bare", "pod/web"] {
        rig.kubectl(&["wait", what, "-n", namespace, "--for=condition=Ready", "--timeout=60s"]);
    }
    rig.kubectl(&["rollout", "status", "deployment/api", "-n", namespace, "--timeout=60s"]);
    let known = ["web", "db"].map(|name| {
        let address = field(&rig, namespace, &format!("service/{name}"), "{.spec.clusterIP}");
        format!("{name}.{namespace}.svc.cluster.local={address}")
    });
    let mut names = Names::start(&rig, &known);
    let drops = ["INPUT", "-p", "tcp", "--dport", "9999", "-j", "DROP"];
    let rule = |how: &str| rig.command("iptables").arg(how).args(drops).status().expect("iptables runs");
    assert!(rule("-I").success());
    let person = Person::new(&rig, namespace);
    person.sandbox.write("shop.yaml", PROFILE);

    a_connection_is_made_refused_or_lost(&person);
    a_url_is_served_or_not(&person);
    databases_answer_without_a_login(&person);
    names_are_resolved_or_not(&person, &mut names);
    let mut names = Names::start(&rig, &known);
    a_pod_is_made_for_the_question_and_is_gone_after_it(&person);
    what_the_namespace_does_not_allow_is_refused(&person);
    an_interrupt_and_a_kill_leave_nothing(&person);
    names.end();
    assert!(rule("-D").success());
}

fn a_connection_is_made_refused_or_lost(person: &Person<'_>) {
    let web = field(person.rig, &person.namespace, "pod/web", "{.status.podIP}");
    for client in ["deployment/api", "pod/plain"] {
        let (code, made) = probe(person, &format!("tcp {web}:8080 --client {client}"), &[]);
        assert_eq!((code, text(&made, "came")), (0, "answered"), "{made:#}");
        let (code, refused) = probe(person, &format!("tcp {web}:8099 --client {client}"), &[]);
        assert_eq!((code, text(&refused, "came")), (1, "refused"), "{refused:#}");
    }
    let (code, lost) = probe(person, &format!("tcp {SILENT} --client deployment/api"), &[]);
    assert_eq!((code, text(&lost, "came")), (1, "timed out"), "{lost:#}");
    assert_eq!(lost["networkPolicies"][0]["name"], "out");
    let db = format!("tcp db.{}:5432 --client deployment/api", person.namespace);
    let (code, empty) = eventually(60, || {
        let (code, empty) = probe(person, &db, &[]);
        (text(&empty, "came") == "refused").then_some((code, empty))
    })
    .expect("kube-proxy refuses what has no endpoint");
    assert_eq!((code, empty["service"]["readyEndpoints"].as_u64()), (1, Some(0)), "{empty:#}");
    assert!(text(&empty, "meaning").contains("has no ready endpoint (0 of 0)"), "{empty:#}");
    let next = empty["next"][0].as_str().expect("a command");
    assert!(next.starts_with(&format!("kubectl sre incident triage service/db -n {}", person.namespace)), "{next}");
}

fn a_url_is_served_or_not(person: &Person<'_>) {
    let web = field(person.rig, &person.namespace, "pod/web", "{.status.podIP}");
    let ask = |url: String| probe(person, &format!("http {url} --client deployment/api"), &[]);
    let (code, served) = ask(format!("http://{web}:8080/index.html"));
    assert_eq!((code, served["status"].as_u64(), text(&served["askedBy"], "program")), (0, Some(200), "curl"));
    let (code, absent) = ask(format!("http://web.{}:8080/none", person.namespace));
    assert_eq!((code, absent["status"].as_u64()), (0, Some(404)), "{absent:#}");
    let (code, broken) = ask(format!("http://{web}:8081/"));
    assert_eq!((code, text(&broken, "came"), broken["status"].as_u64()), (1, "rejected", Some(500)), "{broken:#}");
    let (code, plain) = ask(format!("https://{web}:8080/"));
    assert_eq!((code, text(&plain, "came")), (1, "TLS failed"), "{plain:#}");
    let (code, refused) = ask(format!("http://{web}:8099/"));
    assert_eq!((code, text(&refused, "came")), (1, "refused"), "{refused:#}");
}

fn databases_answer_without_a_login(person: &Person<'_>) {
    let (rig, namespace) = (person.rig, person.namespace.as_str());
    database::server(rig, namespace, "listen_addresses=*");
    let (web, db) =
        (field(rig, namespace, "pod/web", "{.status.podIP}"), field(rig, namespace, "pod/db-0", "{.status.podIP}"));
    // The server of this image lets nobody in from elsewhere, which it says: it is there.
    let (code, there) = probe(person, &format!("postgres {db} --client deployment/api"), &[]);
    assert_eq!((code, text(&there, "came")), (0, "answered"), "{there:#}");
    assert!(text(&there, "detail").contains("(28000)"), "{there:#}");
    let (code, other) = probe(person, &format!("postgres {web}:8080 --client deployment/api"), &[]);
    assert_eq!((code, text(&other, "came")), (1, "closed"), "{other:#}");
    let (code, none) = probe(person, &format!("postgres {web} --client deployment/api"), &[]);
    assert_eq!((code, text(&none, "came")), (1, "refused"), "{none:#}");
    // By the program of the server itself, where the client has it.
    let (_, own) = probe(person, "postgres 127.0.0.1 --client statefulset/db -c postgres", &[]);
    assert_eq!((text(&own, "came"), text(&own["askedBy"], "program")), ("answered", "pg_isready"), "{own:#}");
    let (code, closed) = probe(person, &format!("redis {web} --client deployment/api"), &[]);
    assert_eq!((code, text(&closed, "came")), (0, "answered"), "{closed:#}");
    assert!(text(&closed, "meaning").contains("wants a login"), "{closed:#}");
    let (_, open) = probe(person, &format!("redis {web}:6380 --client deployment/api"), &[]);
    assert_eq!((text(&open, "detail"), text(&open, "version")), ("PONG", "7.2.4"), "{open:#}");
}

fn names_are_resolved_or_not(person: &Person<'_>, names: &mut Names) {
    let namespace = person.namespace.as_str();
    let address = field(person.rig, namespace, "service/web", "{.spec.clusterIP}");
    for (client, program) in [("deployment/api", "getent"), ("pod/plain", "nslookup")] {
        let (code, found) = probe(person, &format!("dns web.{namespace} --client {client}"), &[]);
        assert_eq!((code, found["addresses"][0].as_str()), (0, Some(address.as_str())), "{found:#}");
        assert_eq!(text(&found["askedBy"], "program"), program);
        let (code, none) = probe(person, &format!("dns nosuch.{namespace}.svc --client {client}"), &[]);
        assert_eq!((code, text(&none, "came")), (1, "no such name"), "{none:#}");
        assert!(text(&none, "meaning").starts_with(&format!("there is no Service/{namespace}/nosuch")), "{none:#}");
    }
    let (code, none) = probe(person, "http http://nosuch.example/ --client deployment/api", &[]);
    assert_eq!((code, text(&none, "came")), (1, "no such name"), "{none:#}");
    names.end();
    let (code, silent) = probe(person, &format!("dns web.{namespace} --client deployment/api"), &[]);
    assert_eq!((code, text(&silent, "came")), (1, "no name server"), "{silent:#}");
    assert!(silent["next"][0].as_str().is_some_and(|it| it.contains("service/kube-dns -n kube-system")), "{silent:#}");
}

fn a_pod_is_made_for_the_question_and_is_gone_after_it(person: &Person<'_>) {
    let web = field(person.rig, &person.namespace, "pod/web", "{.status.podIP}");
    let words = format!("tcp {web}:8080 --client pod/bare");
    let profile = ["--profile", "./shop.yaml"];
    let (code, shown) = probe(person, &words, &[&profile[..], &["--dry-run"]].concat());
    assert_eq!((code, text(&shown, "kind"), shown["tier"].as_u64()), (0, "Plan", Some(1)), "{shown:#}");
    assert_eq!(shown["steps"].as_array().map(Vec::len), Some(2));
    assert_eq!(person.writes(&id(&shown)), ["create pods (tried)"]);
    let (code, refused) = probe(person, &words, &profile);
    assert_eq!((code, text(&refused["outcome"]["ended"], "ended"), left(person)), (3, "refused", String::new()));

    let restricted = ["label", "namespace", &person.namespace, "pod-security.kubernetes.io/enforce=restricted"];
    person.rig.kubectl(&restricted);
    let (code, made) = probe(person, &words, &[&profile[..], &["--yes"]].concat());
    assert_eq!((code, text(&made, "came")), (0, "answered"), "{made:#}");
    assert_eq!((made["throwaway"]["removed"].as_bool(), left(person)), (Some(true), String::new()), "{made:#}");
    let expected =
        ["create pods (tried)", "create leases", "create pods", "delete pods", "delete leases", "create events"];
    assert_eq!(person.writes(text(&made["throwaway"], "change")), expected);
    let noted = made["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .any(|it| it.as_str().is_some_and(|it| it.contains("other labels")));
    assert!(noted, "{made:#}");
    // Names are resolved as by the client.
    let (code, found) =
        probe(person, &format!("dns web.{} --client pod/bare", person.namespace), &[&profile[..], &["--yes"]].concat());
    assert_eq!((code, text(&found, "came")), (0, "answered"), "{found:#}");
    person.rig.kubectl(&["label", "namespace", &person.namespace, "pod-security.kubernetes.io/enforce-"]);
}

fn what_the_namespace_does_not_allow_is_refused(person: &Person<'_>) {
    let small = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: small}\nspec: {hard: {limits.memory: 1Mi}}\n";
    person.rig.apply(&person.namespace, small);
    let used = || field(person.rig, &person.namespace, "resourcequota/small", "{.status.hard}");
    eventually(60, || (!used().is_empty()).then_some(())).expect("the quota is counted");
    let words = format!("tcp {SILENT} --client pod/bare");
    let (code, refused) = probe(person, &words, &["--profile", "./shop.yaml", "--yes"]);
    assert_eq!((code, text(&refused["outcome"]["ended"], "ended")), (3, "refused"), "{refused:#}");
    let why = text(&refused["outcome"]["ended"], "why");
    assert!(why.contains("exceeded quota: small") && why.contains("limited: limits.memory=1Mi"), "{why}");
    person.rig.delete(&person.namespace, small);
    eventually(60, || {
        let quotas = ["get", "resourcequota", "-o", "name", "-n", &person.namespace];
        person.rig.kubectl(&quotas).is_empty().then_some(())
    })
    .expect("the quota is gone");

    // An image that nobody has: told, and the pod is gone all the same.
    let none = PROFILE.replace("localhost/asks:1", "127.0.0.1:5000/nobody/has:1");
    person.sandbox.write("none.yaml", none);
    let (code, failed) = probe(person, &words, &["--profile", "./none.yaml", "--yes"]);
    assert_eq!((code, text(&failed["outcome"]["ended"], "ended")), (4, "failed"), "{failed:#}");
    assert!(text(&failed["outcome"]["ended"], "why").contains("ImagePull"), "{failed:#}");
    assert_eq!(left(person), "", "{failed:#}");
}

/// A run that asks where nothing comes back from, once its pod runs.
fn asking(person: &Person<'_>) -> (Child, String) {
    let config = person.rig.kubeconfig("admin");
    let arguments = ["incident", "probe", "tcp", SILENT, "--client", "pod/bare", "--profile", "./shop.yaml", "--yes"];
    let arguments = [&arguments[..], &["-n", &person.namespace, "--kubeconfig", &config]].concat();
    let mut command = person.sandbox.prepared(person.rig.command(BINARY), &arguments);
    let run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    let name = eventually(60, || {
        let name = left(person);
        let name = name.trim().to_owned();
        let runs = !name.is_empty() && field(person.rig, &person.namespace, &name, "{.status.phase}") == "Running";
        runs.then_some(name)
    });
    sleep(Duration::from_millis(1500));
    (run, name.expect("a pod that runs"))
}

fn an_interrupt_and_a_kill_leave_nothing(person: &Person<'_>) {
    let (run, _) = asking(person);
    let interrupted = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    assert!(interrupted.expect("kill runs").success());
    let ran = Ran::of(run.wait_with_output().expect("an end"));
    assert_eq!((ran.code, left(person)), (130, String::new()), "{}{}", ran.stdout, ran.stderr);

    let (mut run, name) = asking(person);
    run.kill().expect("killed");
    run.wait().expect("gone");
    assert_eq!(left(person).trim(), name, "nobody took it away");
    let change = name.trim_start_matches("pod/sre-probe-").to_owned();
    let ran = person.run(&["change", "resume", &change]);
    assert_eq!((ran.code, left(person)), (0, String::new()), "{}{}", ran.stdout, ran.stderr);
}
