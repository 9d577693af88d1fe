//! What must be seen to answer.

use crate::args::Request;
use sre_core::check::Sight;
use sre_core::slim::Kind;
use sre_core::snapshot::Reads;

/// What finds the accountable owner and the cause of anything: read whatever the sections are.
const ALWAYS: [Sight; 4] =
    [Sight::Of(Kind::Namespace), Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)];

/// The union of what the chosen checks look at.
pub fn for_request(request: &Request) -> Reads {
    let wanted = request.checks.iter().flat_map(|check| [check.examines, check.relies_on, check.consults].concat());
    Reads::of(wanted.chain(ALWAYS).chain(request.routine.sights()), request.namespaces.clone())
}
