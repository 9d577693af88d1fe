//! A node is not ready.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-01",
    title: "a node is not ready",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

const CLASSES: &[&str] = &["node-not-ready", "node-runtime-down", "cni-plugin-failed"];

/// What a problem detector saw of a node that still says Ready is NOD-20.
fn run(view: &View<'_>) -> Vec<sre_core::finding::Finding> {
    let recognised = view.recognised("NOD-01", CLASSES).into_iter();
    recognised.filter(|finding| finding.object.kind == "Node" && finding.part.is_empty()).collect()
}

const PAGE: &str = "\
The kubelet reports Ready=False: it lives, and says that its node cannot run pods. Nothing new is
placed there, the pods that are there leave their Services, and they are evicted after five minutes
(the toleration that every pod gets).

The kubelet's message decides which cause is named: the container runtime is down, the network
plugin is missing, or something else. What pods of the node show is folded under the node.

A node that joined less than five minutes ago is given time for its network plugin, and is not meant
while its runtime answers. A node that is being removed on purpose (deleted, shutting down, marked by
an autoscaler) is a warning only.

See also: kubectl sre explain node-not-ready";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_runtime_is_named_when_the_kubelet_names_it() {
        let findings = Scenario::captured("NOD-01").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Node/nodes-runtime");
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("node-runtime-down")));
        assert_eq!(
            finding.title,
            "node nodes-runtime is not ready: its container runtime does not answer; 2 pods are on it"
        );
        assert_eq!(finding.evidence[0].field, "status.conditions[Ready].status");
        assert!(finding.evidence[1].value.contains("PLEG is not healthy"), "{:?}", finding.evidence);
        assert!(finding.since.is_some());
        assert_eq!(finding.remedies[0].command, "kubectl describe node nodes-runtime");
    }

    #[test]
    fn a_node_that_says_ready_is_not_meant() {
        let ready = Scenario::captured("NOD-01").set("Node", "nodes-runtime", "/status/conditions/0/status", "True");
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn other_messages_belong_to_other_classes() {
        let said = |message: &str| {
            let scenario = Scenario::captured("NOD-01").later(6);
            scenario.set("Node", "nodes-runtime", "/status/conditions/0/message", message).judge(&CHECK)[0].class
        };
        let network = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady";
        assert_eq!(said(network), Some("cni-plugin-failed"));
        assert_eq!(said("CSINode is not yet initialized"), Some("node-not-ready"));
    }

    #[test]
    fn a_node_that_joins_is_given_time_for_its_network() {
        let message = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady";
        let joining =
            Scenario::captured("NOD-01").set("Node", "nodes-runtime", "/status/conditions/0/message", message);
        assert_eq!(joining.judge(&CHECK), []);
        assert_eq!(joining.later(6).judge(&CHECK)[0].severity, Severity::Critical);
    }

    #[test]
    fn a_node_that_shuts_down_on_purpose_is_a_warning() {
        let message = "node is shutting down";
        let leaving =
            Scenario::captured("NOD-01").set("Node", "nodes-runtime", "/status/conditions/0/message", message);
        assert_eq!(leaving.later(6).judge(&CHECK)[0].severity, Severity::Warning);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-01").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
