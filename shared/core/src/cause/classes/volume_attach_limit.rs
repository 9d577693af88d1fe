//! A node has as many volumes attached as it may.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::{Object, VolumeAttachment};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-attach-limit",
    page: PAGE,
    recognise: attachments,
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| {
            it.says(&[
                "attachment limit",
                "attach limit",
                "max volume count",
                "maximum number of volumes",
                "volume limit exceeded",
                "too many volumes attached",
                "attachmentlimitexceeded",
            ])
        },
        |_| "the node has as many volumes attached as it may".to_owned(),
    )),
    ..Class::SILENT
};

fn attachments(view: &View<'_>) -> Vec<Finding> {
    let refused = view.all::<VolumeAttachment>().iter().filter_map(|it| Some((it, it.status.attach_error.as_ref()?)));
    let full = refused.filter(|(_, error)| is_limit(&error.message.to_lowercase()));
    full.map(|(attachment, error)| {
        let (object, node) = (attachment.reference(), &attachment.spec.node_name);
        Finding::new(
            "",
            Severity::Critical,
            object.clone(),
            format!("node {node} has as many volumes attached as it may"),
        )
        .evidence(&object, "status.attachError", &*error.message)
        .since(error.time.at())
        .look(format!("kubectl describe node {node}"))
    })
    .collect()
}

fn is_limit(message: &str) -> bool {
    ["limit exceeded", "attachment limit", "max volume count", "maximum number of volumes"]
        .iter()
        .any(|words| message.contains(words))
}

const PAGE: &str = "\
The cloud or the driver attaches only so many volumes to a node, and they are used up.

Looked at: the errors of VolumeAttachments, events, and what the scheduler says.

What to do: place the pod elsewhere, or add a node:
  kubectl get volumeattachments";
