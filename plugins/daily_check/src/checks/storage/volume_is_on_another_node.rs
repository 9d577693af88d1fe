//! A volume for one node is still on another.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-13",
    title: "a volume for one node is still on another",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim), Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::Event),
        Sight::Of(Kind::VolumeAttachment),
        Sight::Of(Kind::PersistentVolume),
        Sight::Of(Kind::Node),
    ],
    page: PAGE,
    run: |view| view.recognised("STO-13", &["volume-multi-attach"]),
};

const PAGE: &str = "\
A pod waits for a volume that only one node may have at a time, and that is still attached to, or used
on, another node: after a node died, or because a Deployment rolls over a single volume.

Looked at: claims whose access modes allow one node only, their pods, the Multi-Attach events and the
VolumeAttachments.

Harmless: for the seconds in which a volume moves, no event is written yet, and nothing is reported.

See also: kubectl sre explain volume-multi-attach";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_claim_the_holder_and_the_pod_that_waits_are_named() {
        let findings = Scenario::captured("STO-13").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "PersistentVolumeClaim/fault-sto-13/disk");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("volume-multi-attach")));
        assert!(
            finding.title.contains("still on node fault-sto-13-a; a pod on node fault-sto-13-b"),
            "{}",
            finding.title
        );
        assert_eq!(finding.shows_on[0].to_string(), "Pod/fault-sto-13/new");
        assert_eq!(finding.remedies[0].command, "kubectl get node fault-sto-13-a");
    }

    #[test]
    fn a_volume_for_many_nodes_is_not_meant() {
        let modes = serde_json::json!(["ReadWriteMany"]);
        let scenario = Scenario::captured("STO-13");
        assert_eq!(scenario.set("PersistentVolumeClaim", "disk", "/spec/accessModes", modes).judge(&CHECK), []);
    }

    #[test]
    fn a_volume_that_is_attached_nowhere_else_is_not_meant() {
        let scenario = Scenario::captured("STO-13");
        let moved = scenario.set("VolumeAttachment", "fault-sto-13-attached", "/spec/nodeName", "fault-sto-13-b");
        assert_eq!(moved.judge(&CHECK), []);
    }

    #[test]
    fn the_event_alone_is_enough() {
        let scenario = Scenario::captured("STO-13").without("VolumeAttachment", "");
        let event = scenario.name_of("Event", "new.");
        let said = "Multi-Attach error for volume \"d\" Volume is already used by pod(s) old";
        let told =
            scenario.set("Event", &event, "/message", said).set("Event", &event, "/reason", "FailedAttachVolume");
        assert_eq!(told.judge(&CHECK).len(), 1);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("STO-13")
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
