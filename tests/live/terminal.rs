//! Questions at a terminal, and what each answer leads to.

use super::rig::Rig;
use super::rollback::Broken;
use crate::cli::{BINARY, Ran};
use std::path::Path;

impl Broken<'_> {
    /// Runs the binary at a terminal; answers are typed when the words before them are shown.
    fn talk(&self, conversation: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/terminal.py");
        let config = self.rig.kubeconfig("admin");
        let conversation = serde_json::to_string(conversation).expect("JSON");
        let all = [&[conversation.as_str(), BINARY], arguments, &["-n", &self.namespace.name, "--kubeconfig", &config]];
        let mut command = self.rig.command("python3");
        command.arg(script);
        let mut command = self.sandbox.prepared(command, &all.concat());
        command.env("TERM", "xterm-256color").env("NO_COLOR", "1");
        Ran::of(command.output().expect("python3"))
    }

    fn is_untouched(&self) -> bool {
        self.image().ends_with(":1.2.0")
    }
}

/// Whether all words were shown, one after the other.
fn shows(ran: &Ran, words: &[&str]) {
    let mut rest = ran.stdout.as_str();
    for word in words {
        let at = rest.find(word).unwrap_or_else(|| panic!("{word:?} is missing: {}{}", ran.stdout, ran.stderr));
        rest = &rest[at + word.len()..];
    }
}

#[test]
fn a_reversible_change_is_asked_about_once_and_done_after_a_yes() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "terminal-one");
    let conversation = [
        ("Do it?", "d"),
        ("Do it?", "u"),
        ("Do it?", "w"),
        ("Do it?", "s kept.json"),
        ("Do it?", "what"),
        ("Do it?", "n"),
    ];
    let ran = broken.talk(&conversation, &["rollback", "deploy/web"]);
    let banner = ["treated as PRODUCTION", "context", "server", "user", "namespace", &broken.namespace.name, "Plan:"];
    shows(&ran, &banner);
    let answers =
        ["[y/N]", "registry.example/shop/web:1.1.0", "[y/N]", "kubectl sre change undo", "[y/N]", "goes back to"];
    shows(&ran, &answers);
    shows(&ran, &["saved", "That is no answer", "the answer was no"]);
    assert!(ran.code == 3 && broken.is_untouched(), "{}{}", ran.stdout, ran.stderr);
    let ran = broken.talk(&[("Do it?", "")], &["rollback", "deploy/web"]);
    assert!(ran.code == 3 && broken.is_untouched(), "no answer is a no: {}", ran.stdout);
    let ran = broken.talk(&[("Do it?", "y")], &["change", "apply", "kept.json"]);
    shows(&ran, &["Do it?", "Done", "take it back"]);
    assert_eq!((ran.code, broken.image().ends_with(":1.1.0")), (0, true), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_may_hurt_is_confirmed_by_its_name() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "terminal-two");
    rig.kubectl(&[
        "patch",
        "deployment",
        "web",
        "-n",
        &broken.namespace.name,
        "-p",
        r#"{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}"#,
    ]);
    let ran = broken.talk(&[("type web", "y"), ("type web", "Web"), ("type web", "n")], &["rollback", "deploy/web"]);
    shows(&ran, &["(tier 2)", "Tier 2: type web", "That is no answer", "That is no answer", "the answer was no"]);
    assert!(ran.code == 3 && broken.is_untouched(), "{}{}", ran.stdout, ran.stderr);
    let ran = broken.talk(&[("type web", "web")], &["rollback", "deploy/web", "--yes"]);
    assert_eq!((ran.code, broken.is_untouched()), (0, false), "{}{}", ran.stdout, ran.stderr);
}

/// A pod that no controller makes anew.
const ALONE: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: alone}\nspec:\n  \
    containers: [{name: app, image: 'registry.example/shop/a:1'}]\n";

#[test]
fn what_may_lose_data_is_confirmed_by_its_name_whatever_flags_say() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "terminal-three");
    let namespace = broken.namespace.name.as_str();
    rig.apply(namespace, ALONE);
    let is_there =
        || !rig.kubectl(&["get", "pod", "alone", "-n", namespace, "--ignore-not-found", "-o", "name"]).is_empty();
    let delete = ["change", "delete-pod", "alone"];
    let ran = broken.talk(
        &[("type alone", "y"), ("type alone", "alone2"), ("type alone", "")],
        &[&delete[..], &["--yes"]].concat(),
    );
    shows(
        &ran,
        &["(tier 3)", "nothing makes the pod anew", "Tier 3: type alone", "That is no answer", "the answer was no"],
    );
    assert!(ran.code == 3 && is_there(), "{}{}", ran.stdout, ran.stderr);
    let second = broken
        .sandbox
        .write("profile.yaml", format!("{PROFILE}safetyPolicy:\n  secondPerson: {{signers: none, for: [tier_3]}}\n"));
    let profile = second.to_string_lossy().into_owned();
    let ran = broken.talk(&[], &[&delete[..], &["--profile", &profile]].concat());
    assert!(ran.code == 7 && is_there() && !ran.stdout.contains("type alone"), "nobody is asked: {}", ran.stdout);
    let ran = broken.talk(&[("type alone", "alone")], &delete);
    assert_eq!((ran.code, is_there()), (0, false), "{}{}", ran.stdout, ran.stderr);
}

/// What every profile begins with.
const PROFILE: &str = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\n";

#[test]
fn without_a_target_what_is_broken_is_shown_first_to_choose_from() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "terminal-pick");
    let well = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a-well}\nspec:\n  replicas: 1\n  \
        selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n    \
        spec: {containers: [{name: app, image: 'registry.example/shop/a:1'}]}\n";
    rig.apply(&broken.namespace.name, well);
    rig.kubectl(&["rollout", "status", "deployment/a-well", "-n", &broken.namespace.name, "--timeout=60s"]);
    let ran = broken.talk(&[("Which?", "7"), ("Which?", "1"), ("Do it?", "y")], &["rollback"]);
    shows(
        &ran,
        &["1  deployment/web", "2  deployment/a-well  rolled out", "Which? [1-2", "none of them", "Do it?", "Done"],
    );
    assert_eq!((ran.code, broken.is_untouched()), (0, false), "{}{}", ran.stdout, ran.stderr);
    let ran = broken.talk(&[("Which?", "")], &["rollback"]);
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);
    broken
        .run(&["rollback"])
        .fails(2, &["Without a terminal nothing can be chosen", "kubectl sre rollback deployment/web"]);
}

#[test]
fn what_to_scale_is_chosen_from_what_is_not_ready_first() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "terminal-scale");
    let choices = [("Which?", "9"), ("Which?", "1"), ("How many replicas of deployment/web?", "many")];
    let conversation = [&choices[..], &[("How many", "3"), ("Do it?", "n")]].concat();
    let ran = broken.talk(&conversation, &["scale"]);
    let words = ["1  deployment/web", "Which? [1-", "none of them", "no number of replicas", "Plan: scale", "to 3"];
    shows(&ran, &words);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    broken.run(&["scale"]).fails(2, &["Without a terminal nothing can be chosen", "kubectl sre scale deployment/web"]);
}

#[test]
fn nothing_of_a_bar_is_left_when_the_answer_is_there() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "terminal-bars");
    let ran = broken.talk(&[], &["daily-check"]);
    let shown = ran.stdout.as_str();
    assert!(shown.contains("\x1b[2Kdaily-check"), "no bar was drawn: {shown}");
    let frames = ["reading ", "asking "].into_iter().flat_map(|word| shown.match_indices(word));
    let frames = frames.filter(|(at, word)| shown[at + word.len()..].starts_with(['░', '█', 'k']));
    let others: Vec<&str> = frames.map(|(at, _)| &shown[..at]).filter(|before| !before.is_empty()).collect();
    let is_erased = |before: &&str| before.ends_with("\r\x1b[2K");
    assert!(others.iter().all(is_erased), "a bar begins beside another one: {shown}");
}
