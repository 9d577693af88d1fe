//! A CA bundle of a webhook, an aggregated API or a conversion cannot do its work.

use sre_core::cause::ca_bundle::{Calls, Trust, judge};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{APIService, Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-14",
    title: "a CA bundle of a webhook, an aggregated API or a conversion is unfit",
    section: Section::ControlPlane,
    examines: &[
        Sight::Of(Kind::ValidatingWebhookConfiguration),
        Sight::Of(Kind::MutatingWebhookConfiguration),
        Sight::Of(Kind::APIService),
        Sight::Of(Kind::CustomResourceDefinition),
    ],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Secret), Sight::Of(Kind::Service), Sight::Of(Kind::Pod), Sight::Of(Kind::Event)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut found = view.recognised("GAP-14", &["webhook-certificate-invalid"]);
    let apis = view.all::<APIService>().iter().filter_map(trust);
    found.extend(apis.filter_map(|trust| Some(Finding { check: "GAP-14", ..judge(view, &trust)? })));
    found
}

/// An API that is served here, or whose server is not to be checked, needs no bundle.
fn trust(api: &APIService) -> Option<Trust<'_>> {
    let service = api.spec.service.as_ref().filter(|_| !api.spec.insecure_skip_tls_verify)?;
    let is_available = condition_of(&api.status.conditions, "Available").is_some_and(|it| it.status == "True");
    Some(Trust {
        object: api.reference(),
        field: "spec.caBundle".to_owned(),
        bundle: api.spec.certificates(),
        service: (&service.namespace, &service.name),
        severity: Severity::Critical,
        calls: if is_available { Calls::Answered } else { Calls::Refused },
    })
}

const PAGE: &str = "\
The API server calls webhooks, aggregated APIs and conversions of custom resources over TLS and
trusts what the caBundle beside their address vouches for. It is unfit when it is empty, cannot be
read, is expired or not valid yet, or has not signed the certificate that the pods behind the
Service serve with; it is a warning when its last certificate expires within 30 days (and within
the last quarter of its life).

Looked at: caBundle of both kinds of webhook configurations, of APIServices and of the conversion of
CustomResourceDefinitions; TLS Secrets that the pods behind the Service mount.

Harmless: an empty bundle at a webhook that is called by URL, at an APIService with
insecureSkipTLSVerify, at one that is Available, or at one that the API server serves itself; these
are not reported. At other webhooks it is a warning, for a publicly signed certificate needs no bundle.

See also: kubectl sre explain webhook-certificate-invalid";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const VALIDATING: &str = "ValidatingWebhookConfiguration";
    const BUNDLE: &str = "/webhooks/0/clientConfig/caBundle";

    /// The captured configuration whose bundle has signed another certificate, alone.
    fn bundle() -> Scenario {
        Scenario::captured("GAP-14").without("MutatingWebhookConfiguration", "nodes-empty")
    }

    fn said(scenario: &Scenario) -> Vec<(Severity, String)> {
        let only =
            |finding: Finding| (finding.severity, finding.title.rsplit("gap-14/policy ").next().unwrap().to_owned());
        scenario.judge(&CHECK).into_iter().map(only).collect()
    }

    #[test]
    fn a_bundle_that_has_not_signed_what_is_served_is_named_with_the_secret() {
        let findings = bundle().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ValidatingWebhookConfiguration/nodes-bundle");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("webhook-certificate-invalid")));
        assert!(
            finding.title.ends_with("signed the certificate in Secret fault-gap-14/policy-tls"),
            "{}",
            finding.title
        );
        assert_eq!(finding.evidence[0].value, "CN=other-ca");
        assert!(finding.remedies[0].command.starts_with("kubectl get validatingwebhookconfiguration nodes-bundle"));
    }

    #[test]
    fn an_empty_bundle_is_a_warning_where_requests_pass() {
        let findings = Scenario::captured("GAP-14").without(VALIDATING, "nodes-bundle").judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Warning));
        assert!(findings[0].title.ends_with("is empty"), "{}", findings[0].title);
    }

    #[test]
    fn without_a_secret_to_compare_nothing_is_said() {
        assert_eq!(bundle().without("Secret", "policy-tls").judge(&CHECK), []);
        assert_eq!(bundle().gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK), []);
    }

    #[test]
    fn the_bundle_that_signed_it_is_not_meant() {
        let scenario = bundle();
        let own = scenario.field("Secret", "policy-tls", "/data/tls.crt").clone();
        assert_eq!(scenario.set(VALIDATING, "nodes-bundle", BUNDLE, own).judge(&CHECK), []);
    }

    #[test]
    fn dates_and_damage_come_first() {
        let day = 24 * 60;
        let without = || bundle().without("Secret", "policy-tls");
        assert_eq!(said(&without().later(3630 * day)), [(Severity::Warning, "expires soon".to_owned())]);
        assert_eq!(said(&without().later(3660 * day)), [(Severity::Critical, "has expired".to_owned())]);
        assert_eq!(said(&without().later(-10 * day)), [(Severity::Critical, "is not valid yet".to_owned())]);
        let broken = without().set(VALIDATING, "nodes-bundle", BUNDLE, "bm90IGEgY2VydGlmaWNhdGU=");
        assert_eq!(said(&broken), [(Severity::Critical, "cannot be read".to_owned())]);
    }

    fn api(fields: Value) -> Scenario {
        let mut spec =
            json!({ "group": "a.example.com", "version": "v1", "service": { "namespace": "a", "name": "b" } });
        spec.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let named = json!({ "name": "v1.a.example.com" });
        let kind =
            json!({ "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": named, "spec": spec });
        bundle().without(VALIDATING, "nodes-bundle").with(kind)
    }

    #[test]
    fn aggregated_apis_need_a_bundle_unless_they_are_not_checked() {
        let findings = api(json!({})).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity, findings[0].class), (1, Severity::Critical, None));
        assert_eq!(findings[0].object.to_string(), "APIService/v1.a.example.com");
        assert_eq!(api(json!({ "insecureSkipTLSVerify": true })).judge(&CHECK), []);
    }

    #[test]
    fn an_api_that_is_available_is_trusted() {
        let available = json!([{ "type": "Available", "status": "True" }]);
        let scenario = api(json!({})).set("APIService", "v1.a.example.com", "/status", json!({}));
        assert_eq!(scenario.set("APIService", "v1.a.example.com", "/status/conditions", available).judge(&CHECK), []);
    }

    #[test]
    fn an_empty_bundle_is_critical_once_a_call_was_refused() {
        let empty = bundle().set(VALIDATING, "nodes-bundle", BUNDLE, "");
        assert_eq!(empty.judge(&CHECK)[0].severity, Severity::Warning);
        let message = "failed calling webhook \"a\": Post \"https://policy.fault-gap-14.svc:443/\": tls: failed to \
                       verify certificate: x509: certificate signed by unknown authority";
        let refused = json!({ "apiVersion": "v1", "kind": "Event", "reason": "FailedCreate", "message": message,
            "metadata": { "name": "a", "namespace": "shop" },
            "involvedObject": { "kind": "ReplicaSet", "namespace": "shop", "name": "web-1" } });
        assert_eq!(empty.with(refused).judge(&CHECK)[0].severity, Severity::Critical);
    }

    #[test]
    fn conversions_need_a_bundle() {
        let client = json!({ "service": { "namespace": "a", "name": "b" } });
        let scenario = bundle().without(VALIDATING, "nodes-bundle").with(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": { "name": "things.example.com" },
            "spec": { "conversion": { "strategy": "Webhook", "webhook": { "clientConfig": client } } }
        }));
        let findings = scenario.judge(&CHECK);
        assert_eq!(findings[0].object.to_string(), "CustomResourceDefinition/things.example.com");
        assert_eq!(findings[0].evidence[0].field, "spec.conversion.webhook.clientConfig.caBundle");
    }

    #[test]
    fn configurations_that_could_not_be_listed_leave_it_undecided() {
        let kind = Sight::Of(Kind::ValidatingWebhookConfiguration);
        let findings = bundle().gap(kind, GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("ValidatingWebhookConfiguration was not seen"), "{}", findings[0].title);
    }
}
