//! What an object needs to work: the edges along which trouble spreads.

use super::webhooks::named_in;
use super::{Reference, View, references};
use crate::object::ObjectRef;
use crate::scheduling::closed_by_condition;
use crate::slim::custom::gateway::HTTPRoute;
use crate::slim::ingress::IngressServiceBackend;
use crate::slim::pod_spec::{PodSpec, PodTemplateSpec};
use crate::slim::{
    APIService, CronJob, DaemonSet, Deployment, HorizontalPodAutoscaler, Ingress, Job, Kind, Node, Object,
    PersistentVolume, PersistentVolumeClaim, Pod, PodDisruptionBudget, ReplicaSet, Scope, Service, StatefulSet,
};

/// How deep an object lies: trouble of a lower layer explains trouble of a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words are the meaning")]
pub enum Layer {
    ControlPlane,
    Node,
    Storage,
    Configuration,
    Pod,
    Workload,
    Service,
    Edge,
}

/// The layer of a kind of object.
pub fn layer(object: &ObjectRef) -> Layer {
    match object.kind.as_str() {
        "Node" | "CSINode" => Layer::Node,
        "PersistentVolume" | "PersistentVolumeClaim" | "StorageClass" | "CSIDriver" | "VolumeAttachment" => {
            Layer::Storage
        }
        "ConfigMap" | "Secret" | "ServiceAccount" | "ResourceQuota" | "LimitRange" | "PriorityClass"
        | "RuntimeClass" => Layer::Configuration,
        "Pod" => Layer::Pod,
        "Service" | "EndpointSlice" => Layer::Service,
        "Ingress" | "HorizontalPodAutoscaler" | "PodDisruptionBudget" | "Namespace" => Layer::Edge,
        "APIService" | "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" | "IngressClass" => {
            Layer::Edge
        }
        "Cluster" | "Lease" => Layer::ControlPlane,
        _ => Layer::Workload,
    }
}

impl View<'_> {
    /// What an object directly needs to work. It answers for named objects only; what was not seen has no edges.
    pub fn needs(&self, object: &ObjectRef) -> Vec<ObjectRef> {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let name = object.name.as_str();
        match object.kind.as_str() {
            "Pod" => self.get::<Pod>(namespace, name).map_or_else(Vec::new, |it| self.pod_needs(it)),
            "Service" => self.get::<Service>(namespace, name).map_or_else(Vec::new, |it| self.service_needs(it)),
            "Ingress" => self.get::<Ingress>(namespace, name).map_or_else(Vec::new, ingress_needs),
            "HTTPRoute" => self.get::<HTTPRoute>(namespace, name).map_or_else(Vec::new, route_needs),
            "HorizontalPodAutoscaler" => {
                self.get::<HorizontalPodAutoscaler>(namespace, name).map_or_else(Vec::new, autoscaler_needs)
            }
            "PodDisruptionBudget" => {
                self.get::<PodDisruptionBudget>(namespace, name).map_or_else(Vec::new, |it| self.budget_needs(it))
            }
            "PersistentVolumeClaim" => {
                self.get::<PersistentVolumeClaim>(namespace, name).map_or_else(Vec::new, claim_needs)
            }
            "PersistentVolume" => self.get::<PersistentVolume>("", name).map_or_else(Vec::new, volume_needs),
            "APIService" => self.get::<APIService>("", name).map_or_else(Vec::new, api_needs),
            "Namespace" => self.all::<APIService>().iter().map(Object::reference).collect(),
            "Lease" => vec![ObjectRef::cluster("Node", name)],
            "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => self.configuration_needs(object),
            "CronJob" => self.cron_job_needs(object),
            "StatefulSet" => self.stateful_set_needs(object),
            _ => self.workload_needs(object),
        }
    }

    /// Its pods, the webhooks and quotas that refuse some of them and, since refused pods name nothing, what its
    /// template names.
    fn workload_needs(&self, workload: &ObjectRef) -> Vec<ObjectRef> {
        let pods = self.pods_of(workload).iter().map(|pod| pod.reference());
        let namespace = workload.namespace.as_deref().unwrap_or_default();
        let template = self.template_of(workload).map(|template| configuration(&template.spec, namespace));
        let owner = self.accountable_for(workload);
        let refusing = self.refusing_webhooks(workload).into_iter().chain(self.quotas_refusing(&owner));
        pods.chain(refusing).chain(template.into_iter().flatten()).collect()
    }

    /// The Deployment of a ReplicaSet, the CronJob of a Job: refusals are kept by who is accountable.
    fn accountable_for(&self, workload: &ObjectRef) -> ObjectRef {
        let namespace = workload.namespace.as_deref().unwrap_or_default();
        let (kind, metadata) = match workload.kind.as_str() {
            "ReplicaSet" => {
                (Kind::ReplicaSet, self.get::<ReplicaSet>(namespace, &workload.name).map(|it| &it.metadata))
            }
            "Job" => (Kind::Job, self.get::<Job>(namespace, &workload.name).map(|it| &it.metadata)),
            _ => return workload.clone(),
        };
        metadata.map_or_else(|| workload.clone(), |metadata| self.accountable(kind, metadata))
    }

    /// The configurations of the webhooks that, by what its controller says, could not be asked about its pods.
    fn refusing_webhooks(&self, workload: &ObjectRef) -> Vec<ObjectRef> {
        let namespace = workload.namespace.as_deref().unwrap_or_default();
        let deployment = self.get::<Deployment>(namespace, &workload.name).filter(|_| workload.kind == "Deployment");
        let conditions = deployment.iter().flat_map(|it| &it.status.conditions).map(|it| it.message.as_str());
        let events = self.events_about(workload).iter().filter(|event| event.reason == "FailedCreate");
        let said = conditions.chain(events.map(|event| event.message.as_str()));
        let names: Vec<&str> = said.flat_map(named_in).collect();
        let named = self.webhooks().filter(|hook| names.contains(&hook.name));
        named.map(|hook| hook.configuration).collect()
    }

    fn configuration_needs(&self, configuration: &ObjectRef) -> Vec<ObjectRef> {
        let own = self.webhooks().filter(|hook| hook.configuration == *configuration);
        let services = own.filter_map(|hook| hook.client.service.as_ref());
        services.map(|service| ObjectRef::namespaced("Service", &service.namespace, &service.name)).collect()
    }

    fn cron_job_needs(&self, cron_job: &ObjectRef) -> Vec<ObjectRef> {
        let mut needs = self.workload_needs(cron_job);
        needs.push(ObjectRef::namespaced("Lease", "kube-system", "kube-controller-manager"));
        needs
    }

    /// The storage classes of its claims too, which are made before its pods.
    fn stateful_set_needs(&self, set: &ObjectRef) -> Vec<ObjectRef> {
        let mut needs = self.workload_needs(set);
        let namespace = set.namespace.as_deref().unwrap_or_default();
        let classes = self.get::<StatefulSet>(namespace, &set.name).map(|it| &it.spec.volume_claim_templates);
        let named = classes.into_iter().flatten().filter_map(|claim| claim.spec.storage_class_name.as_deref());
        needs.extend(named.filter(|name| !name.is_empty()).map(|name| ObjectRef::cluster("StorageClass", name)));
        needs
    }

    /// What a workload makes pods from, if it was seen.
    pub fn template_of(&self, workload: &ObjectRef) -> Option<&PodTemplateSpec> {
        let (namespace, name) = (workload.namespace.as_deref().unwrap_or_default(), workload.name.as_str());
        match workload.kind.as_str() {
            "Deployment" => self.get::<Deployment>(namespace, name).map(|it| &it.spec.template),
            "ReplicaSet" => self.get::<ReplicaSet>(namespace, name).map(|it| &it.spec.template),
            "StatefulSet" => self.get::<StatefulSet>(namespace, name).map(|it| &it.spec.template),
            "DaemonSet" => self.get::<DaemonSet>(namespace, name).map(|it| &it.spec.template),
            "Job" => self.get::<Job>(namespace, name).map(|it| &it.spec.template),
            "CronJob" => self.get::<CronJob>(namespace, name).map(|it| &it.spec.job_template.spec.template),
            _ => None,
        }
    }

    /// Configuration, whom it calls in vain by its log, and its node or, until it has one, the scheduler and the nodes that
    /// their condition closes.
    fn pod_needs(&self, pod: &Pod) -> Vec<ObjectRef> {
        let mut needs = configuration(&pod.spec, &pod.metadata.namespace);
        if !self.callees.is_empty() {
            needs.extend(self.callees.get(&self.owner_of(pod)).into_iter().flatten().cloned());
        }
        if pod.node_name.is_empty() {
            needs.push(ObjectRef::namespaced("Lease", "kube-system", "kube-scheduler"));
            needs.extend(self.all::<Node>().iter().filter(|node| closed_by_condition(node)).map(Object::reference));
        } else {
            needs.push(ObjectRef::cluster("Node", &pod.node_name));
            needs.push(ObjectRef::cluster("CSINode", &pod.node_name));
        }
        needs
    }

    fn service_needs(&self, service: &Service) -> Vec<ObjectRef> {
        let mut needs: Vec<ObjectRef> = self.pods_behind(service).iter().map(|pod| pod.reference()).collect();
        needs.extend(self.workloads_behind(service));
        needs
    }

    fn budget_needs(&self, budget: &PodDisruptionBudget) -> Vec<ObjectRef> {
        let Some(selector) = &budget.spec.selector else { return Vec::new() };
        let pods = self.pods_in(&budget.metadata.namespace).iter();
        pods.filter(|pod| selector.matches(&pod.metadata.labels)).map(|pod| pod.reference()).collect()
    }
}

/// Claims, configuration, account, classes: all that must be there before a pod runs.
fn configuration(spec: &PodSpec, namespace: &str) -> Vec<ObjectRef> {
    let name = |one: &Reference<'_>| ObjectRef::scoped(one.kind.info().name, scope_of(one.kind, namespace), one.name);
    references(spec).iter().map(name).collect()
}

fn scope_of(kind: Kind, namespace: &str) -> &str {
    if kind.info().scope == Scope::Cluster { "" } else { namespace }
}

fn ingress_needs(ingress: &Ingress) -> Vec<ObjectRef> {
    let namespace = ingress.metadata.namespace.as_str();
    let services = backends(ingress).map(|backend| ObjectRef::namespaced("Service", namespace, &backend.name));
    let secrets = ingress.spec.tls.iter().filter(|tls| !tls.secret_name.is_empty());
    let secrets = secrets.map(|tls| ObjectRef::namespaced("Secret", namespace, &tls.secret_name));
    let class = ingress.spec.ingress_class_name.iter().map(|class| ObjectRef::cluster("IngressClass", class));
    services.chain(secrets).chain(class).collect()
}

/// The Services that an Ingress sends to, its default backend included.
pub fn backends(ingress: &Ingress) -> impl Iterator<Item = &IngressServiceBackend> {
    let rules = ingress.spec.rules.iter().filter_map(|rule| rule.value.http.as_ref());
    let routed = rules.flat_map(|http| &http.paths).map(|path| &path.backend);
    routed.chain(&ingress.spec.default_backend).filter_map(|backend| backend.service.as_ref())
}

fn autoscaler_needs(autoscaler: &HorizontalPodAutoscaler) -> Vec<ObjectRef> {
    let target = &autoscaler.spec.scale_target_ref;
    vec![
        ObjectRef::namespaced(&target.kind, &autoscaler.metadata.namespace, &target.name),
        ObjectRef::cluster("APIService", "v1beta1.metrics.k8s.io"),
    ]
}

/// The Gateways that it hangs at, and the Services that it sends to.
fn route_needs(route: &HTTPRoute) -> Vec<ObjectRef> {
    let own = route.metadata.namespace.as_str();
    let reference = |kind: &Option<String>, default: &str, namespace: &Option<String>, name: &str| {
        ObjectRef::namespaced(kind.as_deref().unwrap_or(default), namespace.as_deref().unwrap_or(own), name)
    };
    let parents = route.spec.parent_refs.iter().map(|it| reference(&it.kind, "Gateway", &it.namespace, &it.name));
    let backends = route.spec.rules.iter().flat_map(|rule| &rule.backend_refs);
    parents.chain(backends.map(|it| reference(&it.kind, "Service", &it.namespace, &it.name))).collect()
}

fn claim_needs(claim: &PersistentVolumeClaim) -> Vec<ObjectRef> {
    let volume = Some(claim.spec.volume_name.as_str()).filter(|name| !name.is_empty());
    let class = claim.spec.storage_class_name.as_deref().filter(|name| !name.is_empty());
    let volume = volume.map(|name| ObjectRef::cluster("PersistentVolume", name));
    let class = class.map(|name| ObjectRef::cluster("StorageClass", name));
    let source = claim.spec.data_source.as_ref().filter(|it| it.kind == "VolumeSnapshot");
    let source = source.map(|it| ObjectRef::namespaced("VolumeSnapshot", &claim.metadata.namespace, &it.name));
    volume.into_iter().chain(class).chain(source).collect()
}

fn volume_needs(volume: &PersistentVolume) -> Vec<ObjectRef> {
    volume.spec.source.csi.iter().map(|csi| ObjectRef::cluster("CSIDriver", &csi.driver)).collect()
}

fn api_needs(api: &APIService) -> Vec<ObjectRef> {
    let backend = api.spec.service.iter();
    backend.map(|backend| ObjectRef::namespaced("Service", &backend.namespace, &backend.name)).collect()
}
