//! The post-mortem, printed or written to a file.

use super::page;
use super::view::View;
use clap::{Args, ValueEnum};
use sre_core::report::{Block, Report, Span};
use sre_runtime::args::OutputFormat;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;
use sre_runtime::state::write_new;
use sre_runtime::ui::{Format, Layout, compose};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident export inc-20261129-3f2a
  kubectl sre incident export inc-20261129-3f2a --format html --out postmortem.html";

/// Which post-mortem, how and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArgs {
    /// Id of the incident; without it the only one that is open
    pub(super) id: Option<String>,
    /// How
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<ExportFormat>,
    /// New file for it; without it standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What `--format` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// To be pasted into a wiki or an issue
    Markdown,
    /// One page for a browser, complete in itself
    Html,
    /// The document of `show -o json`
    Json,
}

pub(super) fn report(session: &Session, incidents: &Incidents, args: &ExportArgs) -> Result<Report, Error> {
    let ExportArgs { id, format, out } = args;
    let output = session.report_flags().output;
    let is_for_people = matches!(output, OutputFormat::Text | OutputFormat::Wide);
    if format.is_some() && !is_for_people {
        return Err(Error::Usage {
            message: "-o and --format both say how the post-mortem is written".to_owned(),
            hint: "leave -o out: --format markdown, html or json".to_owned(),
        });
    }
    let view = View::now(incidents.meant(id.as_deref())?).with_changes();
    let title = view.incident.declaration.title.clone();
    let report = view.postmortem(session);
    if format.is_none() && out.is_none() && !is_for_people {
        return Ok(report);
    }
    let format = format.unwrap_or(match output {
        OutputFormat::Html => ExportFormat::Html,
        OutputFormat::Json => ExportFormat::Json,
        _ => ExportFormat::Markdown,
    });
    let text = written(&report, &title, format, &Layout::of_process(session.report_flags().color));
    let blocks = match out {
        Some(file) => {
            write_new(file, text.as_bytes()).map_err(|source| unwritten(file, source))?;
            vec![Block::line(0, [Span::plain(format!("The post-mortem is in {}", file.display()))])]
        }
        None => text.lines().map(raw).collect(),
    };
    let own = report.own.filter(|_| out.is_none());
    Ok(Report { blocks, own, ..report })
}

fn written(report: &Report, title: &str, format: ExportFormat, layout: &Layout) -> String {
    let as_is = |format| compose(report, format, layout).unwrap_or_default();
    match format {
        ExportFormat::Markdown => as_is(Format::Markdown),
        ExportFormat::Json => as_is(Format::Json),
        ExportFormat::Html => page::of(title, &report.blocks),
    }
}

/// A line that is printed as it is.
fn raw(line: &str) -> Block {
    Block::Command { indent: 0, command: line.to_owned(), note: String::new() }
}

fn unwritten(file: &Path, source: std::io::Error) -> Error {
    match source.kind() {
        ErrorKind::AlreadyExists => Error::Usage {
            message: format!("--out {}: there is such a file already", file.display()),
            hint: "what is there is never overwritten: choose another name".to_owned(),
        },
        _ => Error::Local { path: file.to_owned(), source },
    }
}
