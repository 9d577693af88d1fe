//! A finalizer keeps a deleted pod from going.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Pod};
use sre_core::view::{Group, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-26",
    title: "a finalizer keeps a deleted pod from going",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// How long a controller may take to do its last work; that of Jobs counts its pods within seconds.
const LAST_WORK_MINUTES: i64 = 5;

fn run(view: &View<'_>) -> Vec<Finding> {
    let held = view.all::<Pod>().iter().filter(|pod| view.is_older_than_minutes(due(pod), LAST_WORK_MINUTES));
    let held = held.filter(|pod| !view.has_unready_node(pod) && !view.is_going_namespace(&pod.metadata.namespace));
    let held = held.flat_map(|pod| pod.metadata.finalizers.iter().map(move |finalizer| (pod, finalizer.clone())));
    view.grouped(held).iter().map(statement).collect()
}

fn due(pod: &Pod) -> Option<Timestamp> {
    pod.metadata.deletion_timestamp.and_then(|time| time.at())
}

fn statement(group: &Group<'_>) -> Finding {
    let (pod, finalizer) = (group.first(), &group.part);
    let title = format!("finalizer {finalizer} holds {} that should be gone", group.count());
    let deleted = due(pod).map_or_else(String::new, |at| at.to_string());
    let finding = Finding::new("POD-26", Severity::Warning, group.owner.clone(), title)
        .part(finalizer)
        .evidence(&pod.reference(), "metadata.finalizers", finalizer)
        .evidence(&pod.reference(), "metadata.deletionTimestamp", deleted)
        .since(group.pods.iter().filter_map(|pod| due(pod)).min())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
        .change(format!(
            "kubectl patch pod {} -n {} --type=merge -p '{{\"metadata\":{{\"finalizers\":null}}}}' --dry-run=server",
            pod.metadata.name,
            group.namespace()
        ));
    group.show(finding)
}

const PAGE: &str = "\
A finalizer is the word of a controller that it still has something to do before an object goes. Its
pods were to be gone five minutes ago, and the finalizer is still there: the controller is not running,
cannot do its work, or was uninstalled.

Looked at: deletionTimestamp and finalizers of the pods. Not meant: pods of a node that is not ready,
whose kubelet must say first that they have stopped, and namespaces that are being deleted (GAP-23).

What to do: find the controller by the name of the finalizer and see why it does not act. Taking the
finalizer away skips its work for ever:
  kubectl patch pod NAME -n NAMESPACE --type=merge -p '{\"metadata\":{\"finalizers\":null}}' --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_finalizer_is_named() {
        let findings = Scenario::captured("POD-26").later(6).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Pod/fault-pod-26/worker");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Warning, "example.com/release-address"));
        assert_eq!(finding.title, "finalizer example.com/release-address holds 1 pod that should be gone");
        assert!(finding.remedies[1].command.ends_with("--dry-run=server"), "{:?}", finding.remedies);
    }

    #[test]
    fn a_controller_gets_its_time() {
        assert_eq!(Scenario::captured("POD-26").later(2).judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_nobody_deleted_may_have_finalizers() {
        let kept = Scenario::captured("POD-26").later(6).unset("Pod", "worker", "/metadata/deletionTimestamp");
        assert_eq!(kept.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-26").later(6);
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
