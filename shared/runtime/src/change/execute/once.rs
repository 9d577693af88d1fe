//! A command that must not run twice: it is sent once, and from then on only its probe is asked.

use super::{Execution, OFTEN, Seen, Sent, is_undecided, seen};
use crate::error::Error;
use crate::ui::Waiting;
use sre_core::plan::{Entry, Happened, Reached};
use std::time::Instant;

impl Execution<'_> {
    /// Runs a command that no run before this one began; of one that was begun it finds out what became of it.
    pub(super) async fn send_once(
        &mut self,
        index: usize,
        reached: &Reached,
        was_changed_by_us: bool,
    ) -> Result<Sent, Error> {
        let step = &self.plan.steps[index];
        match reached {
            Reached::NotBegun => {}
            Reached::Ended(Happened::Failed { why }) => {
                return Ok(Sent::Failed(format!("{why}; it is not run again")));
            }
            _ => return self.shows(index, was_changed_by_us, false).await,
        }
        if let Err(why) = self.renew().await {
            return Ok(Sent::Failed(why));
        }
        let target = match seen(self.objects, step, was_changed_by_us).await {
            Ok(Seen::AsBefore(target)) => target,
            Ok(Seen::AsAfter) => {
                let name = step.object.address.object_ref();
                return Ok(Sent::Stale(format!("somebody else did in {name} what this is to do")));
            }
            Ok(Seen::Moved(why)) => return Ok(Sent::Stale(why)),
            Err(fault) => return Ok(Sent::Failed(format!("its object cannot be read: {fault}"))),
        };
        self.note(&Entry::Intent { step: index })?;
        match self.answer(index, &target).await {
            Ok(Some(Ok(()))) => self.taken(index, true),
            Ok(Some(Err(fault))) if is_undecided(&fault) => self.shows(index, was_changed_by_us, true).await,
            Ok(Some(Err(fault))) => Ok(Sent::Failed(fault.to_string())),
            Ok(None) => Ok(Sent::Failed("nothing to send".to_owned())),
            Err(why) => Ok(Sent::Unknown(why)),
        }
    }

    /// Looks until it shows that the command was run: it may be at work still, and what it does shows later, or never.
    async fn shows(&mut self, index: usize, was_changed_by_us: bool, was_sent_now: bool) -> Result<Sent, Error> {
        let step = &self.plan.steps[index];
        let waiting = Waiting::start(&format!("{} {}", step.action.id(), step.object.address.object_ref()));
        let start = Instant::now();
        loop {
            if self.is_interrupted() {
                return Ok(Sent::Interrupted { is_open: true });
            }
            if let Err(why) = self.renew().await {
                return Ok(Sent::Unknown(why));
            }
            match seen(self.objects, step, was_changed_by_us).await {
                Ok(Seen::AsAfter) => return self.taken(index, was_sent_now),
                Ok(Seen::Moved(why)) => return Ok(Sent::Unknown(why)),
                Ok(Seen::AsBefore(_)) | Err(_) if start.elapsed() < self.patience => {}
                Ok(Seen::AsBefore(_)) | Err(_) => {
                    return Ok(Sent::Unknown("nothing shows that it was run, and it is not run again".to_owned()));
                }
            }
            waiting.say("whether it was run does not show yet");
            tokio::time::sleep(OFTEN).await;
        }
    }
}
