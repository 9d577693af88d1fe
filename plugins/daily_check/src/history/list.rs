//! `kubectl sre daily-check history`: the runs that are kept.

use super::run::Run;
use super::{FOLDER, read};
use clap::Command;
use serde_json::json;
use sre_core::finding::Severity;
use sre_core::report::{Block, Report, Span, Tone, Verdict};
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use sre_runtime::state::State;
use sre_runtime::ui::times;
use std::path::Path;

/// What people type.
pub fn command() -> Command {
    Command::new("history").about("List the runs that are kept, newest first; --baseline takes their ids")
}

/// Lists the runs of all clusters.
///
/// # Errors
/// Fails when a folder cannot be read, and for flags that mean nothing here.
pub fn list(session: &Session) -> Result<Report, Error> {
    let flags = session.report_flags();
    let typed = [
        ("--from", flags.from.is_some()),
        ("--save", flags.save.is_some()),
        ("--profile", flags.profile.is_some()),
        ("--selector", session.labels().is_some()),
        ("--namespace", session.namespaces().one().is_some()),
    ];
    if let Some((flag, _)) = typed.into_iter().find(|(_, is_typed)| *is_typed) {
        return Err(Error::Usage {
            message: format!("{flag} has no meaning for history, which lists what is kept on this machine"),
            hint: "kubectl sre daily-check history".to_owned(),
        });
    }
    let state = State::of_process()?;
    let mut runs = Vec::new();
    for cluster in state.names(Path::new(FOLDER))? {
        let cluster = Path::new(FOLDER).join(cluster);
        for scope in state.names(&cluster)? {
            let scope = cluster.join(scope);
            for name in state.names(&scope)? {
                match read(&state, &scope.join(name)) {
                    Ok(run) => runs.push(run),
                    Err(error) => session.warn(&error),
                }
            }
        }
    }
    runs.sort_by(|a, b| b.id.cmp(&a.id));
    Ok(report(&runs))
}

fn report(runs: &[Run]) -> Report {
    let documents = runs.iter().map(|run| {
        json!({
            "id": run.id, "cluster": run.cluster, "context": run.context, "server": run.server, "scope": run.scope,
            "takenAt": run.taken_at, "critical": run.standing(Severity::Critical),
            "warning": run.standing(Severity::Warning), "unknown": run.standing(Severity::Unknown),
        })
    });
    Report {
        change: None,
        own: None,
        document: json!({
            "apiVersion": "kubectl-sre/v1alpha1", "kind": "DailyCheckHistory", "runs": documents.collect::<Vec<_>>(),
        }),
        blocks: if runs.is_empty() { vec![nothing()] } else { runs.iter().map(line).collect() },
        verdict: Verdict { failing: false, incomplete: false },
    }
}

fn nothing() -> Block {
    Block::Line { indent: 0, spans: vec![Span::plain("No run is kept yet: each live run of daily-check is.")] }
}

fn line(run: &Run) -> Block {
    let place = run.context.as_ref().or(run.server.as_ref()).map_or("", String::as_str);
    let count = |severity, tone| {
        let count = run.standing(severity);
        let tone = if count == 0 { Tone::Faint } else { tone };
        Span::new(tone, format!("  {count} {}", severity.word()))
    };
    Block::Line {
        indent: 0,
        spans: vec![
            Span::new(Tone::Strong, run.id.as_str()),
            Span::faint(format!("  {}", times(&run.taken_at.to_string()))),
            Span::plain(format!("  {place}")),
            Span::faint(format!("  {}", run.scope)),
            count(Severity::Critical, Tone::Critical),
            count(Severity::Warning, Tone::Warning),
        ],
    }
}
