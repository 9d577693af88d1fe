//! A controller cannot create pods, and no message says why.

use super::pod_creations::{Refusal, causes, refusal};
use crate::cause::{Class, Heard, Stage, Tells};

/// See the module.
pub const CLASS: Class = Class {
    id: "pod-creation-failed",
    page: PAGE,
    recognise: |view| causes(view, Refusal::Unsaid, |_, lacking| format!("the API server refuses new pods: {lacking}")),
    tells: Tells::That,
    heard: Some(Heard::of(
        Stage::Admission,
        |it| it.is(&["FailedCreate"]) && refusal(it.message) == Refusal::Unsaid,
        |_| "pods cannot be created, and no message says why".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A controller reports that it cannot create pods (ReplicaFailure, FailedCreate), and what the API
server answered belongs to no kind of refusal that is known here.

Looked at: the ReplicaFailure condition of ReplicaSets, and the FailedCreate events of the other
controllers.

What to do: read the message in the evidence, and let the server try the same without keeping it:
  kubectl describe replicaset NAME -n NAMESPACE";
