//! A webhook answers with something unusable.

use super::pod_creations;
use super::pod_creations::{Refusal, called, causes, webhook};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "webhook-call-failed",
    page: PAGE,
    recognise: |view| {
        causes(view, Refusal::WebhookBroken, |refused, lacking| {
            format!("admission webhook {} answers with an error: {lacking}", webhook(&refused.message))
        })
    },
    heard: Some(
        Heard::of(
            Stage::Admission,
            |it| {
                let refusal = pod_creations::refusal(it.message);
                refusal == Refusal::WebhookBroken
                    || refusal == Refusal::Unsaid && it.says(&["webhook"]) && it.says(&["patch", "internal error"])
            },
            |_| "an admission webhook answers with something unusable".to_owned(),
        )
        .blames(called),
    ),
    ..Class::SILENT
};

const PAGE: &str = "\
The API server reaches an admission webhook and cannot use what comes back: an internal error, a
path that is not served, a patch that does not apply. With failurePolicy Fail nothing is created.

Looked at: the ReplicaFailure condition of ReplicaSets, and the FailedCreate events of the other
controllers.

What to do: read the log of the webhook; its configuration names the Service:
  kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations";
