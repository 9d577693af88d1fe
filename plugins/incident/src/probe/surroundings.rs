//! What the cluster knows of a target that did not answer: its Service, its endpoints, rules about its traffic.

use super::asking::Told;
use super::client::Client;
use serde_json::Value;
use sre_core::probe::{Asked, Came, Place, Policies, service_names};
use sre_runtime::change::{Acting, encoded};
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;
use std::collections::BTreeSet;

/// What was seen around.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    pub(super) place: Option<Place>,
    pub(super) policies: Policies,
    /// What could not be seen, and why.
    pub(super) unseen: Vec<String>,
}

/// Looks around where there was no answer.
///
/// # Errors
/// Says why the cluster gives no answer at all.
pub(super) async fn seen(acting: &Acting, asked: &Asked, told: &Told, client: &Client) -> Result<Surroundings, Error> {
    let mut around = Surroundings::default();
    let Some(answer) = told.answer.as_ref().filter(|it| it.came != Came::Answered) else { return Ok(around) };
    let namespace = client.object.namespace.clone().unwrap_or_default();
    let named = service_names(&asked.host, &namespace).filter(|_| !asked.is_address());
    if let Some((namespace, name, is_certain)) = &named {
        around.place = service(acting, (namespace, name), *is_certain, &mut around.unseen).await?;
    }
    if answer.came == Came::TimedOut {
        let target = around.place.as_ref().and_then(|it| it.service.namespace.clone());
        let places: BTreeSet<&str> = [namespace.as_str()].into_iter().chain(target.as_deref()).collect();
        let mut all = Vec::new();
        for place in places {
            let path = format!("/apis/networking.k8s.io/v1/namespaces/{place}/networkpolicies");
            let found = acting.objects().list(&path, "").await;
            all.extend(
                kept(acting, found, &format!("NetworkPolicies of {place}"), &mut around.unseen)?.unwrap_or_default(),
            );
        }
        around.policies = Policies::of(&all, &client.pod, target.as_deref());
    }
    Ok(around)
}

async fn service(
    acting: &Acting,
    (namespace, name): (&str, &str),
    is_certain: bool,
    unseen: &mut Vec<String>,
) -> Result<Option<Place>, Error> {
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}");
    let what = format!("Service {namespace}/{name}");
    let found = acting.objects().get(&path).await;
    let Some(found) = kept(acting, found, &what, unseen)? else { return Ok(None) };
    let Some(found) = found else { return Ok(is_certain.then(|| Place::missing(namespace, name))) };
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices");
    let selector = format!("labelSelector={}", encoded(&format!("kubernetes.io/service-name={name}")));
    let slices = acting.objects().list(&path, &selector).await;
    let slices: Option<Vec<Value>> = kept(acting, slices, &format!("endpoints of {what}"), unseen)?;
    Ok(Some(Place::of(&found, slices.as_deref())))
}

/// What the caller may not see is noted, and spoils nothing: the answer stands by itself.
fn kept<T>(
    acting: &Acting,
    found: Result<T, RequestFault>,
    what: &str,
    unseen: &mut Vec<String>,
) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(fault @ (RequestFault::Forbidden { .. } | RequestFault::NotFound)) => {
            unseen.push(format!("{what}: {fault}"));
            Ok(None)
        }
        Err(fault) => Err(acting.no_answer(&fault)),
    }
}
