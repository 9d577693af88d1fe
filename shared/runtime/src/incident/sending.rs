//! The one door out to people: what is to be sent is confirmed, written down, sent, and written down again.

use super::{FOLDER, Incidents, now};
use crate::error::Error;
use crate::incident::Notifier;
use crate::lines::Lines;
use crate::session::Session;
use crate::ui::{Layout, Question, render};
use sre_core::incident::{Answered, Incident, Message, NotifyTarget, What};
use sre_core::report::Block;
use std::time::Duration;

/// What one run at a time holds that sends something of an incident, below its folder.
const SENDING: &str = "sending.lock";
/// How often it is looked whether another run has ended.
const PAUSE: Duration = Duration::from_millis(50);

/// A message to one target.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What it is known by, to this target.
    pub delivery: String,
    /// To whom.
    pub target: NotifyTarget,
    /// What is said.
    pub message: Message,
    /// How often it was on its way before: whoever sends it again meanwhile was first.
    pub attempts: usize,
}

/// What may be sent. Only [`approve`] makes one.
pub struct ApprovedSending {
    outgoing: Vec<Outgoing>,
}

/// Asks, by the flag or at the terminal, whether something is to be sent.
///
/// # Errors
/// Says that it is not, or that nobody can be asked.
pub async fn approve(
    session: &Session,
    outgoing: Vec<Outgoing>,
    shown: &[Block],
    yes: bool,
) -> Result<ApprovedSending, Error> {
    if yes {
        return Ok(ApprovedSending { outgoing });
    }
    let Some(question) = Question::of_process() else {
        return Err(Error::Refused {
            why: "sending must be confirmed, and there is no terminal to ask at; nothing was sent".to_owned(),
            hint: "see what would be sent with --dry-run; if it is meant, add --yes".to_owned(),
        });
    };
    question.show(&render(shown, &Layout::of_process(session.report_flags().color)));
    let answer = question.ask("Send it? [y/N]").await?;
    if answer.is_some_and(|it| matches!(it.as_str(), "y" | "Y" | "yes")) {
        return Ok(ApprovedSending { outgoing });
    }
    Err(Error::Refused {
        why: "the answer was no; nothing was sent".to_owned(),
        hint: "see it again: --dry-run".to_owned(),
    })
}

impl Incidents {
    /// Sends what was approved, each written down before and after. What another run sends meanwhile is left to it.
    ///
    /// # Errors
    /// Says what could not be written; what was not sent is in the record, and no error.
    pub async fn send(&self, notifier: &Notifier, approved: ApprovedSending) -> Result<(), Error> {
        for one in &approved.outgoing {
            let _alone = self.alone(&one.message.incident).await?;
            if !self.claims(one)? {
                continue;
            }
            let delivery = one.delivery.clone();
            let what = match notifier.send(one).await {
                Answered::Taken => What::Sent { delivery },
                Answered::Refused(why) | Answered::Later(why) => What::NotSent { delivery, why, unknown: false },
                Answered::Unclear(why) => What::NotSent { delivery, why, unknown: true },
            };
            self.add(&one.message.incident, |_, _| Ok(Some(what)))?;
        }
        let messages = approved.outgoing.iter().map(|it| &it.message);
        for message in messages {
            self.ticks(message)?;
        }
        Ok(())
    }

    /// Waits until no other run sends something of an incident: until that has ended nobody knows whether it arrived. Whoever
    /// is killed while it sends holds nobody up.
    async fn alone(&self, id: &str) -> Result<Lines, Error> {
        let lines = Lines::open(self.state.folder(FOLDER).join(id).join(SENDING))?;
        while !lines.is_alone() {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(lines)
    }

    fn claims(&self, one: &Outgoing) -> Result<bool, Error> {
        let mut is_ours = false;
        self.add(&one.message.incident, |incident, _| {
            let known = incident.deliveries.iter().find(|it| it.id == one.delivery);
            is_ours = known.map_or(0, |it| it.attempts) == one.attempts && known.is_none_or(|it| it.is_open());
            Ok(is_ours.then(|| What::Sending {
                delivery: one.delivery.clone(),
                message: one.message.id.clone(),
                item: one.message.item.clone(),
                target: one.target.clone(),
                text: one.message.text.clone(),
            }))
        })?;
        Ok(is_ours)
    }

    /// What was demanded is done once it has arrived wherever it was sent.
    fn ticks(&self, message: &Message) -> Result<Incident, Error> {
        self.add(&message.incident, |incident, at| {
            let due = incident.due(at).into_iter().find(|it| it.item == message.item);
            // Without a target of the message being open, and not ticked since it was sent.
            let of_it: Vec<_> = incident.deliveries.iter().filter(|it| it.message == message.id).collect();
            let first = of_it.iter().map(|it| it.first.at).min().unwrap_or(at);
            let is_ticked = due.as_ref().is_none_or(|it| it.done.as_ref().is_some_and(|done| done.at >= first));
            if is_ticked || !incident.is_delivered(&message.id) {
                return Ok(None);
            }
            let names: Vec<&str> = of_it.iter().map(|it| it.target.name.as_str()).collect();
            Ok(Some(What::Done { item: message.item.clone(), text: Some(format!("sent to {}", names.join(", "))) }))
        })
    }

    /// A message that nobody has sent yet, to each of some targets.
    pub fn outgoing<'t>(
        &self,
        incident: &Incident,
        item: &str,
        text: &str,
        targets: impl IntoIterator<Item = &'t NotifyTarget>,
    ) -> Vec<Outgoing> {
        let at = now();
        let digest = sre_core::plan::sha256(format!("{}/{}/{}/{at}", self.by, self.run, incident.id).as_bytes());
        let message = Message {
            incident: incident.id.clone(),
            id: format!("m-{}", &digest[..12]),
            item: item.to_owned(),
            level: incident.level,
            title: incident.declaration.title.clone(),
            place: incident.place(),
            text: text.to_owned(),
            by: self.by.clone(),
            at,
        };
        let one = |target: &NotifyTarget| Outgoing {
            delivery: format!("{}-{}", message.id, target.name),
            target: target.clone(),
            message: message.clone(),
            attempts: 0,
        };
        targets.into_iter().map(one).collect()
    }
}
