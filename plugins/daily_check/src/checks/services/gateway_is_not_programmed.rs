//! A Gateway is refused, or not brought about.

use sre_core::cause::gateways;
use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-22",
    title: "a Gateway is not accepted or not programmed",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Gateway)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::GatewayClass)],
    page: PAGE,
    run: |view| gateways::in_trouble(view).into_iter().map(|it| it.told_by("NET-22")).collect(),
};

const PAGE: &str = "\
The controller of a Gateway says that it does not accept it (Accepted is False), or that it could not
bring it about in what serves it (Programmed is False) for five minutes or more. What comes in through
it fails, all of it or some listeners: a certificate is missing, a port is taken, no address was given.

Looked at: conditions of Gateways and of their listeners. Gateways whose class is missing or not
accepted are left to NET-21.

What to do: read the conditions; the message names what is wrong:
  kubectl describe gateway NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-22").later(6)
    }

    #[test]
    fn what_the_controller_says_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Gateway/fault-net-22/edge");
        let title = "Gateway edge is not programmed: Invalid";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Critical, title));
        assert_eq!(finding.evidence[1].field, "status.listeners[https].conditions[ResolvedRefs]");
        assert_eq!(finding.remedies[0].command, "kubectl describe gateway edge -n fault-net-22");
    }

    #[test]
    fn one_that_is_programmed_is_not_meant() {
        assert_eq!(settled().set("Gateway", "edge", "/status/conditions/1/status", "True").judge(&CHECK), []);
    }

    #[test]
    fn what_lacks_its_class_is_told_by_another_check() {
        assert_eq!(settled().set("Gateway", "edge", "/spec/gatewayClassName", "gone").judge(&CHECK), []);
    }

    #[test]
    fn gateways_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Gateway), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
