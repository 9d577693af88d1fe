//! A ServiceAccount that pods name does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-30",
    title: "a ServiceAccount that pods name does not exist",
    section: Section::Workloads,
    examines: &[
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
    ],
    relies_on: &[Sight::Of(Kind::ServiceAccount)],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-30", &["serviceaccount-missing"]),
};

const PAGE: &str = "\
A pod or a pod template names a ServiceAccount that does not exist in its namespace. Pods of it are
refused by the API server, so that there is no pod to look at: the controllers' conditions and events
show it.

Looked at: the pods, the templates of workloads that want pods, the ServiceAccounts, and what the API
server answered to the controllers (ReplicaFailure, FailedCreate).

See also: kubectl sre explain serviceaccount-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_account_is_named_although_there_is_no_pod() {
        let findings = Scenario::captured("POD-30").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ServiceAccount/fault-pod-30/web-reader");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("serviceaccount-missing")));
        assert_eq!(finding.title, "ServiceAccount web-reader does not exist; no pod of Deployment/web can be created");
        assert_eq!(finding.evidence[0].field, "spec.template.spec.serviceAccountName");
        assert!(finding.evidence[1].value.contains("error looking up service account"), "{:?}", finding.evidence);
        assert_eq!(finding.remedies[0].command, "kubectl get serviceaccounts -n fault-pod-30");
    }

    #[test]
    fn an_account_that_exists_is_not_meant() {
        let named = Scenario::captured("POD-30").later(2).set(
            "Deployment",
            "web",
            "/spec/template/spec/serviceAccountName",
            "default",
        );
        assert_eq!(named.judge(&CHECK), []);
    }

    #[test]
    fn a_workload_that_wants_no_pod_is_not_meant() {
        let retired = Scenario::captured("POD-30").later(2).set("Deployment", "web", "/spec/replicas", 0);
        assert_eq!(retired.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("POD-30")
            .later(2)
            .gap(Sight::Of(Kind::ServiceAccount), GapReason::Forbidden)
            .judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("ServiceAccount was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
