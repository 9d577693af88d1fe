//! The CSI driver of a volume is not registered on the node of its pod.

use crate::cause::pending_claims::claims;
use crate::cause::specs::{counted, shown};
use crate::cause::stuck_creation::{complaint, is_being_created};
use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{CSINode, Kind, Object, PersistentVolume, PersistentVolumeClaim, Pod};
use crate::view::View;
use std::collections::BTreeMap;

fn recognised(view: &View<'_>) -> Vec<Finding> {
    let mut lacking: BTreeMap<(&str, &str), Vec<&Pod>> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| is_being_created(pod) && hurts(pod, view)) {
        for driver in drivers(pod, view).filter(|driver| is_absent(driver, pod, view)) {
            lacking.entry((&pod.node_name, driver)).or_default().push(pod);
        }
    }
    lacking.into_iter().map(|((node, driver), pods)| statement(node, driver, &pods, view)).collect()
}

/// Whether a pod complains, or has waited for longer than a driver on a new node takes to register.
fn hurts(pod: &Pod, view: &View<'_>) -> bool {
    let since = pod.status.start_time.as_ref().and_then(|time| time.at());
    complaint(pod, view).is_some() || view.is_older_than_minutes(since, 2)
}

/// The drivers of the volumes of a pod.
fn drivers<'a>(pod: &'a Pod, view: &View<'a>) -> impl Iterator<Item = &'a str> {
    let inline = pod.spec.volumes.iter().filter_map(|volume| Some(volume.source.csi.as_ref()?.driver.as_str()));
    let claims = claims(pod).filter_map(|name| view.get::<PersistentVolumeClaim>(&pod.metadata.namespace, name));
    let volumes = claims.filter_map(|claim| view.get::<PersistentVolume>("", &claim.spec.volume_name));
    inline.chain(volumes.filter_map(|volume| Some(volume.spec.source.csi.as_ref()?.driver.as_str())))
}

fn is_absent(driver: &str, pod: &Pod, view: &View<'_>) -> bool {
    match view.get::<CSINode>("", &pod.node_name) {
        Some(node) => !node.spec.drivers.iter().any(|one| one.name == driver),
        None => view.knows(Kind::CSINode, ""),
    }
}

fn statement(node: &str, driver: &str, pods: &[&Pod], view: &View<'_>) -> Finding {
    let title =
        format!("CSI driver {driver} is not registered on node {node}; {} cannot start there", counted(pods, view));
    let object = ObjectRef::cluster("CSINode", node);
    let known =
        view.get::<CSINode>("", node).map(|it| it.spec.drivers.iter().map(|one| one.name.as_str()).collect::<Vec<_>>());
    let known = known.map_or_else(|| "there is no CSINode".to_owned(), |names| names.join(", "));
    let said =
        view.events_about(&pods[0].reference()).iter().find(|event| event.message.contains("registered CSI drivers"));
    let mut finding = Finding::new("", Severity::Critical, object.clone(), title).part(driver).evidence(
        &object,
        "spec.drivers",
        known,
    );
    if let Some(event) = said {
        finding = finding.evidence(&pods[0].reference(), format!("event {}", event.reason), &*event.message);
    }
    let finding = finding.look(format!("kubectl describe csinode {node}"));
    let finding = finding.look(format!("kubectl get pods -A -o wide --field-selector spec.nodeName={node}"));
    let since = pods.iter().filter_map(|pod| pod.status.start_time.as_ref()?.at()).min();
    shown(finding.since(since), pods)
}

/// See the module.
pub const CLASS: Class = Class {
    id: "csi-driver-not-registered",
    page: PAGE,
    recognise: recognised,
    heard: Some(Heard::of(
        Stage::Volumes,
        |it| it.says(&["list of registered csi drivers", "not registered on node", "csinode does not contain driver"]),
        |_| "the driver of a volume is not registered on the node".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod was placed on a node whose kubelet does not know the CSI driver of one of its volumes: the pod
of the driver's DaemonSet does not run there, or has not registered yet. The pod waits until it does.

Looked at: the drivers in the CSINode of the node, the volumes of pods that are being created there,
and their events.

What to do: look at the driver's own pod on that node:
  kubectl get pods -A -o wide --field-selector spec.nodeName=NODE";
