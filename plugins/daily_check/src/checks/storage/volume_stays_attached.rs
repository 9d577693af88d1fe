//! A volume stays attached to a node that is gone, or is not detached in time.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Node, Object, VolumeAttachment};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-82",
    title: "a volume stays attached to a node that is gone, or is not detached in time",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::VolumeAttachment)],
    relies_on: &[Sight::Of(Kind::Node)],
    consults: &[Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.all::<VolumeAttachment>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// The attach-detach controller takes a volume from a node that does not answer after so long.
const DETACHED_WITHIN_MINUTES: i64 = 6;

/// The controllers need some minutes for a node that was deleted.
const GONE_FOR_MINUTES: i64 = 10;

fn judge(attachment: &VolumeAttachment, view: &View<'_>) -> Option<Finding> {
    let node = attachment.spec.node_name.as_str();
    let deleted = attachment.metadata.deletion_timestamp.as_ref().and_then(|time| time.at());
    if view.is_older_than_minutes(deleted, DETACHED_WITHIN_MINUTES) {
        let minutes = deleted.map_or(0, |deleted| view.age(deleted).as_mins());
        let title = format!("{} is not detached from node {node} for {minutes} minutes", volume(attachment));
        let finding = finding(attachment, title).since(deleted);
        let since = deleted.map(|time| time.to_string()).unwrap_or_default();
        return Some(finding.evidence(&attachment.reference(), "metadata.deletionTimestamp", since));
    }
    let is_old = view.is_older_than_minutes(attachment.metadata.creation_timestamp.at(), GONE_FOR_MINUTES);
    let is_gone = view.get::<Node>("", node).is_none() && view.knows(Kind::Node, "");
    (is_gone && is_old && deleted.is_none() && !went_lately(node, view)).then(|| {
        let title = format!("{} is still attached to node {node}, which does not exist", volume(attachment));
        finding(attachment, title).evidence(&attachment.reference(), "spec.nodeName", format!("{node} (no such Node)"))
    })
}

/// Whether anything was heard of the node in the last minutes: its deletion writes an event.
fn went_lately(node: &str, view: &View<'_>) -> bool {
    let events = view.events_about(&ObjectRef::cluster("Node", node)).iter();
    events.filter_map(|event| event.last_seen()).any(|seen| !view.is_older_than_minutes(Some(seen), GONE_FOR_MINUTES))
}

fn volume(attachment: &VolumeAttachment) -> String {
    attachment
        .spec
        .source
        .persistent_volume_name
        .as_ref()
        .map_or("a volume".to_owned(), |name| format!("volume {name}"))
}

fn finding(attachment: &VolumeAttachment, title: String) -> Finding {
    let (object, name) = (attachment.reference(), &attachment.metadata.name);
    let metadata = &attachment.metadata;
    let deleted = metadata.deletion_timestamp.as_ref().and_then(|it| it.at());
    Finding::new("GAP-82", Severity::Warning, object.clone(), title)
        .since(deleted.or_else(|| metadata.creation_timestamp.at()))
        .evidence(&object, "spec.attacher", &*attachment.spec.attacher)
        .look(format!("kubectl describe volumeattachment {name}"))
        .look("kubectl get volumeattachments")
}

const PAGE: &str = "\
A volume is attached to a node that does not exist any more, or was told to go and has not gone for
six minutes. A volume that only one node may have cannot move to where its pod is now.

Looked at: VolumeAttachments that are being deleted, and the nodes that they name. Not meant:
attachments in their first ten minutes, and nodes of which an event was written in the last ten
minutes, since the controllers clean up after a node that was just removed.

What to do: look at the driver's controller, and whether the machine still has the disk:
  kubectl describe volumeattachment NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "VolumeAttachment";
    const GONE: &str = "fault-gap-82-gone";
    const HELD: &str = "fault-gap-82-held";

    fn settled() -> Scenario {
        Scenario::captured("GAP-82").later(11)
    }

    #[test]
    fn both_attachments_are_told_apart() {
        let findings = settled().judge(&CHECK);
        let titles: Vec<_> = findings.iter().map(|it| (it.object.name.as_str(), it.title.as_str())).collect();
        assert_eq!(
            titles[0].1,
            "volume fault-gap-82-disk is still attached to node fault-gap-82-absent, which does not exist"
        );
        assert_eq!((titles[0].0, titles[1].0, titles.len()), (GONE, HELD, 2));
        assert!(
            titles[1].1.starts_with("volume fault-gap-82-other is not detached from node fault-gap-82-here for 1"),
            "{titles:?}"
        );
    }

    #[test]
    fn the_controllers_have_their_time() {
        assert_eq!(Scenario::captured("GAP-82").later(4).judge(&CHECK), []);
    }

    #[test]
    fn a_node_that_is_there_keeps_its_volume() {
        let there = settled().set(KIND, GONE, "/spec/nodeName", "fault-gap-82-here").judge(&CHECK);
        assert_eq!((there.len(), there[0].object.name.as_str()), (1, HELD));
    }

    #[test]
    fn a_node_that_was_just_removed_is_not_meant() {
        let event = json!({
            "apiVersion": "v1", "kind": "Event", "metadata": {"name": "going", "namespace": "default"},
            "involvedObject": {"kind": "Node", "name": "fault-gap-82-absent"}, "reason": "RemovingNode",
            "lastTimestamp": settled().snapshot().taken_at.to_string()
        });
        let lately = settled().with(event).judge(&CHECK);
        assert_eq!((lately.len(), lately[0].object.name.as_str()), (1, HELD));
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
