//! A webhook that refuses what it cannot judge is served by one pod only.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{EndpointSlice, Kind, Node};
use sre_core::view::{OnFailure, View, Webhook};
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-16",
    title: "a webhook that refuses what it cannot judge hangs on one pod",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::ValidatingWebhookConfiguration), Sight::Of(Kind::MutatingWebhookConfiguration)],
    relies_on: &[Sight::Of(Kind::EndpointSlice)],
    consults: &[Sight::Of(Kind::Node)],
    page: PAGE,
    run,
};

/// Groups without whose objects nothing can be rolled out or repaired.
const ESSENTIAL: [&str; 4] = ["", "apps", "batch", "*"];

fn run(view: &View<'_>) -> Vec<Finding> {
    // On a single node a second pod would fall together with the first.
    if view.all::<Node>().len() == 1 {
        return Vec::new();
    }
    let mut served: BTreeMap<(ObjectRef, &str, &str), Vec<Webhook<'_>>> = BTreeMap::new();
    for hook in view.webhooks().filter(is_essential) {
        if let Some(to) = &hook.client.service {
            served.entry((hook.configuration.clone(), &to.namespace, &to.name)).or_default().push(hook);
        }
    }
    let single = served.into_iter().filter(|((_, namespace, name), _)| endpoints(view, namespace, name) == 1);
    single.map(|((configuration, namespace, name), hooks)| finding(&configuration, namespace, name, &hooks)).collect()
}

fn is_essential(hook: &Webhook<'_>) -> bool {
    let is_of = |groups: &[String]| groups.iter().any(|group| ESSENTIAL.contains(&group.as_str()));
    hook.on_failure == OnFailure::Refused && hook.rules.iter().any(|rule| is_of(&rule.rule.api_groups))
}

/// The ready endpoints of a Service; with two address families each pod has one of each.
fn endpoints(view: &View<'_>, namespace: &str, service: &str) -> usize {
    let mut by_family: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for slice in view.slices_of(namespace, service) {
        by_family.entry(&slice.address_type).or_default().extend(ready(slice));
    }
    by_family.values().map(BTreeSet::len).max().unwrap_or(0)
}

fn ready(slice: &EndpointSlice) -> impl Iterator<Item = &str> {
    let ready = slice.endpoints.iter().filter(|endpoint| endpoint.conditions.ready != Some(false));
    ready.filter_map(|endpoint| endpoint.addresses.first().map(String::as_str))
}

fn finding(configuration: &ObjectRef, namespace: &str, name: &str, hooks: &[Webhook<'_>]) -> Finding {
    let service = ObjectRef::namespaced("Service", namespace, name);
    let hook = hooks[0].name;
    let title = match hooks.len() {
        1 => format!("webhook {hook} is served by one pod only, and requests are refused while it is away"),
        count => format!(
            "{count} webhooks ({hook}, ...) are served by one pod only, and requests are refused while it is away"
        ),
    };
    Finding::new("GAP-16", Severity::Info, configuration.clone(), title)
        .risk()
        .part(format!("{namespace}/{name}"))
        .evidence(configuration, format!("webhooks[{hook}].failurePolicy"), "Fail")
        .evidence(&service, "ready endpoints", "1")
        .look(format!("kubectl get pods,endpointslices -n {namespace}"))
}

const PAGE: &str = "\
A webhook is asked about objects of the core, apps or batch groups and refuses what it cannot judge
(failurePolicy Fail), and a single pod answers for it. Whenever that pod restarts or moves, rollouts
and repairs in the whole cluster are refused.

Looked at: the ready endpoints of the Services that such webhooks call. Not meant: webhooks of other
groups only, webhooks that let requests pass, and clusters of one node.

What to do: run two replicas or more, on different nodes:
  kubectl get pods -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "MutatingWebhookConfiguration";
    const NAME: &str = "fault-gap-16-injector";

    #[test]
    fn the_webhook_and_its_service_are_named() {
        let findings = Scenario::captured("GAP-16").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), (NAME, Severity::Info));
        assert_eq!(findings[0].part, "fault-gap-16/injector");
    }

    #[test]
    fn two_endpoints_are_enough() {
        let two = json!([{"addresses": ["10.1.0.1"]}, {"addresses": ["10.1.0.2"]}]);
        let scenario = Scenario::captured("GAP-16").set("EndpointSlice", "injector", "/endpoints", two);
        assert_eq!(scenario.judge(&CHECK), []);
    }

    #[test]
    fn a_webhook_that_lets_pass_or_is_of_another_group_is_not_meant() {
        let open = Scenario::captured("GAP-16").set(KIND, NAME, "/webhooks/0/failurePolicy", "Ignore");
        assert_eq!(open.judge(&CHECK), []);
        let group = "/webhooks/0/rules/0/apiGroups";
        assert_eq!(Scenario::captured("GAP-16").set(KIND, NAME, group, json!(["cert-manager.io"])).judge(&CHECK), []);
    }

    #[test]
    fn on_a_single_node_a_second_pod_would_not_help() {
        let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "only"}});
        assert_eq!(Scenario::captured("GAP-16").with(node).judge(&CHECK), []);
    }

    #[test]
    fn endpoints_that_could_not_be_listed_leave_it_undecided() {
        let gap = Scenario::captured("GAP-16").gap(Sight::Of(Kind::EndpointSlice), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
