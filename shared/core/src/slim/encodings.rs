//! Both readers of every kind, on objects that have every published field set.
//!
//! The objects are written from the table `fields.txt`, field by field, by a writer that knows nothing of the slim
//! structs. So a wrong number, a wrong name, a wrong type and a field that only one reader sees are all found.

mod schema;
mod writer;

use super::*;
use crate::slim::{from_json, from_protobuf};
use schema::Schema;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

fn agree<T>(message: &str)
where
    T: Object + prost::Message + Default + DeserializeOwned + PartialEq + Debug,
{
    let (json, wire) = Schema::published().write(message);
    let from_text: T = from_json(json.to_string().as_bytes()).unwrap();
    let from_wire: T = from_protobuf(&wire).unwrap();
    assert_eq!(from_text, from_wire);
    assert_eq!(from_wire.reference().kind, T::KIND.info().name);
    // Trimming empties fields, so what is set is seen before it. The node of a pod moves when trimming, and
    // what a ReplicaSet without pods and a ControllerRevision are made of.
    let shown = format!("{:?}", T::decode(wire.as_slice()).unwrap());
    let shown = shown.replace("node_name: \"\"", "").replace("idle: None", "").replace("made_of: None", "");
    for empty in ["None", "\"\"", "[]", ": 0,", ": 0 ", "false"] {
        assert!(!shown.contains(empty), "{message} has a field that is not set: {}", around(&shown, empty));
    }
    let (empty_text, empty_wire): (T, T) = (from_json(b"{}").unwrap(), from_protobuf(b"").unwrap());
    assert_eq!(empty_text, empty_wire);
}

fn around<'a>(shown: &'a str, empty: &str) -> &'a str {
    let at = shown.find(empty).unwrap_or(0);
    &shown[at.saturating_sub(60)..(at + empty.len()).min(shown.len())]
}

#[test]
fn cluster_kinds_agree() {
    agree::<Namespace>("core.Namespace");
    agree::<Node>("core.Node");
    agree::<Event>("core.Event");
    agree::<Lease>("coordination.Lease");
    agree::<PriorityClass>("scheduling.PriorityClass");
    agree::<RuntimeClass>("node.RuntimeClass");
}

#[test]
fn pods_agree() {
    agree::<Pod>("core.Pod");
}

#[test]
fn workloads_agree() {
    agree::<Deployment>("apps.Deployment");
    agree::<ReplicaSet>("apps.ReplicaSet");
    agree::<StatefulSet>("apps.StatefulSet");
    agree::<DaemonSet>("apps.DaemonSet");
    agree::<ControllerRevision>("apps.ControllerRevision");
    agree::<Job>("batch.Job");
    agree::<CronJob>("batch.CronJob");
    agree::<HorizontalPodAutoscaler>("autoscaling.HorizontalPodAutoscaler");
    agree::<PodDisruptionBudget>("policy.PodDisruptionBudget");
}

#[test]
fn network_kinds_agree() {
    agree::<Service>("core.Service");
    agree::<EndpointSlice>("discovery.EndpointSlice");
    agree::<Ingress>("networking.Ingress");
    agree::<IngressClass>("networking.IngressClass");
    agree::<NetworkPolicy>("networking.NetworkPolicy");
}

#[test]
fn configuration_kinds_agree() {
    agree::<ConfigMap>("core.ConfigMap");
    agree::<ServiceAccount>("core.ServiceAccount");
    agree::<ResourceQuota>("core.ResourceQuota");
    agree::<LimitRange>("core.LimitRange");
}

#[test]
fn kinds_of_rights_agree() {
    agree::<Role>("rbac.Role");
    agree::<ClusterRole>("rbac.ClusterRole");
    agree::<RoleBinding>("rbac.RoleBinding");
    agree::<ClusterRoleBinding>("rbac.ClusterRoleBinding");
}

#[test]
fn storage_kinds_agree() {
    agree::<PersistentVolumeClaim>("core.PersistentVolumeClaim");
    agree::<PersistentVolume>("core.PersistentVolume");
    agree::<StorageClass>("storage.StorageClass");
    agree::<VolumeAttachment>("storage.VolumeAttachment");
    agree::<CSINode>("storage.CSINode");
    agree::<CSIDriver>("storage.CSIDriver");
}

#[test]
fn extension_kinds_agree() {
    agree::<ValidatingWebhookConfiguration>("admission.ValidatingWebhookConfiguration");
    agree::<MutatingWebhookConfiguration>("admission.MutatingWebhookConfiguration");
    agree::<APIService>("apireg.APIService");
    agree::<CustomResourceDefinition>("apiext.CustomResourceDefinition");
    agree::<HelmRelease>("meta.PartialObjectMetadata");
    agree::<CertificateSigningRequest>("certificates.CertificateSigningRequest");
    agree::<ValidatingAdmissionPolicy>("admission.ValidatingAdmissionPolicy");
    agree::<ValidatingAdmissionPolicyBinding>("admission.ValidatingAdmissionPolicyBinding");
}

#[test]
fn every_kind_but_secret_is_read() {
    let here = include_str!("encodings.rs");
    let built_in = KINDS.iter().filter(|row| row.origin == KindOrigin::BuiltIn);
    for row in built_in.filter(|row| row.kind != Kind::Secret) {
        assert!(here.contains(&format!("agree::<{}>", row.name)), "{}", row.name);
    }
}
