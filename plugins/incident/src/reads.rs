//! What must be seen to answer.

use crate::args::Request;
use sre_core::cause::SIGHTS;
use sre_core::snapshot::Reads;

/// Everything that a class looks at.
pub fn for_request(request: &Request) -> Reads {
    Reads::of(SIGHTS.iter().copied(), request.namespaces.clone())
}
