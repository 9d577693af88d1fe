//! A sidecar has not finished starting, and the containers behind it wait.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::container_status::ContainerStatus;
use sre_core::slim::{Kind, Object, Pod};
use sre_core::view::{Group, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-09",
    title: "a sidecar does not finish starting and holds back its pod",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// How long a sidecar may take to start.
const START_MINUTES: i64 = 5;

fn run(view: &View<'_>) -> Vec<Finding> {
    let waiting = view.all::<Pod>().iter().filter(|pod| pod.status.phase == "Pending" && !view.is_going(&pod.metadata));
    let held = waiting.filter_map(|pod| {
        let sidecar = starting(pod)?;
        let lasts = view.is_older_than_minutes(started(sidecar), START_MINUTES);
        (lasts && !view.is_explained(pod)).then(|| (pod, sidecar.name.clone()))
    });
    view.grouped(held).iter().map(|group| statement(group, view)).collect()
}

/// The sidecar that runs and has not said that it is started.
fn starting(pod: &Pod) -> Option<&ContainerStatus> {
    let is_sidecar = |name: &str| pod.spec.init_containers.iter().any(|it| it.name == name && it.is_restartable());
    let mut running = pod.status.init_container_statuses.iter().filter(|it| it.state.running.is_some());
    running.find(|status| status.started == Some(false) && is_sidecar(&status.name))
}

fn started(status: &ContainerStatus) -> Option<Timestamp> {
    status.state.running.as_ref().and_then(|it| it.started_at.at())
}

fn statement(group: &Group<'_>, view: &View<'_>) -> Finding {
    let (pod, sidecar) = (group.first(), &group.part);
    let since = group.pods.iter().filter_map(|pod| starting(pod).and_then(started)).min();
    let title = format!("sidecar {sidecar} does not finish starting; the containers of {} wait for it", group.count());
    let field = format!("status.initContainerStatuses[{sidecar}]");
    let finding = Finding::new("POD-09", view.loss(group), group.owner.clone(), title)
        .part(sidecar)
        .evidence(&pod.reference(), format!("{field}.started"), "false")
        .evidence(&pod.reference(), format!("{field}.state.running.startedAt"), started_text(pod))
        .since(since)
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
        .look(format!("kubectl logs {} -n {} -c {sidecar} --tail=50", pod.metadata.name, group.namespace()));
    group.show(finding)
}

fn started_text(pod: &Pod) -> String {
    starting(pod).and_then(started).map_or_else(String::new, |at| at.to_string())
}

const PAGE: &str = "\
A sidecar is an init container with restartPolicy Always. What comes after it starts only when it is
started: when its startup probe has succeeded. This one has been running for five minutes and is not
started, so that the pod has not begun its work.

It is critical when no pod of the workload is ready.

Looked at: the states of the init containers of pods that are Pending. Not meant: sidecars that crash
or are killed by their probe, which POD-01 and POD-16 tell, and pods of a node that is not ready.

What to do: read what the sidecar writes, and what its startup probe is answered:
  kubectl logs NAME -n NAMESPACE -c SIDECAR --tail=50";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_sidecar_is_named() {
        let findings = Scenario::captured("POD-09").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-pod-09/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Critical, "proxy"));
        assert_eq!(finding.title, "sidecar proxy does not finish starting; the containers of 1 pod wait for it");
        assert_eq!(finding.remedies[1].command, "kubectl logs web-0 -n fault-pod-09 -c proxy --tail=50");
    }

    #[test]
    fn a_sidecar_that_is_started_is_not_meant() {
        let started = Scenario::captured("POD-09").set("Pod", "web-0", "/status/initContainerStatuses/0/started", true);
        assert_eq!(started.judge(&CHECK), []);
    }

    #[test]
    fn an_ordinary_init_container_is_not_meant() {
        let ordinary = Scenario::captured("POD-09").unset("Pod", "web-0", "/spec/initContainers/0/restartPolicy");
        assert_eq!(ordinary.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-09");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
