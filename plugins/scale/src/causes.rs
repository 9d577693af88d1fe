//! Why what was scaled is not ready.

use sre_core::finding::Finding;
use sre_core::object::ObjectRef;
use sre_core::report::{Block, Report, Span, Tone};
use sre_core::snapshot::{NamespaceScope, Reads};
use sre_core::view::View;
use sre_runtime::change::Acting;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

/// The report of a change that did not come true, with the causes that are recognised.
///
/// # Errors
/// Says why the cluster gives no answer.
pub(crate) async fn told(
    session: &mut Session,
    acting: &Acting,
    mut report: Report,
    object: &ObjectRef,
) -> Result<Report, Error> {
    let namespace = NamespaceScope::One(acting.namespace().to_owned());
    let snapshot = session.observe(&Reads::everything(namespace)).await?;
    session.conclude(&[]).await?;
    let view = View::new(&snapshot);
    let own: Vec<&Finding> = view.causes().iter().filter(|cause| cause.object == *object).collect();
    report.blocks.extend(own.iter().map(|cause| {
        let said = Span::new(Tone::Critical, cause.title.clone());
        Block::Line { indent: 1, spans: vec![Span::faint("cause: "), said] }
    }));
    report.document["causes"] =
        own.iter().map(|cause| serde_json::json!({"class": cause.class, "title": cause.title})).collect();
    Ok(report)
}
