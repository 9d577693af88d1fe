//! A pod that nothing would replace.

use super::{NOT_OURS, Opinion, stated};
use sre_core::cause::specs::has_ended;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::{Kind, Object, Pod};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-34",
    title: "a pod has no controller",
    section: Section::Opinions,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// A pod of a moment, made by hand for a look around, is gone within the day.
const DAY_MINUTES: i64 = 24 * 60;

fn run(view: &View<'_>) -> Vec<Finding> {
    let alone = view.all::<Pod>().iter().filter(|pod| is_alone(pod, view));
    let opinions: Vec<Opinion> = alone
        .map(|pod| Opinion {
            object: pod.reference(),
            title: "nothing makes it again when it or its node goes".to_owned(),
            field: "metadata.ownerReferences".to_owned(),
            value: "not set".to_owned(),
        })
        .collect();
    stated("POD-34", "pods have no controller: nothing makes them again", &opinions, view)
}

fn is_alone(pod: &Pod, view: &View<'_>) -> bool {
    let is_old = view.is_older_than_minutes(pod.metadata.creation_timestamp.at(), DAY_MINUTES);
    let is_ours = pod.metadata.namespace != NOT_OURS && !view.is_going(&pod.metadata);
    is_old && is_ours && pod.metadata.owner_references.is_empty() && !has_ended(pod)
}

const PAGE: &str = "\
A pod without a controller is made once. When its node goes, or somebody drains it, it is gone for good;
drains stop at it and ask for --force.

Looked at: the owners of pods that have not ended and are older than a day. Static pods belong to their
node, and are not meant.

What to do: make it a Deployment of one replica, or delete it:
  kubectl get pod NAME -n NAMESPACE -o yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn days_later() -> Scenario {
        Scenario::captured("POD-34").later(2 * 24 * 60)
    }

    #[test]
    fn a_pod_that_stands_alone_is_named() {
        let findings = days_later().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Pod/fault-pod-34/worker");
        assert_eq!(findings[0].severity, Severity::Info);
        assert_eq!(findings[0].title, "nothing makes it again when it or its node goes");
    }

    #[test]
    fn a_pod_of_a_moment_is_not_meant() {
        assert_eq!(Scenario::captured("POD-34").later(60).judge(&CHECK), []);
    }

    #[test]
    fn a_static_pod_belongs_to_its_node() {
        let owner = serde_json::json!([{"kind": "Node", "name": "node-1", "controller": true}]);
        assert_eq!(days_later().set("Pod", "worker", "/metadata/ownerReferences", owner).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-34").later(2 * 24 * 60);
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
