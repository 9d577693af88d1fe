//! An admission webhook or policy judged the pod and refused it.

use super::pod_creations;
use super::pod_creations::{Refusal, causes};
use crate::cause::{Class, Heard, Stage, quoted_after};

/// See the module.
pub const CLASS: Class = Class {
    id: "admission-policy-denied",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::Policy, |refused, lacking| {
            format!("{} refuses the pods: {lacking}", policy(&refused.message))
        })
    },
    heard: Some(Heard::of(
        Stage::Admission,
        |it| {
            pod_creations::refusal(it.message) == pod_creations::Refusal::Policy
                || it.is(&["PolicyViolation"]) && it.says(&["blocked", "denied", "deny"])
                || it.says(&[
                    "signature validation",
                    "rejected by policy",
                    "blocked by policy",
                    "signaturevalidationfailed",
                ])
        },
        |_| "an admission policy refuses it".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
An admission webhook (Gatekeeper, Kyverno, an image policy ...) or a ValidatingAdmissionPolicy was
asked, and said no. It works as it was told: either the pod template breaks a rule of the house, or
the rule is wrong.

Looked at: the ReplicaFailure condition of ReplicaSets, and the FailedCreate events of the other
controllers. The message names the webhook or policy, and its reason.

What to do: read the reason, and change the template, or ask who owns the policy:
  kubectl get validatingadmissionpolicies,validatingwebhookconfigurations";

/// The webhook or policy as people call it.
fn policy(message: &str) -> String {
    if let Some(name) = quoted_after(message, "ValidatingAdmissionPolicy ") {
        return format!("ValidatingAdmissionPolicy {name}");
    }
    match quoted_after(message, "admission webhook ") {
        Some(name) => format!("admission webhook {name}"),
        None => "an admission policy".to_owned(),
    }
}
