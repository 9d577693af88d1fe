//! Pods get no network.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-34",
    title: "the network plugin cannot set up pods",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Event)],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Node)],
    page: PAGE,
    run,
};

/// What a node says of itself, without a part, is told with the nodes.
fn run(view: &View<'_>) -> Vec<Finding> {
    let failed = view.recognised("NET-34", &["cni-ip-exhausted", "cni-plugin-failed"]).into_iter();
    failed.filter(|finding| finding.class == Some("cni-ip-exhausted") || !finding.part.is_empty()).collect()
}

const PAGE: &str = "\
Pods that have a node stay Pending because the network plugin (CNI) does not set up their sandboxes:
it fails, its agent on the node is down, or it has no address left.

Looked at: FailedCreatePodSandBox events of pods that are still Pending, and what they say; pods on
the same node that write the plugin's configuration, and whether they are ready. One finding stands
for an agent, for a node where pods of several owners fail, or for the owner of the pods.

Harmless: single failures while a node starts; a pod that runs meanwhile is not reported.

See also: kubectl sre explain cni-plugin-failed
          kubectl sre explain cni-ip-exhausted";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The captured cluster with all pods on one node.
    fn on_one_node() -> Scenario {
        let scenario = Scenario::captured("NET-34");
        let pods = scenario.names_of("Pod", "");
        pods.iter().fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/spec/nodeName", "node-0001"))
    }

    #[test]
    fn failing_plugins_and_missing_addresses_are_told_apart() {
        let scenario = Scenario::captured("NET-34");
        let pods = scenario.names_of("Pod", "");
        let apart = pods.iter().enumerate().fold(scenario, |scenario, (number, pod)| {
            scenario.set("Pod", pod, "/spec/nodeName", format!("node-{number}"))
        });
        let findings = apart.judge(&CHECK);
        let said: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.class, it.shows_on.len())).collect();
        let full = ("StatefulSet/fault-net-34/full".to_owned(), Some("cni-ip-exhausted"), 1);
        let web = ("Deployment/fault-net-34/web".to_owned(), Some("cni-plugin-failed"), 2);
        assert!(said.len() == 2 && said.contains(&full) && said.contains(&web), "{findings:#?}");
        assert!(findings.iter().all(|finding| finding.severity == Severity::Critical));
        let plugin = findings.iter().find(|finding| finding.class == Some("cni-plugin-failed")).expect("one");
        assert!(plugin.evidence[0].value.contains("plugin type=\"calico\" failed (add)"), "{:?}", plugin.evidence);
        assert!(plugin.remedies[0].command.starts_with("kubectl describe pod web-"));
    }

    #[test]
    fn an_agent_that_is_not_ready_is_at_fault_and_has_reasons_of_its_own() {
        let agent = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "agent-x", "namespace": "kube-system", "ownerReferences": [
                { "apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "uid": "1", "controller": true }] },
            "spec": { "nodeName": "node-0001", "containers": [{ "name": "agent", "image": "registry.example/agent:1" }],
                "volumes": [{ "name": "config", "hostPath": { "path": "/etc/cni/net.d" } }] },
            "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "False" }] }
        });
        let findings = on_one_node().with(agent).judge(&CHECK);
        let plugin = findings.iter().find(|finding| finding.class == Some("cni-plugin-failed")).expect("one");
        assert_eq!((plugin.object.to_string().as_str(), plugin.role), ("DaemonSet/kube-system/agent", Role::Symptom));
    }

    #[test]
    fn pods_that_run_meanwhile_are_not_meant() {
        let scenario = on_one_node();
        let run = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/phase", "Running"));
        assert_eq!(run.judge(&CHECK), []);
    }

    #[test]
    fn events_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NET-34").gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Event was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
