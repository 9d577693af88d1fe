//! Nobody is ready behind the Service of an aggregated API.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::object::ObjectRef;
use sre_core::slim::{APIService, ConditionFacts, Kind, condition_of};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-13",
    title: "nobody is ready behind the Service of an aggregated API",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::APIService)],
    relies_on: &[Sight::Of(Kind::Service), Sight::Of(Kind::EndpointSlice)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet)],
    page: PAGE,
    run,
};

/// Namespace, name and port of a Service.
type Backend<'a> = (&'a str, &'a str, Option<i32>);

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut behind: BTreeMap<Backend<'_>, Vec<&APIService>> = BTreeMap::new();
    for api in view.all::<APIService>().iter().filter(|api| is_down(api)) {
        if let Some(backend) = &api.spec.service {
            behind.entry((&backend.namespace, &backend.name, backend.port)).or_default().push(api);
        }
    }
    behind.into_iter().filter_map(|(backend, apis)| judge(view, backend, &apis)).collect()
}

fn is_down(api: &APIService) -> bool {
    condition_of(&api.status.conditions, "Available").is_some_and(|available| available.status == "False")
}

fn judge(view: &View<'_>, (namespace, name, port): Backend<'_>, apis: &[&APIService]) -> Option<Finding> {
    let backing = view.backing(namespace, name, port);
    let trouble = backing.trouble()?;
    let severity = view.absence_behind(namespace, name, backing)?;
    let service = ObjectRef::namespaced("Service", namespace, name);
    let served: Vec<&str> = apis.iter().map(|api| api.metadata.name.as_str()).collect();
    let title = format!("API {} cannot be served: Service {namespace}/{name} {trouble}", served.join(", "));
    let since = apis.iter().filter_map(|api| condition_of(&api.status.conditions, "Available")?.since()).min();
    let first = ObjectRef::cluster("APIService", served[0]);
    let finding = Finding {
        role: view.role_of_absence(namespace, name, backing),
        ..Finding::new("GAP-13", severity, first.clone(), title)
    }
    .class("apiservice-unavailable")
    .evidence(&service, "endpoints", trouble)
    .evidence(&first, "spec.service.name", name)
    .since(since)
    .look(format!("kubectl get services,endpointslices,pods -n {namespace}"));
    Some(served.iter().fold(finding, |finding, api| finding.shows_on(ObjectRef::cluster("APIService", api))))
}

const PAGE: &str = "\
An aggregated API is down (CTL-05), and this is why, as far as its Service tells: the Service does
not exist, lacks the port that is called, selects no pods, or none of its endpoints is ready. When
pods are there and not ready, their own finding explains this one.

It says nothing when endpoints are ready: then the server behind them does not answer, or the API
server does not trust its certificate (GAP-14) or cannot reach the pod network.

Looked at: spec.service of the APIService, that Service, its EndpointSlices and what it selects.

What to do: install or repair what should serve; or delete the APIService that was left behind.";

#[cfg(test)]
mod tests {
    use super::super::aggregated_api_is_down;
    use super::*;
    use sre_core::cause::fold;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const API: &str = "v1beta1.nodes-idle.example.com";

    /// The captured cluster when its pods have not become ready for some minutes.
    fn down() -> Scenario {
        Scenario::captured("GAP-13").later(3)
    }

    #[test]
    fn a_restart_is_given_time() {
        let restart = Scenario::captured("GAP-13");
        assert_eq!(restart.judge(&CHECK), []);
        assert_eq!(restart.judge(&aggregated_api_is_down::CHECK), []);
    }

    #[test]
    fn the_api_and_its_service_are_named() {
        let findings = down().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), format!("APIService/{API}"));
        assert_eq!(finding.evidence[0].object.to_string(), "Service/fault-gap-13/idle");
        assert_eq!(finding.class, Some("apiservice-unavailable"));
        assert_eq!((finding.severity, finding.role), (Severity::Critical, Role::Symptom));
        assert!(
            finding.title.ends_with("cannot be served: Service fault-gap-13/idle has no ready endpoints"),
            "{}",
            finding.title
        );
        assert_eq!(finding.remedies[0].command, "kubectl get services,endpointslices,pods -n fault-gap-13");
    }

    #[test]
    fn an_api_that_answers_is_not_meant() {
        let available = down().set("APIService", API, "/status/conditions/0/status", "True");
        assert_eq!(available.judge(&CHECK), []);
    }

    #[test]
    fn ready_endpoints_are_not_meant() {
        let scenario = down();
        let slice = scenario.name_of("EndpointSlice", "idle-");
        let endpoints = serde_json::json!([{ "addresses": ["10.1.2.3"], "conditions": { "ready": true } }]);
        assert_eq!(scenario.set("EndpointSlice", &slice, "/endpoints", endpoints).judge(&CHECK), []);
    }

    #[test]
    fn a_missing_service_is_a_cause_of_its_own() {
        let findings = Scenario::captured("CTL-05").judge(&CHECK);
        assert_eq!((findings.len(), findings[0].role), (1, Role::Cause));
        assert!(findings[0].title.ends_with("does not exist"), "{}", findings[0].title);
    }

    #[test]
    fn that_the_api_is_down_is_folded_under_why() {
        let scenario = Scenario::captured("CTL-05");
        let findings = [scenario.judge(&CHECK), scenario.judge(&aggregated_api_is_down::CHECK)].concat();
        let snapshot = scenario.snapshot();
        let judged = fold(findings, &View::new(&snapshot));
        assert_eq!((judged[0].finding.check, judged[1].finding.check), ("GAP-13", "CTL-05"));
        assert_eq!(judged[0].explains, [judged[1].id.clone()]);
    }

    #[test]
    fn endpoints_that_could_not_be_listed_leave_it_undecided() {
        let blind = down().gap(Sight::Of(Kind::EndpointSlice), GapReason::Forbidden);
        let findings = blind.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("EndpointSlice was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
