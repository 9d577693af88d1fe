//! A namespace stays Terminating.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-23",
    title: "a namespace stays Terminating",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::Namespace)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::APIService)],
    page: PAGE,
    run: |view| view.recognised("GAP-23", &["namespace-stuck-terminating"]),
};

const PAGE: &str = "\
A namespace was deleted and does not go. Its conditions say what remains: so many objects of these
kinds, held by these finalizers; or that an API group does not answer, so that its content cannot be
listed to the end. In the last case it is folded under that API (CTL-05).

Looked at: the deletion time and the conditions NamespaceDeletionDiscoveryFailure,
NamespaceDeletionGroupVersionParsingFailure, NamespaceDeletionContentFailure,
NamespaceContentRemaining and NamespaceFinalizersRemaining.

Harmless: the first five minutes, while pods end in good order.

See also: kubectl sre explain namespace-stuck-terminating";

#[cfg(test)]
mod tests {
    use super::super::{aggregated_api_is_down, api_has_no_backend};
    use super::*;
    use serde_json::json;
    use sre_core::cause::fold;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_core::view::View;
    use sre_testkit::Scenario;

    #[test]
    fn what_remains_and_what_holds_it_are_named() {
        let findings = Scenario::captured("GAP-23").later(10).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Namespace/fault-gap-23");
        assert_eq!((finding.severity, finding.class), (Severity::Warning, Some("namespace-stuck-terminating")));
        let held = "configmaps (1) remain, held by example.com/hold (1)";
        assert!(finding.title.ends_with(held), "{}", finding.title);
        assert_eq!(finding.evidence[0].field, "metadata.deletionTimestamp");
        assert_eq!(finding.evidence[1].field, "status.conditions[NamespaceContentRemaining].message");
        assert_eq!(finding.remedies[0].command, "kubectl get namespace fault-gap-23 -o yaml");
        assert_eq!(finding.remedies[1].command, "kubectl get configmaps -n fault-gap-23 -o yaml");
    }

    #[test]
    fn a_namespace_that_is_not_deleted_is_not_meant() {
        let kept =
            Scenario::captured("GAP-23").later(10).unset("Namespace", "fault-gap-23", "/metadata/deletionTimestamp");
        assert_eq!(kept.judge(&CHECK), []);
    }

    #[test]
    fn pods_have_five_minutes_to_end() {
        assert_eq!(Scenario::captured("GAP-23").later(3).judge(&CHECK), []);
    }

    #[test]
    fn a_dead_api_explains_it() {
        let scenario = Scenario::captured("CTL-05");
        let deleted = (scenario.snapshot().taken_at - jiff::SignedDuration::from_hours(1)).to_string();
        let dead = scenario.with(json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": { "name": "old", "deletionTimestamp": deleted },
            "status": { "phase": "Terminating", "conditions": [{
                "type": "NamespaceDeletionDiscoveryFailure", "status": "True", "reason": "DiscoveryFailed",
                "message": "Discovery failed for some groups, 1 failing: nodes-gone.example.com/v1beta1"
            }] }
        }));
        let snapshot = dead.snapshot();
        let checks = [&CHECK, &aggregated_api_is_down::CHECK, &api_has_no_backend::CHECK];
        let findings: Vec<_> = checks.iter().flat_map(|check| dead.judge(check)).collect();
        let judged = fold(findings, &View::new(&snapshot));
        let stuck = judged.iter().find(|one| one.finding.check == "GAP-23").unwrap();
        assert_eq!(stuck.caused_by, [judged[0].id.clone()]);
        assert_eq!(judged.iter().filter(|one| one.caused_by.is_empty()).count(), 1);
    }

    #[test]
    fn namespaces_that_could_not_be_listed_leave_it_undecided() {
        let blind = Scenario::captured("GAP-23").gap(Sight::Of(Kind::Namespace), GapReason::Forbidden);
        let findings = blind.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Namespace was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
