//! A LimitRange refuses the pod's values.

use super::pod_creations;
use super::pod_creations::{Refusal, causes};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "limitrange-violation",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::Bounds, |_, lacking| format!("a LimitRange refuses what the pods ask for: {lacking}"))
    },
    heard: Some(Heard::of(
        Stage::Admission,
        |it| pod_creations::refusal(it.message) == pod_creations::Refusal::Bounds,
        |_| "a LimitRange refuses the values".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A LimitRange of the namespace sets a minimum, a maximum or a ratio of limit to request, and the pod
template is outside of it. Nothing but a change of the template or of the LimitRange helps.

Looked at: the ReplicaFailure condition of ReplicaSets, and the FailedCreate events of the other
controllers. The message names the bound and the value.

What to do: compare, then change one of the two:
  kubectl describe limitrange -n NAMESPACE";
