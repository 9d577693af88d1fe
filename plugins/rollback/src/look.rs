//! What is read for a rollback, all at once.

use crate::args::{Kind, Named};
use crate::plan::{Known, Surroundings};
use crate::revisions::{Record, Seen};
use serde_json::Value;
use sre_core::object::ObjectRef;
use sre_core::ownership::{Owner, owners};
use sre_core::plan::Fared;
use sre_runtime::change::Acting;
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;

/// Everything that was read.
#[derive(Debug)]
pub(crate) struct Look {
    workload: Value,
    owned: Vec<Value>,
    pods: Vec<Value>,
    events: Vec<Value>,
    config_maps: Option<Vec<Value>>,
    secrets: Option<Vec<Value>>,
    service_accounts: Option<Vec<Value>>,
    claims: Option<Vec<Value>>,
    priority_classes: Option<Vec<Value>>,
    autoscalers: Vec<Value>,
    jobs: Vec<Value>,
    owners: Vec<Owner>,
    applications: Vec<Value>,
    records: Vec<Record>,
    taken_at: jiff::Timestamp,
}

/// Reads.
///
/// # Errors
/// Fails when the workload is not there, or it, its revisions or its pods cannot be read. What only warnings need may be
/// missing.
pub(crate) async fn look(acting: &Acting, named: &Named) -> Result<Look, Error> {
    let objects = acting.objects();
    let namespace = acting.namespace();
    let (kind, resource) = named.kind.words();
    let apps = |resource: &str| format!("/apis/apps/v1/namespaces/{namespace}/{resource}");
    let core = |resource: &str| format!("/api/v1/namespaces/{namespace}/{resource}");
    let workload =
        objects.get(&format!("{}/{}", apps(resource), named.name)).await.map_err(|it| acting.no_answer(&it))?;
    let workload = workload.ok_or_else(|| not_there(named, kind, namespace))?;
    let owned = if named.kind == Kind::Deployment { "replicasets" } else { "controllerrevisions" };
    let selector = selector(&workload);
    let (owned, pods, events) = (apps(owned), core("pods"), core("events"));
    let needed = futures::future::try_join3(
        objects.list(&owned, &selector),
        objects.list(&pods, &selector),
        objects.list(&events, ""),
    );
    let names = |path: String| async move { seen(objects.names(&path).await) };
    let named = futures::future::join5(
        names(core("configmaps")),
        names(core("secrets")),
        names(core("serviceaccounts")),
        names(core("persistentvolumeclaims")),
        names("/apis/scheduling.k8s.io/v1/priorityclasses".to_owned()),
    );
    let whole = |path: String| async move { seen(objects.list(&path, "").await).unwrap_or_default() };
    let besides = futures::future::join3(
        whole(format!("/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers")),
        whole(format!("/apis/batch/v1/namespaces/{namespace}/jobs")),
        whole("/apis/argoproj.io/v1alpha1/applications".to_owned()),
    );
    let (needed, named, besides) = futures::future::join3(needed, named, besides).await;
    let (owned, pods, events) = needed.map_err(|it| acting.no_answer(&it))?;
    let (config_maps, secrets, service_accounts, claims, priority_classes) = named;
    let (autoscalers, jobs, applications) = besides;
    Ok(Look {
        owners: owners(&workload, &applications),
        applications,
        taken_at: acting.now(),
        records: records(acting, &workload),
        workload,
        owned,
        pods,
        events,
        config_maps,
        secrets,
        service_accounts,
        claims,
        priority_classes,
        autoscalers,
        jobs,
    })
}

/// What became of earlier changes of a workload that were made on this machine.
pub(crate) fn records(acting: &Acting, workload: &Value) -> Vec<Record> {
    let text = |field: &str| workload.pointer(field).and_then(Value::as_str).unwrap_or_default();
    let object = ObjectRef::namespaced(text("/kind"), text("/metadata/namespace"), text("/metadata/name"));
    let record =
        |(change, it): (String, Fared)| Record { template: it.template, is_healthy: it.works, change, at: it.at };
    acting.fared(&object).into_iter().map(record).collect()
}

/// What cannot be read is not known; what a cluster does not have is not there.
fn seen(read: Result<Vec<Value>, RequestFault>) -> Option<Vec<Value>> {
    match read {
        Err(RequestFault::NotFound) => Some(Vec::new()),
        other => other.ok(),
    }
}

fn not_there(named: &Named, kind: &str, namespace: &str) -> Error {
    Error::Usage {
        message: format!("there is no {kind} {} in namespace {namespace}", named.name),
        hint: format!("see which there are: kubectl get {} -n {namespace}", named.kind.words().1),
    }
}

/// The query for what its selector chooses, its pods and its ReplicaSets; those of others that it chooses too do no harm.
pub(crate) fn selector(workload: &Value) -> String {
    sre_runtime::change::selected_by(workload).unwrap_or_default()
}

impl Look {
    /// What the revisions are told from.
    pub(crate) fn seen(&self) -> Seen<'_> {
        Seen {
            workload: &self.workload,
            owned: &self.owned,
            pods: &self.pods,
            events: &self.events,
            records: &self.records,
            taken_at: self.taken_at,
        }
    }

    /// What a rollback does not bring back is told from.
    pub(crate) fn surroundings(&self) -> Surroundings<'_> {
        let known = |objects: &Option<Vec<Value>>| objects.as_deref().map(Known::of).unwrap_or_default();
        Surroundings {
            config_maps: known(&self.config_maps),
            secrets: known(&self.secrets),
            service_accounts: known(&self.service_accounts),
            claims: known(&self.claims),
            priority_classes: known(&self.priority_classes),
            autoscalers: &self.autoscalers,
            jobs: &self.jobs,
            owners: self.owners.clone(),
        }
    }

    /// The workload, whole.
    pub(crate) fn workload(&self) -> &Value {
        &self.workload
    }

    /// Its pods.
    pub(crate) fn pods(&self) -> &[Value] {
        &self.pods
    }

    /// The Applications of Argo CD that were seen.
    pub(crate) fn applications(&self) -> &[Value] {
        &self.applications
    }

    /// Who would set a change back.
    pub(crate) fn keeper(&self) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.sets_back())
    }
}
