//! A certificate signing request waits, or has failed.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{CertificateSigningRequest, ConditionFacts, Kind, Object, condition_of};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "CTL-13",
    title: "a certificate signing request waits, or has failed",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::CertificateSigningRequest)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// Approvers that are programs answer within seconds; people are given a quarter of an hour.
const APPROVED_WITHIN_MINUTES: i64 = 15;

const ISSUED_WITHIN_MINUTES: i64 = 5;

/// What a request has come to, when it is no good.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    Unapproved,
    Unissued,
    Failed,
}

impl Trouble {
    fn words(self) -> &'static str {
        match self {
            Self::Unapproved => "neither approved nor denied",
            Self::Unissued => "approved, and no certificate was issued",
            Self::Failed => "failed",
        }
    }

    fn part(self) -> &'static str {
        match self {
            Self::Unapproved => "unapproved",
            Self::Unissued => "unissued",
            Self::Failed => "failed",
        }
    }
}

/// One finding for all requests to a signer: kubelets ask again and again.
fn run(view: &View<'_>) -> Vec<Finding> {
    let mut groups: BTreeMap<(&str, Trouble), Vec<&CertificateSigningRequest>> = BTreeMap::new();
    for request in view.all::<CertificateSigningRequest>() {
        if let Some(trouble) = trouble(request, view) {
            groups.entry((&request.spec.signer_name, trouble)).or_default().push(request);
        }
    }
    groups.into_iter().map(|((signer, trouble), requests)| finding(signer, trouble, &requests)).collect()
}

fn trouble(request: &CertificateSigningRequest, view: &View<'_>) -> Option<Trouble> {
    let holds = |kind| condition_of(&request.status.conditions, kind).filter(|it| it.status != "False");
    if holds("Denied").is_some() || !request.status.certificate.is_empty() {
        return None;
    }
    if holds("Failed").is_some() {
        return Some(Trouble::Failed);
    }
    match holds("Approved") {
        Some(approved) => {
            view.is_older_than_minutes(approved.since(), ISSUED_WITHIN_MINUTES).then_some(Trouble::Unissued)
        }
        None => view.is_older_than_minutes(asked(request), APPROVED_WITHIN_MINUTES).then_some(Trouble::Unapproved),
    }
}

fn asked(request: &CertificateSigningRequest) -> Option<Timestamp> {
    request.metadata.creation_timestamp.at()
}

fn finding(signer: &str, trouble: Trouble, requests: &[&CertificateSigningRequest]) -> Finding {
    let count = if requests.len() == 1 { "1 request".to_owned() } else { format!("{} requests", requests.len()) };
    let be = match (trouble, requests.len()) {
        (Trouble::Failed, _) => "",
        (_, 1) => "is ",
        _ => "are ",
    };
    let title = format!("{count} to {signer} {be}{}", trouble.words());
    let everything = ObjectRef::cluster("CertificateSigningRequest", "*");
    let finding =
        Finding::new("CTL-13", Severity::Warning, everything, title).part(format!("{signer}/{}", trouble.part()));
    let finding = requests.iter().take(3).fold(finding, |finding, request| {
        let finding = finding.evidence(&request.reference(), "spec.username", &*request.spec.username);
        let said = request.status.conditions.iter().find(|condition| !condition.message.is_empty());
        match said {
            Some(said) => {
                finding.evidence(&request.reference(), format!("status.conditions[{}]", said.kind()), said.message())
            }
            None => finding,
        }
    });
    let finding = finding.since(requests.iter().filter_map(|request| asked(request)).min());
    let finding = requests.iter().fold(finding, |finding, request| finding.shows_on(request.reference()));
    finding
        .look("kubectl get certificatesigningrequests")
        .look(format!("kubectl describe certificatesigningrequest {}", requests[0].metadata.name))
}

const PAGE: &str = "\
Somebody asked the cluster for a certificate and gets none: nobody approves the request, or it is
approved and its signer issues nothing, or the signer failed. For kubelets that means nodes that cannot
join, or serving certificates that run out, and then no logs, no exec and no metrics of those nodes.

Looked at: CertificateSigningRequests, by signer: not approved for fifteen minutes, approved and not
issued for five, failed. Not meant: requests that were denied, which is a decision.

What to do: see who asks and for what; when it is right, approve it (kubectl certificate approve NAME),
or look at the approver or the signer, which should do that:
  kubectl describe certificatesigningrequest NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "CertificateSigningRequest";
    const NAME: &str = "fault-ctl-13-node";

    fn settled() -> Scenario {
        Scenario::captured("CTL-13").later(16)
    }

    fn with(condition: &str) -> Scenario {
        let conditions = json!([{"type": condition, "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]);
        settled().set(KIND, NAME, "/status/conditions", conditions)
    }

    #[test]
    fn the_signer_and_who_asks_are_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.title, "1 request to kubernetes.io/kubelet-serving is neither approved nor denied");
        assert_eq!((finding.severity, finding.shows_on[0].name.as_str()), (Severity::Warning, NAME));
        assert!(!finding.evidence[0].value.is_empty());
    }

    #[test]
    fn an_approver_has_a_quarter_of_an_hour() {
        assert_eq!(Scenario::captured("CTL-13").later(10).judge(&CHECK), []);
    }

    #[test]
    fn what_was_decided_or_issued_is_not_meant() {
        assert_eq!(with("Denied").judge(&CHECK), []);
        assert_eq!(with("Approved").set(KIND, NAME, "/status/certificate", "LS0t").judge(&CHECK), []);
    }

    #[test]
    fn an_approved_request_without_a_certificate_and_a_failed_one_are_told_apart() {
        assert!(with("Approved").judge(&CHECK)[0].title.ends_with("is approved, and no certificate was issued"));
        assert!(with("Failed").judge(&CHECK)[0].title.ends_with("kubelet-serving failed"));
    }

    #[test]
    fn requests_that_could_not_be_listed_leave_it_undecided() {
        let gap = settled().gap(Sight::Of(Kind::CertificateSigningRequest), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
