//! An incident is worse than was thought, or less bad.

use super::args::{one, said, usage};
use super::view::View;
use sre_core::incident::{Said, What};
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) fn report(
    session: &Session,
    incidents: &Incidents,
    words: Vec<String>,
    reason: &str,
) -> Result<Report, Error> {
    let (id, word) = one(words, "a severity")?;
    let level = Said::parse(&word).map_err(usage)?.level;
    let reason = said(reason, "a reason")?;
    let meant = incidents.meant(id.as_deref())?;
    let incident = incidents.add(&meant.id, |now, _| {
        if now.level == level {
            return Err(usage(format!("{} is {level} already", now.id)));
        }
        Ok(Some(What::Severity { severity: level, reason }))
    })?;
    Ok(View::now(incident).told(session, Vec::new()))
}
