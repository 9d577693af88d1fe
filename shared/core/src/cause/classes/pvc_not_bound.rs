//! A claim is pending and nothing says why.

use crate::cause::pending_claims::{Wait, causes};
use crate::cause::{Class, Heard, Saying, Stage, Tells};
use crate::finding::Finding;
use crate::object::ObjectRef;
use crate::slim::{Object, PersistentVolumeClaim};
use crate::view::View;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    causes(view, |wait, claim| match wait {
        Wait::Unsaid => Some(format!("PersistentVolumeClaim {claim} is not bound")),
        _ => None,
    })
}

/// See the module.
pub const CLASS: Class = Class {
    id: "pvc-not-bound",
    page: PAGE,
    recognise: recognised,
    tells: Tells::That,
    heard: Some(
        Heard::of(
            Stage::Scheduling,
            |it| {
                it.says(&[
                    "unbound immediate persistentvolumeclaim",
                    "unbound persistentvolumeclaim",
                    "persistentvolumeclaim is not bound",
                    "pvc is not bound",
                ])
            },
            |_| "a claim of the pod is not bound, and nothing says why".to_owned(),
        )
        .blames(pending),
    ),
    ..Class::SILENT
};

/// The one claim of the namespace that is pending.
fn pending(saying: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let namespace = saying.about.namespace.as_deref().unwrap_or_default();
    let is_pending = |it: &&PersistentVolumeClaim| it.metadata.namespace == namespace && it.status.phase == "Pending";
    let mut pending = view.all::<PersistentVolumeClaim>().iter().filter(is_pending);
    match (pending.next(), pending.next()) {
        (Some(one), None) => Some(one.reference()),
        _ => None,
    }
}

const PAGE: &str = "\
A claim is pending for longer than five minutes, its class exists, and neither an event nor an object says
why no volume is bound to it. A claim that waits for its first pod by design is not meant.

Looked at: the phase, class and events of the claim.

What to do:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE";
