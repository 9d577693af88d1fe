//! Every command that is printed, over all fixtures, pages, hints and examples, is one that the real kubectl, or our own
//! command line, can parse.

use crate::cli::Sandbox;
use crate::findings::is_harmless;
use kubectl_sre_change::Change;
use kubectl_sre_daily_check::DailyCheck;
use kubectl_sre_daily_check::checks::{CHECKS, ids};
use kubectl_sre_incident::Incident;
use kubectl_sre_rollback::Rollback;
use kubectl_sre_scale::Scale;
use sre_core::check::{Check, judge};
use sre_core::view::View;
use sre_runtime::plugin::Plugin;
use sre_testkit::Scenario;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

const FAMILY: &[&dyn Plugin] = &[&DailyCheck, &Incident, &Rollback, &Change, &Scale];

/// One remedy of each shape: what differs only in names is parsed once.
fn remedies() -> BTreeSet<String> {
    let checks: Vec<&Check> = CHECKS.iter().collect();
    let mut shapes = BTreeMap::new();
    for (_, scenario) in Scenario::all() {
        let snapshot = scenario.later(15).snapshot();
        for finding in judge(&checks, &View::new(&snapshot)).findings {
            for remedy in finding.remedies {
                let flags: Vec<&str> = remedy.command.split(' ').filter(|word| word.starts_with('-')).collect();
                let words: Vec<&str> = remedy.command.split(' ').take(3).collect();
                shapes.insert(format!("{} {} {}", finding.check, words.join(" "), flags.join(" ")), remedy.command);
            }
        }
    }
    shapes.into_values().collect()
}

/// The commands of a text that stand on lines of their own, or after `See also:`; a backslash goes on to the next line.
fn on_lines(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", "");
    let lines = text.lines().filter(|line| line.starts_with(' ') || line.starts_with("See also: "));
    let commands = lines.map(|line| line.trim_start_matches("See also: ").trim_start());
    let commands = commands.flat_map(|line| line.split(", kubectl sre ").enumerate().map(after_comma));
    commands.filter(|line| line.starts_with("kubectl ")).collect()
}

fn after_comma((at, part): (usize, &str)) -> String {
    if at == 0 { part.to_owned() } else { format!("kubectl sre {part}") }
}

/// The commands of the pages of all checks and classes, with names where a page has words to replace.
fn of_pages() -> BTreeSet<String> {
    let pages = ids().into_iter().filter_map(|id| DailyCheck.page(id));
    pages.flat_map(|page| on_lines(&page)).map(|command| filled_in(&command)).collect()
}

/// A name in place of each word of a page that stands for one, or for a part of one: `NAME`, `INIT-CONTAINER`, `NAME-N`.
fn filled_in(command: &str) -> String {
    let mut filled = String::new();
    let mut rest = command;
    while let Some(start) = rest.find(|c: char| c.is_ascii_uppercase()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(from.len());
        let is_inside = before.ends_with(|c: char| c.is_ascii_alphanumeric() || " -".contains(c) && end == 1);
        filled += before;
        filled +=
            if is_inside || from[end..].starts_with(|c: char| c.is_ascii_lowercase()) { &from[..end] } else { "a1" };
        rest = &from[end..];
    }
    filled + rest
}

/// The commands in the hints of errors: what a string of the runtime names after a colon or `with`, up to its end.
fn of_hints() -> BTreeSet<String> {
    let mut files = Vec::new();
    crate::rules::rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("shared/runtime/src"), &mut files);
    let texts = files.iter().map(|path| fs::read_to_string(path).expect("text"));
    let code: Vec<String> =
        texts.map(|text| text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()).collect();
    let lines = code.iter().flat_map(|text| text.lines()).filter(|line| !line.trim_start().starts_with("//"));
    let said = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let named = said.filter_map(|text| {
        let places = [": kubectl ", " with kubectl ", "see kubectl "].into_iter().filter_map(|it| text.find(it));
        let start = places.min()?;
        text[start..].find("kubectl ").map(|at| text[start + at..].replace("{}", "some-name"))
    });
    named.collect()
}

/// What a report of a terminal ends with, and the examples of the help.
fn of_report_and_help() -> BTreeSet<String> {
    let sandbox = Sandbox::new();
    let report = sandbox.run(&["daily-check", "--from", "demo"]).stdout;
    let (_, next) = report.split_once("\nNext\n").expect("a report ends with what to type next");
    let helps = [&["daily-check"][..], &["scale"], &["scale", "plan"], &["scale", "nodes"]];
    let help: String = helps.iter().map(|it| sandbox.run(&[it, &["--help"][..]].concat()).stdout).collect();
    let examples = help.lines().map(str::trim).filter(|line| line.starts_with("kubectl "));
    let examples = examples.map(|line| line.split(" > ").next().unwrap_or_default().to_owned());
    let next = next.lines().map(|line| line.split("  #").next().unwrap_or_default().trim().to_owned());
    next.filter(|line| line.starts_with("kubectl ")).chain(examples).collect()
}

/// kubectl reads all flags before it shows its help, and refuses those that it does not know.
fn kubectl_parses(command: &str) -> Result<(), String> {
    let programs = super::rig::programs();
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let output =
        Command::new("sh").args(["-c", &format!("{command} --help")]).env("PATH", path).output().expect("sh runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

fn ours_parses(command: &str) -> Result<(), String> {
    let words = ["kubectl-sre"].into_iter().chain(command.split(' '));
    let parsed = sre_runtime::entry::family(FAMILY).try_get_matches_from(words);
    parsed.map(drop).map_err(|error| error.to_string())
}

fn all_parse(commands: &BTreeSet<String>, at_least: usize) {
    assert!(commands.len() >= at_least, "only {} commands: {commands:#?}", commands.len());
    let parsed = commands.iter().map(|command| match command.strip_prefix("kubectl sre ") {
        Some(ours) => (command, ours_parses(ours)),
        None => (command, kubectl_parses(command)),
    });
    let wrong: Vec<String> =
        parsed.filter_map(|(command, parsed)| Some(format!("{command}: {}", parsed.err()?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_remedy_parses() {
    all_parse(&remedies(), 80);
}

#[test]
fn every_command_of_a_page_parses_and_changes_nothing() {
    let commands = of_pages();
    all_parse(&commands, 100);
    let kubectl = commands.iter().filter(|command| !command.starts_with("kubectl sre "));
    let changing: Vec<&String> = kubectl.filter(|command| !is_harmless(command)).collect();
    assert!(changing.is_empty(), "{changing:#?}");
}

#[test]
fn every_command_of_a_hint_parses() {
    all_parse(&of_hints(), 8);
}

#[test]
fn every_command_of_a_report_and_of_the_help_parses() {
    all_parse(&of_report_and_help(), 8);
}

#[test]
fn words_that_stand_for_names_are_replaced_and_no_others() {
    let filled = filled_in("kubectl logs NAME-now -n NAMESPACE -c INIT-CONTAINER -A -l KEY=VALUE podCIDR cronjob/NAME");
    assert_eq!(filled, "kubectl logs a1-now -n a1 -c a1-a1 -A -l a1=a1 podCIDR cronjob/a1");
    assert_eq!(on_lines("kubectl is prose\n  kubectl patch a \\\n    -p b").join("|"), "kubectl patch a     -p b");
}
