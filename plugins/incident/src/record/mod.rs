//! The record of an incident: what was written down, by whom and when, and what is due.
//!
//! It is kept on this machine and asks no cluster, so that it works where nothing else does. Only `page`, `update`, `silence`,
//! `resolve` and `retry` send something, and only what they showed.

mod action;
mod args;
mod declare;
mod document;
mod done;
mod evidence;
mod export;
mod list;
mod note;
mod page;
mod resolve;
mod role;
mod severity;
mod show;
mod silence;
mod tell;
mod text;
mod view;

pub(crate) use args::Asked;

use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(crate) async fn report(session: &mut Session, asked: Asked) -> Result<Report, Error> {
    asks_no_cluster(session)?;
    let incidents = Incidents::of_process(session.run_id())?;
    match asked {
        Asked::Declare(args) => declare::report(session, &incidents, args).await,
        Asked::List { open } => list::all(session, &incidents, open),
        Asked::Show { id } => show::report(session, &incidents, id.as_deref()),
        Asked::Status { id } => list::status(session, &incidents, id.as_deref()),
        Asked::Severity { words, reason } => severity::report(session, &incidents, words, &reason),
        Asked::Role { words } => role::report(session, &incidents, words),
        Asked::Note { words, pin, section } => note::report(session, &incidents, words, pin, section),
        Asked::Evidence { id } => evidence::report(session, &incidents, id.as_deref()).await,
        Asked::Page { words, tell } => tell::page(session, &incidents, words, &tell).await,
        Asked::Update { words, item, tell } => tell::update(session, &incidents, words, &item, &tell).await,
        Asked::Retry(args) => tell::retry(session, &incidents, &args).await,
        Asked::Done { words, text, undo: false } => done::report(session, &incidents, words, text),
        Asked::Done { words, text, undo: true } => done::taken_back(session, &incidents, words, text),
        Asked::Action { asked } => action::report(session, &incidents, asked),
        Asked::Resolve { id, resolution, sure } => {
            resolve::report(session, &incidents, id.as_deref(), resolution, &sure).await
        }
        Asked::Silence(args) => silence::report(session, &incidents, args).await,
        Asked::Reopen { id, reason } => resolve::reopened(session, &incidents, &id, &reason),
        Asked::Export { id, format, out } => export::report(session, &incidents, id.as_deref(), format, out.as_deref()),
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
