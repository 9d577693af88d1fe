//! Network policies let pods send something, and cut them off from the cluster's DNS.

use sre_core::cause::specs::{counted, has_ended};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::network_policy::{NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort};
use sre_core::slim::{CustomResourceDefinition, Kind, LabelSelector, Namespace, NetworkPolicy, Object, Pod};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-65",
    title: "network policies cut pods off from the cluster's DNS",
    section: Section::Services,
    examines: &[Sight::Of(Kind::NetworkPolicy)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[Sight::Of(Kind::Namespace), Sight::Of(Kind::CustomResourceDefinition), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run,
};

const SYSTEM: &str = "kube-system";

/// Where the pods of a cluster's DNS listen: policies are held against the port of the pod, not of its Service.
const PORTS: [i32; 4] = [53, 1053, 5353, 8053];

/// Kinds of network plugins that can allow what these policies do not.
const OTHER_POLICIES: [&str; 4] = [
    "ciliumnetworkpolicies.cilium.io",
    "ciliumclusterwidenetworkpolicies.cilium.io",
    "globalnetworkpolicies.crd.projectcalico.org",
    "adminnetworkpolicies.policy.networking.k8s.io",
];

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut cut_off: BTreeMap<Vec<&str>, (&NetworkPolicy, Vec<&Pod>)> = BTreeMap::new();
    let policies: Vec<&NetworkPolicy> = view.all::<NetworkPolicy>().iter().filter(|it| isolates(it, view)).collect();
    for pod in view.all::<Pod>().iter().filter(|pod| asks_the_cluster(pod, view)) {
        let own: Vec<&NetworkPolicy> = policies.iter().copied().filter(|policy| selects(policy, pod)).collect();
        let Some(first) = own.first().filter(|_| !own.iter().any(|policy| lets_through(policy, view))) else {
            continue;
        };
        let names = own.iter().map(|it| it.metadata.name.as_str());
        let key: Vec<&str> = [pod.metadata.namespace.as_str()].into_iter().chain(names).collect();
        cut_off.entry(key).or_insert_with(|| (first, Vec::new())).1.push(pod);
    }
    cut_off.into_iter().filter_map(|(names, (first, pods))| statement(&names[1..], first, &pods, view)).collect()
}

fn isolates(policy: &NetworkPolicy, view: &View<'_>) -> bool {
    policy.spec.policy_types.iter().any(|it| it == "Egress") && view.is_settled(&policy.metadata)
}

/// Pods that share their node's network are under no policy; the others may ask another resolver.
fn asks_the_cluster(pod: &Pod, view: &View<'_>) -> bool {
    let asks = matches!(pod.spec.dns_policy.as_str(), "" | "ClusterFirst" | "ClusterFirstWithHostNet");
    asks && !pod.spec.host_network && !has_ended(pod) && view.is_settled(&pod.metadata)
}

fn selects(policy: &NetworkPolicy, pod: &Pod) -> bool {
    policy.metadata.namespace == pod.metadata.namespace && policy.spec.pod_selector.matches(&pod.metadata.labels)
}

fn lets_through(policy: &NetworkPolicy, view: &View<'_>) -> bool {
    policy.spec.egress.iter().any(|rule| allows_dns(rule, policy, view))
}

/// Whether a rule may let requests to the DNS through; what cannot be told counts as if it did.
fn allows_dns(rule: &NetworkPolicyEgressRule, policy: &NetworkPolicy, view: &View<'_>) -> bool {
    let port = rule.ports.is_empty() || rule.ports.iter().any(may_be_dns);
    port && (rule.to.is_empty() || rule.to.iter().any(|peer| may_reach(peer, policy, view)))
}

fn may_be_dns(port: &NetworkPolicyPort) -> bool {
    let Some(start) = &port.port else { return true };
    let Some(number) = start.number() else { return true };
    PORTS.iter().any(|dns| number == *dns || port.end_port.is_some_and(|end| (number..=end).contains(dns)))
}

fn may_reach(peer: &NetworkPolicyPeer, policy: &NetworkPolicy, view: &View<'_>) -> bool {
    if peer.ip_block.is_some() {
        return true;
    }
    let Some(selector) = &peer.namespace_selector else { return policy.metadata.namespace == SYSTEM };
    // Nodes may answer for the DNS themselves, and it may stand elsewhere: only what is known to be another is so.
    let matches = |namespace: &Namespace| selector.matches(&namespace.metadata.labels);
    let reaches_system = view.get::<Namespace>("", SYSTEM).is_none_or(matches);
    reaches_system || serves_dns_elsewhere(selector, view)
}

fn serves_dns_elsewhere(selector: &LabelSelector, view: &View<'_>) -> bool {
    let namespaces = view.all::<Namespace>().iter().filter(|it| selector.matches(&it.metadata.labels));
    namespaces.into_iter().any(|namespace| namespace.metadata.name.contains("dns"))
}

/// Pods that may send nothing at all are sealed on purpose, as far as can be told.
fn statement(names: &[&str], first: &NetworkPolicy, pods: &[&Pod], view: &View<'_>) -> Option<Finding> {
    let is_sealed = names.iter().all(|name| {
        view.get::<NetworkPolicy>(&first.metadata.namespace, name).is_none_or(|policy| policy.spec.egress.is_empty())
    });
    let is_sole = view.knows(Kind::CustomResourceDefinition, "")
        && OTHER_POLICIES.iter().all(|name| view.get::<CustomResourceDefinition>("", name).is_none());
    let severity = if is_sealed || !is_sole { Severity::Info } else { Severity::Warning };
    let object = first.reference();
    let (name, namespace) = (&first.metadata.name, &first.metadata.namespace);
    let rest = if is_sealed { "; they may send nothing at all" } else { "" };
    let title =
        format!("{} cannot ask the cluster's DNS: NetworkPolicy {name} allows no port 53{rest}", counted(pods, view));
    let finding = Finding::new("GAP-65", severity, object.clone(), title).risk();
    let finding = names.iter().fold(finding, |finding, name| {
        let policy = view.get::<NetworkPolicy>(namespace, name);
        policy
            .map(|policy| finding.clone().evidence(&policy.reference(), "spec.egress", rules(policy)))
            .unwrap_or(finding)
    });
    let finding = pods.iter().take(3).fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    let finding = finding.since(first.metadata.creation_timestamp.at());
    Some(finding.look(format!("kubectl describe networkpolicy {name} -n {namespace}")))
}

fn rules(policy: &NetworkPolicy) -> String {
    match policy.spec.egress.len() {
        0 => "no rule: nothing may be sent".to_owned(),
        1 => "1 rule, none for the DNS".to_owned(),
        count => format!("{count} rules, none for the DNS"),
    }
}

const PAGE: &str = "\
The network policies of some pods name what they may send to, and the cluster's DNS is not among it:
names do not resolve, whatever else is allowed. It is a warning; info when the pods may send nothing
at all, which is mostly meant so, and where the network plugin has policies of its own, which are
not read and may allow it.

Looked at: egress rules of all policies that select a pod. A rule counts as letting DNS through when
its ports may hold 53 (or 1053, 5353, 8053) and its peers may hold kube-system; addresses (ipBlock) always may. Left out:
pods of the host's network and pods with another dnsPolicy than ClusterFirst.

Harmless: where the network plugin does not enforce policies; and pods that need no names.

What to do: allow UDP and TCP port 53 to kube-system:
  kubectl describe networkpolicy NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-65").later(2)
    }

    fn said(scenario: &Scenario) -> Vec<(String, Severity)> {
        scenario.judge(&CHECK).into_iter().map(|finding| (finding.object.name, finding.severity)).collect()
    }

    #[test]
    fn what_may_send_to_a_database_and_not_to_the_dns_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        let web = &findings[1];
        assert_eq!(web.object.to_string(), "NetworkPolicy/fault-gap-65/web");
        assert_eq!((web.severity, web.shows_on.len()), (Severity::Warning, 2));
        let title = "2 pods of Deployment/web cannot ask the cluster's DNS: NetworkPolicy web allows no port 53";
        assert_eq!(web.title, title);
        assert_eq!(web.evidence[0].value, "1 rule, none for the DNS");
        assert_eq!(web.remedies[0].command, "kubectl describe networkpolicy web -n fault-gap-65");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), ("sealed", Severity::Info));
    }

    #[test]
    fn port_53_or_an_open_rule_is_enough() {
        let sealed = || ("sealed".to_owned(), Severity::Info);
        let port =
            settled().set("NetworkPolicy", "web", "/spec/egress/0/ports", json!([{ "port": 53, "protocol": "UDP" }]));
        let to_all =
            port.clone().set("NetworkPolicy", "web", "/spec/egress/0/to", json!([{ "namespaceSelector": {} }]));
        assert_eq!(said(&to_all), [sealed()]);
        assert_eq!(said(&port).len(), 2, "port 53 of the own namespace is not the cluster's DNS");
        let other =
            settled().set("NetworkPolicy", "web", "/spec/egress/0/ports", json!([{ "port": 5353, "protocol": "UDP" }]));
        let other = other.set("NetworkPolicy", "web", "/spec/egress/0/to", json!([]));
        assert_eq!(said(&other), [sealed()], "its pods may listen elsewhere");
        let addresses = settled().set(
            "NetworkPolicy",
            "web",
            "/spec/egress/0",
            json!({ "to": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }] }),
        );
        assert_eq!(said(&addresses), [sealed()]);
    }

    #[test]
    fn policies_of_a_network_plugin_may_allow_it() {
        let plugin = settled().with(json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "ciliumnetworkpolicies.cilium.io"}
        }));
        assert!(said(&plugin).iter().all(|(_, severity)| *severity == Severity::Info));
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
