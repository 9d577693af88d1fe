//! A GatewayClass that Gateways name is not accepted, or does not exist.

use sre_core::cause::gateways;
use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-21",
    title: "a GatewayClass is not accepted, or does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::GatewayClass), Sight::Of(Kind::Gateway)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| gateways::classes_in_trouble(view).into_iter().map(|it| it.told_by("NET-21")).collect(),
};

const PAGE: &str = "\
A Gateway is served by the controller of its GatewayClass. The class is not accepted, or does not
exist: nothing answers for its Gateways and their routes. One that no Gateway names is only info.

Looked at: the condition Accepted of GatewayClasses, spec.gatewayClassName of Gateways (Gateway API,
version v1; a cluster without it is not judged).

What to do: see whether the controller of the class runs, and what it says:
  kubectl describe gatewayclass NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::{GapReason, ReadState};
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-21").later(3)
    }

    #[test]
    fn a_class_that_nobody_accepts_and_one_that_is_missing_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<String> = findings.iter().map(|finding| finding.object.to_string()).collect();
        assert_eq!(said, ["GatewayClass/fault-net-21", "Gateway/fault-net-21/lost"], "{findings:#?}");
        assert_eq!(findings[0].title, "GatewayClass fault-net-21 is not accepted; 1 Gateway names it");
        assert!(findings.iter().all(|finding| finding.severity == Severity::Critical));
        assert_eq!(findings[1].title, "Gateway lost names GatewayClass gone, which does not exist");
        assert_eq!(findings[0].remedies[0].command, "kubectl describe gatewayclass fault-net-21");
    }

    #[test]
    fn one_that_is_accepted_is_not_meant() {
        let accepted = json!([{ "type": "Accepted", "status": "True" }]);
        let scenario = settled().set("GatewayClass", "fault-net-21", "/status/conditions", accepted);
        assert_eq!(scenario.judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_cluster_without_the_api_is_not_judged() {
        let none = settled().without("Gateway", "").without("GatewayClass", "");
        let none = none.state(Sight::Of(Kind::Gateway), ReadState::NotInstalled);
        assert_eq!(none.state(Sight::Of(Kind::GatewayClass), ReadState::NotInstalled).judge(&CHECK), []);
    }

    #[test]
    fn classes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::GatewayClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
