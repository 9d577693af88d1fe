//! cert-manager cannot issue a certificate, or an issuer of it does not work.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::condition::Condition;
use sre_core::slim::custom::certificate::{Certificate, ClusterIssuer, Issuer};
use sre_core::slim::{Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-17",
    title: "a Certificate of cert-manager, or its issuer, is not ready",
    section: Section::Certificates,
    examines: &[Sight::Of(Kind::Certificate), Sight::Of(Kind::Issuer), Sight::Of(Kind::ClusterIssuer)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// How long issuing may take, a challenge over DNS included.
const ISSUING_MINUTES: i64 = 10;

/// How long an issuer may take to sign up.
const SIGNING_UP_MINUTES: i64 = 2;

fn run(view: &View<'_>) -> Vec<Finding> {
    let issuers = view.all::<Issuer>().iter().filter_map(|it| issuer(it, &it.status.conditions, view));
    let for_all = view.all::<ClusterIssuer>().iter().filter_map(|it| issuer(it, &it.status.conditions, view));
    let certificates = view.all::<Certificate>().iter().filter_map(|it| certificate(it, view));
    issuers.chain(for_all).chain(certificates).collect()
}

/// The condition Ready when it has been False for some minutes.
fn failing<'a>(conditions: &'a [Condition], minutes: i64, view: &View<'_>) -> Option<&'a Condition> {
    let ready = condition_of(conditions, "Ready").filter(|it| it.status == "False")?;
    view.is_older_than_minutes(ready.last_transition_time.at(), minutes).then_some(ready)
}

fn issuer(object: &impl Object, conditions: &[Condition], view: &View<'_>) -> Option<Finding> {
    let ready = failing(conditions, SIGNING_UP_MINUTES, view).filter(|_| !view.is_going(object.metadata()))?;
    let named = object.reference();
    let users = view.all::<Certificate>().iter().filter(|it| is_issued_by(it, object)).count();
    let count = if users == 1 { "1 Certificate names it".to_owned() } else { format!("{users} Certificates name it") };
    let title = format!("{} {} is not ready: {}; {count}", named.kind, named.name, ready.reason);
    Some(statement(object, title, ready))
}

fn is_issued_by(certificate: &Certificate, issuer: &impl Object) -> bool {
    let (named, metadata) = (&certificate.spec.issuer_ref, issuer.metadata());
    let kind = if named.kind.is_empty() { "Issuer" } else { &named.kind };
    let is_near = metadata.namespace.is_empty() || metadata.namespace == certificate.metadata.namespace;
    kind == issuer.reference().kind && named.name == metadata.name && is_near
}

/// What an issuer that is not ready leaves waiting is told with the issuer.
fn certificate(certificate: &Certificate, view: &View<'_>) -> Option<Finding> {
    let ready = failing(&certificate.status.conditions, ISSUING_MINUTES, view)?;
    if view.is_going(&certificate.metadata) || waits_for_issuer(certificate, view) {
        return None;
    }
    let issuing = condition_of(&certificate.status.conditions, "Issuing").filter(|it| !it.message.is_empty());
    let title = format!("Certificate {} is not ready: {}", certificate.metadata.name, ready.reason);
    let finding = statement(certificate, title, ready);
    let object = certificate.reference();
    let finding = match issuing {
        Some(issuing) => finding.evidence(&object, "status.conditions[Issuing]", issuing.message.as_str()),
        None => finding,
    };
    Some(finding.evidence(&object, "spec.secretName", certificate.spec.secret_name.as_str()))
}

fn waits_for_issuer(certificate: &Certificate, view: &View<'_>) -> bool {
    let is_bad = |object: &dyn Fn() -> bool, conditions: &[Condition]| {
        object() && failing(conditions, SIGNING_UP_MINUTES, view).is_some()
    };
    view.all::<Issuer>().iter().any(|it| is_bad(&|| is_issued_by(certificate, it), &it.status.conditions))
        || view.all::<ClusterIssuer>().iter().any(|it| is_bad(&|| is_issued_by(certificate, it), &it.status.conditions))
}

fn statement(object: &impl Object, title: String, ready: &Condition) -> Finding {
    let named = object.reference();
    let kind = named.kind.to_lowercase();
    let place = named.namespace.as_ref().map_or(String::new(), |namespace| format!(" -n {namespace}"));
    Finding::new("CFG-17", Severity::Warning, named.clone(), title)
        .evidence(&named, "status.conditions[Ready]", ready.message.as_str())
        .since(ready.last_transition_time.at())
        .look(format!("kubectl describe {kind} {}{place}", named.name))
}

const PAGE: &str = "\
cert-manager says that an Issuer does not work, or that a Certificate has not been ready for ten
minutes or more: it was never issued, could not be renewed, or its Secret does not fit. What is served
from the Secret goes on until it ends, and then fails.

Looked at: the condition Ready of Certificates, Issuers and ClusterIssuers. Certificates of an issuer
that is not ready are told with the issuer.

What to do: follow the chain of what cert-manager makes, to the challenge that fails:
  kubectl describe certificate NAME -n NAMESPACE
  kubectl get certificaterequests,orders,challenges -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-17").later(11)
    }

    #[test]
    fn an_issuer_and_a_certificate_of_another_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(String, &str)> = findings.iter().map(|it| (it.object.to_string(), it.title.as_str())).collect();
        assert_eq!(
            said,
            [
                (
                    "Issuer/fault-cfg-17/acme".to_owned(),
                    "Issuer acme is not ready: ErrRegisterACMEAccount; 1 Certificate names it"
                ),
                ("Certificate/fault-cfg-17/api".to_owned(), "Certificate api is not ready: DoesNotExist"),
            ],
            "{findings:#?}"
        );
        assert_eq!((findings[1].severity, findings[1].since.is_some()), (Severity::Warning, true));
        assert_eq!(findings[0].remedies[0].command, "kubectl describe issuer acme -n fault-cfg-17");
    }

    #[test]
    fn what_is_ready_is_not_meant() {
        let ready = settled().set("Certificate", "api", "/status/conditions/0/status", "True");
        assert_eq!(ready.judge(&CHECK).len(), 1);
    }

    #[test]
    fn issuing_is_given_time() {
        let scenario = settled();
        let now = scenario.snapshot().taken_at.to_string();
        let fresh = scenario.set("Certificate", "api", "/status/conditions/0/lastTransitionTime", now);
        assert_eq!(fresh.judge(&CHECK).len(), 1);
    }

    #[test]
    fn certificates_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Certificate), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.iter().filter(|finding| finding.severity == Severity::Unknown).count(), 1);
    }
}
