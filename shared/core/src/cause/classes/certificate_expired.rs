//! A certificate that something serves with has ended, or is not valid yet.

use crate::cause::Class;
use crate::cause::certificate_use::{Use, users};
use crate::finding::{Finding, Severity};
use crate::slim::custom::gateway::Gateway;
use crate::slim::{Ingress, Object, Pod, Secret};
use crate::view::View;
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class = Class { id: "certificate-expired", page: PAGE, recognise, ..Class::SILENT };

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let invalid: Vec<&Secret> = view.all::<Secret>().iter().filter(|secret| trouble(view, secret).is_some()).collect();
    let users = users(view, &invalid);
    let stated = invalid.into_iter().zip(users).filter_map(|(secret, users)| {
        let finding = statement(view, secret, &users)?;
        let is_unused = users.is_empty();
        (!is_unused || hides_users(view)).then(|| if is_unused { unused(finding) } else { finding })
    });
    stated.collect()
}

/// What is wrong with the dates of the certificate that is served, and since when.
fn trouble(view: &View<'_>, secret: &Secret) -> Option<(String, Option<Timestamp>)> {
    let served = secret.certificates.first()?;
    if served.not_after <= view.now() {
        return Some((format!("ended on {}", day(served.not_after)), Some(served.not_after)));
    }
    let is_early = served.not_before > view.now();
    is_early
        .then(|| (format!("is not valid before {}", day(served.not_before)), secret.metadata.creation_timestamp.at()))
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Whether files hold nothing that could use a certificate, so that nobody knows who does.
fn hides_users(view: &View<'_>) -> bool {
    let holds_none =
        view.all::<Ingress>().is_empty() && view.all::<Gateway>().is_empty() && view.all::<Pod>().is_empty();
    view.snapshot.is_of_files() && holds_none && view.snapshot.others.is_empty()
}

/// One that nobody in sight uses hurts nobody in sight.
fn unused(finding: Finding) -> Finding {
    Finding { severity: Severity::Warning, ..finding }.risk()
}

fn statement(view: &View<'_>, secret: &Secret, users: &[Use]) -> Option<Finding> {
    let (trouble, since) = trouble(view, secret)?;
    let served = secret.certificates.first()?;
    let (namespace, name) = (&secret.metadata.namespace, &secret.metadata.name);
    let object = secret.reference();
    let title = format!("the certificate in Secret {namespace}/{name} {trouble}; {}", Use::sentence(users));
    let finding = Finding::new("", Severity::Critical, object.clone(), title)
        .evidence(&object, "data[tls.crt] notAfter", served.not_after.to_string())
        .evidence(&object, "data[tls.crt] subject", served.subject.as_str())
        .since(since);
    let finding = users.iter().fold(finding, |finding, user| finding.evidence(&user.object, user.field, name.as_str()));
    let finding = users.iter().fold(finding, |finding, user| finding.shows_on(user.object.clone()));
    Some(
        finding
            .look(format!("kubectl describe secret {name} -n {namespace}"))
            .look(format!("kubectl get events -n {namespace}")),
    )
}

const PAGE: &str = "\
A certificate is outside of its dates, and something serves with it: an Ingress names the Secret, or
pods mount it. Clients refuse the connection. A renewal has failed or was forgotten.

Looked at: the first certificate in tls.crt of every Secret, Ingresses and pods that name it.

What to do: renew it. Whoever keeps the Secret says why that did not happen; with cert-manager:
  kubectl describe certificate -n NAMESPACE
Pods that read the certificate only when they start must be restarted afterwards.";
