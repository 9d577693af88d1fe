//! A container runs, and only its readiness probe fails.

use crate::cause::{Class, Heard, Stage, Tells};
use crate::finding::Finding;
use crate::slim::container_status::ContainerStatus;
use crate::slim::{Event, Object, Pod, condition_of};
use crate::view::{Group, View, is_ready, unready_since};

/// See the module.
pub const CLASS: Class = Class {
    id: "readiness-probe-failed",
    page: PAGE,
    residual: Some(run),
    heard: Some(Heard::of(
        Stage::Running,
        |it| it.says(&["readiness probe failed", "readiness probe errored", "failed readiness probe"]),
        |_| "the readiness probe fails".to_owned(),
    )),
    tells: Tells::That,
    ..Class::SILENT
};

/// Kubelets report each failure, and at least every five minutes when there are many.
const RECENT_MINUTES: i64 = 15;

fn run(view: &View<'_>) -> Vec<Finding> {
    let unready = view.all::<Pod>().iter().filter(|pod| is_judged(pod, view));
    let failing = unready.filter_map(|pod| Some((pod, failing(pod, view)?.name.clone())));
    let told = view.grouped(failing).into_iter().map(|group| statement(&group, view));
    let untold = view.all::<Pod>().iter().filter(|pod| view.snapshot.is_of_files() && is_untold(pod, view));
    let untold = untold.filter_map(|pod| Some((pod, unready_container(pod)?.name.clone())));
    let untold = view.grouped(untold).into_iter().map(|group| statement(&group, view).probable());
    told.chain(untold).collect()
}

/// Whether files hold a pod whose only trouble is a container that its probe does not call ready, without its events.
fn is_untold(pod: &Pod, view: &View<'_>) -> bool {
    let says_nothing = view.events_about(&pod.reference()).is_empty();
    pod.status.phase == "Running"
        && !is_ready(pod)
        && says_nothing
        && !view.is_going(&pod.metadata)
        && !view.is_explained(pod)
}

/// The first container that runs and is not ready, and has a probe that says so.
fn unready_container(pod: &Pod) -> Option<&ContainerStatus> {
    let probed = |name: &str| pod.spec.all_containers().any(|it| it.name == name && it.readiness_probe.is_some());
    pod.container_statuses()
        .find(|it| it.state.running.is_some() && !it.ready && it.restart_count == 0 && probed(&it.name))
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
    let finding = Finding::new("", view.loss(group), group.owner.clone(), title)
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
