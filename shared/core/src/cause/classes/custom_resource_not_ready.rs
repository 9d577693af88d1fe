//! An object of an extension kind reports that it failed or is not ready.

use crate::cause::{Class, Heard, Stage, Tells};
use crate::slim::KINDS;
use crate::slim::KindOrigin;

/// See the module.
pub const CLASS: Class = Class {
    id: "custom-resource-not-ready",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            is_extension(&it.about.kind)
                && (it.is_state() || it.says(&["fail", "error", "not ready", "cannot", "no matching", "insufficient"]))
        },
        |_| "the object reports that it failed or is not ready".to_owned(),
    )),
    tells: Tells::That,
    ..Class::SILENT
};

/// Kinds that Kubernetes itself does not define, and that no other class is about.
fn is_extension(kind: &str) -> bool {
    const ELSEWHERE: [&str; 5] = ["Gateway", "GatewayClass", "NodeClaim", "Machine", "Certificate"];
    const BUILT_IN: [&str; 7] =
        ["ResourceClaim", "Endpoints", "Binding", "ControllerRevision", "ReplicationController", "Eviction", "Scale"];
    let is_known = KINDS.iter().any(|row| row.name == kind && row.origin == KindOrigin::BuiltIn);
    !is_known && !ELSEWHERE.contains(&kind) && !BUILT_IN.contains(&kind) && !kind.is_empty()
}

const PAGE: &str = "\
Whoever reconciles an object of an extension kind (Flux, Argo CD, External Secrets, the vertical
autoscaler ...) says that it failed or is not ready, and nothing below it explains why.

Looked at: the conditions of the extension kinds that the suite knows, and events about others.

What to do: read its conditions, and the log of its controller:
  kubectl describe KIND NAME -n NAMESPACE";
