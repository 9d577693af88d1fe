//! Pods run on an older version of what they read only at their start.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::container::Container;
use crate::slim::{ConfigMap, Kind, Object, Pod, Secret};
use crate::view::View;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// See the module.
pub const CLASS: Class = Class { id: "config-change-not-rolled-out", page: PAGE, recognise: run, ..Class::SILENT };

/// Clocks of nodes and server differ, and an installer makes things in any order.
const CLEARLY: SignedDuration = SignedDuration::from_mins(1);

/// A rollout may be on its way to the pods.
const ROLLOUT_MINUTES: i64 = 15;

/// What a container reads at its start only, and where it says so.
struct Use<'a> {
    kind: Kind,
    name: &'a str,
    field: String,
}

/// Pods by their owner and by the object that was made after their containers started.
type Stale<'a> = BTreeMap<(ObjectRef, ObjectRef), (Timestamp, String, Vec<&'a Pod>)>;

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut stale: Stale<'_> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| pod.status.phase == "Running" && !view.is_going(&pod.metadata)) {
        for container in pod.spec.containers.iter() {
            let Some(started) = started(pod, &container.name) else { continue };
            for used in uses(pod, container) {
                let Some(made) = made(&used, &pod.metadata.namespace, view) else { continue };
                let is_later = made.duration_since(started) >= CLEARLY;
                if is_later && view.is_older_than_minutes(Some(made), ROLLOUT_MINUTES) {
                    let object = ObjectRef::namespaced(used.kind.info().name, &pod.metadata.namespace, used.name);
                    let entry = stale.entry((view.owner_of(pod), object));
                    let (_, _, pods) = entry.or_insert_with(|| (made, used.field, Vec::new()));
                    if !pods.iter().any(|other| other.metadata.name == pod.metadata.name) {
                        pods.push(pod);
                    }
                }
            }
        }
    }
    stale.iter().map(|((owner, object), (made, field, pods))| statement(owner, object, *made, field, pods)).collect()
}

fn started(pod: &Pod, container: &str) -> Option<Timestamp> {
    let status = pod.status.container_statuses.iter().find(|it| it.name == container)?;
    status.state.running.as_ref()?.started_at.at()
}

fn made(used: &Use<'_>, namespace: &str, view: &View<'_>) -> Option<Timestamp> {
    let metadata = match used.kind {
        Kind::ConfigMap => view.get::<ConfigMap>(namespace, used.name).map(|it| &it.metadata),
        _ => view.get::<Secret>(namespace, used.name).map(|it| &it.metadata),
    };
    metadata?.creation_timestamp.at()
}

/// Variables are set once; a mount by subPath never follows its object, as whole volumes do.
fn uses<'a>(pod: &'a Pod, container: &'a Container) -> Vec<Use<'a>> {
    let of = |kind, name: &'a str, field: String| Use {
        kind,
        name,
        field: format!("spec.containers[{}].{field}", container.name),
    };
    let mut found = Vec::new();
    for source in &container.env_from {
        found.extend(source.config_map_ref.iter().map(|it| of(Kind::ConfigMap, &it.name, "envFrom".to_owned())));
        found.extend(source.secret_ref.iter().map(|it| of(Kind::Secret, &it.name, "envFrom".to_owned())));
    }
    for variable in &container.env {
        let Some(source) = &variable.value_from else { continue };
        let field = format!("env[{}]", variable.name);
        found.extend(source.config_map_key_ref.iter().map(|it| of(Kind::ConfigMap, &it.name, field.clone())));
        found.extend(source.secret_key_ref.iter().map(|it| of(Kind::Secret, &it.name, field.clone())));
    }
    for mount in container.volume_mounts.iter().filter(|mount| !mount.sub_path.is_empty()) {
        let Some(volume) = pod.spec.volumes.iter().find(|volume| volume.name == mount.name) else { continue };
        let field = format!("volumeMounts[{}].subPath", mount.name);
        found.extend(volume.source.config_map.iter().map(|it| of(Kind::ConfigMap, &it.name, field.clone())));
        found.extend(volume.source.secret.iter().map(|it| of(Kind::Secret, &it.secret_name, field.clone())));
    }
    found
}

fn statement(owner: &ObjectRef, object: &ObjectRef, made: Timestamp, field: &str, pods: &[&Pod]) -> Finding {
    let pod = pods[0];
    let count = if pods.len() == 1 { "1 pod uses".to_owned() } else { format!("{} pods use", pods.len()) };
    let title = format!("{count} what {} {} held before it was made anew", object.kind, object.name);
    let started = pod.status.start_time.and_then(|time| time.at()).map_or_else(String::new, |at| at.to_string());
    let namespace = &pod.metadata.namespace;
    let finding = Finding::new("", Severity::Info, owner.clone(), title)
        .risk()
        .part(format!("{}/{}", object.kind, object.name))
        .evidence(object, "metadata.creationTimestamp", made.to_string())
        .evidence(&pod.reference(), "status.startTime", started)
        .evidence(&pod.reference(), field, &*object.name)
        .since(Some(made))
        .look(format!("kubectl describe {} {} -n {namespace}", object.kind.to_lowercase(), object.name));
    let finding = pods.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()));
    if !matches!(owner.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet") {
        return finding;
    }
    let resource = owner.kind.to_lowercase();
    finding.look(format!("kubectl rollout history {resource}/{} -n {namespace}", owner.name))
}

const PAGE: &str = "\
A container gets its variables from a ConfigMap or Secret once, when it starts; a file that is mounted
by subPath never changes either. The object was deleted and made anew after that, so that running pods
may work with old values, and pods that start from now on with new ones: an old password, an old
address, half of a release.

Looked at: env, envFrom and mounts by subPath of running containers, when they started, and when the
object was made. An object that was edited in place is not seen, since only the server's record of
field managers tells that, which is not read. Not meant: whole volumes, which follow their object, and
objects that were made within the last fifteen minutes.

What to do: see what it runs, and restart the workload when the values differ:
  kubectl rollout history deployment/NAME -n NAMESPACE";
