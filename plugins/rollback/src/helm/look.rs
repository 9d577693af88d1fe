//! What is read of a release: its records, its workloads and their revisions, and who keeps it.

use super::health::{Fared, Histories, fared};
use crate::look::{records, selector};
use crate::revisions::{Revision, Seen, history};
use serde_json::Value;
use sre_core::helm::Release;
use sre_core::object::ObjectRef;
use sre_core::ownership::{Owner, owners};
use sre_core::resource::Resource;
use sre_runtime::change::Acting;
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was read.
pub(super) struct Look {
    /// Newest first.
    pub(super) revisions: Vec<Fared>,
    pub(super) owners: Vec<Owner>,
    pub(super) applications: Vec<Value>,
    /// Records that cannot be read, and why.
    pub(super) unreadable: Vec<String>,
    /// Workloads whose revisions could not be looked at, and why.
    pub(super) unseen: Vec<String>,
}

/// Reads.
///
/// # Errors
/// Fails when there is no such release, or its records cannot be read.
pub(super) async fn look(acting: &Acting, name: &str) -> Result<Look, Error> {
    let namespace = acting.namespace();
    let releases = acting.objects().releases(namespace, name).await.map_err(|it| no_answer(acting, &it))?;
    let unreadable: Vec<String> = releases.unreadable.iter().map(|it| format!("{}: {}", it.name, it.why)).collect();
    let Some(newest) = releases.revisions.last() else { return Err(not_there(name, namespace, &unreadable)) };
    let whole = |path: &'static str| async move { acting.objects().list(path, "").await.unwrap_or_default() };
    let (applications, flux) = futures::future::join(
        whole("/apis/argoproj.io/v1alpha1/applications"),
        whole("/apis/helm.toolkit.fluxcd.io/v2/helmreleases"),
    )
    .await;
    let workloads: BTreeSet<ObjectRef> = releases.revisions.iter().flat_map(Release::workloads).collect();
    let mut seen = Workloads::default();
    for workload in &workloads {
        if let Err(fault) = seen.read(acting, workload).await {
            seen.unseen.push(format!("{workload}: {fault}"));
        }
    }
    let of_flux = flux.iter().find(|it| installs(it, name, namespace)).map(|it| Owner::Flux {
        object: ObjectRef::namespaced("HelmRelease", text(it, "/metadata/namespace"), text(it, "/metadata/name")),
    });
    let of_objects = seen.objects.iter().filter(|(name, _)| newest.workloads().contains(*name));
    let keepers: BTreeSet<Owner> = of_objects.flat_map(|(_, object)| owners(object, &applications)).collect();
    let mut revisions: Vec<Fared> = releases.revisions.iter().map(|it| fared(it, &seen.histories)).collect();
    revisions.reverse();
    let owners = of_flux.into_iter().chain(keepers).collect();
    Ok(Look { revisions, owners, applications, unreadable, unseen: seen.unseen })
}

/// Workloads that are there, and their revisions.
#[derive(Default)]
struct Workloads {
    objects: BTreeMap<ObjectRef, Value>,
    histories: Histories,
    /// The events of each namespace.
    events: BTreeMap<String, Vec<Value>>,
    unseen: Vec<String>,
}

impl Workloads {
    async fn read(&mut self, acting: &Acting, name: &ObjectRef) -> Result<(), RequestFault> {
        let objects = acting.objects();
        let (Some(resource), Some(namespace)) = (Resource::named(&name.kind), &name.namespace) else { return Ok(()) };
        let path = format!("{}/{}", resource.collection(namespace), name.name);
        let Some(workload) = objects.get(&path).await? else { return Ok(()) };
        let owned = if name.kind == "Deployment" { "replicasets" } else { "controllerrevisions" };
        let selector = selector(&workload);
        let (owned, pods) =
            (format!("/apis/apps/v1/namespaces/{namespace}/{owned}"), format!("/api/v1/namespaces/{namespace}/pods"));
        let (owned, pods) =
            futures::future::try_join(objects.list(&owned, &selector), objects.list(&pods, &selector)).await?;
        if !self.events.contains_key(namespace) {
            let events = objects.list(&format!("/api/v1/namespaces/{namespace}/events"), "").await?;
            self.events.insert(namespace.clone(), events);
        }
        let events = self.events.get(namespace).map_or(&[][..], Vec::as_slice);
        let (records, taken_at) = (records(acting, &workload), acting.now());
        let seen = Seen { workload: &workload, owned: &owned, pods: &pods, events, records: &records, taken_at };
        let revisions: Vec<Revision> = history(&seen);
        self.histories.insert(name.clone(), revisions);
        self.objects.insert(name.clone(), workload);
        Ok(())
    }
}

/// Whether a HelmRelease of Flux installs a release
/// (<https://fluxcd.io/flux/components/helm/helmreleases/#release-name>).
fn installs(of_flux: &Value, release: &str, namespace: &str) -> bool {
    let own = text(of_flux, "/metadata/name");
    let target = text(of_flux, "/spec/targetNamespace");
    let usual = if target.is_empty() { own.to_owned() } else { format!("{target}-{own}") };
    let named = Some(text(of_flux, "/spec/releaseName")).filter(|it| !it.is_empty()).unwrap_or(&usual);
    let places = ["/spec/storageNamespace", "/spec/targetNamespace", "/metadata/namespace"];
    let place = places.into_iter().map(|it| text(of_flux, it)).find(|it| !it.is_empty());
    // Where nothing else is said, the records are in the namespace of the HelmRelease itself.
    let own_place = text(of_flux, "/metadata/namespace");
    named == release && (place == Some(namespace) || own_place == namespace)
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn no_answer(acting: &Acting, fault: &RequestFault) -> Error {
    match fault {
        RequestFault::Forbidden { .. } => Error::Refused {
            why: format!("Helm keeps its releases in Secrets, and they cannot be read: {fault}"),
            hint: format!("ask for the right to list secrets in namespace {}", acting.namespace()),
        },
        fault => acting.no_answer(fault),
    }
}

fn not_there(name: &str, namespace: &str, unreadable: &[String]) -> Error {
    if unreadable.is_empty() {
        return Error::Usage {
            message: format!("there is no Helm release {name} in the Secrets of namespace {namespace}"),
            hint: format!("see which there are: kubectl get secrets -n {namespace} -l owner=helm"),
        };
    }
    Error::Refused {
        why: format!("no record of the release {name} can be read: {}", unreadable.join("; ")),
        hint: format!("see what helm makes of it: helm history {name} -n {namespace}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_release_is_known_by_the_names_that_flux_gives_it() {
        let flux = |spec: Value| json!({"metadata": {"name": "web", "namespace": "flux"}, "spec": spec});
        assert!(installs(&flux(json!({})), "web", "flux"));
        assert!(installs(&flux(json!({"targetNamespace": "shop"})), "shop-web", "shop"));
        assert!(installs(&flux(json!({"targetNamespace": "shop", "releaseName": "front"})), "front", "shop"));
        assert!(!installs(&flux(json!({"targetNamespace": "shop"})), "web", "shop"));
        assert!(!installs(&flux(json!({})), "web", "shop"));
    }
}
