//! The TLS Secret of an Ingress does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-16",
    title: "the TLS Secret of an Ingress does not exist",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Ingress)],
    relies_on: &[Sight::Of(Kind::Secret)],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let unfit = view.recognised("NET-16", &["tls-secret-invalid"]);
    unfit.into_iter().filter(|finding| finding.object.kind == "Ingress").collect()
}

const PAGE: &str = "\
An Ingress names a Secret for TLS that its namespace does not have. Most controllers then serve a
certificate of their own, which clients refuse.

Looked at: spec.tls[].secretName of Ingresses, Secrets of the same namespace.

Harmless: for a minute after the Ingress was made; for five minutes when its annotations ask for a
certificate to be issued, and then a warning until fifteen have passed. A Secret that never comes
means that the certificate was not issued.

See also: kubectl sre explain tls-secret-invalid";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_ingress_answers_for_a_secret_that_nobody_made() {
        let findings = Scenario::captured("NET-16").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Ingress/fault-net-16/shop");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("tls-secret-invalid")));
        assert_eq!(finding.part, "shop-tls");
        assert_eq!(finding.title, "the TLS Secret shop-tls of Ingress fault-net-16/shop does not exist");
        assert_eq!(finding.remedies[0].command, "kubectl describe ingress shop -n fault-net-16");
    }

    #[test]
    fn a_certificate_that_is_to_be_issued_is_given_time() {
        let captured = Scenario::captured("NET-16");
        assert_eq!(captured.judge(&CHECK), [], "a minute for whoever applies one after the other");
        let annotations = serde_json::json!({ "cert-manager.io/cluster-issuer": "example" });
        let issued = captured.set("Ingress", "shop", "/metadata/annotations", annotations);
        let severity = |minutes| issued.clone().later(minutes).judge(&CHECK).first().map(|it| it.severity);
        let by_age = [severity(2), severity(6), severity(16)];
        assert_eq!(by_age, [None, Some(Severity::Warning), Some(Severity::Critical)]);
    }

    #[test]
    fn an_entry_without_a_secret_is_not_meant() {
        let scenario = Scenario::captured("NET-16").set("Ingress", "shop", "/spec/tls/0/secretName", "");
        assert_eq!(scenario.judge(&CHECK), []);
    }

    #[test]
    fn secrets_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NET-16").gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Secret was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
