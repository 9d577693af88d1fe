//! A claim that pods name does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-29",
    title: "a claim that pods name does not exist",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::PersistentVolumeClaim)],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-29", &["pvc-missing"]),
};

const PAGE: &str = "\
A pod mounts a PersistentVolumeClaim that does not exist in its namespace; it is not placed until the
claim appears. Claims that a StatefulSet makes, or that live with one pod, are made by themselves and
are not meant.

Looked at: the volumes of the pods that have not ended, and the claims of their namespaces.

See also: kubectl sre explain pvc-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_claim_is_named_with_the_pods_that_need_it() {
        let findings = Scenario::captured("POD-29").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "PersistentVolumeClaim/fault-pod-29/store-data");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("pvc-missing")));
        assert_eq!(
            finding.title,
            "PersistentVolumeClaim store-data does not exist; 2 pods of Deployment/store cannot start"
        );
        assert_eq!(finding.evidence[0].field, "spec.volumes[data].persistentVolumeClaim.claimName");
        assert_eq!(finding.remedies[0].command, "kubectl get persistentvolumeclaims -n fault-pod-29");
    }

    #[test]
    fn a_claim_that_exists_is_not_meant() {
        let claim = Scenario::captured("STO-14").later(2).judge(&CHECK);
        assert_eq!(claim, []);
        let scenario = Scenario::captured("POD-29").later(2);
        let without = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.unset("Pod", pod, "/spec/volumes/0/persistentVolumeClaim"));
        assert_eq!(without.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("POD-29")
            .later(2)
            .gap(Sight::Of(Kind::PersistentVolumeClaim), GapReason::Forbidden)
            .judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(
            findings[0].title.contains("PersistentVolumeClaim was not seen whole (forbidden)"),
            "{}",
            findings[0].title
        );
    }
}
