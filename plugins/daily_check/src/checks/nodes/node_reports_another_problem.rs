//! A problem detector reports something on a node that no other check speaks of.

use sre_core::cause::node_problem::{NodeProblem, is_leaving};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::condition::NodeCondition;
use sre_core::slim::{ConditionFacts, Kind, Node, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "NOD-05",
    title: "a node reports another problem",
    section: Section::Nodes,
    examines: &[Sight::Of(Kind::Node)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// Conditions of the kubelet and the route controller, which have checks of their own.
const OF_KUBELET: [&str; 5] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

/// Words that a condition which reports trouble has in its type, by the conventions of problem detectors.
const TROUBLE: [&str; 13] = [
    "Problem",
    "Unhealthy",
    "Frequent",
    "Error",
    "Fail",
    "Corrupt",
    "Deadlock",
    "Readonly",
    "Missing",
    "Hung",
    "Oops",
    "Degraded",
    "Unregister",
];

/// Ends of types that name the good state.
const GOOD: [&str; 2] = ["Ready", "Healthy"];

/// A detector that is gone leaves its conditions behind.
const LEFT_BEHIND_AFTER_MINUTES: i64 = 24 * 60;

/// What names the good state is not good yet while a node starts.
const LASTING_MINUTES: i64 = 5;

fn run(view: &View<'_>) -> Vec<Finding> {
    let staying = view.all::<Node>().iter().filter(|node| !is_leaving(node));
    let conditions = staying.flat_map(|node| node.status.conditions.iter().map(move |condition| (node, condition)));
    let bad = conditions.filter(|(_, condition)| is_ours(&condition.type_) && is_bad(condition));
    bad.filter(|(_, condition)| is_alive(condition, view)).map(|(node, condition)| finding(node, condition)).collect()
}

fn is_ours(type_: &str) -> bool {
    // What is deprecated works today: clouds report it so, with status True, on nodes that are well.
    !OF_KUBELET.contains(&type_) && NodeProblem::of(type_).is_none() && !type_.starts_with("Deprecated")
}

fn is_bad(condition: &NodeCondition) -> bool {
    if names_the_good(&condition.type_) {
        return condition.status == "False";
    }
    condition.status == "True" && TROUBLE.iter().any(|word| condition.type_.contains(word))
}

fn names_the_good(type_: &str) -> bool {
    GOOD.iter().any(|word| type_.ends_with(word))
}

fn is_alive(condition: &NodeCondition, view: &View<'_>) -> bool {
    let lasts = condition.since().is_none_or(|since| view.is_older_than_minutes(Some(since), LASTING_MINUTES));
    lasts && !view.is_older_than_minutes(condition.last_heartbeat_time.at(), LEFT_BEHIND_AFTER_MINUTES)
}

fn finding(node: &Node, condition: &NodeCondition) -> Finding {
    let (object, name) = (node.reference(), &node.metadata.name);
    let field = |field: &str| format!("status.conditions[{}].{field}", condition.type_);
    let title = format!("node {name} reports {}={}: {}", condition.type_, condition.status, condition.reason);
    Finding::new("NOD-05", Severity::Warning, object.clone(), title)
        .risk()
        .part(&*condition.type_)
        .evidence(&object, field("status"), &*condition.status)
        .evidence(&object, field("message"), format!("{}: {}", condition.reason, condition.message))
        .since(condition.since())
        .look(format!("kubectl describe node {name}"))
        .change(format!("kubectl sre change cordon {name} --dry-run"))
}

const PAGE: &str = "\
A problem detector (node-problem-detector, or one of a cloud) has set a condition on the node that
reports trouble: a kubelet or runtime that restarts again and again, a clock that is off, a device
that is missing.

Looked at: conditions whose type has a word of trouble (Problem, Frequent, Unhealthy, Error, Missing
and the like) and that are True, and conditions that name the good state (...Ready, ...Healthy) and
are False, for five minutes. Other words are not judged: clouds report much by them that is no
trouble. Not meant: conditions that nobody has renewed for a day, Deprecated... conditions, nodes that
are being taken away.

What to do: read the message, and the events about the node:
  kubectl describe node NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NODE: &str = "fault-nod-05-restless";

    fn with(type_: &str, status: &str) -> Vec<Finding> {
        let of = |field: &str| format!("/status/conditions/1/{field}");
        Scenario::captured("NOD-05")
            .set("Node", NODE, &of("type"), type_)
            .set("Node", NODE, &of("status"), status)
            .judge(&CHECK)
    }

    #[test]
    fn the_node_and_the_condition_are_named() {
        let findings = Scenario::captured("NOD-05").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!((finding.object.name.as_str(), finding.part.as_str()), (NODE, "FrequentKubeletRestart"));
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.evidence[1].value.contains("kubelet restarted"), "{:?}", finding.evidence);
    }

    #[test]
    fn a_condition_is_bad_by_its_convention_only() {
        assert_eq!(with("FrequentKubeletRestart", "False"), []);
        assert_eq!(with("NetworkingReady", "True"), []);
        assert_eq!(with("NetworkingReady", "False").len(), 1);
        assert_eq!(with("NTPProblem", "True").len(), 1);
    }

    #[test]
    fn what_is_no_trouble_or_has_a_check_of_its_own_is_not_meant() {
        for known in ["EtcdIsVoter", "VMEventScheduled", "KernelDeadlock", "DiskPressure"] {
            assert_eq!(with(known, "True"), [], "{known}");
        }
        assert_eq!(with("DeprecatedRuntimeProblem", "True"), []);
    }

    #[test]
    fn a_condition_that_nobody_renews_is_not_meant() {
        assert_eq!(Scenario::captured("NOD-05").later(25 * 60).judge(&CHECK), []);
    }

    #[test]
    fn a_condition_that_has_just_come_is_not_meant_yet() {
        let now = Scenario::captured("NOD-05").snapshot().taken_at.to_string();
        let fresh = Scenario::captured("NOD-05").set("Node", NODE, "/status/conditions/1/lastTransitionTime", now);
        assert_eq!(fresh.judge(&CHECK), []);
        assert_eq!(fresh.later(5).judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_node_that_is_being_taken_away_is_not_meant() {
        let taints = json!([{"key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"}]);
        assert_eq!(Scenario::captured("NOD-05").set("Node", NODE, "/spec/taints", taints).judge(&CHECK), []);
    }

    #[test]
    fn nodes_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NOD-05").gap(Sight::Of(Kind::Node), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
