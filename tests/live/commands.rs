//! Every command that is printed, over all fixtures, is one that the real kubectl, or our own command line, can parse.

use kubectl_sre_daily_check::DailyCheck;
use kubectl_sre_daily_check::checks::CHECKS;
use sre_core::check::{Check, judge};
use sre_core::view::View;
use sre_runtime::plugin::Plugin;
use sre_testkit::{Scenario, scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

const FAMILY: &[&dyn Plugin] = &[&DailyCheck];

/// One command of each shape: what differs only in names is parsed once.
fn printed() -> BTreeMap<String, String> {
    let folder = scenario::fixtures().join("checks");
    let files = fs::read_dir(folder).expect("fixtures").flatten();
    let names = files.filter_map(|entry| entry.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    let checks: Vec<&Check> = CHECKS.iter().collect();
    let mut shapes = BTreeMap::new();
    for name in names.collect::<BTreeSet<_>>() {
        let snapshot = Scenario::captured(&name).later(15).snapshot();
        for finding in judge(&checks, &View::new(&snapshot)).findings {
            for remedy in finding.remedies {
                let flags: Vec<&str> = remedy.command.split(' ').filter(|word| word.starts_with('-')).collect();
                let words: Vec<&str> = remedy.command.split(' ').take(3).collect();
                shapes.insert(format!("{} {} {}", finding.check, words.join(" "), flags.join(" ")), remedy.command);
            }
        }
    }
    shapes
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

#[test]
fn every_printed_command_parses() {
    let printed = printed();
    assert!(printed.len() > 80, "only {} commands", printed.len());
    let mut wrong = Vec::new();
    for command in printed.values() {
        let parsed = match command.strip_prefix("kubectl sre ") {
            Some(ours) => {
                let words = ["kubectl-sre"].into_iter().chain(ours.split(' '));
                sre_runtime::entry::family(FAMILY)
                    .try_get_matches_from(words)
                    .map(drop)
                    .map_err(|error| error.to_string())
            }
            None => kubectl_parses(command),
        };
        wrong.extend(parsed.err().map(|why| format!("{command}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
