//! A sidecar never starts, and holds back the containers behind it.

use crate::cause::Class;
use crate::finding::Finding;
use crate::slim::container_status::ContainerStatus;
use crate::slim::{Object, Pod};
use crate::view::{Group, View};
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class = Class {
    id: "sidecar-start-blocked",
    page: PAGE,
    recognise: run,
    brings: &["startup-probe-failed", "container-exit-error", "crash-unexplained", "init-container-failed"],
    ..Class::SILENT
};

/// How long a sidecar may take to start.
const START_MINUTES: i64 = 5;

fn run(view: &View<'_>) -> Vec<Finding> {
    let waiting = view.all::<Pod>().iter().filter(|pod| pod.status.phase == "Pending" && !view.is_going(&pod.metadata));
    let held = waiting.filter_map(|pod| {
        let sidecar = starting(pod)?;
        let lasts = view.is_older_than_minutes(started(sidecar), START_MINUTES) || sidecar.restart_count > 0;
        (lasts && !view.has_unready_node(pod)).then(|| (pod, sidecar.name.clone()))
    });
    view.grouped(held).iter().map(|group| statement(group, view)).collect()
}

/// The sidecar that has run and has not said that it is started. Only a sidecar may have a startup probe.
fn starting(pod: &Pod) -> Option<&ContainerStatus> {
    let is_sidecar = |name: &str| {
        let mut named = pod.spec.init_containers.iter().filter(|it| it.name == name);
        named.any(|it| it.is_restartable() || it.startup_probe.is_some())
    };
    let ran = |it: &&ContainerStatus| it.state.running.is_some() || it.restart_count > 0;
    let mut running = pod.status.init_container_statuses.iter().filter(ran);
    running.find(|status| status.started != Some(true) && !status.ready && is_sidecar(&status.name))
}

fn started(status: &ContainerStatus) -> Option<Timestamp> {
    status.state.running.as_ref().and_then(|it| it.started_at.at())
}

fn statement(group: &Group<'_>, view: &View<'_>) -> Finding {
    let (pod, sidecar) = (group.first(), &group.part);
    let since = group.pods.iter().filter_map(|pod| starting(pod).and_then(started)).min();
    let title = format!("sidecar {sidecar} does not finish starting; the containers of {} wait for it", group.count());
    let field = format!("status.initContainerStatuses[{sidecar}]");
    let finding = Finding::new("", view.loss(group), group.owner.clone(), title)
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
