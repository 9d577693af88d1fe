//! The objects of a snapshot, one shelf for each kind, and the readers that fill them.

use super::names::Names;
use crate::slim::controller_revision::forget_old_revisions;
use crate::slim::custom::application::Application;
use crate::slim::custom::backup::{Backup, Schedule, VolumeSnapshot};
use crate::slim::custom::certificate::{Certificate, ClusterIssuer, Issuer};
use crate::slim::custom::external_secret::{ClusterSecretStore, ExternalSecret, SealedSecret, SecretStore};
use crate::slim::custom::gateway::{Gateway, GatewayClass, HTTPRoute};
use crate::slim::custom::scaling::{ScaledObject, VerticalPodAutoscaler};
use crate::slim::custom::service_monitor::ServiceMonitor;
use crate::slim::custom::virtual_service::VirtualService;
use crate::slim::replica_set::forget_old_templates;
use crate::slim::usage::{NodeMetrics, PodMetrics};
use crate::slim::{
    APIService, CSIDriver, CSINode, CertificateSigningRequest, ClusterRole, ClusterRoleBinding, ConfigMap,
    ControllerRevision, CronJob, CustomResourceDefinition, DaemonSet, DecodeError, Deployment, EndpointSlice, Event,
    HelmRelease, HorizontalPodAutoscaler, Ingress, IngressClass, Job, KINDS, Kind, Lease, LimitRange,
    MutatingWebhookConfiguration, Namespace, NetworkPolicy, Node, Object, ObjectMeta, PersistentVolume,
    PersistentVolumeClaim, Pod, PodDisruptionBudget, Pool, PriorityClass, ReplicaSet, ResourceQuota, Role, RoleBinding,
    RuntimeClass, Secret, Service, ServiceAccount, StatefulSet, StorageClass, ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding, ValidatingWebhookConfiguration, VolumeAttachment, from_json, from_protobuf,
};
use prost::Message;
use serde::de::DeserializeOwned;
use std::cell::RefCell;

/// The objects of a snapshot, one shelf for each kind.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "the API's own plurals")]
pub struct Shelves {
    /// Where objects of a name stand.
    pub(super) names: Names,
    pub namespaces: Vec<Namespace>,
    pub nodes: Vec<Node>,
    pub pods: Vec<Pod>,
    pub events: Vec<Event>,
    pub deployments: Vec<Deployment>,
    pub replica_sets: Vec<ReplicaSet>,
    pub stateful_sets: Vec<StatefulSet>,
    pub daemon_sets: Vec<DaemonSet>,
    pub controller_revisions: Vec<ControllerRevision>,
    pub jobs: Vec<Job>,
    pub cron_jobs: Vec<CronJob>,
    pub horizontal_pod_autoscalers: Vec<HorizontalPodAutoscaler>,
    pub pod_disruption_budgets: Vec<PodDisruptionBudget>,
    pub services: Vec<Service>,
    pub endpoint_slices: Vec<EndpointSlice>,
    pub ingresses: Vec<Ingress>,
    pub ingress_classes: Vec<IngressClass>,
    pub network_policies: Vec<NetworkPolicy>,
    pub config_maps: Vec<ConfigMap>,
    pub secrets: Vec<Secret>,
    pub helm_releases: Vec<HelmRelease>,
    pub service_accounts: Vec<ServiceAccount>,
    pub resource_quotas: Vec<ResourceQuota>,
    pub limit_ranges: Vec<LimitRange>,
    pub persistent_volume_claims: Vec<PersistentVolumeClaim>,
    pub persistent_volumes: Vec<PersistentVolume>,
    pub storage_classes: Vec<StorageClass>,
    pub volume_attachments: Vec<VolumeAttachment>,
    pub csi_nodes: Vec<CSINode>,
    pub csi_drivers: Vec<CSIDriver>,
    pub leases: Vec<Lease>,
    pub priority_classes: Vec<PriorityClass>,
    pub runtime_classes: Vec<RuntimeClass>,
    pub validating_webhook_configurations: Vec<ValidatingWebhookConfiguration>,
    pub mutating_webhook_configurations: Vec<MutatingWebhookConfiguration>,
    pub api_services: Vec<APIService>,
    pub custom_resource_definitions: Vec<CustomResourceDefinition>,
    pub certificate_signing_requests: Vec<CertificateSigningRequest>,
    pub validating_admission_policies: Vec<ValidatingAdmissionPolicy>,
    pub validating_admission_policy_bindings: Vec<ValidatingAdmissionPolicyBinding>,
    pub roles: Vec<Role>,
    pub cluster_roles: Vec<ClusterRole>,
    pub role_bindings: Vec<RoleBinding>,
    pub cluster_role_bindings: Vec<ClusterRoleBinding>,
    pub gateway_classes: Vec<GatewayClass>,
    pub gateways: Vec<Gateway>,
    pub http_routes: Vec<HTTPRoute>,
    pub certificates: Vec<Certificate>,
    pub issuers: Vec<Issuer>,
    pub cluster_issuers: Vec<ClusterIssuer>,
    pub scaled_objects: Vec<ScaledObject>,
    pub vertical_pod_autoscalers: Vec<VerticalPodAutoscaler>,
    pub external_secrets: Vec<ExternalSecret>,
    pub secret_stores: Vec<SecretStore>,
    pub cluster_secret_stores: Vec<ClusterSecretStore>,
    pub sealed_secrets: Vec<SealedSecret>,
    pub applications: Vec<Application>,
    pub virtual_services: Vec<VirtualService>,
    pub volume_snapshots: Vec<VolumeSnapshot>,
    pub backups: Vec<Backup>,
    pub schedules: Vec<Schedule>,
    pub service_monitors: Vec<ServiceMonitor>,
    pub node_metrics: Vec<NodeMetrics>,
    pub pod_metrics: Vec<PodMetrics>,
}

/// A kind that has a shelf.
pub trait Shelved: Object + Sized {
    /// Its objects.
    fn shelf(shelves: &Shelves) -> &[Self];
    /// Its objects, to add to.
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self>;
}

impl Shelved for Namespace {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.namespaces
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.namespaces
    }
}

impl Shelved for Node {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.nodes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.nodes
    }
}

impl Shelved for Pod {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.pods
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.pods
    }
}

impl Shelved for Event {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.events
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.events
    }
}

impl Shelved for Deployment {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.deployments
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.deployments
    }
}

impl Shelved for ReplicaSet {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.replica_sets
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.replica_sets
    }
}

impl Shelved for StatefulSet {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.stateful_sets
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.stateful_sets
    }
}

impl Shelved for DaemonSet {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.daemon_sets
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.daemon_sets
    }
}

impl Shelved for ControllerRevision {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.controller_revisions
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.controller_revisions
    }
}

impl Shelved for Job {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.jobs
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.jobs
    }
}

impl Shelved for CronJob {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.cron_jobs
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.cron_jobs
    }
}

impl Shelved for HorizontalPodAutoscaler {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.horizontal_pod_autoscalers
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.horizontal_pod_autoscalers
    }
}

impl Shelved for PodDisruptionBudget {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.pod_disruption_budgets
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.pod_disruption_budgets
    }
}

impl Shelved for Service {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.services
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.services
    }
}

impl Shelved for EndpointSlice {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.endpoint_slices
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.endpoint_slices
    }
}

impl Shelved for Ingress {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.ingresses
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.ingresses
    }
}

impl Shelved for IngressClass {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.ingress_classes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.ingress_classes
    }
}

impl Shelved for NetworkPolicy {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.network_policies
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.network_policies
    }
}

impl Shelved for ConfigMap {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.config_maps
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.config_maps
    }
}

impl Shelved for Secret {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.secrets
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.secrets
    }
}

impl Shelved for HelmRelease {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.helm_releases
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.helm_releases
    }
}

impl Shelved for ServiceAccount {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.service_accounts
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.service_accounts
    }
}

impl Shelved for ResourceQuota {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.resource_quotas
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.resource_quotas
    }
}

impl Shelved for LimitRange {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.limit_ranges
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.limit_ranges
    }
}

impl Shelved for PersistentVolumeClaim {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.persistent_volume_claims
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.persistent_volume_claims
    }
}

impl Shelved for PersistentVolume {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.persistent_volumes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.persistent_volumes
    }
}

impl Shelved for StorageClass {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.storage_classes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.storage_classes
    }
}

impl Shelved for VolumeAttachment {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.volume_attachments
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.volume_attachments
    }
}

impl Shelved for CSINode {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.csi_nodes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.csi_nodes
    }
}

impl Shelved for CSIDriver {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.csi_drivers
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.csi_drivers
    }
}

impl Shelved for Lease {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.leases
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.leases
    }
}

impl Shelved for PriorityClass {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.priority_classes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.priority_classes
    }
}

impl Shelved for RuntimeClass {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.runtime_classes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.runtime_classes
    }
}

impl Shelved for ValidatingWebhookConfiguration {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.validating_webhook_configurations
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.validating_webhook_configurations
    }
}

impl Shelved for MutatingWebhookConfiguration {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.mutating_webhook_configurations
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.mutating_webhook_configurations
    }
}

impl Shelved for APIService {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.api_services
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.api_services
    }
}

impl Shelved for CustomResourceDefinition {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.custom_resource_definitions
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.custom_resource_definitions
    }
}

impl Shelved for CertificateSigningRequest {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.certificate_signing_requests
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.certificate_signing_requests
    }
}

impl Shelved for ValidatingAdmissionPolicy {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.validating_admission_policies
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.validating_admission_policies
    }
}

impl Shelved for ValidatingAdmissionPolicyBinding {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.validating_admission_policy_bindings
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.validating_admission_policy_bindings
    }
}

impl Shelved for Role {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.roles
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.roles
    }
}

impl Shelved for ClusterRole {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.cluster_roles
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.cluster_roles
    }
}

impl Shelved for RoleBinding {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.role_bindings
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.role_bindings
    }
}

impl Shelved for ClusterRoleBinding {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.cluster_role_bindings
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.cluster_role_bindings
    }
}

impl Shelved for GatewayClass {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.gateway_classes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.gateway_classes
    }
}

impl Shelved for Gateway {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.gateways
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.gateways
    }
}

impl Shelved for HTTPRoute {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.http_routes
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.http_routes
    }
}

impl Shelved for Certificate {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.certificates
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.certificates
    }
}

impl Shelved for Issuer {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.issuers
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.issuers
    }
}

impl Shelved for ClusterIssuer {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.cluster_issuers
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.cluster_issuers
    }
}

impl Shelved for ScaledObject {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.scaled_objects
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.scaled_objects
    }
}

impl Shelved for VerticalPodAutoscaler {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.vertical_pod_autoscalers
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.vertical_pod_autoscalers
    }
}

impl Shelved for ExternalSecret {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.external_secrets
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.external_secrets
    }
}

impl Shelved for SecretStore {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.secret_stores
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.secret_stores
    }
}

impl Shelved for ClusterSecretStore {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.cluster_secret_stores
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.cluster_secret_stores
    }
}

impl Shelved for SealedSecret {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.sealed_secrets
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.sealed_secrets
    }
}

impl Shelved for Application {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.applications
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.applications
    }
}

impl Shelved for VirtualService {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.virtual_services
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.virtual_services
    }
}

impl Shelved for VolumeSnapshot {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.volume_snapshots
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.volume_snapshots
    }
}

impl Shelved for Backup {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.backups
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.backups
    }
}

impl Shelved for Schedule {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.schedules
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.schedules
    }
}

impl Shelved for NodeMetrics {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.node_metrics
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.node_metrics
    }
}

impl Shelved for PodMetrics {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.pod_metrics
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.pod_metrics
    }
}

impl Shelved for ServiceMonitor {
    fn shelf(shelves: &Shelves) -> &[Self] {
        &shelves.service_monitors
    }
    fn shelf_mut(shelves: &mut Shelves) -> &mut Vec<Self> {
        &mut shelves.service_monitors
    }
}

/// The bytes of one object, in either encoding.
#[derive(Clone, Copy, Debug)]
pub enum Encoded<'a> {
    /// Kubernetes protobuf, as lists hold items: without the envelope.
    Protobuf(&'a [u8]),
    /// JSON.
    Json(&'a [u8]),
}

/// Decodes one object and puts it on the shelf of its kind; what it has in common with others is kept once.
///
/// Secrets are not decoded here, for their values may not enter a snapshot: the runtime puts their facts on the shelf.
///
/// # Errors
/// Fails when the bytes are no object of the kind; the error holds none of its content.
pub fn decode_into(kind: Kind, bytes: Encoded<'_>, shelves: &mut Shelves, pool: &mut Pool) -> Result<(), DecodeError> {
    (WAYS[kind as usize].read)(bytes, shelves, pool)
}

impl Shelves {
    /// Puts every shelf in the order of namespace and name, which look-ups by name rely on.
    pub fn sort(&mut self) {
        WAYS.iter().for_each(|ways| (ways.sort)(self));
        forget_old_templates(&mut self.replica_sets);
        forget_old_revisions(&mut self.controller_revisions);
        self.names = Names::default();
    }

    /// Adds the objects of others.
    pub fn append(&mut self, mut others: Self) {
        WAYS.iter().for_each(|ways| (ways.append)(self, &mut others));
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        (WAYS[kind as usize].count)(self)
    }

    /// Whether there is an object of a kind in a namespace; the shelves must be in order.
    pub fn holds(&self, kind: Kind, namespace: &str) -> bool {
        (WAYS[kind as usize].holds)(self, namespace)
    }

    /// Whether any object of any kind has such metadata.
    pub fn any(&self, is_such: &dyn Fn(&ObjectMeta) -> bool) -> bool {
        WAYS.iter().any(|ways| (ways.any)(self, is_such))
    }

    /// Shows the metadata of every object of a kind.
    pub fn each<'a>(&'a self, kind: Kind, see: &mut dyn FnMut(&'a ObjectMeta)) {
        (WAYS[kind as usize].each)(self, see);
    }

    /// The namespaces that hold an object of a kind with this name; the empty one for cluster-scoped kinds.
    pub fn namespaces_of(&self, kind: Kind, name: &str) -> Vec<String> {
        let found = RefCell::new(Vec::new());
        (WAYS[kind as usize].any)(self, &|metadata| {
            if metadata.name == name {
                found.borrow_mut().push(metadata.namespace.to_string());
            }
            false
        });
        found.into_inner()
    }

    /// The metadata of the object that was added last.
    pub fn last(&self, kind: Kind) -> Option<&ObjectMeta> {
        (WAYS[kind as usize].last)(self)
    }

    /// Takes the object away that was added last.
    pub fn remove_last(&mut self, kind: Kind) {
        (WAYS[kind as usize].remove_last)(self);
    }

    /// Puts the objects of others in their places, instead of those of the same names; the shelf must be in order.
    pub fn put(&mut self, kind: Kind, mut others: Self) {
        (WAYS[kind as usize].put)(self, &mut others);
    }

    /// Takes one object away by its name; the shelf must be in order.
    pub fn take_away(&mut self, kind: Kind, namespace: &str, name: &str) {
        (WAYS[kind as usize].take_away)(self, namespace, name);
    }

    /// Takes every object of a kind away.
    pub fn clear(&mut self, kind: Kind) {
        (WAYS[kind as usize].clear)(self);
    }

    /// Finds the metadata of an object by its name, whatever its kind.
    pub fn metadata(&self, kind: Kind, namespace: &str, name: &str) -> Option<&ObjectMeta> {
        (WAYS[kind as usize].find)(self, namespace, name)
    }
}

type Reader = fn(Encoded<'_>, &mut Shelves, &mut Pool) -> Result<(), DecodeError>;

type Seeker = fn(&Shelves, &dyn Fn(&ObjectMeta) -> bool) -> bool;

type Shower = for<'a> fn(&'a Shelves, &mut dyn FnMut(&'a ObjectMeta));

/// What can be done with a shelf whose kind is known only when the program runs.
struct Ways {
    read: Reader,
    sort: fn(&mut Shelves),
    append: fn(&mut Shelves, &mut Shelves),
    count: fn(&Shelves) -> usize,
    holds: fn(&Shelves, &str) -> bool,
    any: Seeker,
    each: Shower,
    last: for<'a> fn(&'a Shelves) -> Option<&'a ObjectMeta>,
    remove_last: fn(&mut Shelves),
    put: fn(&mut Shelves, &mut Shelves),
    take_away: fn(&mut Shelves, &str, &str),
    clear: fn(&mut Shelves),
    find: for<'a> fn(&'a Shelves, &str, &str) -> Option<&'a ObjectMeta>,
}

const fn ways<T: Shelved + 'static>(read: Reader) -> Ways {
    Ways {
        read,
        sort: sort::<T>,
        append: |shelves, others| T::shelf_mut(shelves).append(T::shelf_mut(others)),
        count: |shelves| T::shelf(shelves).len(),
        holds: holds::<T>,
        any: |shelves, is_such| T::shelf(shelves).iter().any(|object| is_such(object.metadata())),
        each: |shelves, see| T::shelf(shelves).iter().for_each(|object| see(object.metadata())),
        last: |shelves| T::shelf(shelves).last().map(Object::metadata),
        remove_last: |shelves| drop(T::shelf_mut(shelves).pop()),
        put: |shelves, others| T::shelf_mut(others).drain(..).for_each(|object| put(object, shelves)),
        take_away: take_away::<T>,
        clear: |shelves| T::shelf_mut(shelves).clear(),
        find: |shelves, namespace, name| find::<T>(shelves, namespace, name).map(Object::metadata),
    }
}

const fn decoded<T: Shelved + Message + Default + DeserializeOwned + 'static>() -> Ways {
    ways::<T>(read::<T>)
}

/// In the order of the kinds.
const WAYS: [Ways; KINDS.len()] = [
    decoded::<Namespace>(),
    decoded::<Node>(),
    decoded::<Pod>(),
    decoded::<Event>(),
    decoded::<Deployment>(),
    decoded::<ReplicaSet>(),
    decoded::<StatefulSet>(),
    decoded::<DaemonSet>(),
    decoded::<ControllerRevision>(),
    decoded::<Job>(),
    decoded::<CronJob>(),
    decoded::<HorizontalPodAutoscaler>(),
    decoded::<PodDisruptionBudget>(),
    decoded::<Service>(),
    decoded::<EndpointSlice>(),
    decoded::<Ingress>(),
    decoded::<IngressClass>(),
    decoded::<NetworkPolicy>(),
    decoded::<ConfigMap>(),
    ways::<Secret>(refuse_secret),
    decoded::<HelmRelease>(),
    decoded::<ServiceAccount>(),
    decoded::<ResourceQuota>(),
    decoded::<LimitRange>(),
    decoded::<PersistentVolumeClaim>(),
    decoded::<PersistentVolume>(),
    decoded::<StorageClass>(),
    decoded::<VolumeAttachment>(),
    decoded::<CSINode>(),
    decoded::<CSIDriver>(),
    decoded::<Lease>(),
    decoded::<PriorityClass>(),
    decoded::<RuntimeClass>(),
    decoded::<ValidatingWebhookConfiguration>(),
    decoded::<MutatingWebhookConfiguration>(),
    decoded::<APIService>(),
    decoded::<CustomResourceDefinition>(),
    decoded::<CertificateSigningRequest>(),
    decoded::<ValidatingAdmissionPolicy>(),
    decoded::<ValidatingAdmissionPolicyBinding>(),
    decoded::<Role>(),
    decoded::<ClusterRole>(),
    decoded::<RoleBinding>(),
    decoded::<ClusterRoleBinding>(),
    ways::<GatewayClass>(read_json::<GatewayClass>),
    ways::<Gateway>(read_json::<Gateway>),
    ways::<HTTPRoute>(read_json::<HTTPRoute>),
    ways::<Certificate>(read_json::<Certificate>),
    ways::<Issuer>(read_json::<Issuer>),
    ways::<ClusterIssuer>(read_json::<ClusterIssuer>),
    ways::<ScaledObject>(read_json::<ScaledObject>),
    ways::<VerticalPodAutoscaler>(read_json::<VerticalPodAutoscaler>),
    ways::<ExternalSecret>(read_json::<ExternalSecret>),
    ways::<SecretStore>(read_json::<SecretStore>),
    ways::<ClusterSecretStore>(read_json::<ClusterSecretStore>),
    ways::<SealedSecret>(read_json::<SealedSecret>),
    ways::<Application>(read_json::<Application>),
    ways::<VirtualService>(read_json::<VirtualService>),
    ways::<VolumeSnapshot>(read_json::<VolumeSnapshot>),
    ways::<Backup>(read_json::<Backup>),
    ways::<Schedule>(read_json::<Schedule>),
    ways::<ServiceMonitor>(read_json::<ServiceMonitor>),
    decoded::<NodeMetrics>(),
    decoded::<PodMetrics>(),
];

fn read<T: Shelved + Message + Default + DeserializeOwned>(
    bytes: Encoded<'_>,
    shelves: &mut Shelves,
    pool: &mut Pool,
) -> Result<(), DecodeError> {
    let object: T = match bytes {
        Encoded::Protobuf(bytes) => from_protobuf(bytes)?,
        Encoded::Json(text) => from_json(text)?,
    };
    shelve(object, shelves, pool);
    Ok(())
}

/// For kinds that no server has as protobuf.
fn read_json<T: Shelved + DeserializeOwned>(
    bytes: Encoded<'_>,
    shelves: &mut Shelves,
    pool: &mut Pool,
) -> Result<(), DecodeError> {
    let Encoded::Json(text) = bytes else {
        return Err(DecodeError::Protobuf { detail: format!("{} is read as JSON only", T::KIND.info().name) });
    };
    shelve(from_json::<T>(text)?, shelves, pool);
    Ok(())
}

fn shelve<T: Shelved>(mut object: T, shelves: &mut Shelves, pool: &mut Pool) {
    object.share(pool);
    T::shelf_mut(shelves).push(object);
}

fn refuse_secret(_: Encoded<'_>, _: &mut Shelves, _: &mut Pool) -> Result<(), DecodeError> {
    Err(DecodeError::Protobuf { detail: "a Secret is read by the type that seals its values".to_owned() })
}

/// Finds an object by its name.
pub(super) fn find<'a, T: Shelved>(shelves: &'a Shelves, namespace: &str, name: &str) -> Option<&'a T> {
    let shelf = T::shelf(shelves);
    let guessed = shelves.names.guess::<T>(shelves, namespace, name).and_then(|place| shelf.get(place));
    if let Some(object) = guessed.filter(|object| key(*object) == (namespace, name)) {
        return Some(object);
    }
    let found = shelf.binary_search_by(|object| key(object).cmp(&(namespace, name))).ok()?;
    shelf.get(found)
}

fn put<T: Shelved>(object: T, shelves: &mut Shelves) {
    let shelf = T::shelf_mut(shelves);
    match shelf.binary_search_by(|other| key(other).cmp(&key(&object))) {
        Ok(place) => shelf[place] = object,
        Err(place) => shelf.insert(place, object),
    }
}

fn take_away<T: Shelved>(shelves: &mut Shelves, namespace: &str, name: &str) {
    let shelf = T::shelf_mut(shelves);
    if let Ok(place) = shelf.binary_search_by(|object| key(object).cmp(&(namespace, name))) {
        shelf.remove(place);
    }
}

fn holds<T: Shelved>(shelves: &Shelves, namespace: &str) -> bool {
    let is_before = |object: &T| object.metadata().namespace.as_str() < namespace;
    let shelf = T::shelf(shelves);
    shelf.get(shelf.partition_point(is_before)).is_some_and(|object| object.metadata().namespace == namespace)
}

/// Of two objects with one name, which only a directory of copies has, the first is kept.
fn sort<T: Shelved>(shelves: &mut Shelves) {
    let shelf = T::shelf_mut(shelves);
    shelf.sort_by(|a, b| key(a).cmp(&key(b)));
    shelf.dedup_by(|a, b| key(a) == key(b));
    shelf.shrink_to_fit();
}

pub(super) fn key<T: Object>(object: &T) -> (&str, &str) {
    (&object.metadata().namespace, &object.metadata().name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_onto_its_own_shelf() {
        for row in KINDS.iter().filter(|row| row.kind != Kind::Secret) {
            let mut shelves = Shelves::default();
            let text = br#"{"metadata":{"name":"a","namespace":"n"}}"#;
            decode_into(row.kind, Encoded::Json(text), &mut shelves, &mut Pool::default()).unwrap();
            let counted: Vec<Kind> = KINDS.iter().map(|row| row.kind).filter(|kind| shelves.count(*kind) > 0).collect();
            assert_eq!(counted, [row.kind]);
            assert_eq!(shelves.metadata(row.kind, "n", "a").map(|it| it.name.as_str()), Some("a"));
        }
    }

    fn pods(shelves: &mut Shelves, names: &[&str]) {
        for name in names {
            let text = format!(r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"{name}"}}}}"#);
            decode_into(Kind::Pod, Encoded::Json(text.as_bytes()), shelves, &mut Pool::default()).unwrap();
        }
    }

    #[test]
    fn objects_take_their_places_and_leave_them_and_the_order_stays() {
        let names =
            |shelves: &Shelves| shelves.pods.iter().map(|pod| pod.metadata.name.clone()).collect::<Vec<_>>().join(" ");
        let (mut shelves, mut others) = (Shelves::default(), Shelves::default());
        pods(&mut shelves, &["b", "d"]);
        pods(&mut others, &["e", "a", "c", "b"]);
        others.pods[3].metadata.uid = "another".to_owned();
        shelves.put(Kind::Pod, others);
        assert_eq!(names(&shelves), "a b c d e");
        assert_eq!(shelves.metadata(Kind::Pod, "n", "b").map(|it| it.uid.as_str()), Some("another"));
        shelves.take_away(Kind::Pod, "n", "c");
        shelves.take_away(Kind::Pod, "other", "a");
        shelves.take_away(Kind::Pod, "n", "never-there");
        assert_eq!(names(&shelves), "a b d e");
    }

    #[test]
    fn a_secret_is_not_read_here() {
        let mut shelves = Shelves::default();
        let result = decode_into(Kind::Secret, Encoded::Json(b"{}"), &mut shelves, &mut Pool::default());
        assert!(result.is_err() && shelves.secrets.is_empty());
    }
}
