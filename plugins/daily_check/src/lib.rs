//! `kubectl sre daily-check`: the morning routine. It looks, and changes nothing.

mod args;
pub mod checks;
mod clusters;
mod history;
mod incidents;
mod judgement;
mod manifest;
mod reads;
mod report;
mod routine;
mod usage;
mod watch;

use args::{Args, Request};
use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use futures::future::{FutureExt, LocalBoxFuture};
use history::Run;
use judgement::Judgement;
use report::Answer;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::plugin::Plugin;
use sre_runtime::session::Session;

/// The command.
pub struct DailyCheck;

impl Plugin for DailyCheck {
    fn name(&self) -> &'static str {
        "daily-check"
    }

    fn command(&self) -> Command {
        // What the struct of the arguments says of itself is not what the command is about.
        Args::augment_args(Command::new(self.name()))
            .about(args::ABOUT)
            .after_help(args::EXAMPLES)
            .subcommand(history::command())
    }

    fn pages(&self) -> Vec<&'static str> {
        checks::ids()
    }

    fn page(&self, id: &str) -> Option<String> {
        checks::page(id)
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
    if matches.subcommand_matches("history").is_some() {
        return history::list(session);
    }
    let request = Args::from_arg_matches(matches)?.validate(session)?;
    if let Some(manifest) = &request.manifest {
        return Ok(manifest::report(&request, manifest));
    }
    let clusters = session.clusters(request.contexts)?;
    if !clusters.is_empty() {
        return clusters::run(&request, session, clusters).await;
    }
    if request.watch {
        match watch::run(&request, session).await? {}
    }
    let (answer, run) = look(&request, session).await?;
    if let Some(run) = &run {
        history::keep(session, run);
    }
    Ok(report::of_one(&request, &answer))
}

/// Looks at one cluster, and says what there is to tell of it and what is to be kept.
async fn look(request: &Request, session: &mut Session) -> Result<(Answer, Option<Run>), Error> {
    let snapshot = session.observe(&reads::for_request(request)).await?;
    let mut judgement = Judgement::of(request, session, &snapshot);
    judgement.incidents = incidents::of(request, session, &snapshot.origin).await;
    judgement.access = session.conclude(&judgement.wanted()).await?;
    let run = judgement.compare(request, session)?;
    Ok((Answer::new(request, &judgement), run))
}
