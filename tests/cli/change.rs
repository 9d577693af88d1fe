//! What `kubectl sre change` says of itself.

use super::sandbox::Sandbox;
use kubectl_sre_change::Change;
use sre_core::plan::ACTIONS;
use sre_runtime::plugin::Plugin;

const FAMILY: &[&dyn Plugin] = &[&Change];

/// The commands of a text that stand on lines of their own.
fn commands(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("kubectl sre change "));
    lines.map(str::to_owned).collect()
}

/// The words of a command, as a shell reads it.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let read = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    read.skip(2).collect()
}

#[test]
fn every_command_of_the_help_and_of_the_pages_parses() {
    let mut family = sre_runtime::entry::family(FAMILY);
    family.build();
    let change = family.find_subcommand("change").expect("the command");
    let helps = std::iter::once(change).chain(change.get_subcommands()).filter_map(|it| it.get_after_help());
    let helps: Vec<String> = helps.flat_map(|help| commands(&help.to_string())).collect();
    let pages: Vec<String> = ACTIONS.iter().flat_map(|action| commands(action.page)).collect();
    assert!(helps.len() > 20 && pages.len() > 8, "{} and {}", helps.len(), pages.len());
    for command in helps.iter().chain(&pages) {
        let typed = std::iter::once("kubectl-sre".to_owned()).chain(words(command));
        let parsed = sre_runtime::entry::family(FAMILY).try_get_matches_from(typed);
        assert!(parsed.is_ok(), "{command}: {}", parsed.expect_err("it does not parse"));
    }
}

#[test]
fn every_action_that_is_typed_has_its_page_and_examples() {
    let mut family = sre_runtime::entry::family(FAMILY);
    family.build();
    let change = family.find_subcommand("change").expect("the command");
    let known = change.get_subcommands().filter(|it| ACTIONS.iter().any(|action| action.id == it.get_name()));
    let known: Vec<&clap::Command> = known.collect();
    assert!(known.len() >= 11, "{}", known.len());
    for command in known {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.starts_with("Examples:\n"), "{} has no examples", command.get_name());
    }
}

#[test]
fn what_makes_no_sense_is_told_before_anything_is_asked() {
    let sandbox = Sandbox::new();
    let rows: [(&[&str], &str); 8] = [
        (&["restart", "web"], "TYPE/NAME is wanted"),
        (&["restart", "svc/web"], "it is not done to a Service"),
        (&["set-env", "deploy/web", "TTL"], "neither sets a variable nor takes one away"),
        (&["set-image", "deploy/web", "app"], "names no container with its image"),
        (&["label", "thing/web", "a=b"], "no type that is known here"),
        (&["taint", "node-1", "a=b:Sometimes"], "is no taint"),
        (&["update-strategy", "sts/db"], "what is to be changed of the strategy?"),
        (&["shift-traffic", "vs/web", "canary=101"], "weight from 0 to 100"),
    ];
    for (typed, said) in rows {
        sandbox.run(&[&["change"], typed].concat()).fails(2, &[said, "next: "]);
    }
}
