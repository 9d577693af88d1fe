//! A StatefulSet's partition keeps some of its pods at the old template.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, StatefulSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-14",
    title: "a StatefulSet's partition keeps pods at an old template",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<StatefulSet>().iter().filter_map(|set| judge(set, view)).collect(),
};

/// A rollout in stages takes its time.
const STAGE_MINUTES: i64 = 60;

fn judge(set: &StatefulSet, view: &View<'_>) -> Option<Finding> {
    let partition = set.spec.update_strategy.rolling_update.as_ref().and_then(|it| it.partition).unwrap_or(0);
    let status = &set.status;
    let is_changed = !status.update_revision.is_empty() && status.update_revision != status.current_revision;
    if partition <= 0 || !is_changed || view.is_going(&set.metadata) || set.spec.update_strategy.type_ == "OnDelete" {
        return None;
    }
    let pods = view.pods_of(&set.reference());
    let is_old = |label: Option<&str>| label.is_some_and(|hash| hash != status.update_revision);
    let old = pods.iter().filter(|pod| is_old(pod.metadata.label("controller-revision-hash"))).count();
    let newest = pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).max();
    let is_meant = old > 0 && view.is_older_than_minutes(newest, STAGE_MINUTES);
    is_meant.then(|| finding(set, partition, (old, pods.len())).since(newest))
}

fn finding(set: &StatefulSet, partition: i32, (old, all): (usize, usize)) -> Finding {
    let object = set.reference();
    let (name, namespace) = (&set.metadata.name, &set.metadata.namespace);
    let title = format!("{old} of {all} pods keep the old template, below partition {partition}");
    Finding::new("WRK-14", Severity::Info, object.clone(), title)
        .risk()
        .evidence(&object, "spec.updateStrategy.rollingUpdate.partition", partition.to_string())
        .evidence(&object, "status.updateRevision", &*set.status.update_revision)
        .evidence(&object, "status.currentRevision", &*set.status.current_revision)
        .look(format!("kubectl get pods -n {namespace} -L controller-revision-hash"))
        .change(format!(
            "kubectl patch statefulset {name} -n {namespace} --type=merge -p \
             '{{\"spec\":{{\"updateStrategy\":{{\"rollingUpdate\":{{\"partition\":0}}}}}}}}' --dry-run=server"
        ))
}

const PAGE: &str = "\
A StatefulSet with a partition updates only the pods whose ordinal is not below it; kubectl calls the
rollout complete all the same. The template was changed, and for an hour the pods below the partition
have kept the old one: an image, a password, a limit that everybody takes for changed.

Looked at: the partition, both revisions of the status, the label controller-revision-hash of the pods.
Not meant: a rollout in stages of less than an hour.

What to do: let the rest follow by lowering the partition, or change the template back:
  kubectl get pods -n NAMESPACE -L controller-revision-hash";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_pods_below_the_partition_are_counted() {
        let findings = Scenario::captured("WRK-14").later(61).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-wrk-14/store");
        assert_eq!(finding.severity, Severity::Info);
        assert_eq!(finding.title, "2 of 3 pods keep the old template, below partition 2");
    }

    #[test]
    fn a_rollout_in_stages_takes_its_time() {
        assert_eq!(Scenario::captured("WRK-14").later(30).judge(&CHECK), []);
    }

    #[test]
    fn without_a_partition_the_rollout_goes_on_by_itself() {
        let field = "/spec/updateStrategy/rollingUpdate/partition";
        let whole = Scenario::captured("WRK-14").later(61).set("StatefulSet", "store", field, 0);
        assert_eq!(whole.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-14").later(61);
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
