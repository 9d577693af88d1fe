//! The kernel or the hardware of a node is at fault.

use sre_core::cause::node_problem::NodeProblem;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-17",
    title: "the kernel or the hardware of a node is at fault",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let faults = view.recognised("NOD-17", &["node-system-fault"]).into_iter();
    faults.filter(|fault| NodeProblem::of(&fault.part) == Some(NodeProblem::Kernel)).collect()
}

const PAGE: &str = "\
A node problem detector reports a kernel that hangs (deadlock, hung task, oops) or hardware that
fails (machine check, CPER, an accelerator). Without such a detector this check has nothing to go
by, and says nothing.

Looked at: conditions of nodes such as KernelDeadlock=True, CperHardwareErrorFatal=True,
KernelReady=False.

What to do: keep pods away, move the others, reboot or replace the machine.

See also: kubectl sre explain node-system-fault";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_node_and_the_condition_are_named() {
        let findings = Scenario::captured("NOD-17").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.object.to_string().as_str(), &*finding.part), ("Node/nodes-deadlock", "KernelDeadlock"));
        assert_eq!((finding.severity, finding.class), (Severity::Critical, Some("node-system-fault")));
        assert!(finding.evidence[1].value.contains("blocked for more than 120 seconds"), "{:?}", finding.evidence);
        assert_eq!(finding.remedies[2].command, "kubectl sre change cordon nodes-deadlock --dry-run");
    }

    #[test]
    fn a_kernel_without_a_deadlock_is_not_meant() {
        let scenario = Scenario::captured("NOD-17");
        assert_eq!(scenario.set("Node", "nodes-deadlock", "/status/conditions/1/status", "False").judge(&CHECK), []);
    }

    #[test]
    fn a_filesystem_is_the_matter_of_another_check() {
        assert_eq!(Scenario::captured("NOD-18").judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-17").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Node was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
