//! What the API server answers when it refuses a controller's pod: the ground that the admission classes share.

use crate::cause::{Saying, quoted_after};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::view::{RefusedCreation, View};

/// Which part of admission refuses, as far as the message says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A webhook does not answer.
    WebhookSilent,
    /// A webhook is not trusted.
    WebhookUntrusted,
    /// A webhook answers with something unusable.
    WebhookBroken,
    /// A webhook or policy judged and refused.
    Policy,
    /// Pod security admission, or what came before it.
    PodSecurity,
    /// A ResourceQuota has no room.
    Quota,
    /// A LimitRange refuses the values.
    Bounds,
    /// The ServiceAccount, the PriorityClass or the RuntimeClass does not exist.
    Missing,
    /// No message says why.
    Unsaid,
}

/// Reads the family of a message. Webhooks come first, because what they say may hold any of the other words.
pub(super) fn refusal(message: &str) -> Refusal {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["failed calling", "failed to call webhook", "error calling webhook"]) && says(&["webhook"]) {
        unanswered(&message)
    } else if says(&["denied the request", "denied request", "denied by"]) {
        Refusal::Policy
    } else if says(&["violates podsecurity", "pod security policy", "podsecuritypolicy", "security context constraint"])
    {
        Refusal::PodSecurity
    } else if says(&["exceeded quota", "failed quota", "insufficient quota"]) {
        Refusal::Quota
    } else if says(&["usage per container", "usage per pod", "limit to request ratio per"]) {
        Refusal::Bounds
    } else if says(&["no priorityclass with name"])
        || says(&["serviceaccount", "service account", "runtimeclass"]) && says(&["not found"])
    {
        Refusal::Missing
    } else {
        Refusal::Unsaid
    }
}

/// Why the call of a webhook failed.
fn unanswered(message: &str) -> Refusal {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["x509", "certificate", "tls: "]) {
        Refusal::WebhookUntrusted
    } else if says(&[
        "no endpoints available",
        "not found",
        "no such host",
        "connection refused",
        "connection reset",
        "no route to host",
        "unreachable",
        "timeout",
        "timed out",
        "deadline exceeded",
        "dial tcp",
        "eof",
        "service unavailable",
        "bad gateway",
    ]) && !says(&["could not find the requested resource"])
    {
        Refusal::WebhookSilent
    } else {
        Refusal::WebhookBroken
    }
}

/// The refused controllers whose messages belong to one family, one finding each.
pub(super) fn causes(view: &View<'_>, family: Refusal, title: fn(&RefusedCreation, &str) -> String) -> Vec<Finding> {
    let refused = view.refused_creations().iter();
    refused.filter(|one| refusal(&one.message) == family).map(|one| cause(one, title)).collect()
}

/// The controllers whose pods a webhook holds up without judging them.
///
/// The webhook classes name the configuration; this names the workload, which stands under it where it was seen.
pub fn refused_by_webhooks(view: &View<'_>) -> Vec<Finding> {
    let silent = causes(view, Refusal::WebhookSilent, |refused, lacking| {
        format!("admission webhook {} does not answer: {lacking}", webhook(&refused.message))
    });
    let untrusted = causes(view, Refusal::WebhookUntrusted, |refused, lacking| {
        format!("the certificate of admission webhook {} is not trusted: {lacking}", webhook(&refused.message))
    });
    let silent = silent.into_iter().map(|cause| cause.class("webhook-unavailable"));
    let all = silent.chain(untrusted.into_iter().map(|cause| cause.class("webhook-certificate-invalid")));
    all.map(|cause| if names_seen_webhook(&cause, view) { cause.symptom() } else { cause }).collect()
}

fn names_seen_webhook(cause: &Finding, view: &View<'_>) -> bool {
    let name = cause.evidence.first().map_or("", |fact| webhook(&fact.value));
    view.webhooks().any(|hook| hook.name == name)
}

fn cause(refused: &RefusedCreation, title: fn(&RefusedCreation, &str) -> String) -> Finding {
    let lacking = format!("{} of {} pods cannot be created", refused.lacking, refused.wanted);
    let finding = Finding::new("", Severity::Critical, refused.owner.clone(), title(refused, &lacking))
        .evidence(&refused.controller, refused.field, &*refused.message)
        .since(refused.since);
    let kind = refused.controller.kind.to_lowercase();
    finding.look(format!("kubectl describe {kind} {} -n {}", refused.controller.name, namespace(&refused.controller)))
}

/// Namespace of a namespaced object.
pub(super) fn namespace(object: &ObjectRef) -> &str {
    object.namespace.as_deref().unwrap_or_default()
}

/// The name of the webhook that was called.
pub(super) fn webhook(message: &str) -> &str {
    quoted_after(message, "webhook ").unwrap_or("of an unknown name")
}

/// The configuration of the webhook that was called, where it was seen.
pub(super) fn called(saying: &Saying<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let name = webhook(saying.message);
    view.webhooks().find(|hook| hook.name == name).map(|hook| hook.configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_every_part_of_admission_fall_into_their_families() {
        let families = [
            (
                r#"pods "a" is forbidden: exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2"#,
                Refusal::Quota,
            ),
            (r#"pods "a" is forbidden: failed quota: team: must specify limits.cpu for: app"#, Refusal::Quota),
            (r#"pods "a" is forbidden: maximum cpu usage per Container is 1, but limit is 4"#, Refusal::Bounds),
            (r#"pods "a" is forbidden: minimum memory usage per Pod is 64Mi, but request is 1Mi"#, Refusal::Bounds),
            (
                r#"pods "a" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 4.0"#,
                Refusal::Bounds,
            ),
            (r#"pods "a" is forbidden: violates PodSecurity "baseline:latest": privileged"#, Refusal::PodSecurity),
            (
                r#"pods "a" is forbidden: unable to validate against any security context constraint: []"#,
                Refusal::PodSecurity,
            ),
            (r#"admission webhook "v.example" denied the request: exceeded quota of images"#, Refusal::Policy),
            (
                "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
                Refusal::Policy,
            ),
            (
                r#"Internal error occurred: failed calling webhook "w.example": failed to call webhook: Post "https://w.n.svc:443/?timeout=5s": service "w" not found"#,
                Refusal::WebhookSilent,
            ),
            (
                r#"Internal error occurred: failed calling webhook "w.example": failed to call webhook: Post "https://w.n.svc:443/": no endpoints available for service "w""#,
                Refusal::WebhookSilent,
            ),
            (
                r#"failed calling webhook "w.example": Post "https://w.n.svc:443/": context deadline exceeded"#,
                Refusal::WebhookSilent,
            ),
            (
                r#"failed calling webhook "w.example": Post "https://w.n.svc:443/": x509: certificate signed by unknown authority"#,
                Refusal::WebhookUntrusted,
            ),
            (
                r#"failed calling webhook "w.example": the server could not find the requested resource"#,
                Refusal::WebhookBroken,
            ),
            (r#"failed calling webhook "w.example": expected response.uid="1", got """#, Refusal::WebhookBroken),
            (
                r#"pods "a" is forbidden: error looking up service account n/s: serviceaccount "s" not found"#,
                Refusal::Missing,
            ),
            (r#"pods "a" is forbidden: no PriorityClass with name high was found"#, Refusal::Missing),
            (r#"pods "a" is forbidden: pod rejected: RuntimeClass "gvisor" not found"#, Refusal::Missing),
            ("etcdserver: request timed out", Refusal::Unsaid),
        ];
        for (message, family) in families {
            assert_eq!(refusal(message), family, "{message}");
        }
    }

    #[test]
    fn names_are_found_between_quotes() {
        assert_eq!(quoted_after(r#"failed calling webhook "w.example": x"#, "calling webhook "), Some("w.example"));
        assert_eq!(quoted_after("ValidatingAdmissionPolicy 'p' with", "ValidatingAdmissionPolicy "), Some("p"));
        assert_eq!(quoted_after("no name here", "webhook "), None);
    }
}
