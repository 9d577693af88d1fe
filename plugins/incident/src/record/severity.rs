//! An incident is worse than was thought, or less bad.

use super::view::View;
use super::words::{one, said, usage};
use clap::Args;
use sre_core::incident::{Said, What};
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident severity 2 --reason 'only one region'
  kubectl sre incident severity inc-20261129-3f2a 1 --reason 'orders are lost'";

/// How bad it is now.
#[derive(Args, Clone, Debug)]
pub(crate) struct SeverityArgs {
    /// Severity from 1, the worst, to 5, the id of the incident before it
    #[arg(value_name = "[ID] N", required = true, num_args = 1..=2)]
    pub(super) words: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn report(session: &Session, incidents: &Incidents, args: SeverityArgs) -> Result<Report, Error> {
    let (id, word) = one(args.words, "a severity")?;
    let level = Said::parse(&word).map_err(usage)?.level;
    let reason = said(&args.reason, "a reason")?;
    let meant = incidents.meant(id.as_deref())?;
    let incident = incidents.add(&meant.id, |now, _| {
        if now.level == level {
            return Err(usage(format!("{} is {level} already", now.id)));
        }
        Ok(Some(What::Severity { severity: level, reason }))
    })?;
    Ok(View::now(incident).told(session, Vec::new()))
}
