//! A webhook that does not answer would keep its own pods, or those of the system, from coming back.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::webhook_configuration::ServiceReference;
use sre_core::slim::{Kind, LabelSelector, Namespace, Service};
use sre_core::view::{OnFailure, View, Webhook};

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-15",
    title: "a webhook that fails could keep its own pods, or the system's, from coming back",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::ValidatingWebhookConfiguration), Sight::Of(Kind::MutatingWebhookConfiguration)],
    relies_on: &[Sight::Of(Kind::Namespace)],
    consults: &[
        Sight::Of(Kind::Service),
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::ReplicaSet),
    ],
    page: PAGE,
    run: |view| view.webhooks().filter_map(|hook| judge(&hook, view)).collect(),
};

const SYSTEM: &str = "kube-system";

fn judge(hook: &Webhook<'_>, view: &View<'_>) -> Option<Finding> {
    // Expressions may leave out what the selectors do not: nothing is known then.
    let backend =
        hook.client.service.as_ref().filter(|_| hook.on_failure == OnFailure::Refused && !hook.is_conditional)?;
    if !is_asked_about_pods(hook) {
        return None;
    }
    let own = backend.namespace.as_str();
    // Pods bring back no Service that does not exist, and CTL-10 says so.
    if view.knows(Kind::Service, own) && view.get::<Service>(own, &backend.name).is_none() {
        return None;
    }
    let covers_own = covers(hook, own, view) && takes_own_pods(hook, backend, view);
    let covers_system = own != SYSTEM && covers(hook, SYSTEM, view) && takes_pods_of_system(hook, view);
    let whose = match (covers_own, covers_system) {
        (true, true) => format!("its own pods in {own} and those of {SYSTEM}"),
        (true, false) => format!("its own pods in {own}"),
        (false, true) => format!("pods of {SYSTEM}"),
        (false, false) => return None,
    };
    Some(finding(hook, backend, &whose))
}

fn is_asked_about_pods(hook: &Webhook<'_>) -> bool {
    let has = |list: &[String], word: &str| list.iter().any(|one| one == word || one == "*" || one == "*/*");
    hook.rules
        .iter()
        .any(|it| has(&it.operations, "CREATE") && has(&it.rule.api_groups, "") && has(&it.rule.resources, "pods"))
}

fn covers(hook: &Webhook<'_>, namespace: &str, view: &View<'_>) -> bool {
    let Some(namespace) = view.get::<Namespace>("", namespace) else { return false };
    hook.namespaces.is_none_or(|selector| selector.matches(&namespace.metadata.labels))
}

/// Whether its own pods, as their templates make them, are among those that it judges.
fn takes_own_pods(hook: &Webhook<'_>, backend: &ServiceReference, view: &View<'_>) -> bool {
    let Some(selector) = hook.objects.filter(|selector| !selector.is_empty()) else { return true };
    let Some(service) = view.get::<Service>(&backend.namespace, &backend.name) else { return false };
    view.templates_behind(service).any(|workload| selector.matches(&workload.template.metadata.labels))
}

fn takes_pods_of_system(hook: &Webhook<'_>, view: &View<'_>) -> bool {
    let Some(selector) = hook.objects.filter(|selector| !selector.is_empty()) else { return true };
    view.pods_in(SYSTEM).iter().any(|pod| selector.matches(&pod.metadata.labels))
}

fn finding(hook: &Webhook<'_>, backend: &ServiceReference, whose: &str) -> Finding {
    let object = &hook.configuration;
    let (kind, name) = (object.kind.to_lowercase(), &object.name);
    let field = |field: &str| format!("webhooks[{}].{field}", hook.name);
    let title = format!("when webhook {} does not answer, {whose} cannot be made anew", hook.name);
    Finding::new("GAP-15", Severity::Warning, object.clone(), title)
        .risk()
        .part(hook.name)
        .evidence(object, field("failurePolicy"), "Fail")
        .evidence(object, field("namespaceSelector"), hook.namespaces.map_or("none".to_owned(), written))
        .evidence(object, field("clientConfig.service"), format!("{}/{}", backend.namespace, backend.name))
        .look(format!("kubectl get {kind} {name} -o yaml"))
}

/// A selector in few words: `team=web, tier In (a, b)`.
fn written(selector: &LabelSelector) -> String {
    let labels = selector.match_labels.iter().map(|pair| format!("{}={}", pair.key, pair.value));
    let expressions = selector.match_expressions.iter().map(|one| match one.values.as_slice() {
        [] => format!("{} {}", one.key, one.operator),
        values => format!("{} {} ({})", one.key, one.operator, values.join(", ")),
    });
    let words: Vec<String> = labels.chain(expressions).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

const PAGE: &str = "\
This webhook is asked about every pod that is made, refuses what it cannot judge (failurePolicy Fail),
and is served by pods of the cluster itself. When those are gone (a drain, a crash, a full node), their
own successors, or the pods of kube-system that they need, are refused because nobody answers: the
cluster does not recover by itself.

Looked at: rules that take the creation of pods, namespaceSelector against the labels of the webhook's
own namespace and of kube-system, objectSelector against the pods there. Not meant: webhooks that are
called by URL, and those with matchConditions, which are not evaluated here.

What to do: leave these namespaces out by the namespaceSelector:
  kubectl get validatingwebhookconfiguration NAME -o yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "ValidatingWebhookConfiguration";
    const NAME: &str = "fault-gap-15-guard";

    fn with(field: &str, value: serde_json::Value) -> Vec<Finding> {
        Scenario::captured("GAP-15").set(KIND, NAME, &format!("/webhooks/0/{field}"), value).judge(&CHECK)
    }

    #[test]
    fn the_webhook_that_judges_its_own_pods_is_named() {
        let findings = Scenario::captured("GAP-15").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.object.name.as_str(), finding.severity), (NAME, Severity::Warning));
        assert!(finding.title.ends_with("its own pods in fault-gap-15 cannot be made anew"), "{}", finding.title);
        assert_eq!(finding.evidence[1].value, "kubernetes.io/metadata.name=fault-gap-15");
    }

    #[test]
    fn a_webhook_of_all_namespaces_covers_the_system_too() {
        let scenario = Scenario::captured("GAP-15").set(KIND, NAME, "/webhooks/0/namespaceSelector", json!({}));
        let system = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}});
        let findings = scenario.with(system).judge(&CHECK);
        assert!(findings[0].title.contains("in fault-gap-15 and those of kube-system"), "{}", findings[0].title);
    }

    #[test]
    fn what_cannot_lock_is_not_meant() {
        assert_eq!(with("failurePolicy", json!("Ignore")), []);
        assert_eq!(with("namespaceSelector", json!({"matchLabels": {"policy": "on"}})), []);
        assert_eq!(with("objectSelector", json!({"matchLabels": {"policy": "on"}})), []);
        assert_eq!(with("matchConditions", json!([{"name": "others", "expression": "false"}])), []);
        assert_eq!(with("clientConfig", json!({"url": "https://policy.example.com/"})), []);
        let rule = json!([{"apiGroups": ["apps"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}]);
        assert_eq!(with("rules", rule), []);
    }

    #[test]
    fn namespaces_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-15").gap(Sight::Of(Kind::Namespace), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
