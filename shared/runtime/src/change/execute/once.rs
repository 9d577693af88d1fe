//! A command that must not run twice: it is sent once, and from then on only its probe is asked.

use super::{Execution, OFTEN, Seen, Sent, is_undecided, seen};
use crate::cluster::connection::RequestFault;
use crate::error::Error;
use crate::ui::Waiting;
use sre_core::plan::{Entry, Happened, Reached};
use std::time::Instant;

/// Said of one that failed in a run before.
const NOT_AGAIN: &str = "; it is not run again";

impl Execution<'_> {
    /// Runs a command that no run before this one began; of one that was begun it finds out what became of it.
    pub(super) async fn send_once(&mut self, index: usize, reached: &Reached) -> Result<Sent, Error> {
        let step = &self.plan.steps[index];
        if let Reached::Ended(Happened::Failed { why }) = reached {
            let why = why.trim_end_matches(NOT_AGAIN);
            return Ok(Sent::Failed(format!("{why}{NOT_AGAIN}")));
        }
        let waiting = Waiting::start(&format!("{} {}", step.action.id(), step.object.address.object_ref()));
        if *reached != Reached::NotBegun {
            return self.shows(index, false, &waiting).await;
        }
        if let Err(why) = self.renew().await {
            return Ok(Sent::Not(why));
        }
        let target = match seen(self.objects, step, false).await {
            Ok(Seen::AsBefore(target)) => target,
            Ok(Seen::AsAfter) => {
                let name = step.object.address.object_ref();
                return Ok(Sent::Stale(format!("somebody else did in {name} what this is to do")));
            }
            Ok(Seen::Moved(why)) => return Ok(Sent::Stale(why)),
            Err(fault) => return Ok(Sent::Not(format!("its object cannot be read: {fault}"))),
        };
        self.note(&Entry::Intent { step: index })?;
        match self.answer(index, &target, true).await {
            Ok(Some(Ok(()))) => self.taken(index, true),
            Ok(Some(Err(fault))) if is_undecided(&fault) && !matches!(fault, RequestFault::Conflict { .. }) => {
                self.shows(index, true, &waiting).await
            }
            Ok(Some(Err(fault))) => Ok(Sent::Failed(fault.to_string())),
            Ok(None) => Ok(Sent::Failed("nothing to send".to_owned())),
            Err(why) => Ok(Sent::Unknown(why)),
        }
    }

    /// Looks until it shows that the command was run: it may be at work still, and what it does shows later, or never.
    async fn shows(&mut self, index: usize, was_sent_now: bool, waiting: &Waiting) -> Result<Sent, Error> {
        let step = &self.plan.steps[index];
        let mut since = None;
        loop {
            if self.is_interrupted() {
                return Ok(Sent::Interrupted { is_open: true });
            }
            if let Err(why) = self.renew().await {
                return Ok(Sent::Unknown(why));
            }
            let why = match seen(self.objects, step, false).await {
                Ok(Seen::AsAfter) => return self.taken(index, was_sent_now),
                Ok(Seen::Moved(why)) => return Ok(Sent::Unknown(why)),
                Ok(Seen::AsBefore(_)) => "nothing shows that it was run".to_owned(),
                Err(fault) => format!("whether it was run cannot be seen: {fault}"),
            };
            // A look may take as long as somebody has patience.
            if since.get_or_insert_with(Instant::now).elapsed() >= self.patience {
                return Ok(Sent::Unknown(format!("{why}, and it is not run again")));
            }
            waiting.say(&why);
            tokio::time::sleep(OFTEN).await;
        }
    }
}
