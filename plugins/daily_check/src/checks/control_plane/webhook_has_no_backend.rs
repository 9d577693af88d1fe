//! Nobody answers at an admission webhook.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Role};
use sre_core::slim::Kind;
use sre_core::view::{Backing, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "CTL-10",
    title: "nobody answers at an admission webhook",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::ValidatingWebhookConfiguration), Sight::Of(Kind::MutatingWebhookConfiguration)],
    relies_on: &[Sight::Of(Kind::Service), Sight::Of(Kind::EndpointSlice)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet)],
    page: PAGE,
    run,
};

/// A Service that selects nothing has a finding of its own.
fn run(view: &View<'_>) -> Vec<Finding> {
    let mut findings = view.recognised("CTL-10", &["webhook-unavailable"]);
    for finding in &mut findings {
        let (namespace, name) = finding.part.split_once('/').unwrap_or_default();
        let is_explained = view.role_of_absence(namespace, name, Backing::NothingSelected) == Role::Symptom;
        if is_explained {
            finding.role = Role::Symptom;
        }
    }
    findings
}

const PAGE: &str = "\
An admission webhook calls a Service that does not exist, lacks the port, or has no ready endpoint.
It is critical when a webhook of the configuration refuses what it cannot judge (failurePolicy
Fail, the default), a warning when requests pass unjudged.

Looked at: webhooks[].clientConfig.service of both kinds of configurations, the Services, their
EndpointSlices. When only one namespace was looked at, Services of others are not judged.

Harmless: webhooks without rules, which are never called; webhooks that are called by URL are not
judged here.

See also: kubectl sre explain webhook-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::cause::fold;
    use sre_core::finding::Severity;
    use sre_core::snapshot::{GapReason, NamespaceScope};
    use sre_testkit::Scenario;

    const KIND: &str = "ValidatingWebhookConfiguration";

    #[test]
    fn one_finding_for_the_webhooks_of_one_service() {
        let findings = Scenario::captured("CTL-10").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ValidatingWebhookConfiguration/nodes-policy");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("webhook-unavailable")));
        assert_eq!((finding.role, finding.part.as_str()), (Role::Symptom, "fault-ctl-10/policy"));
        assert!(finding.title.contains("Service fault-ctl-10/policy selects no pods"), "{}", finding.title);
        assert_eq!(finding.evidence[1].value, "Fail");
        assert_eq!(finding.remedies[0].command, format!("kubectl get {} nodes-policy -o yaml", KIND.to_lowercase()));
    }

    #[test]
    fn a_service_with_ready_endpoints_is_not_meant() {
        let scenario = Scenario::captured("CTL-10");
        let slice = scenario.name_of("EndpointSlice", "policy-");
        let endpoints = json!([{ "addresses": ["10.1.2.3"], "conditions": { "ready": true } }]);
        assert_eq!(scenario.set("EndpointSlice", &slice, "/endpoints", endpoints).judge(&CHECK), []);
    }

    #[test]
    fn a_webhook_whose_pods_are_just_starting_is_given_time() {
        let captured = Scenario::captured("CTL-10");
        let labels = captured.field("Service", "policy", "/spec/selector").clone();
        let made = captured.snapshot().taken_at.to_string();
        let metadata = json!({ "name": "policy-1", "namespace": "fault-ctl-10", "labels": labels,
            "creationTimestamp": made });
        let starting = captured.with(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata }));
        assert_eq!(starting.judge(&CHECK), []);
        let findings = starting.later(3).judge(&CHECK);
        assert_eq!((findings[0].severity, findings[0].role), (Severity::Critical, Role::Symptom));
    }

    #[test]
    fn webhooks_that_let_requests_pass_are_a_warning() {
        let open = Scenario::captured("CTL-10").set(KIND, "nodes-policy", "/webhooks/0/failurePolicy", "Ignore");
        assert_eq!(open.judge(&CHECK)[0].severity, Severity::Warning);
    }

    #[test]
    fn a_missing_service_and_a_missing_port_are_told_apart() {
        let missing = Scenario::captured("CTL-10").without("Service", "policy");
        assert!(missing.judge(&CHECK)[0].title.contains("does not exist"));
        let port = Scenario::captured("CTL-10").set("Service", "policy", "/spec/ports/0/port", 8443);
        assert!(port.judge(&CHECK)[0].title.contains("does not have the port"));
    }

    #[test]
    fn webhooks_without_rules_and_by_url_are_not_meant() {
        let scenario = Scenario::captured("CTL-10").set(KIND, "nodes-policy", "/webhooks/0/rules", json!([]));
        assert_eq!(scenario.set(KIND, "nodes-policy", "/webhooks/1/rules", json!([])).judge(&CHECK), []);
        let by_url = json!({ "url": "https://policy.example.com/" });
        let scenario =
            Scenario::captured("CTL-10").set(KIND, "nodes-policy", "/webhooks/0/clientConfig", by_url.clone());
        assert_eq!(scenario.set(KIND, "nodes-policy", "/webhooks/1/clientConfig", by_url).judge(&CHECK), []);
    }

    #[test]
    fn services_of_other_namespaces_are_not_judged() {
        let mut snapshot = Scenario::captured("CTL-10").without("Service", "policy").snapshot();
        snapshot.namespaces = NamespaceScope::One("shop".to_owned());
        assert_eq!((CHECK.run)(&View::new(&snapshot)), []);
    }

    #[test]
    fn a_workload_that_it_refuses_is_folded_under_what_is_wrong_with_its_service() {
        let message = "Internal error occurred: failed calling webhook \"validate.policy.example.com\": no endpoints";
        let scenario = Scenario::captured("CTL-10").with(json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web", "namespace": "shop" },
            "status": { "conditions": [{ "type": "ReplicaFailure", "status": "True", "message": message }] }
        }));
        let snapshot = scenario.snapshot();
        let view = View::new(&snapshot);
        let web = sre_core::object::ObjectRef::namespaced("Deployment", "shop", "web");
        let refused = Finding::new("WRK-01", Severity::Critical, web, "no pods can be created").symptom();
        let selector = || scenario.judge(&crate::checks::services::selector_matches_no_pod::CHECK);
        let judged = fold([scenario.judge(&CHECK), selector(), vec![refused.clone()]].concat(), &view);
        assert_eq!((judged[0].finding.check, judged[0].explains.len(), judged.len()), ("NET-03", 2, 3));
        let missing = scenario.without("Service", "policy");
        let snapshot = missing.snapshot();
        let judged = fold([missing.judge(&CHECK), vec![refused]].concat(), &View::new(&snapshot));
        assert_eq!((judged[0].finding.check, judged[1].caused_by.len()), ("CTL-10", 1));
    }

    #[test]
    fn services_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("CTL-10").gap(Sight::Of(Kind::Service), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Service was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
