//! How reports and messages reach people: the only place that prints, and the only one that decides on colour.

mod colour;
mod markdown;
mod neutral;
mod progress;
mod question;
mod seen;
mod text;
mod time;

pub use colour::{Colour, ColourChoice};
pub use neutral::neutralised;
pub use progress::{Bars, Progress, Waiting};
pub use question::Question;
pub use seen::{age, counted, said, scope, server, time};
pub use text::{Layout, render};
pub use time::times;

use serde_json::Value;
use sre_core::report::{Block, Report};
use std::io::{self, IsTerminal, Write};

/// The form of a report on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For people with room: nothing is abbreviated, all evidence is shown.
    Wide,
    /// One JSON document.
    Json,
    /// The same document as YAML.
    Yaml,
    /// For people, where Markdown is read: a chat, an issue.
    Markdown,
    /// What the command wrote in a format that only it knows.
    Own,
}

/// Composes a report; `None` when it was not written in the format that is wanted.
pub fn compose(report: &Report, format: Format, layout: &Layout) -> Option<String> {
    match format {
        Format::Text | Format::Wide => Some(render(&report.blocks, layout)),
        Format::Json => Some(json(&report.document)),
        Format::Yaml => Some(yaml(&report.document)),
        Format::Markdown => Some(markdown::render(&report.blocks)),
        Format::Own => report.own.as_deref().map(neutral::neutralised_lines),
    }
}

/// A document as JSON.
pub(crate) fn json(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    neutral::escaped_json(text)
}

/// Composes one of several reports that follow each other: documents are written one a line.
pub fn compose_next(report: &Report, format: Format, layout: &Layout) -> Option<String> {
    match format {
        Format::Json => Some(neutral::escaped_json(format!("{}\n", report.document))),
        _ => compose(report, format, layout),
    }
}

/// JSON is YAML too, and has escapes for what would steer a terminal.
pub(crate) fn yaml(document: &Value) -> String {
    let text = serde_saphyr::to_string(document).unwrap_or_default();
    if text.contains(neutral::is_raw) { json(document) } else { text }
}

/// Objects as YAML documents, to be applied as they are printed.
pub fn manifests(objects: &[Value]) -> Vec<Block> {
    let texts = objects.iter().map(yaml).collect::<Vec<_>>().join("---\n");
    let line = |line: &str| Block::Command { indent: 0, command: line.to_owned(), note: String::new() };
    texts.lines().map(line).collect()
}

/// Writes text to standard output as it is.
///
/// # Errors
/// Returns what standard output says.
pub fn print_text(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Says on standard error why the run ends, and what to do next.
pub fn complain(message: &str, details: &[String], hint: Option<&str>) {
    let mut text = format!("error: {}\n", neutralised(message));
    for detail in details {
        text.push_str(&format!("  {}\n", neutralised(detail)));
    }
    if let Some(hint) = hint {
        text.push_str(&format!("next: {}\n", neutralised(hint)));
    }
    // Nobody can be told that standard error is gone.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Says something on standard error that only a person at a terminal wants to know.
pub fn hint(text: &str) {
    if io::stderr().is_terminal() {
        // Nobody can be told that standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{}", neutralised(text));
    }
}

/// Tells on standard error what a run has done so far, and goes on with.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", neutralised(text));
}

/// Tells on standard error what a person should know while a run goes on.
pub fn warn(text: &str) {
    // Nobody can be told that standard error is gone.
    let _ = writeln!(io::stderr().lock(), "Warning: {}", neutralised(text));
}

/// The level of `-v` from which on a run tells what it does.
const TRACED: u8 = 6;

/// Tells on standard error what a run does, where that was asked for.
pub fn trace(verbosity: u8, text: &str) {
    if verbosity >= TRACED {
        // Nobody can be told that standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{}", neutralised(text));
    }
}
