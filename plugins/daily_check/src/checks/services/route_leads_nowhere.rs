//! A route hangs on no Gateway, or sends to what does not exist.

use sre_core::cause::routes;
use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-23",
    title: "an HTTPRoute hangs on no Gateway, or sends to what does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::HTTPRoute)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Gateway)],
    page: PAGE,
    run: |view| routes::in_trouble(view).into_iter().map(|it| it.told_by("NET-23")).collect(),
};

const PAGE: &str = "\
An HTTPRoute takes effect through the Gateways that it names. This one names Gateways that do not
exist, is not accepted by one (no listener for its host, its namespace not allowed), or sends to what
that one cannot resolve (a Service or a port that is not there, no grant for another namespace): what
matches it is answered with an error. It is a warning while another Gateway serves it well.

Looked at: spec.parentRefs, and the conditions Accepted and ResolvedRefs of every parent; Gateways.

What to do: read the conditions; the reason names the trouble:
  kubectl describe httproute NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-23").later(3)
    }

    #[test]
    fn backends_and_gateways_that_are_not_there_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, &str)> = findings.iter().map(|it| (it.object.name.as_str(), it.title.as_str())).collect();
        assert_eq!(
            said,
            [
                ("lost", "HTTPRoute lost hangs on Gateway gone, which does not exist"),
                ("shop", "HTTPRoute shop does not resolve for Gateway edge: BackendNotFound"),
            ]
        );
        assert!(findings.iter().all(|finding| finding.severity == Severity::Critical));
        assert_eq!(findings[1].remedies[0].command, "kubectl describe httproute shop -n fault-net-23");
    }

    #[test]
    fn a_route_that_resolves_is_not_meant() {
        let resolved = settled().set("HTTPRoute", "shop", "/status/parents/0/conditions/1/status", "True");
        assert_eq!(resolved.judge(&CHECK).len(), 1);
    }

    #[test]
    fn another_gateway_that_serves_it_makes_it_a_warning() {
        let good =
            json!({ "parentRef": { "name": "other" }, "conditions": [{ "type": "Accepted", "status": "True" }] });
        let parents = json!([settled().field("HTTPRoute", "shop", "/status/parents/0").clone(), good]);
        let findings = settled().set("HTTPRoute", "shop", "/status/parents", parents).judge(&CHECK);
        assert_eq!(findings[1].severity, Severity::Warning);
    }

    #[test]
    fn gateways_that_could_not_be_listed_are_not_missing() {
        let findings = settled().gap(Sight::Of(Kind::Gateway), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "only what the controller says");
        let findings = settled().gap(Sight::Of(Kind::HTTPRoute), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
