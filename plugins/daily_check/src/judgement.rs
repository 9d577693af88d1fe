//! A snapshot as the checks judge it, and what is known besides when it is told.

use crate::args::Request;
use crate::checks;
use crate::history::{self, Comparison, Run};
use crate::incidents::Kept;
use sre_core::access::{self, Access, ResourceAttributes};
use sre_core::cause::{self, Judged};
use sre_core::check::{self, Outcome};
use sre_core::snapshot::Snapshot;
use sre_core::view::View;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// What a look at a cluster came to.
pub struct Judgement<'s> {
    /// What was seen.
    pub view: View<'s>,
    /// What the checks came to; their findings stand in `judged`.
    pub outcome: Outcome,
    /// The findings, folded under what explains them.
    pub judged: Vec<Judged>,
    /// What is new against an earlier run.
    pub comparison: Option<Comparison>,
    /// Whether the caller may do what the commands of the findings do.
    pub access: Access,
    /// What is recorded of incidents that are about the cluster.
    pub incidents: Kept,
}

impl<'s> Judgement<'s> {
    /// Judges a snapshot; what an earlier run and the API server say of it comes later.
    pub fn of(request: &Request, session: &Session, snapshot: &'s Snapshot) -> Self {
        session.timed("judged", || {
            let view = View::new(snapshot).with_profile(request.profile.clone());
            let mut outcome = check::judge(&request.checks, &view);
            checks::set_apart(&mut outcome, &view);
            let judged = cause::fold(std::mem::take(&mut outcome.findings), &view);
            Self { view, outcome, judged, comparison: None, access: Access::default(), incidents: Kept::default() }
        })
    }

    /// What the commands of the findings ask of the API server, those of the worst findings first.
    pub fn wanted(&self) -> Vec<ResourceAttributes> {
        access::wanted(self.judged.iter().flat_map(|one| &one.finding.remedies))
    }

    /// Compares it with the run that was asked for, and gives what is to be kept of it.
    ///
    /// # Errors
    /// Fails when the run that was asked for is not there, or nothing is known of where runs are kept.
    pub fn compare(&mut self, request: &Request, session: &mut Session) -> Result<Option<Run>, Error> {
        self.comparison = history::compared(request, session, &self.view, &self.judged)?;
        Ok(history::to_keep(request, session, self))
    }
}
