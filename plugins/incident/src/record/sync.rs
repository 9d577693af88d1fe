//! What is recorded here and what others wrote is joined.

use super::list;
use super::sharing::Sharing;
use super::text;
use super::view::View;
use clap::Args;
use sre_core::report::{Block, Report, Span};
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;

pub(super) const EXAMPLES: &str = "\
Examples:
  # all that are shared; a command on an incident does it for that one
  kubectl sre incident sync
  kubectl sre incident sync inc-20261129-3f2a";

/// What is joined.
#[derive(Args, Clone, Debug)]
pub(crate) struct SyncArgs {
    /// Id of the incident; without it all that are shared
    pub(super) id: Option<String>,
}

/// All is done already; what came of it is told.
pub(super) fn report(incidents: &Incidents, sharing: &Sharing) -> Result<Report, Error> {
    let (mut views, mut blocks) = (Vec::new(), Vec::new());
    for (id, joint) in sharing.joined() {
        let view = View::now(incidents.meant(Some(id))?);
        blocks.push(text::line(&view));
        let words = format!("new here: {}, new there: {}", joint.taken, joint.given);
        blocks.push(Block::line(1, [Span::faint(words)]));
        views.push(view);
    }
    let nothing = if sharing.has_gaps() { "Nothing could be joined" } else { "No incident is shared" };
    Ok(list::report(&views, blocks, nothing, false))
}
