//! A network policy selects no pod.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::scheduling::nearest_word;
use sre_core::slim::{Kind, LabelSelector, NetworkPolicy, Object, ReplicaSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-26",
    title: "a network policy selects no pod",
    section: Section::Services,
    examines: &[Sight::Of(Kind::NetworkPolicy)],
    relies_on: &WORKLOADS,
    consults: &[],
    page: PAGE,
    run: |view| view.all::<NetworkPolicy>().iter().filter_map(|policy| judge(policy, view)).collect(),
};

/// What pods may come of.
const WORKLOADS: [Sight; 7] = [
    Sight::Of(Kind::Pod),
    Sight::Of(Kind::Deployment),
    Sight::Of(Kind::StatefulSet),
    Sight::Of(Kind::DaemonSet),
    Sight::Of(Kind::ReplicaSet),
    Sight::Of(Kind::Job),
    Sight::Of(Kind::CronJob),
];

fn judge(policy: &NetworkPolicy, view: &View<'_>) -> Option<Finding> {
    let (metadata, selector) = (&policy.metadata, &policy.spec.pod_selector);
    let namespace = metadata.namespace.as_str();
    let is_known = view.knows(Kind::Pod, namespace) && view.is_settled(metadata);
    // A namespace without pods waits for them, and a selector of everything cannot be mistaken.
    let pods = view.pods_in(namespace);
    if !is_known || selector.is_empty() || pods.is_empty() || is_wanted(selector, namespace, view) {
        return None;
    }
    let object = policy.reference();
    let name = &metadata.name;
    let finding =
        Finding::new("NET-26", Severity::Info, object.clone(), format!("NetworkPolicy {name} selects no pod"))
            .risk()
            .evidence(&object, "spec.podSelector", words(selector))
            .since(metadata.creation_timestamp.at());
    let finding = match near(selector, namespace, view) {
        Some(near) => finding.evidence(&object, "labels of pods here", near),
        None => finding,
    };
    let finding = finding.look(format!("kubectl get pods -n {namespace} --show-labels"));
    Some(finding.look(format!("kubectl describe networkpolicy {name} -n {namespace}")))
}

/// Whether pods have such labels, or would once a workload makes some.
fn is_wanted(selector: &LabelSelector, namespace: &str, view: &View<'_>) -> bool {
    let templates = view.workloads().filter(|it| it.metadata.namespace == namespace).map(|it| it.template);
    let sets = view.all::<ReplicaSet>().iter().filter(|it| it.metadata.namespace == namespace);
    let templates = templates.chain(sets.map(|set| &set.spec.template));
    view.pods_in(namespace).iter().any(|pod| selector.matches(&pod.metadata.labels))
        || templates.into_iter().any(|template| selector.matches(&template.metadata.labels))
}

fn words(selector: &LabelSelector) -> String {
    let labels = selector.match_labels.iter().map(|pair| format!("{}={}", pair.key, pair.value));
    let others =
        selector.match_expressions.iter().map(|one| format!("{} {} {}", one.key, one.operator, one.values.join(",")));
    labels.chain(others).collect::<Vec<_>>().join(", ")
}

/// A label of pods that was probably meant.
fn near(selector: &LabelSelector, namespace: &str, view: &View<'_>) -> Option<String> {
    let wanted = selector.match_labels.first()?;
    let pods = view.pods_in(namespace).iter();
    let values = pods.filter_map(|pod| pod.metadata.label(&wanted.key)).filter(|value| *value != wanted.value);
    Some(format!("{}={} (nearest)", wanted.key, nearest_word(&wanted.value, values)?))
}

const PAGE: &str = "\
The selector of a NetworkPolicy matches no pod of its namespace, nor the template of any workload: it
protects and allows nothing. Most often a label was renamed, and the pods are now without the policy.

Looked at: spec.podSelector, labels of the pods and of the pod templates of the namespace.

Harmless: policies for pods that an operator or a pipeline makes now and then. Namespaces without any
pod, and selectors of everything, are not reported.

What to do: compare the labels:
  kubectl get pods -n NAMESPACE --show-labels";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("NET-26").later(2)
    }

    #[test]
    fn a_selector_that_matches_nothing_is_told_with_what_is_near() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "NetworkPolicy/fault-net-26/api");
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Info, "NetworkPolicy api selects no pod"));
        assert_eq!(finding.evidence[0].value, "app=web-api");
        assert_eq!(finding.evidence[1].value, "app=web-app (nearest)");
        assert_eq!(finding.remedies[0].command, "kubectl get pods -n fault-net-26 --show-labels");
    }

    #[test]
    fn pods_that_are_to_come_are_selected() {
        let label = "/spec/podSelector/matchLabels/app";
        assert_eq!(settled().set("NetworkPolicy", "api", label, "web-app").judge(&CHECK), []);
        assert_eq!(settled().set("NetworkPolicy", "api", label, "nightly").judge(&CHECK), [], "a CronJob's");
    }

    #[test]
    fn everything_and_nothing_are_no_mistakes() {
        let all = settled().set("NetworkPolicy", "api", "/spec/podSelector", serde_json::json!({}));
        assert_eq!(all.judge(&CHECK), []);
        assert_eq!(settled().without("Pod", "web-").judge(&CHECK), []);
        assert_eq!(Scenario::captured("NET-26").judge(&CHECK), [], "it was made just now");
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
