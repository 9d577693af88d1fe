//! What must be seen to answer.

use crate::args::Request;
use sre_core::cause::SIGHTS;
use sre_core::check::Sight;
use sre_core::inquiry::Inquiry;
use sre_core::slim::KINDS;
use sre_core::snapshot::Reads;

/// Everything that a class looks at.
pub fn for_request(request: &Request) -> Reads {
    let around = request.target.as_ref().and_then(|target| {
        let row = KINDS.iter().find(|row| row.name == target.resource.kind)?;
        Some((row.kind, target.name.clone()))
    });
    let alerts = request.alert.iter().map(|_| Sight::Alertmanager);
    let inquiry = Inquiry { alertmanager: request.profile.alertmanager.clone(), ..Inquiry::default() };
    let sights = SIGHTS.iter().copied().chain(alerts);
    Reads { around, ..Reads::of(sights, request.namespaces.clone()).with_system().with_inquiry(inquiry) }
}
