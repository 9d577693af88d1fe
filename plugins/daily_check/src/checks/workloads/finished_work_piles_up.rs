//! Pods and Jobs that ended long ago pile up in a namespace.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Job, Kind, Object, Pod, condition_of};
use sre_core::view::{View, is_finished};
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-43",
    title: "pods and Jobs that ended long ago pile up",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Job)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

const AT_LEAST: usize = 50;

/// What ended today is still looked at.
const FRESH_MINUTES: i64 = 24 * 60;

/// What ended long ago in one namespace.
#[derive(Default)]
struct Pile<'a> {
    pods: Vec<&'a Pod>,
    jobs: Vec<&'a Job>,
}

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut piles: BTreeMap<&str, Pile<'_>> = BTreeMap::new();
    let is_old = |ended: Option<Timestamp>| view.is_older_than_minutes(ended, FRESH_MINUTES);
    let over = |pod: &&Pod| matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
    for pod in view.all::<Pod>().iter().filter(over).filter(|pod| is_old(pod_ended(pod))) {
        piles.entry(&pod.metadata.namespace).or_default().pods.push(pod);
    }
    let kept = |job: &&Job| is_finished(job) && job.spec.ttl_seconds_after_finished.is_none();
    let own = |job: &&Job| job.metadata.controller().is_none();
    for job in view.all::<Job>().iter().filter(kept).filter(own).filter(|job| is_old(job_ended(job))) {
        piles.entry(&job.metadata.namespace).or_default().jobs.push(job);
    }
    let high = piles.iter().filter(|(_, pile)| pile.pods.len() >= AT_LEAST || pile.jobs.len() >= AT_LEAST);
    high.filter(|(namespace, _)| !view.is_going_namespace(namespace))
        .map(|(name, pile)| statement(name, pile))
        .collect()
}

fn pod_ended(pod: &Pod) -> Option<Timestamp> {
    let ends = pod.container_statuses().filter_map(|it| it.state.terminated.as_ref()?.finished_at.at());
    let ready = || condition_of(&pod.status.conditions, "Ready").and_then(|it| it.last_transition_time.at());
    ends.max().or_else(ready).or_else(|| pod.metadata.creation_timestamp.at())
}

fn job_ended(job: &Job) -> Option<Timestamp> {
    let failed = || condition_of(&job.status.conditions, "Failed").and_then(|it| it.last_transition_time.at());
    job.status.completion_time.and_then(|time| time.at()).or_else(failed)
}

fn statement(namespace: &str, pile: &Pile<'_>) -> Finding {
    let object = ObjectRef::cluster("Namespace", namespace);
    let (pods, jobs) = (pile.pods.len(), pile.jobs.len());
    let title =
        format!("ended more than a day ago and are kept: {pods} pods, and of Jobs without a time to live {jobs}");
    let finding = Finding::new("GAP-43", Severity::Info, object, title).risk();
    let ends = pile.pods.iter().filter_map(|it| pod_ended(it)).chain(pile.jobs.iter().filter_map(|it| job_ended(it)));
    let finding = finding.since(ends.min());
    let finding = pile
        .pods
        .iter()
        .take(1)
        .fold(finding, |finding, pod| finding.evidence(&pod.reference(), "status.phase", &*pod.status.phase));
    let finding =
        pile.jobs.iter().take(1).fold(finding, |finding, job| {
            finding.evidence(&job.reference(), "spec.ttlSecondsAfterFinished", "not set")
        });
    finding
        .look(format!("kubectl get jobs,pods -n {namespace} --sort-by=.metadata.creationTimestamp"))
        .change(format!("kubectl delete pods -n {namespace} --field-selector status.phase=Succeeded --dry-run=server"))
}

const PAGE: &str = "\
Fifty pods or more that ended more than a day ago, or as many finished Jobs that nothing deletes, are
kept in one namespace. They cost the API server memory and make every list longer; the controller
manager deletes ended pods only beyond 12,500 in the whole cluster.

Looked at: the phases of the pods and when they ended; finished Jobs without ttlSecondsAfterFinished
that no CronJob keeps count of.

What to do: give Jobs a time to live, and delete what nobody needs:
  kubectl explain job.spec.ttlSecondsAfterFinished
  kubectl delete pods -n NAMESPACE --field-selector status.phase=Succeeded --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn days_later() -> Scenario {
        Scenario::captured("GAP-43").later(3 * 24 * 60)
    }

    #[test]
    fn what_is_kept_is_counted_for_the_namespace() {
        let findings = days_later().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Namespace/fault-gap-43");
        assert_eq!(finding.severity, Severity::Info);
        let title = "ended more than a day ago and are kept: 50 pods, and of Jobs without a time to live 1";
        assert_eq!(finding.title, title);
    }

    #[test]
    fn what_ended_today_is_still_looked_at() {
        assert_eq!(Scenario::captured("GAP-43").later(60).judge(&CHECK), []);
    }

    #[test]
    fn a_few_are_no_pile() {
        let scenario = days_later();
        let one = scenario.name_of("Pod", "");
        assert_eq!(scenario.without("Pod", &one).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-43").later(3 * 24 * 60);
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
