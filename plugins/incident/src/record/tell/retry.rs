//! What did not arrive is sent again.

use super::super::view::View;
use super::super::words::usage;
use super::{SureArgs, Telling, reachable, sent};
use clap::Args;
use sre_core::incident::{Delivery, Incident, Message, NotifyTarget, What};
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::{Incidents, Outgoing};
use sre_runtime::session::Session;
use std::collections::BTreeSet;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # what was certainly not sent, or cannot arrive twice
  kubectl sre incident retry

  # what may have arrived, too: look there first
  kubectl sre incident retry --to channel --unknown
  kubectl sre incident retry inc-20261129-3f2a --to channel --give-up";

/// What is sent again.
#[derive(Args, Clone, Debug)]
pub(crate) struct RetryArgs {
    /// Id of the incident; without it the only one that is open
    pub(crate) id: Option<String>,
    /// Only what goes to this target; may be repeated
    #[arg(long, value_name = "TARGET")]
    to: Vec<String>,
    /// Also what may have arrived: it may then be there twice
    #[arg(long, conflicts_with = "give_up")]
    unknown: bool,
    /// Send nothing, and say that it is not to be sent any more
    #[arg(long, conflicts_with_all = ["dry_run", "yes", "confirm"])]
    give_up: bool,
    #[command(flatten)]
    sure: SureArgs,
}

impl RetryArgs {
    /// Whether it is only shown.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.sure.dry_run
    }
}

pub(crate) async fn report(session: &mut Session, incidents: &Incidents, args: &RetryArgs) -> Result<Report, Error> {
    let incident = incidents.meant(args.id.as_deref())?;
    let is_meant = |it: &&Delivery| args.to.is_empty() || args.to.contains(&it.target.name);
    let open: Vec<&Delivery> = incident.undelivered().filter(is_meant).collect();
    let known: BTreeSet<&str> = incident.deliveries.iter().map(|it| it.target.name.as_str()).collect();
    if let Some(wrong) = args.to.iter().find(|name| !known.contains(name.as_str())) {
        let message = format!("nothing was sent to {wrong:?} for {}", incident.id);
        let known: Vec<&str> = known.into_iter().collect();
        let hint = match known.is_empty() {
            true => "nothing was sent to anybody yet: kubectl sre incident page".to_owned(),
            false => format!("something was sent to {}", known.join(", ")),
        };
        return Err(Error::Usage { message, hint });
    }
    if open.is_empty() {
        let to = if args.to.is_empty() { String::new() } else { format!(" to {}", args.to.join(", ")) };
        return Err(usage(format!("nothing of {} waits to be sent again{to}", incident.id)));
    }
    if args.give_up {
        return given_up(session, incidents, &incident, &open);
    }
    let again = open.into_iter().filter(|it| args.unknown || it.is_safe_again());
    let ways = [session.profile(&[])?.notify, incident.declaration.notify.clone()].concat();
    let mut outgoing = Vec::new();
    let mut elsewhere = Vec::new();
    for delivery in again {
        match once_more(&incident, delivery, &ways) {
            Ok(one) => outgoing.push(one),
            Err(error) => elsewhere.push(error),
        }
    }
    if outgoing.is_empty() && !elsewhere.is_empty() {
        return Err(elsewhere.swap_remove(0));
    }
    elsewhere.iter().for_each(|error| session.warn(error));
    if outgoing.is_empty() {
        return Err(Error::Refused {
            why: "what was sent may have arrived, and would be there twice; nothing was sent".to_owned(),
            hint: format!(
                "look there; then kubectl sre incident retry {} --unknown, or --give-up when it is there",
                incident.id
            ),
        });
    }
    sent(session, incidents, &incident, outgoing, Telling::of(&args.sure)).await
}

fn given_up(
    session: &Session,
    incidents: &Incidents,
    incident: &Incident,
    open: &[&Delivery],
) -> Result<Report, Error> {
    let mut last = incident.clone();
    for delivery in open {
        last = incidents.add(&incident.id, |now, _| {
            let is_open = now.undelivered().any(|it| it.id == delivery.id);
            Ok(is_open.then(|| What::GivenUp { delivery: delivery.id.clone() }))
        })?;
    }
    Ok(View::now(last).told(session, Vec::new()))
}

/// The same message as before: who reads it twice must see that it is one.
fn once_more(incident: &Incident, delivery: &Delivery, known: &[NotifyTarget]) -> Result<Outgoing, Error> {
    Ok(Outgoing {
        delivery: delivery.id.clone(),
        target: reachable(&delivery.target, known)?,
        attempts: delivery.attempts,
        message: Message {
            incident: incident.id.clone(),
            id: delivery.message.clone(),
            item: delivery.item.clone(),
            level: incident.level,
            title: incident.declaration.title.clone(),
            place: incident.place(),
            text: delivery.text.clone(),
            silence: delivery.silence.clone(),
            by: delivery.first.by.clone(),
            at: delivery.first.at,
        },
    })
}
