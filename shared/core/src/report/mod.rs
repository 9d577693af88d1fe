//! What to show, without saying how: a document for machines and blocks for people.

mod gaps;
mod seen;

pub use gaps::GapView;
pub use seen::{EvidenceView, ReadView, RemedyView, Source};

use crate::finding::Severity;
use crate::plan::Ended;
use serde_json::Value;

/// A finished report: one document, other forms of it, and what it means for the exit code.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The document for machines, with `apiVersion` and `kind`.
    pub document: Value,
    /// The same for people, from top to bottom.
    pub blocks: Vec<Block>,
    /// The same in a format that only the command knows how to write (HTML, JUnit ...), when that was asked for.
    pub own: Option<String>,
    /// What it comes to.
    pub verdict: Verdict,
    /// How the change ended that it tells of.
    pub change: Option<Ended>,
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether a finding stands at or above the level that counts as failure.
    pub failing: bool,
    /// Whether something could not be looked at.
    pub incomplete: bool,
}

/// A piece of a report for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading with space before it.
    Heading(Vec<Span>),
    /// A line, indented by so many steps; long ones are wrapped at that indent.
    Line {
        /// Steps of two columns.
        indent: usize,
        /// The words.
        spans: Vec<Span>,
    },
    /// A command on a line of its own, never wrapped, so that it can be pasted.
    Command {
        /// Steps of two columns.
        indent: usize,
        /// The command, complete.
        command: String,
        /// What to say behind it; empty for nothing.
        note: String,
    },
    /// An empty line.
    Space,
}

/// Words in one tone. Text may hold anything that a cluster holds: the renderer neutralises it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The words.
    pub text: String,
    /// How they are meant.
    pub tone: Tone,
}

/// How words are meant; the renderer decides on colour, and every tone is readable without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are the meaning")]
pub enum Tone {
    Plain,
    Strong,
    Faint,
    Critical,
    Warning,
    Unknown,
    Good,
}

impl Tone {
    /// How words of a severity are meant.
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::Warning => Self::Warning,
            Severity::Unknown => Self::Unknown,
            Severity::Info => Self::Faint,
        }
    }
}

impl Block {
    /// A line of these words.
    pub fn line(indent: usize, spans: impl IntoIterator<Item = Span>) -> Self {
        Self::Line { indent, spans: spans.into_iter().collect() }
    }

    /// A heading of plain weight.
    pub fn heading(words: impl Into<String>) -> Self {
        Self::Heading(vec![Span::new(Tone::Strong, words)])
    }
}

impl Span {
    /// Words in a tone.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }

    /// Words without emphasis.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Tone::Plain, text)
    }

    /// Words of lesser weight.
    pub fn faint(text: impl Into<String>) -> Self {
        Self::new(Tone::Faint, text)
    }
}
