//! A filesystem of a node is read-only or damaged.

use sre_core::cause::node_problem::NodeProblem;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-18",
    title: "a filesystem of a node is read-only or damaged",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let faults = view.recognised("NOD-18", &["node-system-fault"]).into_iter();
    faults.filter(|fault| NodeProblem::of(&fault.part) == Some(NodeProblem::Filesystem)).collect()
}

const PAGE: &str = "\
A node problem detector reports a filesystem that the kernel remounted read-only, an XFS that shut
itself down, or layers of the container runtime that are corrupt. Containers cannot start or write;
those that run may fail at their next write.

Looked at: conditions of nodes such as ReadonlyFilesystem=True, CorruptDockerOverlay2=True,
XfsShutdown=True, StorageReady=False.

What to do: keep pods away, move the others, and replace the machine or its disk; a remount hides
the damage.

See also: kubectl sre explain node-system-fault";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_and_the_condition_are_named() {
        let findings = Scenario::captured("NOD-18").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(
            (finding.object.to_string().as_str(), &*finding.part),
            ("Node/nodes-readonly", "ReadonlyFilesystem")
        );
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("node-system-fault")));
        assert!(finding.evidence[1].value.contains("Remounting filesystem read-only"), "{:?}", finding.evidence);
        assert_eq!(finding.remedies[2].command, "kubectl sre change cordon nodes-readonly --dry-run");
    }

    #[test]
    fn a_filesystem_that_can_be_written_is_not_meant() {
        let scenario = Scenario::captured("NOD-18");
        assert_eq!(scenario.set("Node", "nodes-readonly", "/status/conditions/2/status", "False").judge(&CHECK), []);
    }

    #[test]
    fn a_detector_that_names_the_good_state_is_understood() {
        let scenario = Scenario::captured("NOD-18");
        let other = scenario.set("Node", "nodes-readonly", "/status/conditions/2/type", "StorageReady").set(
            "Node",
            "nodes-readonly",
            "/status/conditions/2/status",
            "False",
        );
        assert_eq!(other.judge(&CHECK)[0].part, "StorageReady");
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-18").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
