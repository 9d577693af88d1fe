//! What is seen of the cluster is kept, while it is still there to be seen: events live for an hour.

use super::heap;
use super::view::View;
use crate::args::Request;
use crate::triaged;
use clap::Args;
use serde_json::Value;
use sre_core::incident::Incident;
use sre_core::report::{Block, Report, Span};
use sre_core::snapshot::NamespaceScope;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::incident::{Incidents, Seen};
use sre_runtime::session::Session;
use std::time::Duration;

pub(super) const EXAMPLES: &str = "\
Examples:
  # once more, an hour later, and what triage makes of it
  kubectl sre incident evidence
  kubectl sre incident triage --from ~/.local/state/kubectl-sre/incidents/inc-20261129-3f2a/evidence-2.tar.zst

  # the memory of a program, by the command that the profile names; then a file that it wrote itself as it ended
  kubectl sre incident evidence --heap deployment/api -n shop --profile shop.yaml --dry-run
  kubectl sre incident evidence --heap pod/api-7d4b9c-x2x7z -n shop --profile shop.yaml
  kubectl sre incident evidence --heap pod/api-7d4b9c-x2x7z -n shop --profile shop.yaml --existing";

/// Of which incident evidence is kept.
#[derive(Args, Clone, Debug)]
pub(crate) struct EvidenceArgs {
    /// Id of the incident; without it the only one that is open
    pub(super) id: Option<String>,
    /// Have a program write its memory to a file, and fetch that: a pod, or what runs one only
    #[arg(long, value_name = "TYPE/NAME")]
    pub(super) heap: Option<String>,
    /// Fetch the newest such file that is there already, and run nothing
    #[arg(long, requires = "heap")]
    pub(super) existing: bool,
    #[command(flatten)]
    pub(super) change: ChangeFlags,
}

impl EvidenceArgs {
    /// Whether it is only shown.
    pub(super) fn is_dry_run(&self) -> bool {
        self.change.only_shows().is_some()
    }

    /// The incident that was named, by either way.
    pub(super) fn named(&self) -> Result<Option<&str>, Error> {
        match (self.id.as_deref(), self.change.incident.as_deref()) {
            (Some(id), Some(other)) if id != other => Err(Error::Usage {
                message: format!("{id} and --incident {other} are two incidents"),
                hint: "name the one whose evidence it is".to_owned(),
            }),
            (id, other) => Ok(id.or(other)),
        }
    }

    /// Says who takes a word for what it does nothing to.
    fn changes_nothing(&self, why: &str) -> Result<(), Error> {
        let mut typed = self.change.typed().filter(|flag| !(self.existing && *flag == "--timeout"));
        typed.next().map_or(Ok(()), |flag| {
            let hint = format!("leave {flag} out; see kubectl sre incident evidence --help");
            Err(Error::Usage { message: format!("{flag}: {why}"), hint })
        })
    }
}

/// The most time for it: who declares an incident has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most causes that the record names; the archive tells all.
const CAUSES: usize = 10;

pub(super) async fn report(session: &mut Session, incidents: &Incidents, args: &EvidenceArgs) -> Result<Report, Error> {
    if args.existing {
        args.changes_nothing("with --existing nothing is changed")?;
    }
    if let Some(typed) = &args.heap {
        return heap::report(session, incidents, args, typed).await;
    }
    args.changes_nothing("without --heap nothing is changed")?;
    let incident = incidents.meant(args.named()?)?;
    let incident = frozen(session, incidents, &incident).await?;
    Ok(told(session, incident, Vec::new()))
}

/// What was kept, and how the incident stands.
pub(super) fn told(session: &Session, incident: Incident, next: Vec<String>) -> Report {
    let kept = incident.entries.last().map(|entry| Block::line(0, [Span::plain(entry.what.text())]));
    let mut report = View::now(incident).told(session, next);
    report.blocks.splice(0..0, kept);
    report
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
