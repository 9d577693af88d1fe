//! The volume of a pod is out of reach of every node that it may use.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-14",
    title: "a volume is out of reach of every node that its pod may use",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Node), Sight::Of(Kind::PersistentVolume)],
    consults: &[
        Sight::Of(Kind::PersistentVolumeClaim),
        Sight::Of(Kind::StorageClass),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
    ],
    page: PAGE,
    run: |view| view.recognised("STO-14", &["volume-node-affinity-conflict"]),
};

const PAGE: &str = "\
A pod cannot be placed because the volume that it is bound to can be reached from certain nodes only,
and none of them is there, or is one that the pod may use: a zone without nodes, a machine that is gone.

Looked at: nodeAffinity of the PersistentVolumes behind the claims of pods that wait, and the nodes.

See also: kubectl sre explain volume-node-affinity-conflict";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_owner_and_the_volume_are_named() {
        let findings = Scenario::captured("STO-14").later(6).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-sto-14/store");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("volume-node-affinity-conflict")));
        assert!(finding.title.contains("nodes cannot reach the volume"), "{}", finding.title);
        assert!(finding.evidence[1].value.contains("fault-sto-14-far"), "{:?}", finding.evidence);
        assert!(finding.remedies[0].command.starts_with("kubectl describe pod store-"));
    }

    #[test]
    fn a_node_in_the_volumes_place_takes_the_pod() {
        let scenario = Scenario::captured("STO-14");
        let zone = "/metadata/labels/topology.kubernetes.io~1zone";
        assert_eq!(scenario.set("Node", "worker-0000", zone, "zone-z").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("STO-14").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
