//! An incident is shared from now on.

use super::sharing::Sharing;
use super::view::View;
use clap::Args;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident share
  kubectl sre incident share inc-20261129-3f2a -n ops

  # the namespace was mistyped, and nothing is there yet
  kubectl sre incident share inc-20261129-3f2a -n operations";

/// Which incident is shared.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShareArgs {
    /// Id of the incident; without it the only one that is open
    pub(super) id: Option<String>,
}

pub(super) async fn report(
    session: &Session,
    incidents: &Incidents,
    args: &ShareArgs,
    sharing: &mut Sharing,
) -> Result<Report, Error> {
    let incident = incidents.meant(args.id.as_deref())?;
    sharing.begin(session, incidents, &incident.id).await?;
    Ok(View::now(incidents.meant(Some(&incident.id))?).told(session, Vec::new()))
}
