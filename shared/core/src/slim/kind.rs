//! The kinds that a snapshot can hold, with their fixed paths: no discovery is needed to read them.

use serde::{Deserialize, Serialize};

/// A kind of object that this suite reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the API's own names")]
pub enum Kind {
    Namespace,
    Node,
    Pod,
    Event,
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    ControllerRevision,
    Job,
    CronJob,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
    Service,
    EndpointSlice,
    Ingress,
    IngressClass,
    NetworkPolicy,
    ConfigMap,
    Secret,
    HelmRelease,
    ServiceAccount,
    ResourceQuota,
    LimitRange,
    PersistentVolumeClaim,
    PersistentVolume,
    StorageClass,
    VolumeAttachment,
    CSINode,
    CSIDriver,
    Lease,
    PriorityClass,
    RuntimeClass,
    ValidatingWebhookConfiguration,
    MutatingWebhookConfiguration,
    APIService,
    CustomResourceDefinition,
    CertificateSigningRequest,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
    GatewayClass,
    Gateway,
    HTTPRoute,
    Certificate,
    Issuer,
    ClusterIssuer,
    ScaledObject,
    VerticalPodAutoscaler,
    ExternalSecret,
    SecretStore,
    ClusterSecretStore,
    SealedSecret,
    Application,
    VirtualService,
    VolumeSnapshot,
    Backup,
    Schedule,
    ServiceMonitor,
    NodeMetrics,
    PodMetrics,
}

/// Where a kind is served and how it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// The kind that this row describes.
    pub kind: Kind,
    /// Kind as the API spells it.
    pub name: &'static str,
    /// Group and version as in `apiVersion`.
    pub api_version: &'static str,
    /// Plural, lower case, as in paths.
    pub plural: &'static str,
    /// Whether objects live in a namespace.
    pub scope: Scope,
    /// Who defines it.
    pub origin: KindOrigin,
    /// Versions that older or newer installations serve instead; what is read of the kind is the same in them.
    pub others: &'static [&'static str],
}

/// Who defines a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindOrigin {
    /// Kubernetes.
    BuiltIn,
    /// Whoever installs its definition: many clusters do not have it, and those that do serve it only as JSON.
    Installed,
    /// A server of its own behind the API server: not every cluster has it, and it speaks as Kubernetes does.
    Aggregated,
}

/// Whether objects of a kind live in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Lives in a namespace.
    Namespaced,
    /// Belongs to the whole cluster.
    Cluster,
}

use Scope::{Cluster, Namespaced};

const fn row(
    kind: Kind,
    name: &'static str,
    api_version: &'static str,
    plural: &'static str,
    scope: Scope,
) -> KindInfo {
    KindInfo { kind, name, api_version, plural, scope, origin: KindOrigin::BuiltIn, others: &[] }
}

const fn installed(
    kind: Kind,
    name: &'static str,
    api_version: &'static str,
    plural: &'static str,
    scope: Scope,
) -> KindInfo {
    KindInfo { origin: KindOrigin::Installed, ..row(kind, name, api_version, plural, scope) }
}

const fn aggregated(
    kind: Kind,
    name: &'static str,
    api_version: &'static str,
    plural: &'static str,
    scope: Scope,
) -> KindInfo {
    KindInfo { origin: KindOrigin::Aggregated, ..row(kind, name, api_version, plural, scope) }
}

/// The versions of a kind that are read where the usual one is not served.
const fn or(info: KindInfo, others: &'static [&'static str]) -> KindInfo {
    KindInfo { others, ..info }
}

/// Every kind, in the order of the coverage report.
pub const KINDS: &[KindInfo] = &[
    row(Kind::Namespace, "Namespace", "v1", "namespaces", Cluster),
    row(Kind::Node, "Node", "v1", "nodes", Cluster),
    row(Kind::Pod, "Pod", "v1", "pods", Namespaced),
    row(Kind::Event, "Event", "v1", "events", Namespaced),
    row(Kind::Deployment, "Deployment", "apps/v1", "deployments", Namespaced),
    row(Kind::ReplicaSet, "ReplicaSet", "apps/v1", "replicasets", Namespaced),
    row(Kind::StatefulSet, "StatefulSet", "apps/v1", "statefulsets", Namespaced),
    row(Kind::DaemonSet, "DaemonSet", "apps/v1", "daemonsets", Namespaced),
    row(Kind::ControllerRevision, "ControllerRevision", "apps/v1", "controllerrevisions", Namespaced),
    row(Kind::Job, "Job", "batch/v1", "jobs", Namespaced),
    row(Kind::CronJob, "CronJob", "batch/v1", "cronjobs", Namespaced),
    row(
        Kind::HorizontalPodAutoscaler,
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        "horizontalpodautoscalers",
        Namespaced,
    ),
    row(Kind::PodDisruptionBudget, "PodDisruptionBudget", "policy/v1", "poddisruptionbudgets", Namespaced),
    row(Kind::Service, "Service", "v1", "services", Namespaced),
    row(Kind::EndpointSlice, "EndpointSlice", "discovery.k8s.io/v1", "endpointslices", Namespaced),
    row(Kind::Ingress, "Ingress", "networking.k8s.io/v1", "ingresses", Namespaced),
    row(Kind::IngressClass, "IngressClass", "networking.k8s.io/v1", "ingressclasses", Cluster),
    row(Kind::NetworkPolicy, "NetworkPolicy", "networking.k8s.io/v1", "networkpolicies", Namespaced),
    row(Kind::ConfigMap, "ConfigMap", "v1", "configmaps", Namespaced),
    row(Kind::Secret, "Secret", "v1", "secrets", Namespaced),
    // Helm keeps each release revision in a Secret; only its labels are read (name, version, status).
    row(Kind::HelmRelease, "HelmRelease", "v1", "secrets", Namespaced),
    row(Kind::ServiceAccount, "ServiceAccount", "v1", "serviceaccounts", Namespaced),
    row(Kind::ResourceQuota, "ResourceQuota", "v1", "resourcequotas", Namespaced),
    row(Kind::LimitRange, "LimitRange", "v1", "limitranges", Namespaced),
    row(Kind::PersistentVolumeClaim, "PersistentVolumeClaim", "v1", "persistentvolumeclaims", Namespaced),
    row(Kind::PersistentVolume, "PersistentVolume", "v1", "persistentvolumes", Cluster),
    row(Kind::StorageClass, "StorageClass", "storage.k8s.io/v1", "storageclasses", Cluster),
    row(Kind::VolumeAttachment, "VolumeAttachment", "storage.k8s.io/v1", "volumeattachments", Cluster),
    row(Kind::CSINode, "CSINode", "storage.k8s.io/v1", "csinodes", Cluster),
    row(Kind::CSIDriver, "CSIDriver", "storage.k8s.io/v1", "csidrivers", Cluster),
    row(Kind::Lease, "Lease", "coordination.k8s.io/v1", "leases", Namespaced),
    row(Kind::PriorityClass, "PriorityClass", "scheduling.k8s.io/v1", "priorityclasses", Cluster),
    row(Kind::RuntimeClass, "RuntimeClass", "node.k8s.io/v1", "runtimeclasses", Cluster),
    row(
        Kind::ValidatingWebhookConfiguration,
        "ValidatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1",
        "validatingwebhookconfigurations",
        Cluster,
    ),
    row(
        Kind::MutatingWebhookConfiguration,
        "MutatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1",
        "mutatingwebhookconfigurations",
        Cluster,
    ),
    row(Kind::APIService, "APIService", "apiregistration.k8s.io/v1", "apiservices", Cluster),
    row(
        Kind::CustomResourceDefinition,
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        "customresourcedefinitions",
        Cluster,
    ),
    row(
        Kind::CertificateSigningRequest,
        "CertificateSigningRequest",
        "certificates.k8s.io/v1",
        "certificatesigningrequests",
        Cluster,
    ),
    row(
        Kind::ValidatingAdmissionPolicy,
        "ValidatingAdmissionPolicy",
        "admissionregistration.k8s.io/v1",
        "validatingadmissionpolicies",
        Cluster,
    ),
    row(
        Kind::ValidatingAdmissionPolicyBinding,
        "ValidatingAdmissionPolicyBinding",
        "admissionregistration.k8s.io/v1",
        "validatingadmissionpolicybindings",
        Cluster,
    ),
    row(Kind::Role, "Role", "rbac.authorization.k8s.io/v1", "roles", Namespaced),
    row(Kind::ClusterRole, "ClusterRole", "rbac.authorization.k8s.io/v1", "clusterroles", Cluster),
    row(Kind::RoleBinding, "RoleBinding", "rbac.authorization.k8s.io/v1", "rolebindings", Namespaced),
    row(Kind::ClusterRoleBinding, "ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "clusterrolebindings", Cluster),
    or(
        installed(Kind::GatewayClass, "GatewayClass", "gateway.networking.k8s.io/v1", "gatewayclasses", Cluster),
        &["gateway.networking.k8s.io/v1beta1"],
    ),
    or(
        installed(Kind::Gateway, "Gateway", "gateway.networking.k8s.io/v1", "gateways", Namespaced),
        &["gateway.networking.k8s.io/v1beta1"],
    ),
    or(
        installed(Kind::HTTPRoute, "HTTPRoute", "gateway.networking.k8s.io/v1", "httproutes", Namespaced),
        &["gateway.networking.k8s.io/v1beta1"],
    ),
    installed(Kind::Certificate, "Certificate", "cert-manager.io/v1", "certificates", Namespaced),
    installed(Kind::Issuer, "Issuer", "cert-manager.io/v1", "issuers", Namespaced),
    installed(Kind::ClusterIssuer, "ClusterIssuer", "cert-manager.io/v1", "clusterissuers", Cluster),
    installed(Kind::ScaledObject, "ScaledObject", "keda.sh/v1alpha1", "scaledobjects", Namespaced),
    or(
        installed(
            Kind::VerticalPodAutoscaler,
            "VerticalPodAutoscaler",
            "autoscaling.k8s.io/v1",
            "verticalpodautoscalers",
            Namespaced,
        ),
        &["autoscaling.k8s.io/v1beta2"],
    ),
    or(
        installed(Kind::ExternalSecret, "ExternalSecret", "external-secrets.io/v1", "externalsecrets", Namespaced),
        &["external-secrets.io/v1beta1"],
    ),
    or(
        installed(Kind::SecretStore, "SecretStore", "external-secrets.io/v1", "secretstores", Namespaced),
        &["external-secrets.io/v1beta1"],
    ),
    or(
        installed(
            Kind::ClusterSecretStore,
            "ClusterSecretStore",
            "external-secrets.io/v1",
            "clustersecretstores",
            Cluster,
        ),
        &["external-secrets.io/v1beta1"],
    ),
    installed(Kind::SealedSecret, "SealedSecret", "bitnami.com/v1alpha1", "sealedsecrets", Namespaced),
    installed(Kind::Application, "Application", "argoproj.io/v1alpha1", "applications", Namespaced),
    or(
        installed(Kind::VirtualService, "VirtualService", "networking.istio.io/v1beta1", "virtualservices", Namespaced),
        &["networking.istio.io/v1", "networking.istio.io/v1alpha3"],
    ),
    or(
        installed(Kind::VolumeSnapshot, "VolumeSnapshot", "snapshot.storage.k8s.io/v1", "volumesnapshots", Namespaced),
        &["snapshot.storage.k8s.io/v1beta1"],
    ),
    installed(Kind::Backup, "Backup", "velero.io/v1", "backups", Namespaced),
    installed(Kind::Schedule, "Schedule", "velero.io/v1", "schedules", Namespaced),
    installed(Kind::ServiceMonitor, "ServiceMonitor", "monitoring.coreos.com/v1", "servicemonitors", Namespaced),
    aggregated(Kind::NodeMetrics, "NodeMetrics", "metrics.k8s.io/v1beta1", "nodes", Cluster),
    aggregated(Kind::PodMetrics, "PodMetrics", "metrics.k8s.io/v1beta1", "pods", Namespaced),
];

impl Kind {
    /// Looks up where this kind is served.
    pub fn info(self) -> &'static KindInfo {
        &KINDS[self as usize]
    }

    /// Finds a kind by the API's spelling and version, as objects carry them.
    pub fn of(api_version: &str, name: &str) -> Option<Self> {
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let is_meant = |row: &&KindInfo| row.name == name && row.kind != Kind::HelmRelease && row.group() == group;
        KINDS.iter().find(is_meant).map(|row| row.kind)
    }
}

impl KindInfo {
    /// The API group, empty for the core one: `apps`.
    pub fn group(&self) -> &'static str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The group and version of every form that can be read, the usual one first.
    pub fn api_versions(&self) -> impl Iterator<Item = &'static str> {
        [self.api_version].into_iter().chain(self.others.iter().copied())
    }

    /// The path of the list, for the whole cluster or one namespace: `/apis/apps/v1/deployments`.
    pub fn path(&self, namespace: Option<&str>) -> String {
        self.path_in(self.api_version, namespace)
    }

    /// The path of the list in one of its versions.
    pub fn path_in(&self, api_version: &str, namespace: Option<&str>) -> String {
        let root = if api_version.contains('/') { "/apis" } else { "/api" };
        match (self.scope, namespace) {
            (Scope::Namespaced, Some(namespace)) => {
                format!("{root}/{api_version}/namespaces/{namespace}/{}", self.plural)
            }
            _ => format!("{root}/{api_version}/{}", self.plural),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row_at_its_own_index() {
        for (index, row) in KINDS.iter().enumerate() {
            assert_eq!(row.kind as usize, index, "{}", row.name);
        }
        assert_eq!(KINDS.last().map(|row| row.kind as usize + 1), Some(KINDS.len()));
    }

    #[test]
    fn other_versions_are_of_the_same_group() {
        let group = |version: &'static str| version.split_once('/').map_or("", |(group, _)| group);
        for row in KINDS {
            assert!(row.api_versions().all(|version| group(version) == row.group()), "{}", row.name);
            assert!(row.origin == KindOrigin::Installed || row.others.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn paths_follow_the_api() {
        assert_eq!(Kind::Pod.info().path(None), "/api/v1/pods");
        assert_eq!(Kind::Deployment.info().path(Some("shop")), "/apis/apps/v1/namespaces/shop/deployments");
        assert_eq!(Kind::Node.info().path(Some("shop")), "/api/v1/nodes");
    }
}
