//! What must be seen to answer.

use crate::args::Request;
use crate::checks::asked;
use sre_core::check::Sight;
use sre_core::inquiry::Inquiry;
use sre_core::profile::Summary;
use sre_core::slim::Kind;
use sre_core::snapshot::Reads;
use std::collections::BTreeSet;

/// What finds the accountable owner and the cause of anything: read whatever the sections are.
const ALWAYS: [Sight; 4] =
    [Sight::Of(Kind::Namespace), Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)];

/// The union of what the chosen checks look at.
pub fn for_request(request: &Request) -> Reads {
    let wanted = request.checks.iter().flat_map(|check| [check.examines, check.relies_on, check.consults].concat());
    let mut sights: BTreeSet<Sight> = wanted.chain(ALWAYS).chain(request.routine.sights(&request.checks)).collect();
    let profile = &request.profile;
    if profile.endpoints.is_empty() {
        sights.remove(&Sight::Endpoints);
    }
    if profile.kubelets.summary == Summary::Unwanted {
        sights.remove(&Sight::Kubelets);
    }
    if sights.contains(&Sight::Kubelets) {
        // Only of a node that is ready is anything to be heard.
        sights.insert(Sight::Of(Kind::Node));
    }
    let is_looked_for = |sight, named: bool| sights.contains(&sight) && !named;
    if is_looked_for(Sight::Prometheus, profile.prometheus.is_some())
        || is_looked_for(Sight::Alertmanager, profile.alertmanager.is_some())
    {
        sights.insert(Sight::Of(Kind::Service));
    }
    Reads::of(sights, request.namespaces.clone()).with_inquiry(inquiry(request))
}

/// The same without what others than the API server say: nobody tells when that changes.
pub fn of_the_api_server(request: &Request) -> Reads {
    let mut reads = for_request(request);
    reads.sights.retain(|sight| !Sight::ASKED.contains(sight));
    reads
}

fn inquiry(request: &Request) -> Inquiry {
    let profile = &request.profile;
    let mut queries = asked::queries(&request.checks, profile);
    queries.extend(request.routine.queries(&request.checks));
    Inquiry {
        prometheus: profile.prometheus.clone(),
        alertmanager: profile.alertmanager.clone(),
        queries,
        trends: request.routine.trends().to_vec(),
        within: None,
        endpoints: profile.endpoints.clone(),
        kubelets: asked::kubelets(&request.checks, profile),
        databases: None,
    }
}
