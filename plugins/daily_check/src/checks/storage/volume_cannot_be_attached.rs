//! A volume cannot be attached to a node, or detached from it.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::volume_attachment::VolumeError;
use sre_core::slim::{Kind, Object, VolumeAttachment};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-12",
    title: "a volume cannot be attached to a node, or detached from it",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::VolumeAttachment)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<VolumeAttachment>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// A cloud refuses some calls, and takes them a moment later.
const PATIENCE_MINUTES: i64 = 2;

fn judge(attachment: &VolumeAttachment, view: &View<'_>) -> Option<Finding> {
    let metadata = &attachment.metadata;
    let asked = metadata.deletion_timestamp.as_ref().map_or(metadata.creation_timestamp, |deleted| *deleted).at();
    let (field, deed, error) = match (&attachment.status.attach_error, &attachment.status.detach_error) {
        (_, Some(error)) if metadata.deletion_timestamp.is_some() => ("detachError", "detached from", error),
        (Some(error), _) if !attachment.status.attached && metadata.deletion_timestamp.is_none() => {
            ("attachError", "attached to", error)
        }
        _ => return None,
    };
    let is_old = view.is_older_than_minutes(asked, PATIENCE_MINUTES);
    is_old.then(|| finding(attachment, field, deed, error).since(asked))
}

fn finding(attachment: &VolumeAttachment, field: &str, deed: &str, error: &VolumeError) -> Finding {
    let (object, name) = (attachment.reference(), &attachment.metadata.name);
    let node = &attachment.spec.node_name;
    let volume = attachment.spec.source.persistent_volume_name.as_deref().unwrap_or("of a pod");
    Finding::new("STO-12", Severity::Warning, object.clone(), format!("volume {volume} cannot be {deed} node {node}"))
        .evidence(&object, format!("status.{field}.message"), &*error.message)
        .evidence(&object, "spec.attacher", &*attachment.spec.attacher)
        .look(format!("kubectl describe volumeattachment {name}"))
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={node}"))
}

const PAGE: &str = "\
The CSI driver was asked to attach a volume to a node, or to detach it, and answers with an error. A
pod waits for the volume, or the volume cannot move to where its pod goes.

Looked at: attachError of VolumeAttachments that are not attached, detachError of those that are
being deleted, from the third minute on.

What to do: read the error, which is the backend's own; look at the driver's controller:
  kubectl describe volumeattachment NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NAME: &str = "fault-sto-12-refused";
    const KIND: &str = "VolumeAttachment";

    fn settled() -> Scenario {
        Scenario::captured("STO-12").later(3)
    }

    #[test]
    fn the_volume_the_node_and_the_error_are_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), (NAME, Severity::Warning));
        assert_eq!(findings[0].title, "volume fault-sto-12-disk cannot be attached to node fault-sto-12-a");
        assert!(findings[0].evidence[0].value.contains("AttachVolume.Attach failed"), "{:?}", findings[0].evidence);
    }

    #[test]
    fn an_error_of_before_it_worked_is_not_meant() {
        assert_eq!(settled().set(KIND, NAME, "/status/attached", true).judge(&CHECK), []);
    }

    #[test]
    fn a_driver_has_two_minutes() {
        let now = Scenario::captured("STO-12").snapshot().taken_at.to_string();
        let fresh = Scenario::captured("STO-12").set(KIND, NAME, "/metadata/creationTimestamp", now);
        assert_eq!(fresh.judge(&CHECK), []);
    }

    #[test]
    fn a_volume_that_cannot_be_detached_is_told_apart() {
        let error = serde_json::json!({"message": "volume is busy", "time": "2026-01-01T00:00:00Z"});
        let going = settled().set(KIND, NAME, "/metadata/deletionTimestamp", "2026-01-01T00:00:00Z");
        assert_eq!(going.judge(&CHECK), []);
        let stuck = going.set(KIND, NAME, "/status/detachError", error).judge(&CHECK);
        assert_eq!(stuck[0].title, "volume fault-sto-12-disk cannot be detached from node fault-sto-12-a");
    }

    #[test]
    fn attachments_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::VolumeAttachment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
