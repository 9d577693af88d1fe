//! What must be seen to answer.

use crate::args::Request;
use sre_core::cause;
use sre_core::changes;
use sre_core::check::Sight;
use sre_core::inquiry::{DatabaseInquiry, Inquiry};
use sre_core::performance;
use sre_core::profile::Database;
use sre_core::slim::{KINDS, Kind};
use sre_core::snapshot::Reads;
use std::time::Duration;

/// The most time for all measurements: a triage is in a hurry.
const PATIENCE: Duration = Duration::from_secs(8);

/// Everything that a class looks at, and what tells of changes.
pub fn for_request(request: &Request) -> Reads {
    let around = request.target.as_ref().and_then(|target| {
        let row = KINDS.iter().find(|row| row.name == target.resource.kind)?;
        Some((row.kind, target.name.clone()))
    });
    let measured = [Sight::Prometheus, Sight::Of(Kind::PodMetrics)].into_iter().filter(|_| request.with_metrics);
    // What a database said is in what was stored, whoever asked it.
    let databases = databases(request).is_some() || request.is_stored && request.with_metrics;
    let databases = databases.then_some(Sight::Databases);
    let alerts = request.alert.iter().map(|_| Sight::Alertmanager);
    let sights = [cause::SIGHTS, &changes::SIGHTS].concat().into_iter().chain(measured).chain(databases).chain(alerts);
    let reads = Reads::of(sights, request.namespaces.clone()).with_system();
    Reads { around, ..reads }.with_inquiry(inquiry(request))
}

/// Everything that is asked about performance, and where alerts are.
fn inquiry(request: &Request) -> Inquiry {
    let profile = &request.profile;
    let alertmanager = profile.alertmanager.clone();
    if !request.with_metrics {
        return Inquiry { alertmanager, ..Inquiry::default() };
    }
    Inquiry {
        prometheus: profile.prometheus.clone(),
        alertmanager,
        queries: performance::queries(profile),
        within: Some(PATIENCE),
        databases: databases(request),
        ..Inquiry::default()
    }
}

/// The databases that are asked: those of the profile that want it, and with `--ask-database` all of the profile, and where the
/// triage is of a part of the cluster also those that are known by their image.
fn databases(request: &Request) -> Option<DatabaseInquiry> {
    let described = request.profile.components.iter().filter_map(|it| it.database.as_ref());
    let named: Vec<Database> = described.filter(|it| it.is_asked || request.ask_database).cloned().collect();
    let is_wanted = request.with_metrics && (request.ask_database || !named.is_empty());
    let with_recognised = request.ask_database && request.is_of_a_part();
    is_wanted.then_some(DatabaseInquiry { named, with_recognised, is_stored: request.is_stored })
}
