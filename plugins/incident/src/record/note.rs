//! Something worth knowing.

use super::args::{Part, text};
use super::view::View;
use sre_core::incident::What;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) fn report(
    session: &Session,
    incidents: &Incidents,
    words: Vec<String>,
    pinned: bool,
    part: Option<Part>,
) -> Result<Report, Error> {
    let (id, text) = text(words, "a text")?;
    let meant = incidents.meant(id.as_deref())?;
    let note = What::Note { text, pinned, section: part.map(Into::into) };
    let incident = incidents.add(&meant.id, |_, _| Ok(Some(note)))?;
    Ok(View::now(incident).told(session, Vec::new()))
}
