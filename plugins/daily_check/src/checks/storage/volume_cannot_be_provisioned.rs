//! A provisioner refuses a claim.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-03",
    title: "a provisioner refuses a claim",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[Sight::Of(Kind::Event)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::StorageClass), Sight::Of(Kind::PersistentVolume)],
    page: PAGE,
    run: |view| view.recognised("STO-03", &["pvc-provisioning-failed"]),
};

const PAGE: &str = "\
The provisioner of a claim's StorageClass tries to make a volume and fails: quota, parameters, zone,
rights. It is critical when a pod waits for the claim, else a warning.

Looked at: claims that are Pending, and the ProvisioningFailed events about them, whose text is the
backend's own. Events are kept for an hour.

See also: kubectl sre explain pvc-provisioning-failed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_claim_is_named_with_the_words_of_the_provisioner() {
        let findings = Scenario::captured("STO-03").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "PersistentVolumeClaim/fault-sto-03/media");
        assert_eq!((findings[0].severity, findings[0].class), (Severity::Critical, Some("pvc-provisioning-failed")));
        assert!(findings[0].title.contains("Mount options are not supported"), "{}", findings[0].title);
        assert_eq!(findings[0].shows_on.len(), 1);
        let command = "kubectl describe persistentvolumeclaim media -n fault-sto-03";
        assert_eq!(findings[0].remedies[0].command, command);
    }

    #[test]
    fn a_claim_that_is_bound_in_the_end_is_not_meant() {
        let scenario = Scenario::captured("STO-03");
        assert_eq!(scenario.set("PersistentVolumeClaim", "media", "/status/phase", "Bound").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("STO-03").gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Event was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
