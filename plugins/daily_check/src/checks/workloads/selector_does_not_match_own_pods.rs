//! A workload's selector does not match its own pods.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-07",
    title: "a workload's selector does not match its own pods",
    section: Section::Workloads,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::ReplicaSet),
    ],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.recognised("WRK-07", &["workload-selector-mismatch"]),
};

const PAGE: &str = "\
A workload's selector and the labels of its pod template do not agree, so no pod that it makes can
belong to it: it has no pods of its own, or makes more and more of them.

Looked at: spec.selector and spec.template.metadata.labels. Pods that could not be created at all
are WRK-03; a Service that selects nothing is a check of the services.

See also: kubectl sre explain workload-selector-mismatch";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The API server would refuse this, so it cannot be captured.
    fn relabelled() -> Scenario {
        Scenario::captured("GAP-31").set("Deployment", "web", "/spec/template/metadata/labels/app", "shop")
    }

    #[test]
    fn a_template_that_its_selector_does_not_choose_is_found() {
        let findings = relabelled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-gap-31/web");
        assert_eq!((finding.severity, finding.role), (Severity::Critical, Role::Cause));
        assert_eq!(finding.class, Some("workload-selector-mismatch"));
        assert_eq!((finding.evidence[0].value.as_str(), finding.evidence[1].value.as_str()), ("app=web", "app=shop"));
        assert_eq!(finding.remedies[0].command, "kubectl get deployment web -n fault-gap-31 -o yaml");
    }

    #[test]
    fn a_template_that_its_selector_chooses_is_let_be() {
        assert_eq!(Scenario::captured("GAP-31").judge(&CHECK), []);
    }

    #[test]
    fn more_labels_than_the_selector_asks_for_are_no_trouble() {
        let more =
            Scenario::captured("GAP-31").set("Deployment", "web", "/spec/template/metadata/labels/tier", "front");
        assert_eq!(more.judge(&CHECK), []);
    }

    #[test]
    fn workloads_that_could_not_be_listed_leave_it_undecided() {
        let findings = relabelled().gap(Sight::Of(Kind::Deployment), GapReason::CutShort).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Deployment was not seen whole (cut short)"), "{}", findings[0].title);
    }
}
