//! What the network plugin says when a pod's sandbox cannot be set up: the ground that its classes share.

use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Event, Object, Pod};
use crate::view::{View, is_ready};
use std::collections::{BTreeMap, BTreeSet};

/// Why a sandbox cannot be set up, as far as a message says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failure {
    /// No address is left.
    NoAddress,
    /// The plugin fails in any other way.
    Plugin,
    /// It is not about the network.
    Other,
}

/// Reads the family of a message; runtimes wrap what the plugins say in words of their own.
pub(super) fn failure(message: &str) -> Failure {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&[
        "no ip addresses available",
        "no available ip",
        "no more ips",
        "no free ip",
        "no ips available",
        "insufficient ip",
        "failed to assign an ip address",
        "failed to allocate for range",
        "could not allocate ip",
        "ip pool exhausted",
        "range is full",
        "insufficientcidrblocks",
        "insufficientfreeaddressesinsubnet",
        "out of ips",
        "all pods cidrs",
        "ip addresses exhausted",
    ]) {
        Failure::NoAddress
    } else if says(&[
        "network for sandbox",
        "networkplugin",
        "network plugin",
        "plugin type=",
        "cni",
        "failed (add)",
        "pod network",
        "network-attachment-definition",
        "networkattachmentdefinition",
        "failed to set up pod",
        "bridge network",
    ]) {
        Failure::Plugin
    } else {
        Failure::Other
    }
}

/// The pods whose sandboxes fail for one family of reasons: one finding for each agent at fault, for each
/// node where pods of several owners fail, else for each owner.
pub(super) fn causes(view: &View<'_>, family: Failure) -> Vec<Finding> {
    let pods = view.all::<Pod>().iter().filter(|pod| is_waiting(pod));
    let failing: Vec<(&Pod, &Event)> = pods.filter_map(|pod| Some((pod, newest(view, pod)?))).collect();
    let failing = failing.into_iter().filter(|(_, event)| failure(&event.message) == family);
    let failing: Vec<(&Pod, &Event)> = failing.collect();
    let mut owners: BTreeMap<&str, BTreeSet<ObjectRef>> = BTreeMap::new();
    for (pod, _) in &failing {
        owners.entry(&pod.node_name).or_default().insert(view.owner_of(pod));
    }
    let mut groups: BTreeMap<ObjectRef, Vec<(&Pod, &Event)>> = BTreeMap::new();
    for (pod, event) in failing {
        let agent = agent_down(view, &pod.node_name).filter(|_| family == Failure::Plugin);
        let alone = owners[pod.node_name.as_str()].len() == 1;
        let here = || if alone { view.owner_of(pod) } else { ObjectRef::cluster("Node", &pod.node_name) };
        groups.entry(agent.unwrap_or_else(here)).or_default().push((pod, event));
    }
    groups.into_iter().map(|(object, shown)| statement(view, object, &shown, family)).collect()
}

/// A pod that has got its address has a sandbox.
fn is_waiting(pod: &Pod) -> bool {
    pod.status.phase == "Pending" && !pod.node_name.is_empty() && pod.metadata.deletion_timestamp.is_none()
}

fn newest<'a>(view: &View<'a>, pod: &Pod) -> Option<&'a Event> {
    let events = view.events_about(&pod.reference()).iter().copied();
    let mut about = events
        .filter(|event| matches!(event.reason.as_str(), "FailedCreatePodSandBox" | "FailedSync" | "NetworkNotReady"));
    about.find(|event| failure(&event.message) != Failure::Other)
}

/// The owner of the plugin's agent on a node, when that is not ready.
fn agent_down(view: &View<'_>, node: &str) -> Option<ObjectRef> {
    let agent = view.pods_on(node).iter().find(|pod| is_agent(pod) && !is_ready(pod))?;
    Some(view.owner_of(agent))
}

/// Whoever writes the plugin's configuration or programs on its node.
fn is_agent(pod: &Pod) -> bool {
    /// What the agents of common plugins are called.
    const AGENTS: [&str; 10] = [
        "aws-node",
        "calico-node",
        "canal",
        "cilium",
        "kube-flannel",
        "weave-net",
        "antrea-agent",
        "kindnet",
        "kube-router",
        "kube-multus",
    ];
    if pod.metadata.namespace.ends_with("-system") && AGENTS.iter().any(|name| pod.metadata.name.starts_with(name)) {
        return true;
    }
    let paths = pod.spec.volumes.iter().filter_map(|volume| volume.source.host_path.as_ref());
    paths
        .map(|host| host.path.trim_end_matches('/'))
        .any(|path| path.ends_with("/cni/net.d") || path.ends_with("/cni/bin"))
}

fn statement(view: &View<'_>, object: ObjectRef, shown: &[(&Pod, &Event)], family: Failure) -> Finding {
    let (pod, event) = shown[0];
    let pods = if shown.len() == 1 { "1 pod".to_owned() } else { format!("{} pods", shown.len()) };
    let nodes: BTreeSet<&str> = shown.iter().map(|(pod, _)| pod.node_name.as_str()).collect();
    let place = if nodes.len() == 1 { format!("node {}", pod.node_name) } else { format!("{} nodes", nodes.len()) };
    let title = match family {
        Failure::NoAddress => format!("no address is left for {pods} on {place}"),
        _ => format!("the network plugin cannot set up {pods} on {place}"),
    };
    let is_agents = view.pods_of(&object).iter().any(|pod| is_agent(pod));
    let namespace = &pod.metadata.namespace;
    let finding = Finding::new("", Severity::Critical, object, title)
        .evidence(&pod.reference(), "events[FailedCreatePodSandBox].message", event.message.as_str())
        .evidence(&pod.reference(), "spec.nodeName", pod.node_name.as_str())
        .since(shown.iter().filter_map(|(pod, _)| pod.metadata.creation_timestamp.at()).min())
        .look(format!("kubectl describe pod {} -n {namespace}", pod.metadata.name))
        .look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={}", pod.node_name));
    let finding = if is_agents { finding.symptom() } else { finding };
    shown.iter().fold(finding, |finding, (pod, _)| finding.shows_on(pod.reference()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_several_plugins_fall_into_their_families() {
        let families = [
            ("plugin type=\"host-local\" failed (add): no IP addresses available in range set", Failure::NoAddress),
            (
                "plugin type=\"aws-cni\" name=\"aws-cni\" failed (add): add cmd: failed to assign an IP address to container",
                Failure::NoAddress,
            ),
            ("Failed to setup network for sandbox: range is full", Failure::NoAddress),
            (
                "plugin type=\"calico\" failed (add): error getting ClusterInformation: connection is unauthorized",
                Failure::Plugin,
            ),
            (
                "NetworkPlugin cni failed to set up pod \"web_shop\" network: open /run/flannel/subnet.env: no such file",
                Failure::Plugin,
            ),
            ("cannot find a network-attachment-definition (storage) in namespace (shop)", Failure::Plugin),
            ("failed to reserve sandbox name \"web\": name is reserved", Failure::Other),
            ("no runtime for \"gvisor\" is configured", Failure::Other),
        ];
        for (message, family) in families {
            assert_eq!(failure(message), family, "{message}");
        }
    }
}
