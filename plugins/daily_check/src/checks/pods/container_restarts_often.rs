//! A container is restarted day after day, though it runs whenever one looks.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::container_status::{ContainerStateTerminated, ContainerStatus};
use sre_core::slim::{Kind, Object, Pod};
use sre_core::units::exit_code_words;
use sre_core::view::{Group, View, is_ready};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-10",
    title: "a container is restarted often",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

const AT_LEAST: i32 = 5;
const DAY_MINUTES: i64 = 24 * 60;

fn run(view: &View<'_>) -> Vec<Finding> {
    let serving = view.all::<Pod>().iter().filter(|pod| is_ready(pod) && !view.is_going(&pod.metadata));
    let restless = serving.flat_map(|pod| restless(pod, view).map(move |status| (pod, status.name.clone())));
    view.grouped(restless).iter().map(statement).collect()
}

/// Its containers that were restarted at least once for each day of the pod, and within the last day.
fn restless<'a>(pod: &'a Pod, view: &'a View<'_>) -> impl Iterator<Item = &'a ContainerStatus> {
    let age = pod.metadata.creation_timestamp.at().map_or(0, |made| view.age(made).as_hours() / 24);
    let often =
        move |status: &ContainerStatus| status.restart_count >= AT_LEAST && i64::from(status.restart_count) >= age;
    let lately = |status: &ContainerStatus| {
        ended(status).is_some_and(|end| !view.is_older_than_minutes(end.finished_at.at(), DAY_MINUTES))
    };
    let found = pod.container_statuses().filter(move |it| it.state.running.is_some() && often(it) && lately(it));
    found.filter(|_| !view.is_explained(pod))
}

fn ended(status: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    status.last_state.terminated.as_deref()
}

fn statement(group: &Group<'_>) -> Finding {
    let (pod, container) = (group.first(), &group.part);
    let of = |pod: &'_ Pod| pod.container_statuses().find(|it| it.name == *container).cloned();
    let most = group.pods.iter().filter_map(|pod| of(pod)).map(|it| it.restart_count).max().unwrap_or_default();
    let last = of(pod);
    let end = last.as_ref().and_then(ended);
    let finished = |pod: &Pod| of(pod).as_ref().and_then(ended).and_then(|end| end.finished_at.at());
    let since: Option<Timestamp> = group.pods.iter().filter_map(|pod| finished(pod)).min();
    let said = end.map_or_else(String::new, |end| {
        format!("{}, exit code {} ({})", end.reason, end.exit_code, exit_code_words(end.exit_code))
    });
    let title =
        format!("container {container} of {} was restarted {most} times, the last time within a day", group.count());
    let field = format!("status.containerStatuses[{container}]");
    let finding = Finding::new("POD-10", Severity::Warning, group.owner.clone(), title)
        .symptom()
        .part(container)
        .evidence(&pod.reference(), format!("{field}.restartCount"), most.to_string())
        .evidence(&pod.reference(), format!("{field}.lastState.terminated"), said.trim_start_matches([',', ' ']))
        .since(since)
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
        .look(format!(
            "kubectl logs {} -n {} -c {container} --previous --tail=50",
            pod.metadata.name,
            group.namespace()
        ));
    group.show(finding)
}

const PAGE: &str = "\
A container was restarted at least five times, at least once for each day that its pod is old, and the
last time within a day. It runs and is ready now, so that nothing else tells of it; its users lose
connections each time.

Looked at: restart counts and last ends of the containers of ready pods. Not meant: containers that are
in a loop now (POD-01), that ran out of memory (POD-11, GAP-48) or that their probe kills (POD-16), and
old pods that were restarted now and then.

What to do: the log of the life before says how it ended:
  kubectl logs NAME -n NAMESPACE -c CONTAINER --previous --tail=50";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_container_is_named_with_its_last_end() {
        let findings = Scenario::captured("POD-10").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-pod-10/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Warning, "app"));
        assert_eq!(finding.title, "container app of 1 pod was restarted 12 times, the last time within a day");
        assert!(finding.evidence[1].value.starts_with("Error, exit code 1"), "{:?}", finding.evidence);
    }

    #[test]
    fn a_last_restart_of_yesterday_is_not_told() {
        assert_eq!(Scenario::captured("POD-10").later(25 * 60).judge(&CHECK), []);
    }

    #[test]
    fn a_few_restarts_in_a_long_life_are_not_told() {
        let old =
            Scenario::captured("POD-10").set("Pod", "web-0", "/metadata/creationTimestamp", "2025-01-01T00:00:00Z");
        assert_eq!(old.judge(&CHECK), []);
        let few = Scenario::captured("POD-10").set("Pod", "web-0", "/status/containerStatuses/0/restartCount", 2);
        assert_eq!(few.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-10");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
