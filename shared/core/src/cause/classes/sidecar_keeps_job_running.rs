//! The work of a Job is done, and a sidecar keeps its pod alive.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::container::Container;
use crate::slim::{Object, Pod};
use crate::view::{Group, View};
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class = Class { id: "sidecar-keeps-job-running", page: PAGE, recognise: run, ..Class::SILENT };

/// A container that helps may have something to bring to its end.
const LAST_WORK_MINUTES: i64 = 30;

/// What containers are called that serve the others and never end by themselves.
const HELPERS: [&str; 7] = ["proxy", "agent", "sidecar", "envoy", "exporter", "fluent", "mesh"];

fn run(view: &View<'_>) -> Vec<Finding> {
    let running = view.all::<Pod>().iter().filter(|pod| is_of_job(pod) && !view.is_going(&pod.metadata));
    let kept = running.filter_map(|pod| {
        let lasts = view.is_older_than_minutes(done_at(pod), LAST_WORK_MINUTES);
        let helpers = helpers(pod)?;
        (lasts && !view.has_unready_node(pod)).then(|| (pod, helpers.join(", ")))
    });
    view.grouped(kept).iter().map(statement).collect()
}

fn is_of_job(pod: &Pod) -> bool {
    pod.status.phase == "Running" && pod.metadata.controller().is_some_and(|owner| owner.kind == "Job")
}

/// When the last of its containers that end has ended well; none while one of them failed.
fn done_at(pod: &Pod) -> Option<Timestamp> {
    let ends = pod.status.container_statuses.iter().filter_map(|status| status.state.terminated.as_deref());
    let ends: Vec<_> = ends.collect();
    let is_good = ends.iter().all(|end| end.exit_code == 0);
    ends.iter().filter_map(|end| end.finished_at.at()).max().filter(|_| is_good)
}

/// The containers that still run, when each of them is one that serves others.
fn helpers(pod: &Pod) -> Option<Vec<&str>> {
    let still = pod.status.container_statuses.iter().filter(|status| status.state.terminated.is_none());
    let still: Vec<&str> = still.map(|status| status.name.as_str()).collect();
    let is_helper = |name: &&str| pod.spec.containers.iter().any(|it| it.name == **name && serves(it));
    (!still.is_empty() && still.iter().all(is_helper)).then_some(still)
}

fn serves(container: &Container) -> bool {
    let is_asked = container.liveness_probe.is_some() || container.readiness_probe.is_some();
    let is_called = HELPERS.iter().any(|word| container.name.contains(word) || container.image.contains(word));
    is_asked || is_called || !container.ports.is_empty()
}

fn statement(group: &Group<'_>) -> Finding {
    let (pod, helpers) = (group.first(), &group.part);
    let done = done_at(pod);
    let title = format!("the work of {} is done, and container {helpers} keeps running", group.count());
    let finding = Finding::new("", Severity::Warning, group.owner.clone(), title)
        .part(helpers)
        .evidence(&pod.reference(), "status.containerStatuses[].state.terminated.exitCode", "0")
        .evidence(
            &pod.reference(),
            "status.containerStatuses[].state.terminated.finishedAt",
            done.map_or_else(String::new, |at| at.to_string()),
        )
        .since(done)
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
        .change(format!("kubectl delete pod {} -n {} --dry-run=server", pod.metadata.name, group.namespace()));
    group.show(finding)
}

const PAGE: &str = "\
A Job's pod is done when all its containers have ended. The one that does the work ended well half an
hour ago; another that serves it, a proxy or an agent, does not know and runs on. The Job stays active,
the next run of a CronJob with the policy Forbid is not started, and the pod holds its resources.

Looked at: the container states of the pods of Jobs. A container counts as one that serves others when
it has a port, a probe, or a name or image that says so (proxy, agent, ...); where another one still
runs, nothing is said.

What to do: make it a native sidecar, an init container with restartPolicy Always, which ends with the
others; now, delete the pod after a look at the Job, which may start it again:
  kubectl explain pod.spec.initContainers.restartPolicy";
