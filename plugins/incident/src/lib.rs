//! `kubectl sre incident`: from symptom to cause, and through the incident. Triage looks, and changes nothing; the record of
//! an incident stays on this machine, and people are told of it where that is asked for.

mod alert;
mod args;
mod pods;
mod probe;
mod reads;
mod record;
mod report;
mod search;

use alert::Firing;
use args::{Args, Request};
use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use futures::future::{FutureExt, LocalBoxFuture};
use report::Unseen;
use sre_core::access;
use sre_core::changes::unread_rights;
use sre_core::check::Sight;
use sre_core::logs::{LogsWanted, logs_wanted};
use sre_core::object::ObjectRef;
use sre_core::performance::{Unmeasured, unmeasured, unseen};
use sre_core::report::Report;
use sre_core::slim::Kind;
use sre_core::snapshot::{Gap, ReadState, Snapshot};
use sre_core::triage::{Triage, suspect, triage};
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

/// What could not be seen of what a triage does without.
struct Lost {
    measurements: Unmeasured,
    rights: Vec<(Kind, Gap)>,
}

/// What a snapshot comes to.
struct Look<'s> {
    view: View<'s>,
    targets: Vec<ObjectRef>,
    alerts: Vec<Firing>,
    triage: Triage,
}

async fn run(session: &mut Session, matches: &ArgMatches) -> Result<Report, Error> {
    let args = Args::from_arg_matches(matches)?;
    args.asks_databases_only_for_a_triage()?;
    if let Some(asked) = args.of_record() {
        return record::report(session, asked).await;
    }
    if let Some(asked) = args.of_search() {
        return search::report(session, asked).await;
    }
    if let Some(asked) = args.of_probe() {
        return probe::report(session, asked).await;
    }
    let request = args.validate(session)?;
    triaged(session, &request).await
}

/// Looks, and says what the causes are.
pub(crate) async fn triaged(session: &mut Session, request: &Request) -> Result<Report, Error> {
    let mut snapshot = session.observe(&reads::for_request(request)).await?;
    snapshot.coverage.record(Sight::Logs, ReadState::NotAsked);
    if request.ask_database && !snapshot.coverage.iter().any(|(sight, _)| sight == Sight::Databases) {
        snapshot.coverage.record(Sight::Databases, ReadState::NotCollected);
    }
    let lost = Lost { measurements: unmeasured(&mut snapshot, &request.profile), rights: unread_rights(&mut snapshot) };
    let first = look(session, request, &snapshot)?;
    // Which containers fail for no reason that was seen, only a first triage tells.
    let wanted = if request.with_logs {
        logs_wanted(&first.view, &first.triage, first.targets.first())
    } else {
        LogsWanted::default()
    };
    if wanted.logs.is_empty() {
        return concluded(session, request, first, &lost).await;
    }
    drop(first);
    session.read_logs(&mut snapshot, &wanted).await?;
    let second = look(session, request, &snapshot)?;
    concluded(session, request, second, &lost).await
}

fn look<'s>(session: &Session, request: &Request, snapshot: &'s Snapshot) -> Result<Look<'s>, Error> {
    let view = View::new(snapshot).with_profile(request.profile.clone());
    let alerts = request.alert.as_ref().map_or_else(|| Ok(Vec::new()), |alert| alert.firing(&view))?;
    // An alert about nothing that was seen leads anywhere.
    let subjects: Option<Vec<ObjectRef>> = alerts.iter().map(|firing| firing.subject.clone()).collect();
    let targets: Vec<ObjectRef> =
        args::found(request, &view)?.into_iter().chain(subjects.unwrap_or_default()).collect();
    let triage = session.timed("judged", || triage(&view, &targets, request.labels.as_ref()));
    Ok(Look { view, targets, alerts, triage })
}

async fn concluded(session: &mut Session, request: &Request, mut look: Look<'_>, lost: &Lost) -> Result<Report, Error> {
    session.timed("suspected", || suspect(&mut look.triage, &look.view, request.window));
    let findings = look.triage.causes.iter().flat_map(|cause| &cause.judged.finding.remedies);
    let access = session.conclude(&access::wanted(findings)).await?;
    let unseen = if request.with_metrics { unseen(&look.view, &lost.measurements) } else { Vec::new() };
    Ok(report::of(request, &look, &Unseen { questions: &unseen, rights: &lost.rights }, &access))
}
