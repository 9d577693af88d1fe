//! A sub-check of the API server's own health fails.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-10",
    title: "the API server says that a part of it is unhealthy",
    section: Section::ControlPlane,
    examines: &[Sight::Readyz, Sight::Livez],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    view.recognised("GAP-10", &["etcd-unavailable", "apiserver-unavailable"])
}

const PAGE: &str = "\
The API server checks its own parts; /readyz?verbose and /livez?verbose list them by name. A part
that fails has taken the server, or will take it, out of service: etcd is the one that hurts most.

Looked at: the lines of both endpoints that begin with [-]. The reason is withheld from them by
design; it stands in the server's log.

Harmless: for the first seconds after a start some poststarthook parts fail; `shutdown` fails while
a server ends in good order, which is a warning here.

See also: kubectl sre explain etcd-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::check::judge;
    use sre_core::finding::Severity;
    use sre_core::snapshot::{GapReason, HealthState};
    use sre_testkit::Scenario;

    #[test]
    fn a_stopped_etcd_is_named_with_where_it_shows() {
        let findings = Scenario::captured("GAP-10").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.object.to_string().as_str(), &*finding.part), ("Cluster/kube-apiserver", "etcd"));
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("etcd-unavailable")));
        let shown: Vec<&str> = finding.evidence.iter().map(|fact| fact.field.as_str()).collect();
        assert_eq!(shown, ["/readyz [etcd]", "/readyz [etcd-readiness]", "/livez [etcd]"]);
        assert_eq!(finding.evidence[0].value, "failed: reason withheld");
        assert_eq!(finding.remedies[0].command, "kubectl get --raw '/readyz?verbose'");
    }

    fn with_only(name: &str) -> Vec<Finding> {
        let mut snapshot = Scenario::captured("GAP-10").snapshot();
        for line in &mut snapshot.health {
            line.state = if line.name == name { HealthState::Failed } else { HealthState::Passed };
        }
        judge(&[&CHECK], &View::new(&snapshot)).findings
    }

    #[test]
    fn a_healthy_server_is_not_meant() {
        assert_eq!(with_only("nothing"), []);
    }

    #[test]
    fn other_parts_are_the_servers_own() {
        let findings = with_only("poststarthook/rbac/bootstrap-roles");
        assert_eq!((findings[0].class, findings[0].severity), (Some("apiserver-unavailable"), Severity::Critical));
        assert_eq!(with_only("shutdown")[0].severity, Severity::Warning);
    }

    #[test]
    fn an_endpoint_that_could_not_be_asked_leaves_it_undecided() {
        let findings = Scenario::captured("GAP-10").gap(Sight::Livez, GapReason::Forbidden).judge(&CHECK);
        let unknown = findings.iter().find(|finding| finding.severity == Severity::Unknown).unwrap();
        assert!(unknown.title.contains("/livez was not seen whole (forbidden)"), "{}", unknown.title);
    }
}
