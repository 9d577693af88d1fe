//! `kubectl sre rollback`: back to a revision that is known to work.
//!
//! [`revisions`] says what revisions there are and how each fared, [`choice`] which of them to go back to, and [`plan`]
//! how to get there and what stays behind. All of it decides on values; `look` reads what it needs, and what is decided
//! goes through the one way of changing things.

mod args;
pub mod choice;
mod gitops;
pub mod helm;
mod look;
pub mod plan;
mod report;
pub mod revisions;
mod route;
mod suspects;
mod watch;

use args::{Args, Named, Target};
use choice::{Choice, NoChoice, choose};
use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use futures::future::{FutureExt, LocalBoxFuture};
use look::Look;
use plan::Refused;
use revisions::{Revision, history};
use sre_core::ownership::Owner;
use sre_core::plan::Step;
use sre_core::report::Report;
use sre_runtime::change::Acting;
use sre_runtime::error::Error;
use sre_runtime::plugin::Plugin;
use sre_runtime::session::Session;

/// The command.
pub struct Rollback;

impl Plugin for Rollback {
    fn name(&self) -> &'static str {
        "rollback"
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
    let request = Args::from_arg_matches(matches)?.validate()?;
    if request.target.is_none() && !session.can_ask() {
        let message = "what is to be rolled back? Without a terminal nothing can be chosen".to_owned();
        return Err(Error::Usage { message, hint: args::HINT.to_owned() });
    }
    let acting = session.act().await?;
    let workload = match request.target.clone() {
        Some(Target::Workload(named)) => named,
        Some(Target::Release(name)) => return helm::report(session, &acting, &name, &request).await,
        Some(Target::Route(kind, name)) => return route::report(session, &acting, kind, &name, &request).await,
        None => suspects::chosen(&acting).await?,
    };
    let look = look::look(&acting, &workload).await?;
    let revisions = history(&look.seen());
    let title = format!("{} {}/{}", workload.kind.words().0, acting.namespace(), workload.name);
    if request.is_list {
        return Ok(report::list(&title, &revisions));
    }
    let (mut steps, mut notes) = match choose(&revisions, request.wanted) {
        Ok(choice) => planned(&look, &revisions, &choice)?,
        Err(NoChoice::NothingToDo { .. }) => (plan::unblock(look.workload(), &revisions, look.pods()), Vec::new()),
        Err(error) => return Err(nowhere(&error, &workload, &acting)),
    };
    let named = name(&title, &steps);
    if let Some(owner) = look.keeper().filter(|_| !steps.is_empty()) {
        if !request.pauses_gitops {
            return Err(kept_by(owner, &title));
        }
        let (pausing, resuming) = gitops::paused(&acting, owner, look.applications()).await?;
        steps.splice(0..0, pausing);
        notes.extend(resuming);
    }
    let mut plan = acting.plan(named, steps, &request.change);
    if !plan.steps.is_empty() {
        let watched = plan::address(look.workload()).map(|it| watch::workload(look.workload(), it));
        let (watch, watching) = watch::of(session, request.watch_for, watched.into_iter().collect()).await?;
        plan.watch = watch;
        notes.extend(watching);
    }
    plan.notes = notes;
    plan.afterwards = plan::afterwards(look.workload(), &plan.steps);
    let carried = acting.carry_out(plan, &request.change).await?;
    let mut report = acting.report(&carried);
    let history = revisions.iter().flat_map(report::revision_blocks);
    report.blocks = history.chain(report.blocks).collect();
    Ok(report)
}

type Planned = (Vec<Step>, Vec<sre_core::plan::Note>);

fn planned(look: &Look, revisions: &[Revision], choice: &Choice) -> Result<Planned, Error> {
    match plan::steps(look.workload(), revisions, choice, look.pods(), &look.surroundings()) {
        Ok(planned) => Ok(planned),
        Err(Refused::Unchanged { .. }) => Ok((Vec::new(), Vec::new())),
        Err(refused @ Refused::Paused { .. }) => {
            Err(Error::Refused { why: refused.to_string(), hint: "resume it first, then roll back".to_owned() })
        }
        Err(refused @ Refused::NoRevisions(_)) => {
            Err(Error::Usage { message: refused.to_string(), hint: "see --help".to_owned() })
        }
    }
}

fn name(title: &str, steps: &[Step]) -> String {
    steps.first().map_or_else(|| format!("roll back {title}"), |step| format!("{title} {}", step.why))
}

fn nowhere(error: &NoChoice, workload: &Named, acting: &Acting) -> Error {
    let (name, namespace) = (&workload.name, acting.namespace());
    let hint = format!(
        "see what is known of each revision: kubectl sre rollback {}/{name} -n {namespace} --list",
        workload.kind.words().0.to_lowercase()
    );
    match error {
        NoChoice::NoSuchRevision { .. } => Error::Usage { message: error.to_string(), hint },
        _ => Error::Refused { why: error.to_string(), hint },
    }
}

/// Whoever keeps the object as its source says would set the rollback back.
fn kept_by(owner: &Owner, title: &str) -> Error {
    let hint = match owner {
        Owner::ArgoCd { .. } | Owner::Flux { .. } => {
            format!("revert the commit in {}, or pause it first with --pause-gitops", owner.source())
        }
        _ => format!("change it at its source: {}", owner.source()),
    };
    Error::Refused {
        why: format!("{title} is kept as {} says, and a rollback would be set back", owner.source()),
        hint,
    }
}
