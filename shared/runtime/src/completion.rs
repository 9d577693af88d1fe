//! Completions: for our own name by scripts of the shells, and for `kubectl sre` by kubectl's protocol.

use clap::Command;
use clap_complete::engine;
use clap_complete::env::CompleteEnv;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;

/// The hidden first word by which `kubectl_complete-sre` asks.
pub const COMPLETE: &str = "__complete";

/// Answers a shell that asks through the variable `COMPLETE`; ends the process if one did.
///
/// The scripts are made for the name of the executable: for `kubectl sre` they would take over kubectl's own completion.
pub fn answer_shell(family: fn() -> Command) {
    CompleteEnv::with_factory(family).bin("kubectl-sre").complete();
}

/// The candidates for the last of the words, as kubectl reads them: one a line, with a description behind a tab, and at
/// the end a directive (4: no file names).
pub fn for_kubectl(mut family: Command, words: &[OsString]) -> String {
    let typed: Vec<OsString> = [OsString::from("kubectl-sre")].into_iter().chain(words.iter().cloned()).collect();
    let last = typed.len() - 1;
    let candidates = engine::complete(&mut family, typed, last, Some(Path::new("."))).unwrap_or_default();
    let mut text = String::new();
    for candidate in candidates {
        let value = candidate.get_value().to_string_lossy().into_owned();
        let help = candidate.get_help().map(|help| format!("\t{help}")).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(text, "{value}{help}");
    }
    text.push_str(":4\n");
    text
}
