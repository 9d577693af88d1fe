//! What is to be done so that it does not happen again.

use super::view::View;
use super::words::{one, said, text};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use sre_core::incident::{Incident, What};
use sre_core::plan::sha256;
use sre_core::report::Report;
use sre_core::scheduling::nearest_word;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident action add 'alert on the pool' --owner team-shop --due 2026-12-10
  kubectl sre incident action done a-3f2a91";

/// What is asked of action items.
#[derive(Args, Clone, Debug)]
pub(crate) struct ActionArgs {
    #[command(subcommand)]
    pub(super) asked: ActionAsked,
}

/// What can be done with them.
#[derive(Subcommand, Clone, Debug)]
pub(crate) enum ActionAsked {
    /// Write one down
    #[command(after_help = EXAMPLES)]
    Add {
        /// What is to be done, the id of the incident before it
        #[arg(value_name = "[ID] TEXT", required = true, num_args = 1..)]
        words: Vec<String>,
        /// Who does it
        #[arg(long, value_name = "PERSON")]
        owner: Option<String>,
        /// Last day for it, in UTC
        #[arg(long, value_name = "DATE", value_parser = date)]
        due: Option<Date>,
    },
    /// Tick one
    #[command(after_help = EXAMPLES)]
    Done {
        /// Id of the action item, the id of the incident before it
        #[arg(value_name = "[ID] ACTION", required = true, num_args = 1..=2)]
        words: Vec<String>,
    },
}

impl ActionAsked {
    /// What was typed, an id perhaps before it.
    pub(super) fn words(&self) -> &[String] {
        match self {
            Self::Add { words, .. } | Self::Done { words } => words,
        }
    }
}

pub(super) fn report(session: &Session, incidents: &Incidents, args: ActionArgs) -> Result<Report, Error> {
    let incident = match args.asked {
        ActionAsked::Add { words, owner, due } => {
            let (id, text) = text(words, "what is to be done")?;
            let owner = owner.map(|owner| said(&owner, "an owner")).transpose()?;
            let meant = incidents.meant(id.as_deref())?;
            let run = session.run_id();
            incidents.add(&meant.id, |now, _| Ok(Some(What::Action { action: new_id(now, run), text, owner, due })))?
        }
        ActionAsked::Done { words } => {
            let (id, action) = one(words, "the id of an action item")?;
            let meant = match id {
                Some(id) => incidents.meant(Some(&id))?,
                None => owner_of(incidents, &action)?,
            };
            incidents.add(&meant.id, |now, _| ticked(now, &action))?
        }
    };
    Ok(View::now(incident).told(session, Vec::new()))
}

/// An id that no other action item has, on whichever machine it was written.
fn new_id(incident: &Incident, run: &str) -> String {
    let digest = sha256(format!("{run}/{}/{}", incident.id, incident.entries.len()).as_bytes());
    let ids = (6..=digest.len()).map(|digits| format!("a-{}", &digest[..digits]));
    let is_new = |id: &String| incident.actions.iter().all(|it| it.id != *id);
    ids.into_iter().find(is_new).unwrap_or(digest)
}

/// The incident that an action item belongs to, whether it is open or not: items outlive it.
fn owner_of(incidents: &Incidents, action: &str) -> Result<Incident, Error> {
    let all = incidents.all()?.incidents;
    let found = all.into_iter().find(|it| it.actions.iter().any(|item| item.id == action));
    found.map_or_else(|| Err(unknown(action, None)), Ok)
}

fn ticked(incident: &Incident, action: &str) -> Result<Option<What>, Error> {
    let Some(item) = incident.actions.iter().find(|it| it.id == action) else {
        let ids = incident.actions.iter().map(|it| it.id.as_str());
        return Err(unknown(action, nearest_word(action, ids)));
    };
    // To say it again changes nothing.
    Ok(item.done.is_none().then(|| What::ActionDone { action: action.to_owned() }))
}

fn unknown(action: &str, near: Option<&str>) -> Error {
    let list = || "see which there are: kubectl sre incident status".to_owned();
    let hint = near.map_or_else(list, |near| format!("did you mean {near}?"));
    Error::Usage { message: format!("no action item {action:?} is recorded on this machine"), hint }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text:?} is no date; write for example 2026-12-31"))
}
