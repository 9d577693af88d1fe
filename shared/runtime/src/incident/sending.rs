//! The one door out to people: what is to be sent is confirmed, written down, sent, and written down again.

use super::{FOLDER, Incidents, now};
use crate::error::Error;
use crate::incident::Notifier;
use crate::lines::Lines;
use crate::session::Session;
use crate::ui::{Layout, Question, render};
use sre_core::incident::{Answered, Incident, Message, NotifyTarget, SilenceCall, What};
use sre_core::policy::Answer;
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

/// What was said on the command line, and what must be said.
#[derive(Clone, Debug, Default)]
pub struct Assent {
    /// Whether `--yes` was.
    pub yes: bool,
    /// The name that must be typed instead, where a yes is not enough.
    pub name: Option<String>,
    /// What `--confirm` was given.
    pub confirm: Option<String>,
}

impl Assent {
    fn is_given(&self) -> bool {
        match &self.name {
            None => self.yes || self.confirm.is_some(),
            Some(name) => self.confirm.as_ref() == Some(name),
        }
    }
}

/// Asks, by the flag or at the terminal, whether something is to be sent.
///
/// # Errors
/// Says that it is not, or that nobody can be asked.
pub async fn approve(
    session: &Session,
    outgoing: Vec<Outgoing>,
    shown: &[Block],
    assent: &Assent,
) -> Result<ApprovedSending, Error> {
    let assent = &allowed(session, &outgoing, assent)?;
    if assent.is_given() {
        return Ok(ApprovedSending { outgoing });
    }
    let Some(question) = Question::of_process() else {
        let flag = assent.name.as_ref().map_or("--yes".to_owned(), |name| format!("--confirm {name}"));
        return Err(Error::Refused {
            why: "sending must be confirmed, and there is no terminal to ask at; nothing was sent".to_owned(),
            hint: format!("see what would be sent with --dry-run; if it is meant, add {flag}"),
        });
    };
    question.show(&render(shown, &Layout::of_process(session.report_flags().color)));
    let is_given = match &assent.name {
        None => question.ask("Send it? [y/N]").await?.is_some_and(|it| matches!(it.as_str(), "y" | "Y" | "yes")),
        Some(name) => question.ask(&format!("Type {name} to send it:")).await?.as_ref() == Some(name),
    };
    if is_given {
        return Ok(ApprovedSending { outgoing });
    }
    Err(Error::Refused {
        why: "the answer was no; nothing was sent".to_owned(),
        hint: "see it again: --dry-run".to_owned(),
    })
}

/// What the policy makes of what was said to it: nothing is sent that it refuses, and where it wants the approval of a person
/// the name of the incident is typed.
fn allowed(session: &Session, outgoing: &[Outgoing], assent: &Assent) -> Result<Assent, Error> {
    let policy = session.profile(&[])?.policy;
    let mut assent = assent.clone();
    for one in outgoing {
        let verdict = policy.judge_sending(&one.message.item);
        let reasons = || verdict.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        match verdict.answer {
            Answer::Automatic | Answer::Asks => {}
            Answer::NeedsApproval => {
                assent.name.get_or_insert_with(|| one.message.incident.clone());
            }
            Answer::NeedsSecondPerson | Answer::Refused => {
                return Err(Error::Refused {
                    why: format!("{} to {} is not sent: {}", one.message.item, one.target.name, reasons()),
                    hint: "the safetyPolicy of the profile says so: docs/policy.md".to_owned(),
                });
            }
        }
    }
    Ok(assent)
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
                silence: one.message.silence.clone(),
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
        let message = self.message(incident, item, text, None);
        targets.into_iter().map(|target| Outgoing::new(&message, target)).collect()
    }

    /// What nobody has asked an Alertmanager for yet.
    pub fn asking(
        &self,
        incident: &Incident,
        item: &str,
        text: &str,
        call: SilenceCall,
        whom: &NotifyTarget,
    ) -> Outgoing {
        Outgoing::new(&self.message(incident, item, text, Some(call)), whom)
    }

    fn message(&self, incident: &Incident, item: &str, text: &str, silence: Option<SilenceCall>) -> Message {
        let at = now();
        let call = silence.as_ref().map(ToString::to_string).unwrap_or_default();
        let known = format!("{}/{}/{}/{at}/{item}/{call}", self.by, self.run, incident.id);
        Message {
            incident: incident.id.clone(),
            id: format!("m-{}", &sre_core::plan::sha256(known.as_bytes())[..12]),
            item: item.to_owned(),
            level: incident.level,
            title: incident.declaration.title.clone(),
            place: incident.place(),
            text: text.to_owned(),
            silence,
            by: self.by.clone(),
            at,
        }
    }
}

impl Outgoing {
    fn new(message: &Message, target: &NotifyTarget) -> Self {
        Self {
            delivery: format!("{}-{}", message.id, target.name),
            target: target.clone(),
            message: message.clone(),
            attempts: 0,
        }
    }
}
