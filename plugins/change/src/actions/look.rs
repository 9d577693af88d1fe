//! What is read for a plan.

use super::target::Named;
use serde_json::Value;
use sre_core::disruption::Budget;
use sre_core::ownership::{Owner, owners};
use sre_runtime::change::Acting;
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;

/// The object that was named.
///
/// # Errors
/// Says that it is not there, or why it cannot be read.
pub(crate) async fn object(acting: &Acting, named: &Named) -> Result<Value, Error> {
    let resource = &named.resource;
    let path = format!("{}/{}", resource.collection(acting.namespace()), named.name);
    let object = acting.objects().get(&path).await.map_err(|fault| acting.no_answer(&fault))?;
    object.ok_or_else(|| {
        let place = if resource.is_namespaced { format!(" -n {}", acting.namespace()) } else { String::new() };
        Error::Usage {
            message: format!("there is no {}", named.title(acting.namespace())),
            hint: format!("see which there are: kubectl get {}{place}", resource.plural),
        }
    })
}

/// Whoever keeps an object as a source of theirs says; Applications of Argo CD that cannot be read are not known.
pub(crate) async fn owners_of(acting: &Acting, object: &Value) -> Vec<Owner> {
    let applications = acting.objects().list("/apis/argoproj.io/v1alpha1/applications", "").await;
    owners(object, &applications.unwrap_or_default())
}

/// The disruption budgets of a namespace, or of all when none is named; `None` when they cannot be read.
///
/// # Errors
/// Says why the cluster gives no answer at all.
pub(crate) async fn budgets(acting: &Acting, namespace: Option<&str>) -> Result<Option<Vec<Budget>>, Error> {
    let place = namespace.map_or_else(String::new, |name| format!("/namespaces/{name}"));
    match acting.objects().list(&format!("/apis/policy/v1{place}/poddisruptionbudgets"), "").await {
        Ok(found) => Ok(Some(found.iter().map(Budget::of).collect())),
        Err(RequestFault::Forbidden { .. }) => Ok(None),
        Err(fault) => Err(acting.no_answer(&fault)),
    }
}
