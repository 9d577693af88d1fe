//! The CSI driver of a volume is not registered on the node.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-15",
    title: "a CSI driver is not registered on the node of its pod",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::CSINode)],
    consults: &[
        Sight::Of(Kind::PersistentVolumeClaim),
        Sight::Of(Kind::PersistentVolume),
        Sight::Of(Kind::Event),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    page: PAGE,
    run: |view| view.recognised("STO-15", &["csi-driver-not-registered"]),
};

const PAGE: &str = "\
A pod was placed on a node whose kubelet does not know the CSI driver of one of its volumes. The pod
waits until the driver's own pod there runs and registers.

Looked at: pods that are being created, the drivers of their volumes, and those in the CSINode of
their node.

Harmless: for two minutes, unless an event complains: drivers on a new node take a moment to register.

See also: kubectl sre explain csi-driver-not-registered";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_and_the_driver_are_named() {
        let findings = Scenario::captured("STO-15").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "CSINode/fault-sto-15-bare");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("csi-driver-not-registered")));
        assert_eq!(
            (finding.part.as_str(), finding.evidence[0].value.as_str()),
            ("fault-sto-15.disk.example.com", "other.example.com")
        );
        assert_eq!(finding.remedies[0].command, "kubectl describe csinode fault-sto-15-bare");
    }

    #[test]
    fn a_registered_driver_is_not_meant() {
        let scenario = Scenario::captured("STO-15");
        let driver = "/spec/drivers/0/name";
        let registered = scenario.set("CSINode", "fault-sto-15-bare", driver, "fault-sto-15.disk.example.com");
        assert_eq!(registered.judge(&CHECK), []);
    }

    #[test]
    fn a_driver_that_may_still_register_is_not_meant() {
        let quiet = Scenario::captured("STO-15").without("Event", "");
        assert_eq!(quiet.judge(&CHECK), []);
        assert_eq!(quiet.later(3).judge(&CHECK).len(), 1);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("STO-15").gap(Sight::Of(Kind::CSINode), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("CSINode was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
