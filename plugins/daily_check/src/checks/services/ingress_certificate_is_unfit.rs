//! The certificate that an Ingress serves is unfit.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-18",
    title: "the certificate of an Ingress is expired, unreadable, or not for its host or key",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Ingress)],
    relies_on: &[Sight::Of(Kind::Secret)],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

/// Only what an Ingress shows: certificates that merely pods use are another check's.
fn run(view: &View<'_>) -> Vec<Finding> {
    let unfit = view.recognised("NET-18", &["certificate-expired", "tls-secret-invalid"]);
    let of_secret = unfit.into_iter().filter(|finding| finding.object.kind == "Secret");
    of_secret.filter(|finding| finding.shows_on.iter().any(|object| object.kind == "Ingress")).collect()
}

const PAGE: &str = "\
The Secret that an Ingress names for TLS exists, but clients will refuse what is served from it: the
certificate has ended or is not valid yet, does not cover a host of the entry, cannot be read, or
belongs to another private key.

Looked at: spec.tls of Ingresses; of their Secrets the dates, names and public key of the first
certificate in tls.crt, and whether tls.key belongs to it.

What to do: renew or correct the Secret; with cert-manager look at its Certificate first.

See also: kubectl sre explain certificate-expired
          kubectl sre explain tls-secret-invalid";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn said(scenario: &Scenario) -> Vec<(String, Option<&'static str>, String)> {
        let findings = scenario.judge(&CHECK).into_iter();
        findings.map(|finding| (finding.object.name.clone(), finding.class, finding.title)).collect()
    }

    #[test]
    fn dates_hosts_and_keys_are_judged() {
        let findings = Scenario::captured("NET-18").judge(&CHECK);
        let names: Vec<&str> = findings.iter().map(|finding| finding.object.name.as_str()).collect();
        assert_eq!(names, ["expired", "other-host", "other-key"], "{findings:#?}");
        assert!(findings.iter().all(|finding| finding.severity == Severity::Critical));
        assert_eq!(findings[0].class, Some("certificate-expired"));
        assert_eq!(
            findings[0].title,
            "the certificate in Secret fault-net-18/expired ended on 2025-01-01; Ingress expired uses it"
        );
        assert!(findings[1].title.ends_with("does not cover shop.example.com: it stands for mail.example.com"));
        assert!(findings[2].title.ends_with("has a private key that belongs to another certificate"));
        assert_eq!(findings[0].remedies[0].command, "kubectl describe secret expired -n fault-net-18");
    }

    #[test]
    fn a_host_that_the_certificate_covers_is_not_meant() {
        let covered =
            Scenario::captured("NET-18").set("Ingress", "other-host", "/spec/tls/0/hosts", json!(["mail.example.com"]));
        assert!(said(&covered).iter().all(|(name, ..)| name != "other-host"), "{:?}", said(&covered));
        let wildcard = json!(["*.shop.example.com"]);
        let wildcard = Scenario::captured("NET-18").set("Ingress", "good", "/spec/tls/0/hosts", wildcard);
        assert!(said(&wildcard).iter().all(|(name, ..)| name != "good"), "{:?}", said(&wildcard));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let scenario = Scenario::captured("NET-18").set("Secret", "good", "/data/tls.crt", "bm90aGluZw==");
        let said = said(&scenario);
        assert!(said.iter().any(|(name, _, title)| name == "good" && title.contains("cannot be read")), "{said:?}");
    }

    #[test]
    fn secrets_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NET-18").gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Secret was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
