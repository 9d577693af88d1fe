//! All incidents, and what is due of them.

use super::document;
use super::text;
use super::view::{View, damaged};
use clap::Args;
use sre_core::finding::Severity;
use sre_core::incident::{DueState, Incident};
use sre_core::report::{Block, Report, Span, Verdict};
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident list
  kubectl sre incident list --open -o json

  # also those that colleagues share in the cluster
  kubectl sre incident list --shared";

pub(super) const STATUS_EXAMPLES: &str = "\
Examples:
  # of everything that is open, or waits for its review; exit code 1 when something is overdue
  kubectl sre incident status
  kubectl sre incident status inc-20261129-3f2a";

/// Which incidents are listed.
#[derive(Args, Clone, Debug)]
pub(crate) struct ListArgs {
    /// Only those that are open
    #[arg(long)]
    open: bool,
    /// Also those that others share in the cluster, wherever you may look
    #[arg(long)]
    pub(super) shared: bool,
}

/// Of which incident is said what is due.
#[derive(Args, Clone, Debug)]
pub(crate) struct StatusArgs {
    /// Id of the incident; without it everything that is open or waits for something
    pub(super) id: Option<String>,
}

pub(super) fn all(
    session: &mut Session,
    incidents: &Incidents,
    args: &ListArgs,
    others: Vec<Incident>,
) -> Result<Report, Error> {
    let ListArgs { open, .. } = *args;
    let all = incidents.all()?;
    let mut known: Vec<Incident> = all.incidents.into_iter().chain(others).collect();
    known.sort_by(Incident::newest_first);
    let shown = known.into_iter().filter(|it| !open || it.is_open());
    let views: Vec<View> = shown.map(View::now).collect();
    let nothing = match (open, args.shared) {
        (true, false) => "No incident is open on this machine",
        (false, false) => "No incident is recorded on this machine",
        (true, true) => "No incident is open",
        (false, true) => "No incident is recorded",
    };
    let report = report(&views, views.iter().map(text::line).collect(), nothing, !all.damaged.is_empty());
    damaged(session, all.damaged);
    Ok(report)
}

/// What is due and overdue: of one incident, else of all that are open or wait for something.
pub(super) fn status(session: &mut Session, incidents: &Incidents, args: &StatusArgs) -> Result<Report, Error> {
    let (views, errors) = match &args.id {
        Some(id) => (vec![View::now(incidents.meant(Some(id))?)], Vec::new()),
        None => {
            let all = incidents.all()?;
            (all.incidents.into_iter().map(View::now).filter(waits).collect(), all.damaged)
        }
    };
    let mut blocks = Vec::new();
    for view in &views {
        if !blocks.is_empty() {
            blocks.push(Block::Space);
        }
        blocks.extend(text::short(view));
        blocks.extend(text::next(view, Vec::new()));
    }
    let nothing = "No incident is open, and none waits for anything";
    let mut report = report(&views, blocks, nothing, !errors.is_empty());
    let overdue: usize = views.iter().map(|view| view.incident.overdue(view.now)).sum();
    report.verdict.failing = overdue > 0 && session.report_flags().fail_on.counts(Severity::Critical);
    damaged(session, errors);
    Ok(report)
}

/// Whether somebody has to do something about it.
fn waits(view: &View) -> bool {
    let Incident { actions, .. } = &view.incident;
    let waited = |state| matches!(state, DueState::Overdue | DueState::Pending);
    view.incident.is_open()
        || view.incident.undelivered().next().is_some()
        || actions.iter().any(|it| it.done.is_none())
        || view.incident.due(view.now).iter().any(|it| waited(it.state))
}

/// Several, in short.
pub(super) fn report(views: &[View], mut blocks: Vec<Block>, nothing: &str, incomplete: bool) -> Report {
    if views.is_empty() {
        let hidden = if incomplete { " that can be read" } else { "" };
        blocks.push(Block::line(0, [Span::plain(format!("{nothing}{hidden}"))]));
    }
    Report {
        document: document::list(views),
        blocks,
        own: None,
        verdict: Verdict { failing: false, incomplete },
        change: None,
    }
}
