//! The client: who it is, and which of its containers can be asked from.

use super::args::Request;
use super::asking::From;
use serde_json::Value;
use sre_core::object::ObjectRef;
use sre_core::slim::requirements_of;
use sre_runtime::change::{Acting, encoded};
use sre_runtime::error::Error;

/// By which kubectl chooses a container, too.
const DEFAULT_CONTAINER: &str = "/metadata/annotations/kubectl.kubernetes.io~1default-container";

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
    let path = format!("{}/{name}", resource.collection(namespace));
    let object = acting.objects().get(&path).await.map_err(|fault| acting.no_answer(&fault))?;
    let object = object.ok_or_else(|| Error::Usage {
        message: format!("there is no {} {namespace}/{name}", resource.kind),
        hint: format!("see which there are: kubectl get {} -n {namespace}", resource.plural),
    })?;
    let named = ObjectRef::namespaced(&resource.kind, namespace, name);
    let mut pods = match resource.kind.as_str() {
        "Pod" => vec![object.clone()],
        _ => pods_of(acting, &object).await?,
    };
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

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn containers(pod: &Value) -> impl Iterator<Item = &str> {
    let all = pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|it| it["name"].as_str())
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    conditions.into_iter().any(|it| it["type"] == "Ready" && it["status"] == "True")
}

/// The container of a pod that is asked from, if it runs.
fn from(request: &Request, pod: &Value) -> Option<From> {
    let usual = pod.pointer(DEFAULT_CONTAINER).and_then(Value::as_str);
    let wanted = request.container.as_deref().or(usual).or_else(|| containers(pod).next())?;
    let states = pod.pointer("/status/containerStatuses").and_then(Value::as_array).into_iter().flatten();
    let runs = states.into_iter().any(|it| it["name"] == wanted && it.pointer("/state/running").is_some());
    let is_going = pod.pointer("/metadata/deletionTimestamp").is_some();
    (runs && !is_going).then(|| From {
        namespace: text(pod, "/metadata/namespace").to_owned(),
        pod: text(pod, "/metadata/name").to_owned(),
        container: wanted.to_owned(),
    })
}

async fn pods_of(acting: &Acting, workload: &Value) -> Result<Vec<Value>, Error> {
    let selector = format!("labelSelector={}", encoded(&selector(workload)));
    let path = format!("/api/v1/namespaces/{}/pods", acting.namespace());
    acting.objects().list(&path, &selector).await.map_err(|fault| acting.no_answer(&fault))
}

/// The selector of a workload as a query writes it.
fn selector(workload: &Value) -> String {
    requirements_of(workload).join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn selectors_are_written_as_a_query_wants_them() {
        let workload = json!({"spec": {"selector": {
            "matchLabels": {"app": "api"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]}, {"key": "old", "operator": "DoesNotExist"},
            ],
        }}});
        assert_eq!(selector(&workload), "app=api,tier in (a,b),!old");
    }
}
