//! One incident, whole.

use super::view::View;
use clap::Args;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident show
  kubectl sre incident show inc-20261129-3f2a -o json";

/// Which incident is shown.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    /// Id of the incident; without it the only one that is open
    pub(super) id: Option<String>,
}

pub(super) fn report(session: &Session, incidents: &Incidents, args: &ShowArgs) -> Result<Report, Error> {
    Ok(View::now(incidents.meant(args.id.as_deref())?).with_changes().shown(session))
}
