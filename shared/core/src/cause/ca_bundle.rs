//! Whether a CA bundle, by which the API server trusts who serves it, can do its work.

use crate::certificate::{CertificateFacts, CertificateProblem};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Object, Secret, Service};
use crate::view::View;
use jiff::{SignedDuration, Timestamp};

/// A bundle becomes a matter so long before its last certificate expires.
const NOTICE_DAYS: i64 = 30;

/// Where a bundle stands, and whom it must vouch for.
pub struct Trust<'a> {
    /// The object that holds it.
    pub object: ObjectRef,
    /// Path of the bundle in the object, as `kubectl explain` spells it.
    pub field: String,
    /// Its certificates.
    pub bundle: Result<Vec<CertificateFacts>, CertificateProblem>,
    /// Namespace and name of the Service that is called.
    pub service: (&'a str, &'a str),
    /// How bad it is when nobody can be trusted by it.
    pub severity: Severity,
    /// What became of the calls.
    pub calls: Calls,
}

/// What is known of the calls that a bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// They fail.
    Refused,
    /// They succeed: the bundle is good enough, whatever it looks like.
    Answered,
    /// Nobody has told; the API server tries the roots of its system in place of an empty bundle.
    Untold,
}

/// What is wrong with a bundle.
struct Defect {
    words: String,
    /// Whether calls fail because of it, today.
    hinders: bool,
    severity: Severity,
    fact: (ObjectRef, String, String),
    /// Since when, where a certificate tells.
    since: Option<Timestamp>,
}

/// Says what is wrong with a bundle: empty, unreadable, outside of its dates, soon so, or not the signer of the
/// certificate that is served.
pub fn judge(view: &View<'_>, trust: &Trust<'_>) -> Option<Finding> {
    let defect = defect(view, trust).filter(|defect| !defect.hinders || trust.calls != Calls::Answered)?;
    let (namespace, service) = trust.service;
    let (kind, name) = (&trust.object.kind, &trust.object.name);
    let title = format!("{kind} {name}: the CA bundle for Service {namespace}/{service} {}", defect.words);
    let (object, field, value) = defect.fact;
    let finding = Finding::new("", defect.severity, trust.object.clone(), title)
        .part(format!("{namespace}/{service}"))
        .evidence(&object, field, value)
        .since(defect.since.or_else(|| view.made(&trust.object)))
        .look(format!("kubectl get {} {name} -o yaml", kind.to_lowercase()))
        .look(format!("kubectl get secrets -n {namespace} --field-selector type=kubernetes.io/tls"));
    Some(finding)
}

fn defect(view: &View<'_>, trust: &Trust<'_>) -> Option<Defect> {
    let own = |words: &str, severity, value: String| {
        let fact = (trust.object.clone(), trust.field.clone(), value);
        Some(Defect { words: words.to_owned(), hinders: true, severity, fact, since: None })
    };
    let bundle = match &trust.bundle {
        Err(problem) => return own("cannot be read", trust.severity, problem.to_string()),
        Ok(bundle) if bundle.is_empty() => return own("is empty", of_empty(trust), "empty".to_owned()),
        Ok(bundle) => bundle,
    };
    let now = view.now();
    let last = bundle.iter().max_by_key(|certificate| certificate.not_after)?;
    let ends = last.not_after.to_string();
    if last.not_after <= now {
        return Some(Defect { since: Some(last.not_after), ..own("has expired", trust.severity, ends)? });
    }
    if bundle.iter().all(|certificate| certificate.not_before > now) {
        return own("is not valid yet", trust.severity, last.not_before.to_string());
    }
    let stranger = stranger(view, bundle, trust);
    let due = Some(due(last)).filter(|due| *due < now);
    let soon = || own("expires soon", Severity::Warning, ends).filter(|_| due.is_some());
    stranger.or_else(|| Some(Defect { hinders: false, since: due, ..soon()? }))
}

/// Who serves with a publicly signed certificate needs no bundle.
fn of_empty(trust: &Trust<'_>) -> Severity {
    if trust.calls == Calls::Refused { trust.severity } else { Severity::Warning }
}

/// From when on the end of a certificate is a matter; short-lived ones are renewed late in their life, and a month's
/// notice would cry wolf.
fn due(certificate: &CertificateFacts) -> Timestamp {
    let quarter = certificate.not_after.duration_since(certificate.not_before) / 4;
    let notice = quarter.min(SignedDuration::from_hours(24 * NOTICE_DAYS));
    certificate.not_after.checked_sub(notice).unwrap_or(certificate.not_before)
}

/// The Secret that the Service's pods serve with, when no certificate of the bundle has signed it.
fn stranger(view: &View<'_>, bundle: &[CertificateFacts], trust: &Trust<'_>) -> Option<Defect> {
    let (namespace, service) = trust.service;
    let serving = serving(view, namespace, service);
    if serving.is_empty() || serving.iter().any(|secret| is_vouched_for(bundle, &secret.certificates)) {
        return None;
    }
    let secret = serving[0];
    let issuer = secret.certificates.last().map_or("", |certificate| &certificate.issuer);
    let words = format!("has not signed the certificate in Secret {namespace}/{}", secret.metadata.name);
    let fact = (secret.reference(), "data[tls.crt], issuer".to_owned(), issuer.to_owned());
    let since = view.made(&trust.object).max(secret.metadata.creation_timestamp.at());
    Some(Defect { words, hinders: true, severity: trust.severity, fact, since })
}

/// The TLS Secrets that the Service's pods mount and that stand for its name.
fn serving<'a>(view: &View<'a>, namespace: &str, service: &str) -> Vec<&'a Secret> {
    let Some(found) = view.get::<Service>(namespace, service) else { return Vec::new() };
    let host = format!("{service}.{namespace}.svc");
    let pods = view.pods_behind(found);
    let volumes = pods.iter().flat_map(|pod| &pod.spec.volumes);
    let names = volumes.filter_map(|volume| volume.source.secret.as_ref()).map(|source| source.secret_name.as_str());
    let mut secrets: Vec<&Secret> = names.filter_map(|name| view.get::<Secret>(namespace, name)).collect();
    secrets.retain(|secret| secret.certificates.first().is_some_and(|leaf| leaf.covers(&host)));
    secrets.sort_by(|left, right| left.metadata.name.cmp(&right.metadata.name));
    secrets.dedup_by(|left, right| left.metadata.name == right.metadata.name);
    secrets
}

/// Whether a bundle holds the signer, by name, or the very key, of any certificate of a chain.
fn is_vouched_for(bundle: &[CertificateFacts], chain: &[CertificateFacts]) -> bool {
    chain.iter().any(|link| {
        bundle.iter().any(|trusted| link.is_issued_by(trusted) || link.public_key_digest == trusted.public_key_digest)
    })
}
