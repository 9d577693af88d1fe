//! The TLS Secret of an Ingress is missing or unfit.

use crate::cause::Class;
use crate::certificate::CertificateFacts;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::ingress::IngressTLS;
use crate::slim::secret::SecretProblem;
use crate::slim::{Ingress, Kind, Object, Secret};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class { id: "tls-secret-invalid", page: PAGE, recognise, ..Class::SILENT };

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let ingresses = view.all::<Ingress>().iter().filter(|ingress| ingress.metadata.deletion_timestamp.is_none());
    let entries = ingresses.flat_map(|ingress| ingress.spec.tls.iter().map(move |tls| (ingress, tls)));
    entries
        .filter(|(_, tls)| !tls.secret_name.is_empty())
        .filter_map(|(ingress, tls)| judge(view, ingress, tls))
        .collect()
}

fn judge(view: &View<'_>, ingress: &Ingress, tls: &IngressTLS) -> Option<Finding> {
    let namespace = ingress.metadata.namespace.as_str();
    match view.get::<Secret>(namespace, &tls.secret_name) {
        None if !view.knows(Kind::Secret, namespace) => None,
        None => Some(missing(ingress, &tls.secret_name, absence(view, ingress)?)),
        Some(secret) => unfit(ingress, secret, tls),
    }
}

/// Annotations by which an Ingress asks for its certificate to be issued.
const ISSUED: [&str; 3] = ["cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme"];

/// How long issuing may take: first its absence is nothing, then a warning.
const ISSUING_MINUTES: (i64, i64) = (5, 15);

/// How bad it is that a Secret is not there: a certificate that is to be issued takes minutes.
fn absence(view: &View<'_>, ingress: &Ingress) -> Option<Severity> {
    let metadata = &ingress.metadata;
    let is_issued = ISSUED.iter().any(|key| metadata.annotation(key).is_some());
    let is_older = |minutes| view.is_older_than_minutes(metadata.creation_timestamp.at(), minutes);
    match is_issued {
        true if !is_older(ISSUING_MINUTES.0) => None,
        true if !is_older(ISSUING_MINUTES.1) => Some(Severity::Warning),
        _ => (!view.is_young(metadata)).then_some(Severity::Critical),
    }
}

/// The Ingress is accountable for what it names and nobody made.
fn missing(ingress: &Ingress, secret: &str, severity: Severity) -> Finding {
    let (namespace, name) = (&ingress.metadata.namespace, &ingress.metadata.name);
    let object = ingress.reference();
    let title = format!("the TLS Secret {secret} of Ingress {namespace}/{name} does not exist");
    Finding::new("", severity, object.clone(), title)
        .part(secret)
        .evidence(&object, "spec.tls[].secretName", secret)
        .evidence(&ObjectRef::namespaced("Secret", namespace, secret), "metadata.name", "not found")
        .since(ingress.metadata.creation_timestamp.at())
        .look(format!("kubectl describe ingress {name} -n {namespace}"))
        .look(format!("kubectl get secrets -n {namespace} --field-selector type=kubernetes.io/tls"))
}

fn unfit(ingress: &Ingress, secret: &Secret, tls: &IngressTLS) -> Option<Finding> {
    let (part, field, value, trouble) = trouble(secret, tls)?;
    let (namespace, name) = (&secret.metadata.namespace, &secret.metadata.name);
    let by = format!("Ingress {namespace}/{}", ingress.metadata.name);
    let object = secret.reference();
    let finding =
        Finding::new("", Severity::Critical, object.clone(), format!("the TLS Secret {name} of {by} {trouble}"))
            .part(part)
            .evidence(&object, field, value)
            .evidence(&ingress.reference(), "spec.tls[].secretName", name.as_str())
            .shows_on(ingress.reference())
            .since(secret.metadata.creation_timestamp.at())
            .look(format!("kubectl describe secret {name} -n {namespace}"));
    Some(finding.look(format!("kubectl describe ingress {} -n {namespace}", ingress.metadata.name)))
}

/// Part, field, value and statement of what is wrong with the content for these hosts.
fn trouble(secret: &Secret, tls: &IngressTLS) -> Option<(String, String, String, String)> {
    if let Some((key, trouble)) = secret.problems.first().map(told).or_else(|| lacking(secret)) {
        return Some(("content".to_owned(), format!("data[{key}]"), trouble.clone(), trouble));
    }
    let serving = secret.certificates.first()?;
    let uncovered = tls.hosts.iter().find(|host| !covers(serving, host))?;
    let names = if serving.dns_names.is_empty() { serving.subject.clone() } else { serving.dns_names.join(", ") };
    let trouble = format!("does not cover {uncovered}: it stands for {names}");
    Some((uncovered.clone(), "data[tls.crt]".to_owned(), names, trouble))
}

/// The key that a problem is about, and the problem in words that follow the Secret's name.
fn told(problem: &SecretProblem) -> (&str, String) {
    match problem {
        SecretProblem::KeyMissing { key } => (key, format!("has no key {key}")),
        SecretProblem::CertificateUnreadable { key, reason } => {
            (key, format!("has a certificate that cannot be read: {reason}"))
        }
        SecretProblem::Malformed { key } => (key, format!("has a {key} that is not what it should be")),
        SecretProblem::PrivateKeyMismatch => {
            ("tls.key", "has a private key that belongs to another certificate".to_owned())
        }
    }
}

/// A Secret of another type may lack what its type does not demand.
fn lacking(secret: &Secret) -> Option<(&'static str, String)> {
    let missing = ["tls.crt", "tls.key"].into_iter().find(|key| !secret.has_key(key))?;
    Some((missing, format!("has no key {missing}")))
}

/// A wildcard host is covered by the same wildcard.
fn covers(serving: &CertificateFacts, host: &str) -> bool {
    serving.covers(host) || serving.dns_names.iter().any(|name| name.eq_ignore_ascii_case(host))
}

const PAGE: &str = "\
An Ingress serves TLS from a Secret that is missing, lacks a key, cannot be read, pairs a
certificate with another's private key, or does not cover a host that the Ingress names. Most
controllers then serve a certificate of their own, and browsers refuse it.

Looked at: spec.tls of every Ingress, and of its Secret the names of the keys, the certificate and
whether the private key belongs to it; values are not kept.

What to do: see what the Secret holds and who keeps it (cert-manager, a pipeline, a person):
  kubectl describe secret NAME -n NAMESPACE

Harmless: controllers that take certificates from elsewhere (a cloud's store) ignore the entry;
then drop secretName from it.";
