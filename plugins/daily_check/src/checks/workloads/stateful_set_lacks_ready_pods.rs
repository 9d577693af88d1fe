//! A StatefulSet has fewer ready pods than it wants.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Pod, StatefulSet};
use sre_core::view::{View, is_ready, unready_since};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-15",
    title: "a StatefulSet has fewer ready pods than it wants",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Event), Sight::Of(Kind::PersistentVolumeClaim)],
    page: PAGE,
    run,
};

/// How long a StatefulSet may lack a pod that is not there at all.
const MISSING_MINUTES: i64 = 5;

/// A StatefulSet that one ordinal holds back has a finding of its own.
fn run(view: &View<'_>) -> Vec<Finding> {
    let blocked = view.recognised("WRK-15", &["statefulset-ordinal-blocked"]);
    let sets = view.all::<StatefulSet>().iter().filter_map(|set| judge(set, view));
    sets.filter(|finding| !blocked.iter().any(|other| other.object == finding.object)).collect()
}

fn judge(set: &StatefulSet, view: &View<'_>) -> Option<Finding> {
    let wanted = set.spec.replicas.unwrap_or(1);
    let is_unobserved = set.status.observed_generation < set.metadata.generation;
    if set.status.ready_replicas >= wanted || is_unobserved {
        return None;
    }
    let pods = view.pods_of(&set.reference());
    let stuck: Vec<&Pod> = pods.iter().copied().filter(|pod| view.is_stuck(pod)).collect();
    let all_there_are_ready = pods.iter().all(|pod| is_ready(pod));
    let newest = pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).max();
    let newest = newest.or_else(|| set.metadata.creation_timestamp.at());
    let is_missing = all_there_are_ready && view.is_older_than_minutes(newest, MISSING_MINUTES);
    let since = stuck.iter().filter_map(|pod| unready_since(pod)).min().or(newest);
    (is_missing || !stuck.is_empty()).then(|| finding(set, &stuck).since(since))
}

fn finding(set: &StatefulSet, stuck: &[&Pod]) -> Finding {
    let object = set.reference();
    let wanted = set.spec.replicas.unwrap_or(1);
    let ready = set.status.ready_replicas;
    let severity = if ready == 0 { Severity::Critical } else { Severity::Warning };
    let finding = Finding::new("WRK-15", severity, object.clone(), format!("{ready} of {wanted} pods are ready"))
        .symptom()
        .evidence(&object, "spec.replicas", wanted.to_string())
        .evidence(&object, "status.readyReplicas", ready.to_string())
        .look(format!("kubectl describe statefulset {} -n {}", set.metadata.name, set.metadata.namespace));
    stuck.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}

const PAGE: &str = "\
A StatefulSet wants more pods than are ready. With none ready its users have nothing; with some, a
database may still have its majority, or not.

It is a symptom: whatever is wrong with the pods, their volumes, their node or a quota comes first.

Looked at: spec.replicas and status.readyReplicas, and the pods. Not meant: a pod that started less
than five minutes ago and shows nothing wrong, StatefulSets scaled to zero. When one ordinal holds
back the others, WRK-10 speaks instead.

What to do: see which pods are not ready, and why:
  kubectl describe statefulset NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_stateful_set_without_ready_pods_is_found() {
        let findings = Scenario::captured("WRK-15").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-wrk-15/store");
        assert_eq!((finding.severity, finding.role), (Severity::Critical, Role::Symptom));
        assert_eq!((finding.title.as_str(), finding.shows_on.len()), ("0 of 3 pods are ready", 3));
        assert_eq!(finding.remedies[0].command, "kubectl describe statefulset store -n fault-wrk-15");
    }

    #[test]
    fn some_ready_pods_make_it_a_warning() {
        let some = Scenario::captured("WRK-15").set("StatefulSet", "store", "/status/readyReplicas", 2);
        assert_eq!(some.judge(&CHECK)[0].severity, Severity::Warning);
    }

    #[test]
    fn a_whole_stateful_set_is_let_be() {
        assert_eq!(
            Scenario::captured("WRK-15").set("StatefulSet", "store", "/status/readyReplicas", 3).judge(&CHECK),
            []
        );
    }

    #[test]
    fn scaled_to_zero_is_a_wish() {
        assert_eq!(Scenario::captured("WRK-15").set("StatefulSet", "store", "/spec/replicas", 0).judge(&CHECK), []);
    }

    #[test]
    fn one_that_an_ordinal_holds_back_is_left_to_its_own_check() {
        assert_eq!(Scenario::captured("WRK-10").judge(&CHECK), []);
    }

    #[test]
    fn stateful_sets_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("WRK-15").gap(Sight::Of(Kind::StatefulSet), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("StatefulSet was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
