//! A volume cannot be attached to the node.

use crate::cause::stuck_creation::{Stuck, stuck};
use crate::cause::{Class, Heard, Stage, Tells};
use crate::finding::{Finding, Severity};
use crate::slim::{Object, Pod};
use crate::view::{View, is_ready};

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-attach-failed",
    page: PAGE,
    recognise: |view| [stuck(view, Stuck::Attach), comes_and_goes(view)].concat(),
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| it.is(&["FailedAttachVolume"]),
        |_| "a volume cannot be attached".to_owned(),
    )),
    tells: Tells::That,
    ..Class::SILENT
};

/// So often a volume is not detached while its pod stays where it is.
const TIMES: usize = 2;

/// Pods whose volume is attached and detached in turn, and that are not ready.
fn comes_and_goes(view: &View<'_>) -> Vec<Finding> {
    let waiting = view.all::<Pod>().iter().filter(|pod| !is_ready(pod) && !view.is_going(&pod.metadata));
    waiting
        .filter_map(|pod| {
            let events = view.events_about(&pod.reference());
            let times = |reason: &str| events.iter().filter(|event| event.reason == reason).count();
            let (attached, detached) = (times("SuccessfulAttachVolume"), times("SuccessfulDetachVolume"));
            (attached >= TIMES && detached >= TIMES).then(|| {
                let title = format!("a volume is attached and detached in turn ({attached} and {detached} times)");
                Finding::new("", Severity::Critical, view.owner_of(pod), title)
                    .part("in turn")
                    .evidence(
                        &pod.reference(),
                        "events",
                        format!("SuccessfulAttachVolume {attached}, SuccessfulDetachVolume {detached}"),
                    )
                    .shows_on(pod.reference())
                    .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, pod.metadata.namespace))
            })
        })
        .collect()
}

const PAGE: &str = "\
Attaching a volume to the node of its pod fails or times out, for a reason that no other class names.

Looked at: pods whose containers are being created, and the newest FailedAttachVolume event about each.

What to do: look at the attachment, and at the driver's controller:
  kubectl get volumeattachments";
