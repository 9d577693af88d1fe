//! Something that is due is ticked.

use super::view::View;
use super::words::{one, said};
use clap::Args;
use jiff::Timestamp;
use sre_core::incident::{DueItem, DueState, Incident, What};
use sre_core::report::Report;
use sre_core::scheduling::nearest_word;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident done page
  kubectl sre incident done inc-20261129-3f2a status-page --text 'https://status.example.com/42'

  # it was not done, after all
  kubectl sre incident done page --undo --text 'the pager was down'";

/// What is ticked.
#[derive(Args, Clone, Debug)]
pub(crate) struct DoneArgs {
    /// Its word, as status lists it, the id of the incident before it
    #[arg(value_name = "[ID] ITEM", required = true, num_args = 1..=2)]
    pub(super) words: Vec<String>,
    /// What is to be said of it: a link, a number
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Take the tick back: it was not done, after all
    #[arg(long)]
    undo: bool,
}

pub(super) fn report(session: &Session, incidents: &Incidents, args: DoneArgs) -> Result<Report, Error> {
    if args.undo {
        return taken_back(session, incidents, args);
    }
    let DoneArgs { words, text, .. } = args;
    let (id, item) = one(words, "the word of something that is due")?;
    let text = text.map(|text| said(&text, "a text")).transpose()?;
    let meant = incidents.meant(id.as_deref())?;
    let incident = incidents.add(&meant.id, |incident, now| {
        let due = demanded(incident, &item, now)?;
        // Two people may have done the same: the first one is in the record.
        let is_done = due.state == DueState::Done && due.every_minutes.is_none() && text.is_none();
        Ok((!is_done).then_some(What::Done { item, text }))
    })?;
    Ok(View::now(incident).told(session, Vec::new()))
}

/// What was ticked by mistake is due again.
fn taken_back(session: &Session, incidents: &Incidents, args: DoneArgs) -> Result<Report, Error> {
    let DoneArgs { words, text, .. } = args;
    let (id, item) = one(words, "the word of something that was ticked")?;
    let text = text.map(|text| said(&text, "a text")).transpose()?;
    let meant = incidents.meant(id.as_deref())?;
    let incident = incidents.add(&meant.id, |incident, now| {
        if demanded(incident, &item, now)?.done.is_none() {
            let hint = format!("see what is due: kubectl sre incident status {}", incident.id);
            return Err(Error::Usage { message: format!("{item} is not done"), hint });
        }
        Ok(Some(What::NotDone { item, text }))
    })?;
    Ok(View::now(incident).told(session, Vec::new()))
}

fn demanded(incident: &Incident, item: &str, now: Timestamp) -> Result<DueItem, Error> {
    let due = incident.due(now);
    let words: Vec<&str> = due.iter().map(|it| it.item.as_str()).collect();
    let Some(found) = due.iter().find(|it| it.item == item) else {
        let message = format!("{} demands no {item:?} of {}", incident.level, incident.id);
        let near = nearest_word(item, words.iter().copied());
        let all = || match words.is_empty() {
            true => format!("write it down: kubectl sre incident note {} 'what was done'", incident.id),
            false => format!("it demands: {}", words.join(", ")),
        };
        return Err(Error::Usage { message, hint: near.map_or_else(all, |near| format!("did you mean {near}?")) });
    };
    if found.state == DueState::Later {
        return Err(Error::Usage {
            message: format!("{item} is done when the incident is over, and {} is open", incident.id),
            hint: format!("say that it is over: kubectl sre incident resolve {}", incident.id),
        });
    }
    Ok(found.clone())
}
