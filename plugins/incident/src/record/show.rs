//! One incident, whole.

use super::view::View;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(super) fn report(session: &Session, incidents: &Incidents, id: Option<&str>) -> Result<Report, Error> {
    Ok(View::now(incidents.meant(id)?).with_changes().shown(session))
}
