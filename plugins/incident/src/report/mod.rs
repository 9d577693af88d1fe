//! Values to report: one document for machines, the same facts in blocks for people.

mod alerts;
mod changes;
mod databases;
mod document;
mod text;

pub use text::gap;

use crate::Look;
use crate::args::Request;
use alerts::AlertView;
use document::Document;
use sre_core::access::Access;
use sre_core::performance;
use sre_core::report::{Report, Verdict};
use sre_core::slim::Kind;
use sre_core::snapshot::Gap;

/// What a triage does without and could not see.
pub struct Unseen<'a> {
    /// The questions about performance that nobody answers.
    pub questions: &'a [performance::Unseen],
    /// The kinds of rights whose changes are not known.
    pub rights: &'a [(Kind, Gap)],
}

/// Builds the report of a triage.
pub fn of(request: &Request, look: &Look<'_>, unseen: &Unseen<'_>, access: &Access) -> Report {
    let (view, triage) = (&look.view, &look.triage);
    let mut document = Document::new(view, triage, unseen, access);
    document.alerts = AlertView::all(&look.alerts);
    let fails = |severity| request.fail_on.counts(severity);
    Report {
        verdict: Verdict {
            failing: triage.causes.iter().any(|cause| fails(cause.judged.finding.severity)),
            incomplete: view.snapshot.coverage.has_gaps() || view.snapshot.is_empty(),
        },
        blocks: text::blocks(request, &document),
        document: serde_json::to_value(document).unwrap_or_default(),
        own: None,
        change: None,
    }
}
