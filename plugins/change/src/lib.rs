//! `kubectl sre change`: single changes, and every recorded change: going on with it or taking it back.

mod actions;
mod approve;
mod args;
mod export;
mod list;
mod show;
mod unpersisted;
mod verify;

use args::{Args, Asked};
use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use futures::future::{FutureExt, LocalBoxFuture};
use sre_core::plan::{ACTIONS, Ended, Plan, Undoing, undoing};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::change::{self, Changes};
use sre_runtime::error::Error;
use sre_runtime::plugin::Plugin;
use sre_runtime::session::Session;
use std::path::Path;

/// The command.
pub struct Change;

impl Plugin for Change {
    fn name(&self) -> &'static str {
        "change"
    }

    fn command(&self) -> Command {
        Args::augment_args(Command::new(self.name())).about(args::ABOUT).after_help(args::EXAMPLES)
    }

    fn pages(&self) -> Vec<&'static str> {
        ACTIONS.iter().map(|row| row.id).collect()
    }

    fn page(&self, id: &str) -> Option<String> {
        ACTIONS.iter().find(|row| row.id == id).map(|row| show::page(row))
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
    let changes = Changes::of_process()?;
    match Args::from_arg_matches(matches)?.asked {
        Asked::Do(doing) => actions::report(session, doing).await,
        Asked::List { local: _, unpersisted: true } => list::unpersisted(session, &changes).await,
        Asked::List { local, unpersisted: false } => list::report(session, &changes, local).await,
        Asked::Show { id } => show::report(&changes, &id),
        Asked::Verify => verify::report(),
        Asked::Export { format } => export::report(format),
        Asked::Approve { file, key, out: _, in_cluster: true } => {
            approve::in_cluster(session, &change::load(&file)?, &key).await
        }
        Asked::Approve { file, key, out, in_cluster: false } => approve::report(&change::load(&file)?, &key, &out),
        Asked::Apply { file, flags } => apply(session, &changes, &file, &flags).await,
        Asked::Resume { id, flags } => resume(session, &changes, &id, &flags).await,
        Asked::Undo { id, flags } => undo(session, &changes, &id, &flags).await,
    }
}

/// Carries a saved plan out.
async fn apply(session: &Session, changes: &Changes, file: &Path, flags: &ChangeFlags) -> Result<Report, Error> {
    let plan = change::load(file)?;
    if changes.has(&plan.id) && changes.replayed(&plan)?.steps.iter().any(is_begun) {
        return Err(Error::Refused {
            why: format!("change {} was begun already", plan.id),
            hint: format!("see how far it got: kubectl sre change show {}", plan.id),
        });
    }
    let acting = session.act().await?;
    let carried = acting.carry_out(plan, flags).await?;
    Ok(acting.report(&carried))
}

fn is_begun(reached: &sre_core::plan::Reached) -> bool {
    *reached != sre_core::plan::Reached::NotBegun
}

/// Goes on with what was begun.
async fn resume(session: &Session, changes: &Changes, id: &str, flags: &ChangeFlags) -> Result<Report, Error> {
    let plan = changes.plan_of(id)?;
    let replayed = changes.replayed(&plan)?;
    if replayed.runs.is_empty() {
        // Nobody approved it yet: what goes on with a change asks no more.
        let message = format!("change {id} was not begun, so there is nothing to go on with");
        let file = sre_core::finding::quoted(&changes.file_of(id).display().to_string());
        return Err(Error::Usage { message, hint: format!("carry its plan out: kubectl sre change apply {file}") });
    }
    if replayed.ended == Some(Ended::Done) {
        let message = format!("change {id} has ended, and all of it is done");
        return Err(Error::Usage { message, hint: format!("see it: kubectl sre change show {id}") });
    }
    let acting = session.act().await?;
    let carried = acting.resume(plan, flags).await?;
    Ok(acting.report(&carried))
}

/// Takes back what was done of a change.
async fn undo(session: &Session, changes: &Changes, id: &str, flags: &ChangeFlags) -> Result<Report, Error> {
    let done = changes.plan_of(id)?;
    let happened = changes.replayed(&done)?.happened();
    let acting = session.act().await?;
    acting.is_for_this_cluster(&done)?;
    let now = acting.objects_of(&done).await?;
    let undoing = undoing(&done, &happened, |step| {
        now.get(&(step.object.address.clone(), step.call.subresource().map(str::to_owned))).cloned()
    });
    if !undoing.moved.is_empty() {
        return Err(moved(&done, &undoing));
    }
    let mut plan = acting.plan(format!("take back: {}", done.title), undoing.steps, flags);
    plan.redoes = done.undoes.is_some() && !done.redoes;
    plan.undoes = Some(done.id);
    plan.notes.extend(undoing.stays.into_iter().map(sre_core::plan::Note::warning));
    let carried = acting.carry_out(plan, flags).await?;
    Ok(acting.report(&carried))
}

fn moved(done: &Plan, undoing: &Undoing) -> Error {
    Error::Refused {
        why: format!("{}: taking change {} back would undo that as well", undoing.moved.join("; "), done.id),
        hint: format!("see what was done: kubectl sre change show {}", done.id),
    }
}
