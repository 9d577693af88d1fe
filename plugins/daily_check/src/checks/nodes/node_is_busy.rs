//! A node uses nearly all of its memory or CPU.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::profile::Limit;
use sre_core::slim::usage::NodeMetrics;
use sre_core::slim::{Kind, Node, Object, amount_of, written_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-09",
    title: "a node uses nearly all of its memory or CPU",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::NodeMetrics), Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.all::<NodeMetrics>().iter().filter_map(|metrics| judge(metrics, view)).collect(),
};

/// One resource of a node that is nearly used up.
struct Busy<'a> {
    resource: &'static str,
    used: &'a str,
    offered: &'a str,
    share: f64,
}

fn judge(metrics: &NodeMetrics, view: &View<'_>) -> Option<Finding> {
    let node = view.get::<Node>("", &metrics.metadata.name)?;
    let limits = [("memory", Limit::NodeMemoryPercent), ("cpu", Limit::NodeCpuPercent)];
    let busy = limits.into_iter().filter_map(|(resource, limit)| {
        busy(metrics, node, resource).filter(|it| it.share * 100.0 >= view.profile.thresholds.of(limit))
    });
    let busy: Vec<Busy<'_>> = busy.collect();
    if busy.is_empty() {
        return None;
    }
    let (object, name) = (node.reference(), &node.metadata.name);
    let words: Vec<String> =
        busy.iter().map(|it| format!("{:.0} % of its {}", it.share * 100.0, it.resource)).collect();
    let title = format!("node {name} uses {}", words.join(" and "));
    let finding = Finding::new("NOD-09", Severity::Warning, object.clone(), title).risk();
    let finding = busy.iter().fold(finding, |finding, it| {
        let measured = sre_core::object::ObjectRef::cluster("NodeMetrics", name);
        let offered = format!("status.allocatable.{}", it.resource);
        finding.evidence(&measured, format!("usage.{}", it.resource), it.used).evidence(&object, offered, it.offered)
    });
    let finding = finding.since(metrics.timestamp.at());
    Some(finding.look(format!("kubectl top node {name}")).look("kubectl top pods -A --sort-by=memory"))
}

fn busy<'a>(metrics: &'a NodeMetrics, node: &'a Node, resource: &'static str) -> Option<Busy<'a>> {
    let (used, offered) = (&metrics.usage, &node.status.allocatable);
    let share = amount_of(used, resource)?.share_of(amount_of(offered, resource)?)?;
    Some(Busy { resource, used: written_of(used, resource)?, offered: written_of(offered, resource)?, share })
}

const PAGE: &str = "\
metrics.k8s.io measured that a node uses 90 percent or more of the memory or the CPU that it has for
pods (nodeMemoryPercent and nodeCpuPercent of a profile). Memory that runs out is taken by evictions
and kills; CPU that runs out makes everything on the node slow, its probes included.

Looked at: the last measurement, some seconds old, against status.allocatable of the node. It is one
moment, not a trend.

What to do: see what uses so much, and whether it has requests that say so:
  kubectl top pods -A --sort-by=memory";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_node_that_uses_nearly_all_of_its_memory_is_a_warning() {
        let findings = Scenario::captured("NOD-09").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Node/nodes-busy");
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].title.ends_with("% of its memory"), "{}", findings[0].title);
        assert_eq!(findings[0].evidence[1].field, "status.allocatable.memory");
    }

    #[test]
    fn a_larger_node_is_not_meant() {
        let scenario = Scenario::captured("NOD-09");
        assert_eq!(scenario.set("Node", "nodes-busy", "/status/allocatable/memory", "64Gi").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_measured_is_undecided() {
        let findings =
            Scenario::captured("NOD-09").gap(Sight::Of(Kind::NodeMetrics), GapReason::Unavailable).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Unknown);
    }
}
