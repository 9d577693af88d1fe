//! The client: who it is, and which of its containers can be asked from.

use super::args::Request;
use super::asking::From;
use crate::pods::{self, containers, text};
use serde_json::Value;
use sre_core::object::ObjectRef;
use sre_runtime::change::Acting;
use sre_runtime::error::Error;

/// Who cannot reach something.
pub(super) struct Client {
    /// What was named.
    pub(super) object: ObjectRef,
    /// The container that is asked from, where one runs.
    pub(super) from: Option<From>,
    /// A pod of it, or its template: labels and spec.
    pub(super) pod: Value,
}

impl Client {
    /// Why none of its containers is asked.
    pub(super) fn why_nobody(&self, request: &Request) -> String {
        match request.throwaway {
            true => "a pod of its own was asked for".to_owned(),
            false => format!("{} has no container that runs", self.object),
        }
    }
}

/// Finds the client and, of its pods, one that runs: a ready one first.
///
/// # Errors
/// Says what is not there, or why the cluster gives no answer.
pub(super) async fn found(acting: &Acting, request: &Request) -> Result<Client, Error> {
    let (resource, name) = &request.client;
    let namespace = acting.namespace();
    let object = pods::object(acting, resource, namespace, name).await?;
    let named = ObjectRef::namespaced(&resource.kind, namespace, name);
    let mut pods = pods::of(acting, resource, namespace, &object).await?;
    pods.sort_by_key(|pod| (!is_ready(pod), text(pod, "/metadata/name").to_owned()));
    let mut froms = pods.iter().filter_map(|pod| Some((from(request, pod)?, pod)));
    if let Some((from, pod)) = froms.next() {
        let pod = pod.clone();
        return Ok(Client { object: named, from: Some(from), pod });
    }
    let has = |pod: &Value| request.container.as_ref().is_none_or(|name| containers(pod).any(|it| it == name));
    let mut pod = pods.into_iter().next().or_else(|| object.pointer("/spec/template").cloned()).unwrap_or_default();
    if !has(&pod) {
        let names: Vec<&str> = containers(&pod).collect();
        let message = format!("{named} has no container {:?}", request.container.as_deref().unwrap_or_default());
        return Err(Error::Usage { message, hint: format!("its containers are: {}", names.join(", ")) });
    }
    pod["metadata"]["namespace"] = namespace.into();
    Ok(Client { object: named, from: None, pod })
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    conditions.into_iter().any(|it| it["type"] == "Ready" && it["status"] == "True")
}

/// The container of a pod that is asked from, if it runs.
fn from(request: &Request, pod: &Value) -> Option<From> {
    Some(From {
        namespace: text(pod, "/metadata/namespace").to_owned(),
        pod: text(pod, "/metadata/name").to_owned(),
        container: pods::running_container(pod, request.container.as_deref())?.to_owned(),
    })
}
