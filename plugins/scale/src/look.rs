//! What is read for a number of replicas: the object first, then all around it at once.

use crate::args::{Autoscaler, Vertical};
use crate::refused::Refused;
use crate::replicas::Seen;
use crate::replicas::members::{self, Asked};
use crate::resources::usage::{self, Used};
use crate::volume;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sre_core::check::Sight;
use sre_core::container_command::ReadOnlyCommand;
use sre_core::inquiry::Inquiry;
use sre_core::object::ObjectRef;
use sre_core::ownership::{Owner, owners};
use sre_core::plan::MemberCheck;
use sre_core::resource::Resource;
use sre_core::slim::{
    Kind, LimitRange, Object, PersistentVolumeClaim, PodDisruptionBudget, ResourceQuota, Service, from_json,
};
use sre_core::snapshot::{NamespaceScope, Reads, Snapshot};
use sre_core::view::View;
use sre_runtime::change::{Acting, encoded};
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;
use sre_runtime::exec::Limits;
use sre_runtime::session::Session;

/// An object that can be scaled.
pub(crate) struct Scalable {
    pub(crate) object: Value,
    pub(crate) scale: Value,
    pub(crate) resource: Resource,
}

impl Scalable {
    /// How the profile and reports name it.
    pub(crate) fn object_ref(&self) -> ObjectRef {
        let text = |pointer: &str| self.object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        ObjectRef::namespaced(&self.resource.kind, text("/metadata/namespace"), text("/metadata/name"))
    }
}

/// What is around it.
pub(crate) struct Around {
    owners: Vec<Owner>,
    applications: Vec<Value>,
    autoscalers: Option<Vec<Value>>,
    scaled_objects: Option<Vec<Value>>,
    vertical: Option<Vec<Value>>,
    quotas: Option<Vec<ResourceQuota>>,
    limit_ranges: Option<Vec<LimitRange>>,
    budgets: Option<Vec<PodDisruptionBudget>>,
    services: Option<Vec<Service>>,
    ingresses: Option<Vec<Value>>,
    claims: Option<Vec<PersistentVolumeClaim>>,
    snapshot: Snapshot,
}

/// Reads the object.
///
/// # Errors
/// Fails when there is no such object, it cannot be scaled, or there is no answer.
pub(crate) async fn scalable(acting: &Acting, kind: &str, name: &str) -> Result<Scalable, Error> {
    let (objects, namespace) = (acting.objects(), acting.namespace());
    let no_answer = |fault: RequestFault| acting.no_answer(&fault);
    let resource = objects.resource(kind).await.map_err(no_answer)?.ok_or_else(|| Error::Usage {
        message: format!("the cluster has no resource {kind:?}"),
        hint: "see which it has: kubectl api-resources".to_owned(),
    })?;
    if !resource.has_scale {
        return Err(Error::Usage {
            message: format!("a {} cannot be scaled: it has no subresource scale", resource.kind),
            hint: "name what makes it: a Deployment or a StatefulSet, for example".to_owned(),
        });
    }
    let path = format!("{}/{}", resource.collection(namespace), name);
    let not_there = || Error::Usage {
        message: format!("there is no {} {name} in namespace {namespace}", resource.kind),
        hint: format!("see which there are: kubectl get {} -n {namespace}", resource.plural),
    };
    let object = objects.get(&path).await.map_err(no_answer)?.ok_or_else(not_there)?;
    let scale = objects.get(&format!("{path}/scale")).await.map_err(no_answer)?.ok_or_else(not_there)?;
    Ok(Scalable { object, scale, resource })
}

/// Reads an autoscaler, and what it scales; `None` for one that is not there yet.
///
/// # Errors
/// Fails when nothing says what it scales, that cannot be scaled, or there is no answer.
pub(crate) async fn autoscaler(acting: &Acting, request: &Autoscaler) -> Result<(Option<Value>, Scalable), Error> {
    let group = "autoscaling/v2/";
    let sought = Sought { group, plural: "horizontalpodautoscalers", name: &request.name, reference: "scaleTargetRef" };
    scaler(acting, &sought, request.target.as_ref()).await
}

/// Reads a vertical autoscaler, and what it is for; `None` for one that is not there yet.
///
/// # Errors
/// Fails when the cluster has no such kind, nothing says what it is for, or there is no answer.
pub(crate) async fn vertical(acting: &Acting, request: &Vertical) -> Result<(Option<Value>, Scalable), Error> {
    has_group(acting, "autoscaling.k8s.io", "VerticalPodAutoscaler").await?;
    let group = "autoscaling.k8s.io/v1/";
    let sought = Sought { group, plural: "verticalpodautoscalers", name: &request.name, reference: "targetRef" };
    scaler(acting, &sought, request.target.as_ref()).await
}

/// Reads a ScaledObject of KEDA, and what it scales.
///
/// # Errors
/// Fails when there is none of this name, what it scales cannot be scaled, or there is no answer.
pub(crate) async fn scaled_object(acting: &Acting, name: &str) -> Result<(Value, Scalable), Error> {
    has_group(acting, "keda.sh", "ScaledObject").await?;
    let sought = Sought { group: "keda.sh/v1alpha1/", plural: "scaledobjects", name, reference: "scaleTargetRef" };
    let found = sought.read(acting).await?.ok_or_else(|| sought.is_missing(acting, ""))?;
    let (kind, name) = referred(&found, sought.reference);
    let target = scalable(acting, &kind, &name).await?;
    Ok((found, target))
}

/// An autoscaler by its name.
struct Sought<'a> {
    /// Group and version, with a slash behind.
    group: &'a str,
    plural: &'a str,
    name: &'a str,
    /// The field that says what it scales.
    reference: &'a str,
}

impl Sought<'_> {
    async fn read(&self, acting: &Acting) -> Result<Option<Value>, Error> {
        let path = format!("/apis/{}namespaces/{}/{}/{}", self.group, acting.namespace(), self.plural, self.name);
        acting.objects().get(&path).await.map_err(|fault| acting.no_answer(&fault))
    }

    fn kind(&self) -> &'static str {
        match self.plural {
            "horizontalpodautoscalers" => "HorizontalPodAutoscaler",
            "verticalpodautoscalers" => "VerticalPodAutoscaler",
            _ => "ScaledObject",
        }
    }

    fn is_missing(&self, acting: &Acting, otherwise: &str) -> Error {
        let (namespace, kind) = (acting.namespace(), self.kind());
        let short = if self.plural == "horizontalpodautoscalers" { "hpa" } else { self.plural };
        Error::Usage {
            message: format!("there is no {kind} {} in namespace {namespace}", self.name),
            hint: format!("see which there are: kubectl get {short} -n {namespace}{otherwise}"),
        }
    }
}

/// Reads an autoscaler, and what it scales, which is said for one that is not there yet.
async fn scaler(
    acting: &Acting,
    sought: &Sought<'_>,
    target: Option<&(String, String)>,
) -> Result<(Option<Value>, Scalable), Error> {
    let found = sought.read(acting).await?;
    let target = match (&found, target) {
        (None, None) => return Err(sought.is_missing(acting, "; to make it, say what it scales: --target")),
        (Some(_), Some(_)) => {
            return Err(Error::Usage {
                message: format!("{} {} is there, and what it scales stays", sought.kind(), sought.name),
                hint: "leave --target out, or take another name".to_owned(),
            });
        }
        (Some(found), None) => referred(found, sought.reference),
        (None, Some(target)) => target.clone(),
    };
    let target = scalable(acting, &target.0, &target.1).await?;
    Ok((found, target))
}

/// Fails when a cluster lacks a group of kinds that others bring.
async fn has_group(acting: &Acting, group: &str, kind: &str) -> Result<(), Error> {
    let found = acting.objects().get(&format!("/apis/{group}")).await.map_err(|fault| acting.no_answer(&fault))?;
    found.map(drop).ok_or_else(|| Error::Usage {
        message: format!("the cluster has no kind {kind}: {group} is not installed"),
        hint: "see what is: kubectl api-resources".to_owned(),
    })
}

/// The name of a resource, and of an object of it, that an autoscaler scales; KEDA means a Deployment where no kind is
/// said.
fn referred(autoscaler: &Value, reference: &str) -> (String, String) {
    let field = |name: &str| autoscaler["spec"][reference][name].as_str().unwrap_or_default();
    let kind = match (field("kind"), field("apiVersion").split_once('/')) {
        ("", _) => "Deployment".to_owned(),
        (kind, Some((group, version))) => format!("{kind}.{version}.{group}"),
        (kind, None) => kind.to_owned(),
    };
    (kind, field("name").to_owned())
}

/// Whether a name of a resource means pods.
pub(crate) fn is_pod(kind: &str) -> bool {
    Resource::named(kind).is_some_and(|it| it.kind == "Pod")
}

/// Whether the API server resizes pods that run.
///
/// # Errors
/// Fails when it does not say.
pub(crate) async fn resizes_pods(acting: &Acting) -> Result<bool, Error> {
    let list = acting.objects().get("/api/v1").await.map_err(|fault| acting.no_answer(&fault))?;
    let resources = list.as_ref().and_then(|it| it["resources"].as_array());
    Ok(resources.into_iter().flatten().any(|it| it["name"] == "pods/resize"))
}

/// Reads a pod.
///
/// # Errors
/// Fails when there is none of this name, or no answer.
pub(crate) async fn pod(acting: &Acting, name: &str) -> Result<Value, Error> {
    let namespace = acting.namespace();
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
    let found = acting.objects().get(&path).await.map_err(|fault| acting.no_answer(&fault))?;
    found.ok_or_else(|| Error::Usage {
        message: format!("there is no Pod {name} in namespace {namespace}"),
        hint: format!("see which there are: kubectl get pods -n {namespace}"),
    })
}

/// Reads the pods of what can be scaled; none where nothing says which they are.
///
/// # Errors
/// Fails when there is no answer.
pub(crate) async fn pods(acting: &Acting, of: &Scalable) -> Result<Vec<Value>, Error> {
    let selector = of.scale.pointer("/status/selector").and_then(Value::as_str).filter(|it| !it.is_empty());
    let Some(selector) = selector else { return Ok(Vec::new()) };
    let path = format!("/api/v1/namespaces/{}/pods", acting.namespace());
    let query = format!("labelSelector={}", encoded(selector));
    acting.objects().list(&path, &query).await.map_err(|fault| acting.no_answer(&fault))
}

/// Asks members of a cluster how they are, and whether those that are to go are let go.
///
/// # Errors
/// Refuses while one is not well or not let go, or could not be asked.
pub(crate) async fn members(acting: &Acting, asked: &Asked) -> Result<(), Error> {
    let refused = |refused: Refused| Error::Refused { why: refused.why, hint: refused.hint };
    for check in &asked.health {
        if let Some(why) = unmet(acting, check).await {
            return Err(refused(members::unwell(&why, check, acting.reach())));
        }
    }
    let mut held = Vec::new();
    for leaving in &asked.leaving {
        if let Some(why) = unmet(acting, &leaving.check).await {
            held.push((why, leaving));
        }
    }
    if held.is_empty() { Ok(()) } else { Err(refused(members::held(&held, acting.reach()))) }
}

/// What a pod does not say as it must.
async fn unmet(acting: &Acting, check: &MemberCheck) -> Option<String> {
    let question = ReadOnlyCommand::declared(check.command.clone());
    match acting.objects().ask_container(&question, Limits::default()).await {
        Ok(said) => check.unmet(&said),
        Err(fault) => Some(format!("{} could not be asked: {fault}", check.command.pod)),
    }
}

/// A claim, and what is around it.
pub(crate) struct Claim {
    claim: Value,
    owners: Vec<Owner>,
    classes: Option<Vec<Value>>,
    quotas: Option<Vec<ResourceQuota>>,
    stateful_sets: Option<Vec<Value>>,
    pods: Option<Vec<Value>>,
}

/// Reads a claim, and what is around it.
///
/// # Errors
/// Fails when there is no such claim, or no answer; what else cannot be read is told in the plan.
pub(crate) async fn claim(acting: &Acting, name: &str) -> Result<Claim, Error> {
    let (objects, namespace) = (acting.objects(), acting.namespace());
    let whole = |path: String| async move { seen(objects.list(&path, "").await) };
    let core = |plural: &str| format!("/api/v1/namespaces/{namespace}/{plural}");
    let path = format!("{}/{name}", core("persistentvolumeclaims"));
    let found = objects.get(&path).await.map_err(|fault| acting.no_answer(&fault))?;
    let claim = found.ok_or_else(|| Error::Usage {
        message: format!("there is no PersistentVolumeClaim {name} in namespace {namespace}"),
        hint: format!("see which there are: kubectl get pvc -n {namespace}"),
    })?;
    let (classes, quotas, stateful_sets, pods, applications) = futures::future::join5(
        whole("/apis/storage.k8s.io/v1/storageclasses".to_owned()),
        whole(core("resourcequotas")),
        whole(format!("/apis/apps/v1/namespaces/{namespace}/statefulsets")),
        whole(core("pods")),
        whole("/apis/argoproj.io/v1alpha1/applications".to_owned()),
    )
    .await;
    let owners = owners(&claim, &applications.unwrap_or_default());
    Ok(Claim { owners, classes, quotas: slim(quotas), stateful_sets, pods, claim })
}

impl Claim {
    /// All of it.
    pub(crate) fn seen(&self) -> volume::Seen<'_> {
        volume::Seen {
            claim: &self.claim,
            owners: &self.owners,
            classes: self.classes.as_deref(),
            quotas: self.quotas.as_deref(),
            stateful_sets: self.stateful_sets.as_deref(),
            pods: self.pods.as_deref(),
        }
    }
}

/// Reads what a container used: in the last day by the Prometheus of the profile, or one that is found, and now.
///
/// # Errors
/// Fails when the profile cannot be read; what gives no answer is told as not seen.
pub(crate) async fn used(
    session: &mut Session,
    acting: &Acting,
    of: &Scalable,
    container: &str,
) -> Result<Used, Error> {
    let (object, namespace) = (of.object_ref(), acting.namespace());
    let path = format!("/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods");
    let mut used = Used { now: acting.objects().list(&path, "").await.ok(), ..Used::default() };
    let Some(asked) = usage::questions(&object.kind, namespace, &object.name, container) else { return Ok(used) };
    let profile = session.profile(&[])?;
    let services = profile.prometheus.is_none().then_some(Sight::Of(Kind::Service));
    let queries = vec![asked.cpu.clone(), asked.memory.clone()];
    let inquiry = Inquiry { prometheus: profile.prometheus, queries, ..Inquiry::default() };
    let sights = std::iter::once(Sight::Prometheus).chain(services);
    let reads = Reads::of(sights, NamespaceScope::All).with_inquiry(inquiry);
    // Whoever may not look for one knows of none.
    if let Ok(snapshot) = session.observe(&reads).await {
        session.conclude(&[]).await?;
        let series = |query| snapshot.answers.series(query, snapshot.taken_at).unwrap_or_default();
        (used.cpu, used.memory) = (series(&asked.cpu), series(&asked.memory));
    }
    Ok(used)
}

/// Reads what is around it. Where pods come, all nodes and what stands on them; else only what is of its namespace.
///
/// # Errors
/// Fails when there is no answer at all; what cannot be read is told in the plan.
pub(crate) async fn around(
    session: &mut Session,
    acting: &Acting,
    of: &Scalable,
    is_up: bool,
) -> Result<Around, Error> {
    let (objects, namespace) = (acting.objects(), acting.namespace());
    let whole = |path: String| async move { seen(objects.list(&path, "").await) };
    let core = |plural: &str| format!("/api/v1/namespaces/{namespace}/{plural}");
    let group = |group: &str, plural: &str| format!("/apis/{group}/namespaces/{namespace}/{plural}");
    let scalers = futures::future::join4(
        whole(group("autoscaling/v2", "horizontalpodautoscalers")),
        installed(acting, "keda.sh", group("keda.sh/v1alpha1", "scaledobjects")),
        installed(acting, "autoscaling.k8s.io", group("autoscaling.k8s.io/v1", "verticalpodautoscalers")),
        whole("/apis/argoproj.io/v1alpha1/applications".to_owned()),
    );
    let bounds = futures::future::join5(
        whole(core("resourcequotas")),
        whole(core("limitranges")),
        whole(group("policy/v1", "poddisruptionbudgets")),
        whole(core("services")),
        whole(group("networking.k8s.io/v1", "ingresses")),
    );
    let claims = whole(core("persistentvolumeclaims"));
    let (scalers, bounds, claims, snapshot) =
        futures::future::join4(scalers, bounds, claims, placed(session, namespace, is_up)).await;
    let (autoscalers, scaled_objects, vertical, applications) = scalers;
    let (quotas, limit_ranges, budgets, services, ingresses) = bounds;
    let (snapshot, applications) = (snapshot?, applications.unwrap_or_default());
    session.conclude(&[]).await?;
    Ok(Around {
        owners: owners(&of.object, &applications),
        applications,
        autoscalers,
        scaled_objects,
        vertical,
        quotas: slim(quotas),
        limit_ranges: slim(limit_ranges),
        budgets: slim(budgets),
        services: slim(services),
        ingresses,
        claims: slim(claims),
        snapshot,
    })
}

/// Pods and nodes; only those pods that are in the namespace where the caller may not see the others.
async fn placed(session: &mut Session, namespace: &str, is_up: bool) -> Result<Snapshot, Error> {
    match session.observe(&reads(namespace, is_up)).await {
        Err(Error::NoAnswer { fault: RequestFault::Forbidden { .. }, .. }) if is_up => {
            session.observe(&reads(namespace, false)).await
        }
        other => other,
    }
}

/// Objects of a group that a cluster need not have: to whom may not see them, it does not say so of the objects.
async fn installed(acting: &Acting, group: &str, path: String) -> Option<Vec<Value>> {
    match acting.objects().list(&path, "").await {
        Err(RequestFault::Forbidden { .. }) => {
            let group = acting.objects().get(&format!("/apis/{group}")).await;
            matches!(group, Ok(None)).then(Vec::new)
        }
        other => seen(other),
    }
}

fn reads(namespace: &str, is_up: bool) -> Reads {
    let of = |kinds: &[Kind], scope| Reads::of(kinds.iter().map(|kind| Sight::Of(*kind)), scope);
    if is_up {
        let volumes = [Kind::PersistentVolumeClaim, Kind::PersistentVolume];
        of(&[&[Kind::Pod, Kind::Node, Kind::Namespace][..], &volumes].concat(), NamespaceScope::All)
    } else {
        of(&[Kind::Pod, Kind::Namespace], NamespaceScope::One(namespace.to_owned()))
    }
}

/// What cannot be read is not known; what a cluster does not have is not there.
fn seen(read: Result<Vec<Value>, RequestFault>) -> Option<Vec<Value>> {
    match read {
        Err(RequestFault::NotFound) => Some(Vec::new()),
        other => other.ok(),
    }
}

/// Objects as the suite knows them; one that cannot be read as such makes all of them unknown.
fn slim<T: Object + DeserializeOwned>(objects: Option<Vec<Value>>) -> Option<Vec<T>> {
    objects?.iter().map(|object| from_json(object.to_string().as_bytes()).ok()).collect()
}

impl Around {
    /// The snapshot of pods and nodes.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Whoever owns another object of the namespace.
    pub(crate) fn owners_of(&self, object: &Value) -> Vec<Owner> {
        owners(object, &self.applications)
    }

    /// All of it, together with what it is around.
    pub(crate) fn seen<'a>(&'a self, of: &'a Scalable, view: &'a View<'a>) -> Seen<'a> {
        Seen {
            object: &of.object,
            scale: &of.scale,
            resource: &of.resource,
            owners: &self.owners,
            autoscalers: self.autoscalers.as_deref(),
            scaled_objects: self.scaled_objects.as_deref(),
            vertical: self.vertical.as_deref(),
            quotas: self.quotas.as_deref(),
            limit_ranges: self.limit_ranges.as_deref(),
            budgets: self.budgets.as_deref(),
            services: self.services.as_deref(),
            ingresses: self.ingresses.as_deref(),
            claims: self.claims.as_deref(),
            view,
        }
    }
}
