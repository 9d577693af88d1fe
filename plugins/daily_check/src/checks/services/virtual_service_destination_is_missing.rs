//! A VirtualService sends to a Service that does not exist.

use sre_core::cause::routes;
use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-31",
    title: "a VirtualService sends to a Service that does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::VirtualService)],
    relies_on: &[Sight::Of(Kind::Service)],
    consults: &[],
    page: PAGE,
    run: |view| routes::lost_destinations(view).into_iter().map(|it| it.told_by("NET-31")).collect(),
};

const PAGE: &str = "\
A route of a VirtualService has a destination that is the name of a Service in this cluster, and there
is none of that name. The proxies answer what matches it with 503.

Looked at: destinations of http, tcp and tls routes. A name without a dot is of the VirtualService's
own namespace; of the others only NAME.NAMESPACE.svc, with or without .cluster.local, is judged.

Harmless: hosts that a ServiceEntry defines under such a name, which is rare.

What to do: correct the host, or make the Service:
  kubectl get services -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const HOST: &str = "/spec/http/0/route/1/destination/host";

    fn settled() -> Scenario {
        Scenario::captured("NET-31").later(2)
    }

    #[test]
    fn the_destination_that_is_not_there_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "VirtualService/fault-net-31/shop");
        let title = "VirtualService shop sends to web-v2, a Service that does not exist";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.evidence[1].object.to_string(), "Service/fault-net-31/web-v2");
        assert_eq!(finding.remedies[0].command, "kubectl get services -n fault-net-31");
    }

    #[test]
    fn services_that_exist_and_hosts_outside_are_not_meant() {
        for host in ["web", "web.fault-net-31.svc.cluster.local", "api.example.com"] {
            assert_eq!(settled().set("VirtualService", "shop", HOST, host).judge(&CHECK), [], "{host}");
        }
    }

    #[test]
    fn the_long_form_is_resolved() {
        let long = settled().set("VirtualService", "shop", HOST, "web-v3.fault-net-31.svc.cluster.local");
        assert_eq!(long.judge(&CHECK).len(), 1);
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
