//! A program in a real container writes its memory to a file, and the file is fetched.

use super::super::person::{Person, id};
use super::super::rig::{Rig, eventually};
use crate::cli::{BINARY, Sandbox};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const OBJECTS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 1
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: proxy, image: localhost/busybox:1, command: [sleep, infinity]}
      - {name: app, image: localhost/busybox:1, command: [sleep, infinity]}
";

/// Writes 3 MiB that are no text.
const WHOLE: &str = "[sh, -c, 'head -c 3145728 /dev/urandom >{file}'], file: /tmp/heap.bin";
/// Comes back at once, and writes for seconds, under a name of its own.
const SLOW: &str = "[sh, -c, '(sleep 1; for i in 1 2 3; do head -c 9999 /dev/urandom; sleep 1; done >/tmp/own-$$.bin) >/dev/null 2>&1 &'], \
     file: /tmp/own-*.bin";

fn profile(person: &Person<'_>, heap: &str) {
    let text = format!(
        "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: api\n  \
         workloads: [Deployment/{}/api]\n  heap: {{container: app, command: {heap}}}\n",
        person.namespace
    );
    person.sandbox.write("heap.yaml", &text);
}

fn shell(person: &Person<'_>, script: &str) -> String {
    person.rig.kubectl(&["exec", "deploy/api", "-c", "app", "-n", &person.namespace, "--", "sh", "-c", script])
}

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let words = ["incident", "evidence", "--heap", "deployment/api", "--profile", "./heap.yaml", "--timeout", "60s"];
    [&words[..], more].concat()
}

/// The files that are kept beside the record, those that are on their way too.
fn kept(sandbox: &Sandbox) -> Vec<PathBuf> {
    fn all(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { all(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    all(&sandbox.path(""), &mut found);
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    found.retain(|path| name(path).starts_with("heap-") || name(path).starts_with(".coming-"));
    found.sort();
    found
}

/// The newest dump of the timeline.
fn dump(document: &Value) -> String {
    let timeline = document["timeline"].as_array().expect("a timeline").iter();
    let mut of_dumps = timeline.filter(|it| it["kind"] == "dump").filter_map(|it| it["text"].as_str());
    of_dumps.next_back().unwrap_or_else(|| panic!("no dump: {document:#}")).to_owned()
}

#[test]
fn the_memory_of_a_real_program_is_written_fetched_and_taken_away() {
    let rig = Rig::with_node();
    let namespace = rig.namespace("heap");
    let namespace = namespace.name.as_str();
    rig.apply(namespace, OBJECTS);
    rig.kubectl(&["rollout", "status", "deployment/api", "-n", namespace, "--timeout=60s"]);
    let person = Person::new(&rig, namespace);
    let declare = ["incident", "declare", "--sev", "3", "--title", "it leaks", "--no-evidence"];
    assert_eq!(person.document(&declare).0, 0);
    nothing_is_run_before_somebody_says_so(&person);
    it_is_fetched_as_it_is_and_removed_by_undo(&person);
    one_that_comes_later_under_its_own_name_is_waited_for(&person);
    a_command_that_takes_too_long_is_not_run_again(&person);
    what_is_too_large_fails_or_is_killed_is_not_kept(&person);
    who_may_not_or_says_not_how_is_told(&person);
}

fn nothing_is_run_before_somebody_says_so(person: &Person<'_>) {
    profile(person, WHOLE);
    let (code, plan) = person.document(&arguments(&["--dry-run"]));
    assert_eq!((code, plan["tier"].as_u64()), (0, Some(2)), "{plan:#}");
    assert_eq!(plan["steps"][0]["action"], "heap-dump");
    let command = plan["steps"][0]["call"]["run"]["command"]["words"].to_string();
    assert!(command.contains("/tmp/heap.bin"), "{command}");
    assert!(plan["notes"].to_string().contains("passwords and personal data as they are"), "{plan:#}");
    assert_eq!(person.writes(&id(&plan)), Vec::<String>::new(), "only questions");
    let (code, refused) = person.document(&arguments(&["--yes"]));
    assert_eq!((code, refused["outcome"]["ended"]["ended"].as_str()), (3, Some("refused")), "{refused:#}");
    assert_eq!(shell(person, "ls /tmp"), "");
    person.run(&["incident", "evidence", "--dry-run"]).fails(2, &["--dry-run: without --heap nothing is changed"]);
    assert_eq!(kept(&person.sandbox), Vec::<PathBuf>::new());
}

fn it_is_fetched_as_it_is_and_removed_by_undo(person: &Person<'_>) {
    let pod = shell(person, "hostname").trim().to_owned();
    let (code, document) = person.document(&arguments(&["--confirm", &pod]));
    assert_eq!((code, document["kind"].as_str()), (0, Some("Incident")), "{document:#}");
    let kept = kept(&person.sandbox);
    let [file] = &kept[..] else { panic!("{kept:?}") };
    assert!(file.ends_with("heap-1-heap.bin"), "{file:?}");
    let there = shell(person, "sha256sum /tmp/heap.bin");
    let there = there.split_whitespace().next().expect("a digest");
    assert_eq!(sre_core::plan::sha256(&fs::read(file).expect("the file")), there);
    assert_eq!(fs::metadata(file).expect("a file").permissions().mode() & 0o777, 0o600);
    let told = dump(&document);
    for part in [there, "3145728 bytes", "/tmp/heap.bin", &format!("{}/{pod}/app", person.namespace)] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // It is there already, and is not written over.
    let again = person.run(&arguments(&["--confirm", &pod]));
    again.fails(3, &["has a file /tmp/heap.bin of 3145728 bytes already", "fetch it with --existing"]);
    let (_, changes) = person.document(&["change", "list"]);
    let change = changes["changes"].as_array().expect("changes").iter().find(|it| it.to_string().contains("heap.bin"));
    let change = change.unwrap_or_else(|| panic!("{changes:#}"))["id"].as_str().expect("an id").to_owned();
    assert!(told.contains(&change), "{told}");
    let (code, undone) = person.document(&["change", "undo", &change, "--confirm", &pod]);
    assert_eq!((code, undone["outcome"]["ended"]["ended"].as_str()), (0, Some("done")), "{undone:#}");
    assert_eq!(shell(person, "ls /tmp"), "");
    assert!(file.exists(), "what was fetched stays");
}

fn one_that_comes_later_under_its_own_name_is_waited_for(person: &Person<'_>) {
    shell(person, "echo old >/tmp/own-0.bin");
    profile(person, SLOW);
    let pod = shell(person, "hostname").trim().to_owned();
    let (code, document) = person.document(&arguments(&["--confirm", &pod]));
    assert_eq!(code, 0, "{document:#}");
    assert!(dump(&document).contains("29997 bytes, from /tmp/own-"), "{}", dump(&document));
    shell(person, "rm /tmp/own-*");
}

fn a_command_that_takes_too_long_is_not_run_again(person: &Person<'_>) {
    profile(person, "[sh, -c, 'echo run >>/tmp/runs; sleep 13; head -c 999 /dev/zero >{file}'], file: /tmp/heap.bin");
    let pod = shell(person, "hostname").trim().to_owned();
    let words = ["incident", "evidence", "--heap", "deployment/api", "--profile", "./heap.yaml", "--timeout", "10s"];
    let (code, document) = person.document(&[&words[..], &["--confirm", &pod]].concat());
    assert_eq!(code, 0, "{document:#}");
    assert!(dump(&document).contains("999 bytes"), "{}", dump(&document));
    assert_eq!(shell(person, "cat /tmp/runs"), "run\n");
    shell(person, "rm /tmp/heap.bin");
    // What fails may have left half a file, which undo takes away.
    profile(person, "[sh, -c, 'echo half >{file}; exit 3'], file: /tmp/heap.bin");
    let (code, failed) = person.document(&arguments(&["--confirm", &pod]));
    assert_eq!(code, 4, "{failed:#}");
    // Nobody takes the half file for the whole one.
    let (code, resumed) = person.document(&["change", "resume", &id(&failed), "--confirm", &pod]);
    assert_eq!(code, 4, "{resumed:#}");
    assert!(resumed["outcome"].to_string().contains("it is not run again"), "{resumed:#}");
    let (code, undone) = person.document(&["change", "undo", &id(&failed), "--confirm", &pod]);
    assert_eq!((code, undone["outcome"]["ended"]["ended"].as_str()), (0, Some("done")), "{undone:#}");
    assert_eq!(shell(person, "ls /tmp"), "runs\n");
}

fn what_is_too_large_fails_or_is_killed_is_not_kept(person: &Person<'_>) {
    let pod = shell(person, "hostname").trim().to_owned();
    let confirmed = arguments(&["--confirm", &pod]);
    let before = kept(&person.sandbox);
    profile(person, &format!("{WHOLE}, mostMebibytes: 2"));
    let large = person.run(&confirmed);
    assert_eq!(large.code, 6, "{}{}", large.stdout, large.stderr);
    for part in
        ["has 3145728 bytes, and 2097152 are fetched at the most", "heap.mostMebibytes", "--profile ./heap.yaml"]
    {
        assert!(large.stderr.contains(part), "{part}: {}", large.stderr);
    }
    // It is made, as it was shown, and both ways on are told.
    for part in ["--existing", "kubectl sre change undo "] {
        assert!(large.stdout.contains(part), "{part}: {}", large.stdout);
    }
    assert_eq!(kept(&person.sandbox), before);
    person.run(&arguments(&["--existing"])).fails(6, &["has 3145728 bytes"]);
    // The profile says more, and it need not be made anew.
    profile(person, WHOLE);
    let (code, fetched) = person.document(&arguments(&["--existing"]));
    assert_eq!(code, 0, "{fetched:#}");
    assert!(dump(&fetched).contains("which was there"), "{}", dump(&fetched));
    assert_eq!(kept(&person.sandbox).len(), before.len() + 1);
    shell(person, "rm /tmp/heap.bin");

    profile(person, "[sh, -c, 'echo out of room >&2; exit 3'], file: /tmp/heap.bin");
    let (code, failed) = person.document(&confirmed);
    assert_eq!((code, failed["outcome"]["ended"]["ended"].as_str()), (4, Some("failed")), "{failed:#}");
    assert!(failed["outcome"].to_string().contains("it ended with 3: out of room"), "{failed:#}");

    killed_while_the_command_runs(person, &pod);
    killed_while_it_is_fetched(person, &pod);
}

/// A run that is not waited for.
fn started(person: &Person<'_>, pod: &str) -> Child {
    let config = person.rig.kubeconfig("admin");
    let words = [&arguments(&["--confirm", pod])[..], &["-n", &person.namespace, "--kubeconfig", &config]].concat();
    let mut run: Command = person.sandbox.prepared(person.rig.command(BINARY), &words);
    run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
}

/// The command was begun, and nobody saw how it ended: whoever goes on looks what became of it, and runs it no second time.
fn killed_while_the_command_runs(person: &Person<'_>, pod: &str) {
    shell(person, "rm -f /tmp/runs");
    let waits = "until [ -e /tmp/go ]; do sleep 1; done";
    profile(
        person,
        &format!("[sh, -c, 'echo run >>/tmp/runs; {waits}; head -c 999 /dev/zero >{{file}}'], file: /tmp/heap.bin"),
    );
    let mut run = started(person, pod);
    let runs = || shell(person, "cat /tmp/runs 2>/dev/null || true");
    let seen = eventually(60, || (!runs().is_empty()).then_some(()));
    run.kill().expect("the command waits");
    run.wait().expect("its end");
    assert!(seen.is_some());
    assert_eq!(shell(person, "ls /tmp"), "runs\n");
    let (_, changes) = person.document(&["change", "list"]);
    let mut changes = changes["changes"].as_array().expect("changes").iter();
    let begun = changes.find(|it| it["state"] == "open").expect("one that was begun");
    let resume = ["change", "resume", &id(begun), "--confirm", pod, "--timeout"];
    let (code, open) = person.document(&[&resume[..], &["2s"]].concat());
    assert_eq!(code, 4, "{open:#}");
    let words = open["outcome"].to_string();
    assert!(words.contains("and it is not run again"), "{words}");
    shell(person, "touch /tmp/go");
    let (code, resumed) = person.document(&[&resume[..], &["60s"]].concat());
    assert_eq!((code, resumed["outcome"]["ended"]["ended"].as_str()), (0, Some("done")), "{resumed:#}");
    assert_eq!(runs(), "run\n");
    shell(person, "rm /tmp/go");
    let (code, fetched) = person.document(&arguments(&["--existing"]));
    assert_eq!(code, 0, "{fetched:#}");
    assert!(dump(&fetched).contains("999 bytes"), "{}", dump(&fetched));
    shell(person, "rm /tmp/heap.bin");
}

fn killed_while_it_is_fetched(person: &Person<'_>, pod: &str) {
    let before = kept(&person.sandbox);
    // So much that it takes a while.
    profile(person, "[sh, -c, 'head -c 400000000 /dev/zero >{file}'], file: /tmp/heap.bin");
    let mut run = started(person, pod);
    let comes =
        |path: &PathBuf| path.to_string_lossy().contains("/.coming-") && path.metadata().is_ok_and(|it| it.len() > 0);
    let seen = eventually(60, || kept(&person.sandbox).iter().any(comes).then_some(()));
    run.kill().expect("it is still fetched");
    run.wait().expect("its end");
    assert!(seen.is_some());
    let left = kept(&person.sandbox);
    assert_eq!(left.iter().filter(|path| !before.contains(path)).count(), 1, "what came has no name: {left:?}");
    let (code, fetched) = person.document(&arguments(&["--existing"]));
    assert_eq!(code, 0, "{fetched:#}");
    let after = kept(&person.sandbox);
    assert_eq!(after.len(), before.len() + 1, "nothing half is left: {after:?}");
    assert!(dump(&fetched).contains("400000000 bytes"), "{}", dump(&fetched));
    assert!(after.iter().all(|path| !path.to_string_lossy().contains("/.coming-")), "{after:?}");
    shell(person, "rm /tmp/heap.bin");
}

fn who_may_not_or_says_not_how_is_told(person: &Person<'_>) {
    profile(person, WHOLE);
    let rig = person.rig;
    let config = rig.kubeconfig("viewer");
    let words = [&arguments(&["--dry-run"])[..], &["-n", &person.namespace, "--kubeconfig", &config]].concat();
    let ran = crate::cli::Ran::of(person.sandbox.prepared(rig.command(BINARY), &words).output().expect("it runs"));
    ran.fails(3, &["no command may be run in container app of Pod", "create pods/exec"]);
    let heap = ["incident", "evidence", "--heap", "deployment/api"];
    person.run(&heap).fails(2, &["no component of a profile says how a heap dump is made", "components[].heap"]);
    person.run(&["incident", "evidence", "--heap", "service/api"]).fails(2, &["runs no pods"]);
    let two = ["scale", "deployment/api", "--replicas=2", "-n", &person.namespace];
    rig.kubectl(&two);
    rig.kubectl(&["rollout", "status", "deployment/api", "-n", &person.namespace, "--timeout=60s"]);
    person
        .run(&arguments(&["--dry-run"]))
        .fails(2, &["2 pods of Deployment api run; of which one?", "--heap pod/NAME (api-"]);
}
