//! The record of an incident: what was written down, by whom and when, and what is due.
//!
//! It is kept on this machine and asks no cluster, so that it works where nothing else does; what is shared is joined with
//! the cluster where that answers. Only `page`, `update`, `silence`, `resolve` and `retry` send something, and only what they
//! showed.

mod action;
mod args;
mod declare;
mod document;
mod done;
mod evidence;
mod export;
mod heap;
mod list;
mod note;
mod page;
mod resolve;
mod role;
mod severity;
mod share;
mod sharing;
mod show;
mod silence;
mod sync;
mod tell;
mod text;
mod view;
mod words;

pub(crate) use args::Asked;

use sharing::Sharing;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(crate) async fn report(session: &mut Session, asked: Asked) -> Result<Report, Error> {
    asks_no_cluster(session)?;
    let incidents = Incidents::of_process(session.run_id())?;
    let is_page = matches!(asked, Asked::Export(_));
    let mut sharing = Sharing::before(session, &incidents, &asked).await?;
    let answered = answer(session, &incidents, asked, &mut sharing).await;
    sharing.after(&incidents).await?;
    if answered.is_err() {
        sharing.mentions(session);
    }
    let mut report = answered?;
    sharing.tells(session, &mut report, is_page);
    Ok(report)
}

async fn answer(
    session: &mut Session,
    incidents: &Incidents,
    asked: Asked,
    sharing: &mut Sharing,
) -> Result<Report, Error> {
    match asked {
        Asked::Declare(args) => declare::report(session, incidents, args, sharing).await,
        Asked::List(args) => list::all(session, incidents, &args, std::mem::take(&mut sharing.others)),
        Asked::Share(args) => share::report(session, incidents, &args, sharing).await,
        Asked::Sync(_) => sync::report(incidents, sharing),
        Asked::Show(args) => show::report(session, incidents, &args),
        Asked::Status(args) => list::status(session, incidents, &args),
        Asked::Severity(args) => severity::report(session, incidents, args),
        Asked::Role(args) => role::report(session, incidents, args),
        Asked::Note(args) => note::report(session, incidents, args),
        Asked::Evidence(args) => evidence::report(session, incidents, &args).await,
        Asked::Page(args) => tell::page(session, incidents, args).await,
        Asked::Update(args) => tell::update(session, incidents, args).await,
        Asked::Retry(args) => tell::retry(session, incidents, &args).await,
        Asked::Done(args) => done::report(session, incidents, args),
        Asked::Action(args) => action::report(session, incidents, args),
        Asked::Silence(args) => silence::report(session, incidents, args).await,
        Asked::Resolve(args) => resolve::report(session, incidents, &args).await,
        Asked::Reopen(args) => resolve::reopened(session, incidents, &args),
        Asked::Export(args) => export::report(session, incidents, &args),
    }
}

/// What was stored of a cluster has nothing to do with it.
fn asks_no_cluster(session: &Session) -> Result<(), Error> {
    let flags = session.report_flags();
    let typed = [("--from", flags.from.is_some()), ("--save", flags.save.is_some())];
    typed.into_iter().find(|(_, is_typed)| *is_typed).map_or(Ok(()), |(flag, _)| {
        let message = format!("the record of an incident is kept on this machine, so {flag} means nothing here");
        Err(Error::Usage { message, hint: format!("leave {flag} out") })
    })
}
