//! What an alert is about, by the labels that rules for Kubernetes give it.

use super::label_of;
use crate::object::ObjectRef;
use crate::slim::Node;
use crate::view::View;
use std::collections::BTreeMap;

type Labels = BTreeMap<String, String>;

/// Labels that name an object of a namespace, the closest to the trouble first.
const KINDS: [(&str, &str); 12] = [
    ("pod", "Pod"),
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("job_name", "Job"),
    ("cronjob", "CronJob"),
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("service", "Service"),
    ("ingress", "Ingress"),
    ("poddisruptionbudget", "PodDisruptionBudget"),
    ("replicaset", "ReplicaSet"),
];

/// Everything that labels name, the closest to the trouble first.
pub fn named_by(labels: &Labels) -> impl Iterator<Item = ObjectRef> + use<'_> {
    let namespace = label_of(labels, "namespace");
    let kinds = KINDS.iter().filter(move |_| !namespace.is_empty());
    let named =
        kinds.filter_map(move |(label, kind)| Some(ObjectRef::namespaced(kind, namespace, labels.get(*label)?)));
    let of_cluster = [("node", "Node"), ("persistentvolume", "PersistentVolume")];
    named.chain(of_cluster.into_iter().filter_map(|(label, kind)| Some(ObjectRef::cluster(kind, labels.get(label)?))))
}

/// What an alert is about among what was seen: the first object that it names and that is there, the node whose address
/// it gives, else its namespace.
pub fn subject_among(view: &View<'_>, labels: &Labels) -> Option<ObjectRef> {
    let is_there = |object: &ObjectRef| view.metadata_of(object).is_some();
    let namespace = Some(label_of(labels, "namespace")).filter(|name| !name.is_empty());
    // What scrapes others gives its own address for all of them, which is no address of a node.
    named_by(labels)
        .find(is_there)
        .or_else(|| node_at(view, label_of(labels, "instance")))
        .or_else(|| namespace.map(|name| ObjectRef::cluster("Namespace", name)).filter(is_there))
}

fn node_at(view: &View<'_>, instance: &str) -> Option<ObjectRef> {
    let host = instance.rsplit_once(':').map_or(instance, |(host, _)| host).trim_matches(['[', ']']);
    let is_its = |node: &&Node| {
        node.metadata.name == host || node.status.addresses.iter().any(|it| it.address == host && !host.is_empty())
    };
    let node = view.all::<Node>().iter().find(is_its)?;
    Some(ObjectRef::cluster("Node", &node.metadata.name))
}
