//! An incident as it stands now, and what is known of it elsewhere.

use super::{document, page, text};
use jiff::Timestamp;
use sre_core::incident::{Incident, Joined, postmortem};
use sre_core::report::{Block, Report, Verdict};
use sre_runtime::args::OutputFormat;
use sre_runtime::change::{Changes, Recorded};
use sre_runtime::error::{Error, explain};
use sre_runtime::incident::now;
use sre_runtime::session::Session;

/// An incident at a time.
pub(super) struct View {
    /// The incident.
    pub(super) incident: Incident,
    /// When it is looked at: by the clock, but not before the newest entry.
    pub(super) now: Timestamp,
    /// By how many seconds the clock is behind the record.
    pub(super) behind: i64,
    /// The changes that were made for it, where that was asked.
    pub(super) changes: Option<Vec<Joined>>,
    /// Why they are not known.
    pub(super) unseen: Option<String>,
}

impl View {
    /// An incident by the clock of this machine.
    pub(super) fn now(incident: Incident) -> Self {
        let clock = now();
        let at = clock.max(incident.newest());
        Self { incident, now: at, behind: at.duration_since(clock).as_secs(), changes: None, unseen: None }
    }

    /// With the changes of this machine that name the incident.
    pub(super) fn with_changes(mut self) -> Self {
        match Changes::of_process().and_then(|changes| changes.recorded()) {
            Ok(all) => {
                let made_for_it = all.iter().filter(|it| it.plan.incident.as_deref() == Some(&self.incident.id));
                self.changes = Some(made_for_it.map(joined).collect());
            }
            Err(error) => self.unseen = Some(format!("recorded changes: {}", explain(&error).message)),
        }
        self
    }

    /// What stands after something was written down, and what to type next.
    pub(super) fn told(self, session: &Session, next: Vec<String>) -> Report {
        let mut blocks: Vec<Block> = text::unseen(&self).into_iter().collect();
        blocks.extend(text::short(&self));
        blocks.extend(text::next(&self, next));
        self.report(session, blocks)
    }

    /// All that is known.
    pub(super) fn shown(self, session: &Session) -> Report {
        let mut blocks = text::whole(&self);
        blocks.extend(text::next(&self, Vec::new()));
        self.report(session, blocks)
    }

    /// The post-mortem.
    pub(super) fn postmortem(self, session: &Session) -> Report {
        let mut blocks = postmortem(&self.incident, self.joined(), self.now);
        blocks.extend(text::unseen(&self));
        self.report(session, blocks)
    }

    /// The changes that are known to have been made for it.
    pub(super) fn joined(&self) -> &[Joined] {
        self.changes.as_deref().unwrap_or_default()
    }

    fn report(self, session: &Session, blocks: Vec<Block>) -> Report {
        let is_page = session.report_flags().output == OutputFormat::Html;
        Report {
            document: document::of(&self),
            own: is_page.then(|| page::of(&self.incident.declaration.title, &blocks)),
            blocks,
            verdict: Verdict { failing: false, incomplete: self.unseen.is_some() },
            change: None,
        }
    }
}

fn joined(recorded: &Recorded) -> Joined {
    let plan = &recorded.plan;
    Joined {
        id: plan.id.clone(),
        at: plan.made_at,
        by: plan.requester.clone().unwrap_or_else(|| plan.cluster.user.clone()),
        text: plan.title.clone(),
        state: recorded.standing(),
    }
}

/// Tells of a record that cannot be read, and lets it decide the exit code.
pub(super) fn damaged(session: &mut Session, errors: Vec<Error>) {
    let mut errors = errors.into_iter();
    let first = errors.next();
    errors.for_each(|error| session.warn(&error));
    first.into_iter().for_each(|error| session.fails_with(error));
}
