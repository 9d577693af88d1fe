//! A container runs, and its readiness probe fails.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::container_status::ContainerStatus;
use sre_core::slim::{Event, Kind, Object, Pod, condition_of};
use sre_core::view::{Group, View, unready_since};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-15",
    title: "a container's readiness probe fails",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Event)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// Kubelets report each failure, and at least every five minutes when there are many.
const RECENT_MINUTES: i64 = 15;

fn run(view: &View<'_>) -> Vec<Finding> {
    let unready = view.all::<Pod>().iter().filter(|pod| is_judged(pod, view));
    let failing = unready.filter_map(|pod| Some((pod, failing(pod, view)?.name.clone())));
    view.grouped(failing).iter().map(|group| statement(group, view)).collect()
}

fn is_judged(pod: &Pod, view: &View<'_>) -> bool {
    let ready = condition_of(&pod.status.conditions, "Ready");
    let is_unready = ready.is_some_and(|it| it.status == "False" && it.reason == "ContainersNotReady");
    pod.status.phase == "Running" && is_unready && view.is_overdue(pod) && !view.is_going(&pod.metadata)
}

/// The first container that runs, has not been restarted lately, and is not ready by the word of its probe.
fn failing<'a>(pod: &'a Pod, view: &View<'_>) -> Option<&'a ContainerStatus> {
    let probed = |name: &str| pod.spec.all_containers().any(|it| it.name == name && it.readiness_probe.is_some());
    let mut running = pod.container_statuses().filter(|it| it.state.running.is_some() && !it.ready && probed(&it.name));
    let found = running.find(|status| failure(pod, &status.name, view).is_some())?;
    (!view.is_explained(pod)).then_some(found)
}

/// The newest failure of the readiness probe of a container that is not long ago.
fn failure<'a>(pod: &Pod, container: &str, view: &View<'a>) -> Option<&'a Event> {
    let part = format!("{{{container}}}");
    let is_alone = pod.spec.containers.len() == 1;
    let mut events = view.events_about(&pod.reference()).iter().copied();
    events.find(|event| {
        let path = event.involved_object.field_path.as_str();
        let is_meant = path.ends_with(&part) || path.is_empty() && is_alone;
        let is_old = view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES);
        event.reason == "Unhealthy" && event.message.starts_with("Readiness probe") && is_meant && !is_old
    })
}

fn statement(group: &Group<'_>, view: &View<'_>) -> Finding {
    let (pod, container) = (group.first(), &group.part);
    let message = failure(pod, container, view).map_or("", |event| event.message.trim());
    let title = format!("container {container} of {} runs, and its readiness probe fails", group.count());
    let finding = Finding::new("POD-15", view.loss(group), group.owner.clone(), title)
        .part(container)
        .evidence(&pod.reference(), "event Unhealthy", message)
        .evidence(&pod.reference(), format!("spec.containers[{container}].readinessProbe"), probe(pod, container))
        .since(group.pods.iter().filter_map(|pod| unready_since(pod)).min())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
        .look(format!("kubectl logs {} -n {} -c {container} --tail=50", pod.metadata.name, group.namespace()));
    group.show(finding)
}

/// What the probe asks, in words.
fn probe(pod: &Pod, container: &str) -> String {
    let asked = pod.spec.all_containers().find(|it| it.name == container);
    let Some(probe) = asked.and_then(|it| it.readiness_probe.as_deref()) else { return String::new() };
    let handler = &probe.handler;
    let what = if let Some(get) = &handler.http_get {
        format!("GET {} on port {}", get.path, get.port)
    } else if let Some(socket) = &handler.tcp_socket {
        format!("TCP port {}", socket.port)
    } else if let Some(exec) = &handler.exec {
        exec.command.join(" ")
    } else {
        handler.grpc.as_ref().map_or_else(String::new, |grpc| format!("gRPC port {}", grpc.port))
    };
    format!("{what}, every {} s, {} failures are too many", probe.period_seconds, probe.failure_threshold)
}

const PAGE: &str = "\
A container runs, and for five minutes, or ten when it was never ready, its readiness probe has failed:
no Service sends to the pod. The process may still load, may lack something that it depends on (a database, a
name), or is asked at the wrong port or path.

It is critical when no pod of the workload is ready. What follows from it, missing
pods and Services without endpoints, is told below it.

Looked at: the conditions and container states of the pods, and the kubelet's events (Unhealthy) of the
last fifteen minutes. Not meant: pods of a node that is not ready, and containers with another trouble,
which explains the probe.

What to do: the event says what the probe was answered, the log why:
  kubectl describe pod NAME -n NAMESPACE
  kubectl logs NAME -n NAMESPACE -c CONTAINER --tail=50";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_container_is_named_with_the_answer_to_the_probe() {
        let findings = Scenario::captured("POD-15").later(11).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-pod-15/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Critical, "app"));
        assert_eq!(finding.title, "container app of 2 pods runs, and its readiness probe fails");
        assert_eq!(finding.evidence[0].value, "Readiness probe failed: HTTP probe failed with statuscode: 503");
        assert_eq!(finding.evidence[1].value, "GET /ready on port 8080, every 5 s, 3 failures are too many");
        assert_eq!(finding.shows_on.len(), 2);
    }

    #[test]
    fn missing_pods_are_told_below_it() {
        let snapshot = Scenario::captured("POD-15").later(11).snapshot();
        let view = View::new(&snapshot);
        let missing = crate::checks::workloads::available_pods_are_missing::CHECK;
        let judged = sre_core::cause::fold([run(&view), (missing.run)(&view)].concat(), &view);
        assert_eq!((judged.len(), judged[0].finding.check), (2, "POD-15"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn a_pod_that_may_still_be_starting_is_not_meant() {
        assert_eq!(Scenario::captured("POD-15").later(6).judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_was_ready_is_missed_sooner() {
        let scenario = Scenario::captured("POD-15").later(6);
        let started = "/status/containerStatuses/0/state/running/startedAt";
        let lost = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, started, "2026-01-01T00:00:00Z"));
        assert_eq!(lost.judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_container_that_is_ready_is_not_meant() {
        let scenario = Scenario::captured("POD-15").later(11);
        let ready = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/containerStatuses/0/ready", true));
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-15").later(11);
        let findings = scenario.gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Event was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
