//! Somebody has a role from now on.

use super::args::role;
use super::view::View;
use sre_core::incident::What;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) fn report(session: &Session, incidents: &Incidents, words: Vec<String>) -> Result<Report, Error> {
    let (id, role, person) = role(words)?;
    let meant = incidents.meant(id.as_deref())?;
    let incident = incidents.add(&meant.id, |now, _| {
        // To say it again changes nothing.
        let is_so = now.roles.get(&role) == Some(&person);
        Ok((!is_so).then_some(What::Role { role, person }))
    })?;
    Ok(View::now(incident).told(session, Vec::new()))
}
