//! A controller cannot create pods: quota, bounds, pod security, policy or a webhook refuses them.

use sre_core::cause::refused_by_webhooks;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-03",
    title: "a controller cannot create its pods",
    section: Section::Workloads,
    examines: &[
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::Job),
    ],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::Event),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::ResourceQuota),
        Sight::Of(Kind::ValidatingWebhookConfiguration),
        Sight::Of(Kind::MutatingWebhookConfiguration),
    ],
    page: PAGE,
    run,
};

const CLASSES: &[&str] = &[
    "quota-exceeded",
    "limitrange-violation",
    "pod-security-violation",
    "admission-policy-denied",
    "webhook-call-failed",
    "pod-creation-failed",
];

fn run(view: &View<'_>) -> Vec<Finding> {
    let held_up = refused_by_webhooks(view).into_iter().map(|finding| Finding { check: "WRK-03", ..finding });
    view.recognised("WRK-03", CLASSES).into_iter().filter(is_of_controller).chain(held_up).collect()
}

/// A quota that was seen has a finding of its own.
fn is_of_controller(finding: &Finding) -> bool {
    finding.object.kind != "ResourceQuota"
}

const PAGE: &str = "\
A Deployment, StatefulSet, DaemonSet or Job wants more pods than there are, and the API server
refuses to create them. There is no pod to look at, so only the controller tells: ReplicaSets by a
condition, the others by events.

The answer of the API server decides what to do, so it is told apart: a ResourceQuota is full, a
LimitRange or pod security admission refuses the template, a policy says no, a webhook does not
answer. A missing ServiceAccount is WRK-08. One quota that refuses many workloads explains them
all, and so does one webhook.

Looked at: the ReplicaFailure condition, FailedCreate events of controllers that lack pods.

See also: kubectl sre explain quota-exceeded";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::{GapReason, ReadState};
    use sre_testkit::Scenario;
    use std::collections::BTreeMap;

    #[test]
    fn each_part_of_admission_is_told_apart() {
        let findings = Scenario::captured("WRK-03").judge(&CHECK);
        let by_object: BTreeMap<String, Option<&str>> =
            findings.iter().map(|it| (format!("{}/{}", it.object.kind, it.object.name), it.class)).collect();
        let expected = [
            ("Deployment/greedy", Some("limitrange-violation")),
            ("Deployment/probe", Some("pod-security-violation")),
            ("Deployment/web", Some("quota-exceeded")),
            ("Job/import", Some("webhook-unavailable")),
            ("StatefulSet/store", Some("admission-policy-denied")),
        ];
        assert_eq!(by_object, expected.map(|(name, class)| (name.to_owned(), class)).into());
        assert!(findings.iter().all(|it| it.severity == Severity::Critical && it.since.is_some()));
    }

    #[test]
    fn the_quota_is_named_with_its_numbers_and_comes_first() {
        let findings = Scenario::captured("WRK-03").judge(&CHECK);
        let refused = findings.iter().find(|it| it.object.name == "web").unwrap();
        assert_eq!(refused.title, "ResourceQuota team has no room: 2 of 4 pods cannot be created");
        assert_eq!(
            (refused.evidence[1].field.as_str(), refused.evidence[1].value.as_str()),
            ("status.used.pods", "2 of 2")
        );
        assert_eq!(refused.role, Role::Symptom);
        assert_eq!(refused.remedies[1].command, "kubectl describe resourcequota team -n fault-wrk-03");
    }

    #[test]
    fn a_quota_that_was_not_seen_leaves_the_workload_to_stand_for_itself() {
        let unseen = Scenario::captured("WRK-03").gap(Sight::Of(Kind::ResourceQuota), GapReason::Forbidden);
        let findings = unseen.judge(&CHECK);
        let refused = findings.iter().find(|it| it.object.name == "web").unwrap();
        assert_eq!((refused.role, refused.class), (Role::Cause, Some("quota-exceeded")));
    }

    #[test]
    fn a_webhook_that_was_seen_comes_first() {
        let role = |scenario: &Scenario| {
            let findings = scenario.judge(&CHECK);
            findings.iter().find(|it| it.object.name == "import").unwrap().role
        };
        let scenario = Scenario::captured("WRK-03");
        assert_eq!(role(&scenario), Role::Symptom);
        assert_eq!(role(&scenario.without("ValidatingWebhookConfiguration", "")), Role::Cause);
    }

    #[test]
    fn titles_name_the_webhook_and_the_policy() {
        let findings = Scenario::captured("WRK-03").judge(&CHECK);
        let title = |name: &str| findings.iter().find(|it| it.object.name == name).unwrap().title.clone();
        assert_eq!(
            title("import"),
            "admission webhook pods.admission.example does not answer: 1 of 1 pods cannot be created"
        );
        assert_eq!(
            title("store"),
            "ValidatingAdmissionPolicy fault-wrk-03-images refuses the pods: 2 of 2 pods cannot be created"
        );
    }

    #[test]
    fn a_controller_that_has_its_pods_is_let_be() {
        let scenario = Scenario::captured("WRK-03");
        let set = scenario.name_of("ReplicaSet", "web-");
        let whole = scenario.set("ReplicaSet", &set, "/status/replicas", 4);
        assert!(whole.judge(&CHECK).iter().all(|it| it.object.name != "web"));
    }

    #[test]
    fn a_deployment_tells_when_its_replica_sets_are_not_there() {
        let state = ReadState::NotCollected;
        let scenario = Scenario::captured("WRK-03").without("ReplicaSet", "").state(Sight::Of(Kind::ReplicaSet), state);
        let findings = scenario.judge(&CHECK);
        let refused = findings.iter().find(|it| it.object.name == "web").unwrap();
        assert_eq!(refused.class, Some("quota-exceeded"));
    }

    #[test]
    fn events_of_a_controller_that_lacks_nothing_are_old_news() {
        let done = Scenario::captured("WRK-03").set("StatefulSet", "store", "/status/replicas", 2);
        assert!(done.judge(&CHECK).iter().all(|it| it.object.name != "store"));
    }

    #[test]
    fn an_event_that_is_old_or_after_which_a_pod_was_made_is_old_news() {
        let names_store = |scenario: &Scenario| scenario.judge(&CHECK).iter().any(|it| it.object.name == "store");
        let scenario = Scenario::captured("WRK-03");
        assert!(names_store(&scenario) && !names_store(&scenario.clone().later(48)));
        let pod = serde_json::json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "store-0",
            "namespace": "fault-wrk-03", "creationTimestamp": scenario.snapshot().taken_at.to_string(),
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "store", "uid": "1",
                "controller": true }] } });
        assert!(!names_store(&scenario.with(pod)));
    }

    #[test]
    fn controllers_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("WRK-03").gap(Sight::Of(Kind::Job), GapReason::Forbidden).judge(&CHECK);
        let unknown: Vec<&Finding> = findings.iter().filter(|it| it.severity == Severity::Unknown).collect();
        assert_eq!(unknown.len(), 1);
        assert!(unknown[0].title.contains("Job was not seen whole (forbidden)"), "{}", unknown[0].title);
    }
}
