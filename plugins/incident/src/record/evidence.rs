//! What is seen of the cluster is kept, while it is still there to be seen: events live for an hour.

use super::view::View;
use crate::args::Request;
use crate::triaged;
use clap::Args;
use serde_json::Value;
use sre_core::incident::Incident;
use sre_core::report::Report;
use sre_core::snapshot::NamespaceScope;
use sre_runtime::error::Error;
use sre_runtime::incident::{Incidents, Seen};
use sre_runtime::session::Session;
use std::time::Duration;

pub(super) const EXAMPLES: &str = "\
Examples:
  # once more, an hour later, and what triage makes of it
  kubectl sre incident evidence
  kubectl sre incident triage --from ~/.local/state/kubectl-sre/incidents/inc-20261129-3f2a/evidence-2.tar.zst";

/// Of which incident evidence is kept.
#[derive(Args, Clone, Debug)]
pub(crate) struct EvidenceArgs {
    /// Id of the incident; without it the only one that is open
    pub(super) id: Option<String>,
}

/// The most time for it: who declares an incident has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most causes that the record names; the archive tells all.
const CAUSES: usize = 10;

pub(super) async fn report(session: &mut Session, incidents: &Incidents, args: &EvidenceArgs) -> Result<Report, Error> {
    let incident = incidents.meant(args.id.as_deref())?;
    let incident = frozen(session, incidents, &incident).await?;
    Ok(View::now(incident).told(session, Vec::new()))
}

/// Looks at the cluster as a triage does, keeps all of it beside the record, and writes down where it is.
///
/// # Errors
/// Says why nothing could be looked at, or kept; then no archive is left.
pub(super) async fn frozen(
    session: &mut Session,
    incidents: &Incidents,
    incident: &Incident,
) -> Result<Incident, Error> {
    let named = incident.declaration.namespace.clone();
    let namespaces = named.map_or_else(|| session.namespaces(), NamespaceScope::One);
    let request = Request::of_everything(session, namespaces)?;
    let look = async |path| {
        session.save_to(path);
        let report = triaged(session, &request).await?;
        Ok(Seen { causes: causes(&report.document), has_gaps: report.verdict.incomplete })
    };
    incidents.keep_evidence(&incident.id, PATIENCE, look).await
}

/// The causes of a triage, each its class and its sentence.
fn causes(document: &Value) -> Vec<String> {
    let all = document["causes"].as_array().into_iter().flatten();
    let said = |cause: &Value| Some(format!("{}: {}", cause["class"].as_str()?, cause["statement"].as_str()?));
    all.filter(|cause| cause["severity"] != "info").filter_map(said).take(CAUSES).collect()
}
