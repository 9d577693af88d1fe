//! An egress policy leaves out DNS, so that every name fails.

use crate::cause::Class;
use crate::cause::specs::{counted, has_ended};
use crate::finding::{Finding, Severity};
use crate::slim::network_policy::{NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort};
use crate::slim::{CustomResourceDefinition, Kind, LabelSelector, Namespace, NetworkPolicy, Object, Pod};
use crate::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class { id: "network-policy-blocks-dns", page: PAGE, recognise: run, ..Class::SILENT };

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
    let finding = Finding::new("", severity, object.clone(), title).risk();
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
