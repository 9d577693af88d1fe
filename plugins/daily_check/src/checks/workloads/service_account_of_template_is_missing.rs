//! A workload's template names a ServiceAccount that does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, ServiceAccount};
use sre_core::view::{View, Workload};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-08",
    title: "a workload's ServiceAccount does not exist",
    section: Section::Workloads,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::Job),
    ],
    relies_on: &[Sight::Of(Kind::ServiceAccount)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run: |view| view.workloads().filter_map(|workload| judge(&workload, view)).collect(),
};

/// What wants no pod at the moment is hurt when it wants some: it is not named. The account that is missing has a check
/// of its own, which explains this one.
fn judge(workload: &Workload<'_>, view: &View<'_>) -> Option<Finding> {
    let (object, namespace) = (&workload.reference, workload.metadata.namespace.as_str());
    let account = Some(workload.template.spec.service_account_name.as_str()).filter(|name| !name.is_empty())?;
    let is_there = view.get::<ServiceAccount>(namespace, account).is_some();
    if is_there
        || workload.wanted <= 0
        || view.is_young(workload.metadata)
        || !view.knows(Kind::ServiceAccount, namespace)
    {
        return None;
    }
    let severity = if workload.lacks_pods(view) { Severity::Critical } else { Severity::Warning };
    let title = format!("ServiceAccount {account} does not exist: no pod can be created");
    let finding = Finding::new("WRK-08", severity, object.clone(), title)
        .symptom()
        .part(account)
        .evidence(object, format!("{}.serviceAccountName", workload.pod_spec_field), account)
        .since(workload.metadata.creation_timestamp.at())
        .look(format!("kubectl get serviceaccounts -n {namespace}"))
        .change(format!("kubectl create serviceaccount {account} -n {namespace} --dry-run=server"));
    Some(finding)
}

const PAGE: &str = "\
The pod template of a workload names a ServiceAccount that does not exist in its namespace. The API
server refuses every new pod. Pods that are there already go on until they are replaced, or until
their token ends.

Looked at: serviceAccountName of the templates, and the ServiceAccounts of the namespace. Workloads
that want no pod (scaled to zero, suspended, finished) are not meant.

What to do: see whether it was renamed or belongs to another namespace; create it with the rights
that the workload needs:
  kubectl get serviceaccounts -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::cause::fold;
    use sre_core::check::judge as judge_all;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_missing_account_is_found_at_the_workload() {
        let findings = Scenario::captured("WRK-08").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-wrk-08/web");
        assert_eq!(
            (finding.severity, finding.role, finding.part.as_str()),
            (Severity::Critical, Role::Symptom, "web-reader")
        );
        assert_eq!(finding.evidence[0].field, "spec.template.spec.serviceAccountName");
        assert_eq!(
            finding.remedies[1].command,
            "kubectl create serviceaccount web-reader -n fault-wrk-08 --dry-run=server"
        );
    }

    #[test]
    fn it_stands_under_the_account_that_is_missing_whether_there_are_pods_or_not() {
        use crate::checks::pods::service_account_is_missing as missing;
        let scenario = Scenario::captured("WRK-08").later(2);
        let pod = serde_json::json!({ "apiVersion": "v1", "kind": "Pod", "status": { "phase": "Running" },
            "metadata": { "name": "web-1", "namespace": "fault-wrk-08", "ownerReferences": [
                { "controller": true, "kind": "ReplicaSet", "name": scenario.name_of("ReplicaSet", "web-") }] } });
        let full = scenario.clone().set("Deployment", "web", "/spec/replicas", 1).with(pod);
        for (scenario, severity) in [(scenario, Severity::Critical), (full, Severity::Warning)] {
            let snapshot = scenario.snapshot();
            let view = View::new(&snapshot);
            let judged = fold(judge_all(&[&CHECK, &missing::CHECK], &view).findings, &view);
            let checks: Vec<&str> = judged.iter().map(|it| it.finding.check).collect();
            assert_eq!(checks, ["POD-30", "WRK-08"], "{judged:#?}");
            assert_eq!((judged[1].finding.severity, judged[1].caused_by.len()), (severity, 1));
        }
    }

    #[test]
    fn an_account_that_is_there_is_no_trouble() {
        let named = Scenario::captured("WRK-08").later(2).set(
            "Deployment",
            "web",
            "/spec/template/spec/serviceAccountName",
            "default",
        );
        assert_eq!(named.judge(&CHECK), []);
    }

    #[test]
    fn a_workload_scaled_to_zero_needs_no_account_today() {
        assert_eq!(
            Scenario::captured("WRK-08").later(2).set("Deployment", "web", "/spec/replicas", 0).judge(&CHECK),
            []
        );
    }

    #[test]
    fn accounts_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("WRK-08")
            .later(2)
            .gap(Sight::Of(Kind::ServiceAccount), GapReason::Forbidden)
            .judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("ServiceAccount was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
