//! What to read instead of a cluster, and how to show what was found.

use crate::ui::{ColourChoice, Format};
use clap::{Args, ValueEnum};
use sre_core::finding::Severity;
use std::path::PathBuf;

/// Flags of input and output, the same for every command that reports.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Input and output")]
pub struct ReportFlags {
    /// Read an archive, a support bundle, a file or directory of objects, or the built-in `demo`, instead of a cluster
    #[arg(long, value_name = "PATH|demo", global = true)]
    pub from: Option<String>,

    /// Write what was read as an archive (.tar.zst, or a directory), for --from
    #[arg(long, value_name = "PATH", global = true, conflicts_with = "from")]
    pub save: Option<PathBuf>,

    /// What your team says of its system: thresholds, exclusions (the name of a profile, or a YAML file)
    #[arg(long, value_name = "NAME|PATH", global = true)]
    pub profile: Option<PathBuf>,

    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT", global = true)]
    pub output: OutputFormat,

    /// Lowest severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY", global = true)]
    pub fail_on: FailOn,

    /// Colour on standard output
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    pub color: ColourChoice,
}

/// What `-o` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For people, with all evidence
    Wide,
    /// One JSON document
    Json,
    /// The same document as YAML
    Yaml,
    /// For people, to paste into a chat or an issue
    Markdown,
    /// One page for a browser, complete in itself
    Html,
    /// Test results for a pipeline: a suite for each section, a case for each check
    Junit,
    /// Metrics for the textfile collector of Prometheus' node exporter
    Prometheus,
}

impl From<OutputFormat> for Format {
    fn from(output: OutputFormat) -> Self {
        match output {
            OutputFormat::Text => Self::Text,
            OutputFormat::Wide => Self::Wide,
            OutputFormat::Json => Self::Json,
            OutputFormat::Yaml => Self::Yaml,
            OutputFormat::Markdown => Self::Markdown,
            OutputFormat::Html | OutputFormat::Junit | OutputFormat::Prometheus => Self::Own,
        }
    }
}

/// What `--fail-on` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Critical findings only
    #[default]
    Critical,
    /// Warnings and worse
    Warning,
    /// Any finding that was decided
    Info,
    /// Any finding, and whatever could not be decided
    Unknown,
    /// Findings never make the exit code 1
    Never,
}

impl FailOn {
    /// Whether a finding of this severity makes the exit code 1.
    ///
    /// `unknown` counts only when it is asked for: what could not be decided has exit code 6 of its own.
    pub fn counts(self, severity: Severity) -> bool {
        match self {
            Self::Never => false,
            Self::Critical => severity == Severity::Critical,
            Self::Warning => matches!(severity, Severity::Critical | Severity::Warning),
            Self::Info => severity != Severity::Unknown,
            Self::Unknown => true,
        }
    }
}
