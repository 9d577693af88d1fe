//! What must be seen to answer.

use crate::args::Request;
use sre_core::cause::SIGHTS;
use sre_core::slim::KINDS;
use sre_core::snapshot::Reads;

/// Everything that a class looks at.
pub fn for_request(request: &Request) -> Reads {
    let around = request.target.as_ref().and_then(|target| {
        let row = KINDS.iter().find(|row| row.name == target.resource.kind)?;
        Some((row.kind, target.name.clone()))
    });
    Reads { around, ..Reads::of(SIGHTS.iter().copied(), request.namespaces.clone()).with_system() }
}
