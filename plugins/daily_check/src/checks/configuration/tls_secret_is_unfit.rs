//! A TLS Secret that no Ingress names cannot be served from.

use sre_core::cause::certificate_use::{Serves, Use, users};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Secret, SecretProblem};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-04",
    title: "a TLS Secret that no Ingress names cannot be served from",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::Secret)],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::Ingress),
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Service),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::ValidatingWebhookConfiguration),
        Sight::Of(Kind::MutatingWebhookConfiguration),
    ],
    page: PAGE,
    run,
};

const TLS: &str = "kubernetes.io/tls";

fn run(view: &View<'_>) -> Vec<Finding> {
    let secrets = view.all::<Secret>().iter().filter(|it| it.type_ == TLS && view.is_settled(&it.metadata));
    let unfit: Vec<&Secret> = secrets.filter(|secret| !secret.problems.is_empty()).collect();
    let users = users(view, &unfit);
    unfit.into_iter().zip(users).filter_map(|(secret, users)| judge(secret, &users)).collect()
}

/// What an Ingress shows is NET-18; an empty one that nothing uses waits for whoever fills it.
fn judge(secret: &Secret, users: &[Use]) -> Option<Finding> {
    let is_served = users.iter().any(|user| user.serves == Serves::Ingress);
    let is_empty = secret.keys.iter().all(|key| key.size == 0);
    if is_served || (is_empty && users.is_empty()) {
        return None;
    }
    let (key, trouble) = told(secret.problems.first()?);
    let severity = if users.is_empty() { Severity::Info } else { Severity::Warning };
    let (name, namespace) = (&secret.metadata.name, &secret.metadata.namespace);
    let object = secret.reference();
    let title = format!("TLS Secret {namespace}/{name} {trouble}; {}", Use::sentence(users));
    let finding = Finding::new("CFG-04", severity, object.clone(), title)
        .evidence(&object, format!("data[{key}]"), trouble)
        .since(secret.metadata.creation_timestamp.at());
    let finding = users.iter().fold(finding, |finding, user| finding.evidence(&user.object, user.field, name.as_str()));
    Some(finding.look(format!("kubectl describe secret {name} -n {namespace}")))
}

/// The key that a problem is about, and the problem in words that follow the Secret's name.
fn told(problem: &SecretProblem) -> (&str, String) {
    match problem {
        SecretProblem::KeyMissing { key } => (key, format!("has no key {key}")),
        SecretProblem::CertificateUnreadable { key, reason } => {
            (key, format!("has a certificate that cannot be read: {reason}"))
        }
        SecretProblem::Malformed { key } => (key, format!("has a {key} that is no private key")),
        SecretProblem::PrivateKeyMismatch => {
            ("tls.key", "has a private key that belongs to another certificate".to_owned())
        }
    }
}

const PAGE: &str = "\
A Secret of type kubernetes.io/tls holds a certificate that cannot be read, no private key, or the
private key of another certificate. Whatever serves from it fails at its next start or reload. It is
a warning when pods mount it, info when nothing that was seen uses it (a Gateway may).

Looked at: the first certificate of tls.crt and whether tls.key belongs to it; keys of a kind that
cannot be reckoned with are passed over. Secrets that an Ingress names are NET-18, dates are GAP-90.

Harmless: empty Secrets that wait to be filled; they are reported only when pods use them.

What to do: see who keeps the Secret (cert-manager, a pipeline, a person), and write both parts again:
  kubectl describe secret NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-04").later(2)
    }

    #[test]
    fn what_pods_use_is_a_warning_and_the_rest_is_mentioned() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, Severity)> = findings.iter().map(|it| (it.object.name.as_str(), it.severity)).collect();
        assert_eq!(said, [("broken", Severity::Info), ("other-key", Severity::Warning)], "{findings:#?}");
        assert_eq!(
            findings[1].title,
            "TLS Secret fault-cfg-04/other-key has a private key that belongs to another certificate; Deployment broker uses it"
        );
        assert!(findings[0].title.contains("cannot be read"), "{}", findings[0].title);
        assert_eq!(findings[1].remedies[0].command, "kubectl describe secret other-key -n fault-cfg-04");
    }

    #[test]
    fn what_an_ingress_names_is_told_by_another_check() {
        let ingress = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
            "metadata": {"name": "shop", "namespace": "fault-cfg-04"},
            "spec": {"tls": [{"secretName": "broken"}]}
        });
        let said: Vec<String> = settled().with(ingress).judge(&CHECK).into_iter().map(|it| it.object.name).collect();
        assert_eq!(said, ["other-key"]);
    }

    #[test]
    fn a_pair_that_fits_and_an_empty_one_are_not_meant() {
        let scenario = settled();
        let pair = scenario.field("Secret", "fits", "/data").clone();
        let fits = scenario.set("Secret", "other-key", "/data", pair);
        assert_eq!(fits.judge(&CHECK).len(), 1);
        let empty = fits.set("Secret", "broken", "/data", json!({ "tls.crt": "", "tls.key": "" }));
        assert_eq!(empty.judge(&CHECK), []);
    }

    #[test]
    fn secrets_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
