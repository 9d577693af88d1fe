//! A changed template has not reached all pods, because they are replaced only when somebody deletes them.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{DaemonSet, Kind, Object, ObjectMeta, StatefulSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-41",
    title: "a changed template waits for somebody to delete pods",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::StatefulSet), Sight::Of(Kind::DaemonSet)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let sets = view.all::<StatefulSet>().iter().filter(|set| set.spec.update_strategy.type_ == "OnDelete");
    let sets =
        sets.filter(|set| set.status.observed_generation >= set.metadata.generation && !view.is_going(&set.metadata));
    let sets = sets.filter(|set| set.status.update_revision != set.status.current_revision);
    let of_sets = sets.filter_map(|set| judge(set, &set.metadata, (set.status.updated_replicas, set.status.replicas)));
    let daemons = view.all::<DaemonSet>().iter().filter(|set| set.spec.update_strategy.type_ == "OnDelete");
    let daemons = daemons
        .filter(|set| set.status.observed_generation >= set.metadata.generation && !view.is_going(&set.metadata));
    let of_daemons = daemons.filter_map(|set| {
        judge(set, &set.metadata, (set.status.updated_number_scheduled, set.status.current_number_scheduled))
    });
    of_sets.chain(of_daemons).collect()
}

fn judge(set: &impl Object, metadata: &ObjectMeta, (updated, all): (i32, i32)) -> Option<Finding> {
    let object = set.reference();
    let kind = object.kind.to_lowercase();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    let title = format!("{} of {all} pods keep the old template until somebody deletes them", all - updated);
    let finding = Finding::new("GAP-41", Severity::Info, object.clone(), title)
        .risk()
        .evidence(&object, "spec.updateStrategy.type", "OnDelete")
        .evidence(&object, "pods with the new template", format!("{updated} of {all}"))
        .since(metadata.creation_timestamp.at())
        .look(format!("kubectl get pods -n {namespace} -L controller-revision-hash"))
        .look(format!("kubectl rollout history {kind}/{name} -n {namespace}"));
    (updated < all).then_some(finding)
}

const PAGE: &str = "\
With the update strategy OnDelete a changed template reaches a pod only when somebody deletes it. Some
pods have not been deleted since: they run the old image and settings, and nothing else shows it.

Looked at: the update strategy of StatefulSets and DaemonSets, and how many pods have the new template.
Pods below a partition are WRK-14, paused Deployments WRK-05.

What to do: find the old pods, and delete them one at a time:
  kubectl get pods -n NAMESPACE -L controller-revision-hash";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_old_pods_are_counted() {
        let findings = Scenario::captured("GAP-41").judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.title.as_str())).collect();
        let title = |count| format!("{count} of {count} pods keep the old template until somebody deletes them");
        assert_eq!(
            all,
            [
                ("StatefulSet/fault-gap-41/store".to_owned(), title(2).as_str()),
                ("DaemonSet/fault-gap-41/agent".to_owned(), title(3).as_str()),
            ]
        );
        assert!(findings.iter().all(|it| it.severity == Severity::Info));
    }

    #[test]
    fn pods_with_the_new_template_are_not_meant() {
        let replaced = Scenario::captured("GAP-41").set("DaemonSet", "agent", "/status/updatedNumberScheduled", 3).set(
            "StatefulSet",
            "store",
            "/status/updatedReplicas",
            2,
        );
        assert_eq!(replaced.judge(&CHECK), []);
    }

    #[test]
    fn a_rolling_update_needs_nobody() {
        let rolling = Scenario::captured("GAP-41")
            .set("DaemonSet", "agent", "/spec/updateStrategy/type", "RollingUpdate")
            .set("StatefulSet", "store", "/spec/updateStrategy/type", "RollingUpdate");
        assert_eq!(rolling.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-41").without("DaemonSet", "");
        let findings = scenario.gap(Sight::Of(Kind::StatefulSet), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("StatefulSet was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
