//! A certificate should have been renewed by now.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::custom::certificate::Certificate;
use sre_core::slim::{Kind, Object, Time, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-91",
    title: "a Certificate of cert-manager should have been renewed by now",
    section: Section::Certificates,
    examines: &[Sight::Of(Kind::Certificate)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Certificate>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// How late a renewal may be: failed ones are tried again after an hour.
const PATIENCE_MINUTES: i64 = 90;

fn judge(certificate: &Certificate, view: &View<'_>) -> Option<Finding> {
    let (metadata, status) = (&certificate.metadata, &certificate.status);
    let due = status.renewal_time.as_ref().and_then(Time::at);
    let end = status.not_after.as_ref().and_then(Time::at)?;
    let is_late = view.is_older_than_minutes(due, PATIENCE_MINUTES) && end > view.now();
    // One that is not ready is told of itself.
    let is_ready = condition_of(&status.conditions, "Ready").is_some_and(|it| it.status == "True");
    if !is_late || !is_ready || view.is_going(metadata) {
        return None;
    }
    let object = certificate.reference();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    let title = format!("Certificate {name} should have been renewed, and ends on {}", end.strftime("%Y-%m-%d"));
    let finding = Finding::new("GAP-91", Severity::Warning, object.clone(), title)
        .evidence(&object, "status.renewalTime", due.map(|it| it.to_string()).unwrap_or_default())
        .evidence(&object, "status.notAfter", end.to_string());
    let issuing = condition_of(&status.conditions, "Issuing").filter(|it| !it.message.is_empty());
    let finding = match issuing {
        Some(issuing) => finding.evidence(&object, "status.conditions[Issuing]", issuing.message.as_str()),
        None => finding,
    };
    let finding = finding.since(due).look(format!("kubectl describe certificate {name} -n {namespace}"));
    Some(finding.look(format!("kubectl get certificaterequests -n {namespace}")))
}

const PAGE: &str = "\
cert-manager writes down when it will renew a certificate. That was an hour and a half ago or more,
and the old certificate is still the one: it is good today and will not be one day. Either renewing
fails each time, or the controller does not run.

Looked at: status.renewalTime and status.notAfter of Certificates that are ready. Those that are not
are CFG-17, Secrets that end soon are GAP-90.

What to do: look at the last request, and at the controller:
  kubectl describe certificate NAME -n NAMESPACE
  kubectl get pods -n cert-manager";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_renewal_that_did_not_come_is_told() {
        let findings = Scenario::captured("GAP-91").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Certificate/fault-gap-91/shop");
        let title = "Certificate shop should have been renewed, and ends on 2044-01-01";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.evidence[0].value, "2026-01-15T06:00:00Z");
        assert_eq!(finding.remedies[0].command, "kubectl describe certificate shop -n fault-gap-91");
    }

    #[test]
    fn a_renewal_that_is_to_come_is_not_meant() {
        let later =
            Scenario::captured("GAP-91").set("Certificate", "shop", "/status/renewalTime", "2043-12-01T00:00:00Z");
        assert_eq!(later.judge(&CHECK), []);
    }

    #[test]
    fn one_that_is_not_ready_or_has_ended_is_told_elsewhere() {
        let failed = Scenario::captured("GAP-91").set("Certificate", "shop", "/status/conditions/0/status", "False");
        assert_eq!(failed.judge(&CHECK), []);
        let ended = Scenario::captured("GAP-91").set("Certificate", "shop", "/status/notAfter", "2026-01-16T00:00:00Z");
        assert_eq!(ended.judge(&CHECK), []);
    }

    #[test]
    fn certificates_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("GAP-91").gap(Sight::Of(Kind::Certificate), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
