//! Pod security admission refuses the pod.

use super::pod_creations;
use super::pod_creations::{Refusal, causes};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "pod-security-violation",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::PodSecurity, |_, lacking| format!("pod security admission refuses the pods: {lacking}"))
    },
    heard: Some(Heard::of(
        Stage::Admission,
        |it| pod_creations::refusal(it.message) == pod_creations::Refusal::PodSecurity,
        |_| "pod security admission refuses the pod".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The namespace enforces a Pod Security Standard (or an older PodSecurityPolicy or security context
constraint), and the pod template asks for more than it allows: privileged containers, root, host
access, capabilities. Running pods are not touched, so it shows with the next rollout or restart.

Looked at: the ReplicaFailure condition of ReplicaSets, and the FailedCreate events of the other
controllers. The message names the fields.

What to do: change the fields in the template; see what the namespace enforces:
  kubectl get namespace NAMESPACE --show-labels";
