//! What every object carries; of its managed fields who wrote last, and when.

use super::{
    edit::{self, Edit},
    pair::value_of,
    pair::{self, Pair},
    shared::{Pool, Shared},
    time::Time,
};
use serde::Deserialize;
use std::ops::Deref;

/// Metadata of an object.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMeta {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "3")]
    pub namespace: String,
    #[prost(string, tag = "5")]
    pub uid: String,
    #[prost(string, tag = "6")]
    pub resource_version: String,
    #[prost(int64, tag = "7")]
    pub generation: i64,
    /// Zero in templates, which the server never created.
    #[prost(message, required, tag = "8")]
    pub creation_timestamp: Time,
    #[prost(message, optional, tag = "9")]
    pub deletion_timestamp: Option<Time>,
    #[prost(int64, optional, tag = "10")]
    pub deletion_grace_period_seconds: Option<i64>,
    #[serde(deserialize_with = "pair::labels")]
    #[prost(message, repeated, tag = "11")]
    pub labels: Vec<Shared<Pair>>,
    /// Only those of [`KEPT_ANNOTATIONS`] stay after decoding.
    #[serde(deserialize_with = "pair::labels")]
    #[prost(message, repeated, tag = "12")]
    pub annotations: Vec<Shared<Pair>>,
    #[prost(message, repeated, tag = "13")]
    pub owner_references: Vec<Shared<OwnerReference>>,
    #[prost(string, repeated, tag = "14")]
    pub finalizers: Vec<String>,
    /// The latest that tell of a change, see [`Edit`].
    #[serde(rename = "managedFields")]
    #[prost(message, repeated, tag = "17")]
    pub edits: Vec<Edit>,
}

/// Names an object that owns another.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerReference {
    #[prost(string, tag = "5")]
    pub api_version: String,
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, tag = "4")]
    pub uid: String,
    #[prost(bool, optional, tag = "6")]
    pub controller: Option<bool>,
}

/// Annotations that something reads; all others go after decoding.
pub const KEPT_ANNOTATIONS: &[&str] = &[
    "argocd.argoproj.io/tracking-id",
    "batch.kubernetes.io/cronjob-scheduled-timestamp",
    "batch.kubernetes.io/job-completion-index",
    "cert-manager.io/certificate-name",
    "cert-manager.io/cluster-issuer",
    "cert-manager.io/inject-ca-from",
    "cert-manager.io/inject-ca-from-secret",
    "cert-manager.io/issuer",
    "control-plane.alpha.kubernetes.io/leader",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "ingressclass.kubernetes.io/is-default-class",
    "k8s.v1.cni.cncf.io/networks",
    "kubectl.kubernetes.io/default-container",
    "kubectl.kubernetes.io/restartedAt",
    "kubernetes.io/change-cause",
    "kubernetes.io/config.mirror",
    "kubernetes.io/config.source",
    "kubernetes.io/ingress.class",
    "kubernetes.io/service-account.name",
    "kubernetes.io/tls-acme",
    "linkerd.io/inject",
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "nginx.ingress.kubernetes.io/canary",
    "pv.kubernetes.io/provisioned-by",
    "service.beta.openshift.io/inject-cabundle",
    "sidecar.istio.io/inject",
    "storageclass.beta.kubernetes.io/is-default-class",
    "storageclass.kubernetes.io/is-default-class",
    "volume.beta.kubernetes.io/storage-class",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
];

impl ObjectMeta {
    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        value_of(&self.labels, key)
    }

    /// The value of an annotation; none for one that is not kept, see [`KEPT_ANNOTATIONS`].
    pub fn annotation(&self, key: &str) -> Option<&str> {
        value_of(&self.annotations, key)
    }

    /// The owner that manages the object.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().map(Deref::deref).find(|owner| owner.controller == Some(true))
    }

    pub(super) fn share(&mut self, pool: &mut Pool) {
        pool.share_labels(&mut self.labels);
        pool.share_labels(&mut self.annotations);
        pool.share_owners(&mut self.owner_references);
    }

    /// Drops what is not kept, and gives spare memory back.
    pub(super) fn trim(&mut self) {
        self.annotations.retain(|pair| KEPT_ANNOTATIONS.contains(&pair.key.as_str()));
        edit::keep_latest(&mut self.edits);
        self.annotations.shrink_to_fit();
        self.labels.shrink_to_fit();
        self.owner_references.shrink_to_fit();
        self.finalizers.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_controller_is_the_owner_that_manages() {
        let text = r#"{"ownerReferences":[{"kind":"ConfigMap","name":"a"},
            {"kind":"ReplicaSet","name":"web-1","controller":true}]}"#;
        let metadata: ObjectMeta = serde_json::from_str(text).unwrap();
        assert_eq!(metadata.controller().unwrap().name, "web-1");
        assert_eq!(ObjectMeta::default().controller(), None);
    }

    #[test]
    fn only_known_annotations_stay() {
        let text = r#"{"annotations":{"deployment.kubernetes.io/revision":"3",
            "kubectl.kubernetes.io/last-applied-configuration":"{}"},"labels":{"app":"web"}}"#;
        let mut metadata: ObjectMeta = serde_json::from_str(text).unwrap();
        metadata.trim();
        assert_eq!(metadata.annotations, [Shared::from(Pair::new("deployment.kubernetes.io/revision", "3"))]);
        assert_eq!((metadata.label("app"), metadata.label("tier")), (Some("web"), None));
    }

    #[test]
    fn kept_annotations_are_sorted_and_unique() {
        assert!(KEPT_ANNOTATIONS.is_sorted_by(|left, right| left < right));
    }
}
