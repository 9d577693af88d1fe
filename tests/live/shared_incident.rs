//! Incidents that are shared through a real API server: several people, one timeline.

use super::rig::{Rig, next_second};
use crate::cli::{BINARY, Ran, Sandbox, schema_of_changes};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Somebody at a machine of their own.
struct Responder<'a> {
    rig: &'a Rig,
    sandbox: Sandbox,
    config: String,
}

impl<'a> Responder<'a> {
    fn new(rig: &'a Rig, user: &str) -> Self {
        Self { rig, sandbox: Sandbox::new(), config: rig.kubeconfig(user) }
    }

    /// One who reaches the server by another address.
    fn through(rig: &'a Rig, port: u16) -> Self {
        let sandbox = Sandbox::new();
        let config = std::fs::read_to_string(rig.kubeconfig("admin")).expect("a kubeconfig");
        let config = config.replace(&address(&config), &format!("127.0.0.1:{port}"));
        let config = sandbox.write("through", config);
        Self { rig, sandbox, config: config.to_string_lossy().into_owned() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let words = [&["incident"], words, &["--kubeconfig", &self.config]].concat();
        self.sandbox.prepared(self.rig.command(BINARY), &words)
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.command(words).output().expect("the binary runs"))
    }

    fn started(&self, words: &[&str]) -> Child {
        self.command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
    }

    /// The document of a run, which is as its schema says.
    fn document(&self, words: &[&str], code: i32) -> Value {
        let ran = self.run(&[words, &["-o", "json"]].concat());
        assert_eq!(ran.code, code, "{words:?}: {}{}", ran.stdout, ran.stderr);
        let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let (schemas, index) = schema_of_changes(document["kind"].as_str().expect("a kind"));
        schemas.validate(&document, index).unwrap_or_else(|error| panic!("{error:#}: {document:#}"));
        document
    }

    fn declared(&self, namespace: &str, code: i32) -> String {
        let words =
            ["declare", "--sev", "5", "--title", "checkout is down", "--no-evidence", "--shared", "-n", namespace];
        self.document(&words, code)["id"].as_str().expect("an id").to_owned()
    }

    fn notes(&self, id: &str) -> Vec<String> {
        notes(&self.document(&["show", id], 0))
    }
}

/// The texts of the notes of a timeline, in its order.
fn notes(document: &Value) -> Vec<String> {
    let timeline = document["timeline"].as_array().expect("a timeline").iter();
    timeline.filter(|it| it["kind"] == "note").filter_map(|it| Some(it["text"].as_str()?.to_owned())).collect()
}

/// What the ConfigMaps of a namespace hold that have the label of incidents.
fn kept(rig: &Rig, namespace: &str) -> Value {
    let arguments = ["get", "configmaps", "-n", namespace, "-l", "kubectl-sre/incident", "-o", "json"];
    serde_json::from_str(&rig.kubectl(&arguments)).expect("JSON")
}

/// A way to the API server that can be cut.
struct Wire {
    port: u16,
    is_cut: Arc<AtomicBool>,
}

impl Wire {
    fn new(rig: &Rig) -> Self {
        let config = std::fs::read_to_string(rig.kubeconfig("admin")).expect("a kubeconfig");
        let server = address(&config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let is_cut = Arc::new(AtomicBool::new(false));
        let cut = Arc::clone(&is_cut);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if cut.load(Ordering::SeqCst) {
                    let _ = stream.shutdown(Shutdown::Both);
                    continue;
                }
                let Ok(server) = TcpStream::connect(&server) else { continue };
                for (from, to) in [(&stream, &server), (&server, &stream)] {
                    let (from, to) = (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
                    std::thread::spawn(move || passed(from, to));
                }
            }
        });
        Self { port, is_cut }
    }

    fn is_cut(&self, cut: bool) {
        self.is_cut.store(cut, Ordering::SeqCst);
    }
}

/// Host and port of the server of a kubeconfig.
fn address(config: &str) -> String {
    let behind = config.split("https://").nth(1).expect("an address");
    behind.split(['"', ' ', '\n', '/']).next().unwrap_or_default().to_owned()
}

fn passed(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

#[test]
fn two_people_see_one_timeline_and_lose_nothing_when_both_write_at_once() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared");
    let (jane, joe) = (Responder::new(&rig, "admin"), Responder::new(&rig, "admin"));
    let id = jane.declared(&namespace.name, 0);
    let listed = joe.document(&["list", "--shared"], 0);
    let ids: Vec<&Value> = listed["incidents"].as_array().expect("incidents").iter().map(|it| &it["id"]).collect();
    assert!(ids.contains(&&json!(id)), "{listed:#}");
    assert_eq!(joe.document(&["list"], 0)["incidents"], json!([]), "there is no record of it here yet");
    jane.document(&["note", "the pool is used up, password=Planted-note"], 0);
    assert_eq!(joe.notes(&id).len(), 1, "it is shown without a record of one's own");
    joe.document(&["note", &id, "rolled back"], 0);
    let both = jane.notes(&id);
    assert_eq!(both, ["the pool is used up, password=Planted-note", "rolled back"], "what is one's own stays as it is");
    assert_eq!(joe.notes(&id), ["the pool is used up, password=<secret-1>", "rolled back"]);
    let there = kept(&rig, &namespace.name).to_string();
    assert!(!there.contains("Planted") && there.contains("rolled back"), "{there}");
    const NOTES: usize = 6;
    let words = |who: &str, number: usize| format!("{who}-{number}");
    let runs: Vec<Child> = (0..NOTES)
        .flat_map(|number| {
            let by_jane = jane.started(&["note", &id, &words("jane", number)]);
            [by_jane, joe.started(&["note", &id, &words("joe", number)])]
        })
        .collect();
    for mut run in runs {
        assert_eq!(run.wait().expect("an end").code(), Some(0));
    }
    let written: BTreeSet<String> = (0..NOTES).flat_map(|it| [words("jane", it), words("joe", it)]).collect();
    for who in [&jane, &joe] {
        let seen: Vec<String> = who.notes(&id).split_off(2);
        assert_eq!((seen.len(), seen.into_iter().collect::<BTreeSet<_>>()), (written.len(), written.clone()));
    }
    assert_eq!(jane.notes(&id)[2..], joe.notes(&id)[2..], "in one order");
    joe.document(&["resolve", &id], 0);
    assert_eq!(jane.document(&["show", &id], 0)["state"], "resolved");
}

/// The first report of a cluster that is watched.
fn watched(who: &Responder<'_>, more: &[&str]) -> Value {
    let words = ["daily-check", "--watch", "--only", "nodes", "-o", "json", "--kubeconfig", &who.config];
    let mut command = who.sandbox.prepared(who.rig.command(BINARY), &[&words[..], more].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary runs");
    let mut line = String::new();
    let read = BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line);
    child.kill().expect("it is still watching");
    child.wait().expect("an end");
    read.expect("a line");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
fn the_morning_tells_what_colleagues_share_where_the_profile_says() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared-morning");
    let (jane, joe, nobody) =
        (Responder::new(&rig, "admin"), Responder::new(&rig, "admin"), Responder::new(&rig, "nobody"));
    let id = jane.declared(&namespace.name, 0);
    let profile = format!(
        "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nincident: {{namespace: {}}}\n",
        namespace.name
    );
    let checked = |who: &Responder<'_>, more: &[&str]| -> Value {
        who.sandbox.write("shop.yaml", &profile);
        let words = [&["daily-check", "--only", "nodes", "-o", "json", "--kubeconfig", &who.config], more].concat();
        let ran = Ran::of(who.sandbox.prepared(who.rig.command(BINARY), &words).output().expect("the binary runs"));
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr))
    };
    let with = ["--profile", "shop.yaml"];
    assert!(checked(&joe, &with)["panels"].to_string().contains(&id), "it is told");
    assert!(!checked(&joe, &[]).to_string().contains(&id), "nobody said where it is");
    assert!(checked(&jane, &[])["panels"].to_string().contains(&id), "it is one's own");
    assert!(watched(&joe, &with)["panels"].to_string().contains(&id), "it is told while watching, too");
    joe.document(&["note", &id, "meanwhile"], 0);
    joe.document(&["resolve", &id], 0);
    assert!(!checked(&jane, &[])["panels"].to_string().contains(&id), "somebody else has ended it");
    let role = ["create", "role", "looks", "--verb=list", "--resource=pods,events", "-n", &namespace.name];
    rig.kubectl(&role);
    rig.kubectl(&["create", "rolebinding", "looks", "--role=looks", "--user=nobody", "-n", &namespace.name]);
    let denied = checked(&nobody, &[&with[..], &["-n", &namespace.name]].concat())["coverage"]["problems"].to_string();
    assert!(denied.contains("kubectl auth can-i list configmaps"), "{denied}");
}

#[test]
fn without_the_server_it_goes_on_and_is_joined_when_the_server_is_back() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared-away");
    let wire = Wire::new(&rig);
    let (jane, joe) = (Responder::through(&rig, wire.port), Responder::new(&rig, "admin"));
    let id = jane.declared(&namespace.name, 0);
    joe.document(&["note", &id, "before"], 0);
    wire.is_cut(true);
    let alone = jane.document(&["note", &id, "alone"], 6);
    let told = alone["notLookedAt"][0].as_str().unwrap_or_default();
    assert!(told.contains("not joined") && told.contains(&format!("incident sync {id}")), "{alone:#}");
    assert_eq!(notes(&alone), ["alone"], "it is written here");
    let text = jane.run(&["show", &id]);
    assert!(text.code == 6 && text.stdout.starts_with(&format!("{id} is not joined")), "{}", text.stdout);
    joe.document(&["note", &id, "meanwhile"], 0);
    let away = jane.declared(&namespace.name, 6);
    wire.is_cut(false);
    let joined = jane.document(&["sync"], 0);
    let ids: BTreeSet<&str> =
        joined["incidents"].as_array().expect("incidents").iter().filter_map(|it| it["id"].as_str()).collect();
    assert_eq!(ids, BTreeSet::from([id.as_str(), away.as_str()]), "the one that was declared alone, too");
    let expected = BTreeSet::from(["alone", "before", "meanwhile"].map(str::to_owned));
    for who in [&jane, &joe] {
        assert_eq!(who.notes(&id).into_iter().collect::<BTreeSet<_>>(), expected);
    }
    assert_eq!(joe.document(&["show", &away], 0)["state"], "open");
}

#[test]
fn who_may_not_write_there_is_told_the_right_and_keeps_it_here() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared-denied");
    let viewer = Responder::new(&rig, "viewer");
    let words = ["declare", "--sev", "5", "--title", "x", "--no-evidence", "--shared", "-n", &namespace.name];
    let declared = viewer.document(&words, 6);
    let told = declared["notLookedAt"].to_string();
    let right = format!("kubectl auth can-i create configmaps -n {}", namespace.name);
    assert!(told.contains(&right), "{declared:#}");
    let id = declared["id"].as_str().expect("an id").to_owned();
    assert_eq!(viewer.document(&["show", &id], 6)["state"], "open", "it is kept here");
    assert_eq!(kept(&rig, &namespace.name)["items"], json!([]));
    let nobody = Responder::new(&rig, "nobody");
    let listed = nobody.document(&["list", "--shared"], 6);
    assert!(listed["notLookedAt"][0].as_str().is_some_and(|it| it.contains("can-i list configmaps")), "{listed:#}");
    // What is not known to be the same cluster is another one, and gets nothing of it.
    let wire = Wire::new(&rig);
    let through = Responder::through(&rig, wire.port);
    let config = std::fs::read_to_string(&through.config).expect("a kubeconfig");
    let config = viewer.sandbox.write("elsewhere", config).to_string_lossy().into_owned();
    let elsewhere = Responder { config, ..viewer };
    let shown = elsewhere.document(&["show", &id], 6);
    assert!(shown["notLookedAt"].to_string().contains("which is another cluster"), "{shown:#}");
}

#[test]
fn what_others_write_there_is_data_and_nothing_of_it_is_obeyed() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared-foreign");
    let (jane, joe) = (Responder::new(&rig, "admin"), Responder::new(&rig, "admin"));
    let id = jane.declared(&namespace.name, 0);
    let entry = |id: &str, what: Value| {
        json!({"id": id, "number": 9, "at": "2026-11-29T08:00:00Z", "by": "eve\u{1b}[31m", "what": what}).to_string()
    };
    let target = json!({
        "name": "oncall", "channel": "webhook", "secret": {"file": "/etc/passwd"}, "items": ["page"],
    });
    let sending = json!({
        "kind": "sending", "delivery": "m-9-oncall", "message": "m-9", "item": "page", "target": target, "text": "x",
    });
    let declared = json!({"kind": "declared", "title": "nothing happened", "severity": 5, "procedure": {}});
    let patch = json!({"data": {
        "f1": entry("f1", json!({"kind": "note", "text": "\u{1b}]0;owned\u{7} <script>"})),
        "f2": entry("f2", sending),
        "f3": entry("f3", declared),
        "f4": entry("f4", json!({"kind": "hologram"})),
        "f5": "{",
    }});
    let name = format!("kubectl-sre-incident-{id}");
    rig.kubectl(&["patch", "configmap", &name, "-n", &namespace.name, "--type=merge", "-p", &patch.to_string()]);
    for who in [&jane, &joe] {
        let shown = who.run(&["show", &id]);
        assert_eq!(shown.code, 6, "what cannot be read is a gap: {}{}", shown.stdout, shown.stderr);
        assert!(!shown.stdout.contains('\u{1b}') && shown.stdout.contains("u{1b}"), "{}", shown.stdout);
        assert!(shown.stdout.contains("key f5: it is no entry"), "{}", shown.stdout);
        let again = who.run(&["retry", &id, "--unknown", "--yes"]);
        again.fails(2, &["oncall was sent from another machine"]);
    }
    assert_eq!(jane.document(&["show", &id], 6)["title"], "checkout is down", "how it began is known here");
    // What cannot be read stays there as it is.
    jane.document(&["note", &id, "mine"], 6);
    assert_eq!(kept(&rig, &namespace.name)["items"][0]["data"]["f5"], "{");
}

/// A run that is killed when it makes one of some calls for the so many-th time; whether it came to its end.
fn ends(who: &Responder<'_>, words: &[&str], calls: &str, number: usize) -> bool {
    let inject = format!("inject={calls}:signal=SIGKILL:when={number}");
    let run = who.command(words);
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-e", &inject]).arg(run.get_program()).args(run.get_args());
    command.env_clear().envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("strace runs").code() == Some(0)
}

#[test]
fn a_run_that_is_killed_anywhere_loses_nothing_that_was_told_to_be_written() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared-killed");
    let (jane, joe) = (Responder::new(&rig, "admin"), Responder::new(&rig, "admin"));
    let id = jane.declared(&namespace.name, 0);
    let (mut told, mut kills) = (BTreeSet::new(), 0);
    for calls in ["fdatasync", "write", "sendto,writev,sendmsg"] {
        for number in 1..=6 {
            let text = format!("{calls}/{number}");
            if ends(&jane, &["note", &id, &text], calls, number) {
                told.insert(text);
            } else {
                kills += 1;
            }
        }
    }
    assert!(kills >= 4, "{kills} of the runs were killed");
    jane.document(&["sync"], 0);
    let (here, there) = (jane.notes(&id), joe.notes(&id));
    assert_eq!(here, there);
    let seen: BTreeSet<String> = here.iter().cloned().collect();
    assert_eq!(seen.len(), here.len(), "nothing is there twice");
    assert!(told.is_subset(&seen), "{told:?} {seen:?}");
}

#[test]
fn what_was_written_alone_and_meanwhile_is_joined_whole_wherever_the_joining_was_killed() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared-sync-killed");
    let wire = Wire::new(&rig);
    let (jane, joe) = (Responder::through(&rig, wire.port), Responder::new(&rig, "admin"));
    let id = jane.declared(&namespace.name, 0);
    let (mut written, mut kills) = (BTreeSet::new(), 0);
    for calls in ["fdatasync", "write", "sendto,writev,sendmsg"] {
        for number in [1, 2, 4, 7] {
            let (alone, meanwhile) = (format!("alone {calls}/{number}"), format!("meanwhile {calls}/{number}"));
            wire.is_cut(true);
            jane.document(&["note", &id, &alone], 6);
            joe.document(&["note", &id, &meanwhile], 0);
            wire.is_cut(false);
            written.extend([alone, meanwhile]);
            kills += usize::from(!ends(&jane, &["sync", &id], calls, number));
            let here: BTreeSet<String> = jane.document(&["list"], 0)["incidents"]
                .as_array()
                .map(|all| all.iter().filter_map(|it| it["state"].as_str().map(str::to_owned)).collect())
                .expect("incidents");
            assert_eq!(here, BTreeSet::from(["open".to_owned()]), "the record can be read after {calls} {number}");
        }
    }
    assert!(kills >= 4, "{kills} of the runs were killed");
    jane.document(&["sync", &id], 0);
    let (here, there) = (jane.notes(&id), joe.notes(&id));
    assert_eq!(here, there);
    assert_eq!((here.len(), here.into_iter().collect::<BTreeSet<_>>()), (written.len(), written), "all, and each once");
}

/// Lets somebody without any right list ConfigMaps in a namespace.
fn may_list(rig: &Rig, namespace: &str) {
    rig.kubectl(&["create", "role", "lists", "--verb=list", "--resource=configmaps", "-n", namespace]);
    rig.kubectl(&["create", "rolebinding", "lists", "--role=lists", "--user=nobody", "-n", namespace]);
}

#[test]
fn who_may_not_look_everywhere_looks_where_it_may_be_and_says_where_that_was() {
    let rig = Rig::shared();
    let namespace = rig.namespace("shared-narrow");
    let name = namespace.name.as_str();
    let (jane, nobody) = (Responder::new(&rig, "admin"), Responder::new(&rig, "nobody"));
    let id = jane.declared(name, 0);
    may_list(&rig, name);
    let listed = nobody.document(&["list", "--shared", "-n", name], 6);
    assert_eq!(listed["incidents"][0]["id"], json!(id), "{listed:#}");
    let told = listed["notLookedAt"][0].as_str().unwrap_or_default();
    assert!(
        told.contains(&format!("in namespace {name} only: ")) && told.contains("can-i list configmaps -A"),
        "{told}"
    );
    nobody.run(&["show", "inc-20260101-ffff", "-n", name]).fails(2, &[&format!("in namespace {name} only")]);
    assert_eq!(nobody.document(&["show", &id, "-n", name], 0)["title"], "checkout is down");
    let again = nobody.document(&["list", "--shared"], 6);
    assert_eq!(again["incidents"][0]["id"], json!(id), "where one of this machine is shared is known: {again:#}");
}

#[test]
fn a_namespace_that_was_mistyped_is_mended_and_what_colleagues_know_stays_where_it_is() {
    let rig = Rig::shared();
    let (namespace, other) = (rig.namespace("shared-mended"), rig.namespace("shared-other"));
    let (jane, joe) = (Responder::new(&rig, "admin"), Responder::new(&rig, "admin"));
    let id = jane.declared("shared-mendde", 6);
    let shared = jane.document(&["share", &id, "-n", &namespace.name], 0);
    assert_eq!(shared["notLookedAt"], Value::Null, "{shared:#}");
    joe.document(&["note", &id, "seen"], 0);
    assert_eq!(jane.notes(&id), ["seen"]);
    let refused = jane.run(&["share", &id, "-n", &other.name]);
    let hint = format!("kubectl delete configmaps -n {} -l kubectl-sre/incident={id}", namespace.name);
    refused.fails(2, &["colleagues may know it there", &hint]);
    jane.document(&["note", &id, "still there"], 0);
    assert_eq!(joe.notes(&id), ["seen", "still there"]);
    assert_eq!(kept(&rig, &other.name)["items"], json!([]));
}

#[test]
fn pages_of_an_incident_count_where_it_is_kept_and_nowhere_else() {
    let rig = Rig::shared();
    let (namespace, elsewhere) = (rig.namespace("shared-z-home"), rig.namespace("shared-a-forged"));
    let (jane, joe) = (Responder::new(&rig, "admin"), Responder::new(&rig, "admin"));
    let id = jane.declared(&namespace.name, 0);
    // The server's times have seconds.
    next_second();
    let entry = |id: &str, what: Value| {
        json!({"id": id, "number": 1, "at": "2026-01-01T08:00:00Z", "by": "eve", "what": what}).to_string()
    };
    let real = &kept(&rig, &namespace.name)["items"][0]["data"];
    let first = real.as_object().and_then(|data| data.values().next()?.as_str()).expect("an entry");
    let mut declared = serde_json::from_str::<Value>(first).expect("JSON")["what"].take();
    declared["title"] = "all is well".into();
    let forged = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": format!("kubectl-sre-incident-{id}"), "labels": {"kubectl-sre/incident": id}},
        "data": {"f1": entry("f1", declared), "f2": entry("f2", json!({"kind": "note", "text": "forged"})), "f3": "{"},
    });
    rig.apply(&elsewhere.name, &forged.to_string());
    let ran = joe.run(&["show", &id, "-o", "json"]);
    let shown: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    assert_eq!((&shown["title"], notes(&shown)), (&json!("checkout is down"), Vec::new()), "{shown:#}");
    let told = format!("ConfigMap {}/kubectl-sre-incident-{id} is left out", elsewhere.name);
    assert!(ran.stderr.contains(&told), "{}", ran.stderr);
    joe.document(&["note", &id, "by joe"], 0);
    assert_eq!(jane.notes(&id), ["by joe"]);
    let third = Responder::new(&rig, "admin");
    let ran = third.run(&["list", "--shared", "-o", "json"]);
    let listed: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    assert!(!listed["notLookedAt"].to_string().contains(&id), "what is left out is no gap: {listed:#}");
    let titles: Vec<&Value> = listed["incidents"]
        .as_array()
        .expect("incidents")
        .iter()
        .filter(|it| it["id"] == json!(id))
        .map(|it| &it["title"])
        .collect();
    assert_eq!(titles, ["checkout is down"]);
}
