//! `kubectl sre incident`: from symptom to cause. Triage looks, and changes nothing.

mod args;
mod reads;
mod report;

use args::{Args, Request};
use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use futures::future::{FutureExt, LocalBoxFuture};
use sre_core::access;
use sre_core::check::Sight;
use sre_core::logs::logs_wanted;
use sre_core::report::Report;
use sre_core::snapshot::{ReadState, Snapshot};
use sre_core::triage::triage;
use sre_core::view::View;
use sre_runtime::error::Error;
use sre_runtime::plugin::Plugin;
use sre_runtime::session::Session;

/// The command.
pub struct Incident;

impl Plugin for Incident {
    fn name(&self) -> &'static str {
        "incident"
    }

    fn command(&self) -> Command {
        Args::augment_args(Command::new(self.name())).about(args::ABOUT).after_help(args::EXAMPLES)
    }

    fn run<'a>(
        &'a self,
        session: &'a mut Session,
        matches: &'a ArgMatches,
    ) -> LocalBoxFuture<'a, Result<Report, Error>> {
        run(session, matches).boxed_local()
    }
}

async fn run(session: &mut Session, matches: &ArgMatches) -> Result<Report, Error> {
    let request = Args::from_arg_matches(matches)?.validate(session)?;
    let mut snapshot = session.observe(&reads::for_request(&request)).await?;
    look_into_logs(session, &request, &mut snapshot).await?;
    let view = View::new(&snapshot).with_profile(request.profile.clone());
    let object = args::found(&request, &view)?;
    let triage = session.timed("judged", || triage(&view, object.as_ref()));
    let findings = triage.causes.iter().flat_map(|cause| &cause.judged.finding.remedies);
    let access = session.conclude(&access::wanted(findings)).await?;
    Ok(report::of(&request, &view, &triage, &access))
}

/// Reads what the containers wrote last that fail for no reason that was seen: which these are, a first triage tells.
async fn look_into_logs(session: &mut Session, request: &Request, snapshot: &mut Snapshot) -> Result<(), Error> {
    if !request.with_logs {
        snapshot.coverage.record(Sight::Logs, ReadState::NotAsked);
        return Ok(());
    }
    let wanted = {
        let view = View::new(snapshot).with_profile(request.profile.clone());
        let object = args::found(request, &view)?;
        let first = session.timed("judged without logs", || triage(&view, object.as_ref()));
        logs_wanted(&view, &first)
    };
    session.read_logs(snapshot, &wanted).await
}
