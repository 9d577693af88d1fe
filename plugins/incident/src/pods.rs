//! The pods behind an object that was named, in which something is to be run.

use serde_json::Value;
use sre_core::object::ObjectRef;
use sre_core::plan::controller_of;
use sre_core::resource::Resource;
use sre_runtime::args::type_and_name;
use sre_runtime::change::{Acting, default_container};
use sre_runtime::cluster::connection::RequestFault;
use sre_runtime::error::Error;

/// What runs pods.
const KINDS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod"];

/// How many objects above a pod are known: what made it, what made that, and an operator's object above both.
const ABOVE: usize = 3;

/// What was typed as TYPE/NAME of something that runs pods.
///
/// # Errors
/// Wrong usage, with a hint, where it is none.
pub(crate) fn named(typed: &str, hint: &str) -> Result<(Resource, String), Error> {
    let usage = |message: String| Error::Usage { message, hint: hint.to_owned() };
    let words = [typed.to_owned()];
    let (kind, name) = type_and_name(&words, hint)?;
    let resource = Resource::named(kind).filter(|it| KINDS.contains(&it.kind.as_str()));
    let resource = resource.ok_or_else(|| usage(format!("{kind:?} runs no pods: {} is wanted", KINDS.join(", "))))?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    if !is_name {
        return Err(usage(format!("{name:?} is no name of a {}", resource.kind)));
    }
    Ok((resource, name.to_owned()))
}

/// The object that was named.
///
/// # Errors
/// Says that it is not there, or why the cluster gives no answer.
pub(crate) async fn object(acting: &Acting, resource: &Resource, namespace: &str, name: &str) -> Result<Value, Error> {
    let path = format!("{}/{name}", resource.collection(namespace));
    let object = acting.objects().get(&path).await.map_err(|fault| acting.no_answer(&fault))?;
    object.ok_or_else(|| Error::Usage {
        message: format!("there is no {} {namespace}/{name}", resource.kind),
        hint: format!("see which there are: kubectl get {} -n {namespace}", resource.plural),
    })
}

/// The pods of an object; its own, where it is one.
///
/// # Errors
/// Says why the cluster gives no answer.
pub(crate) async fn of(
    acting: &Acting,
    resource: &Resource,
    namespace: &str,
    object: &Value,
) -> Result<Vec<Value>, Error> {
    if resource.kind == "Pod" {
        return Ok(vec![object.clone()]);
    }
    acting.pods_of(namespace, object).await
}

/// What is found for an object, or for what controls it, one above the other; no more of those is read than that takes.
///
/// # Errors
/// Says why the cluster gives no answer.
pub(crate) async fn of_owners<T>(
    acting: &Acting,
    resource: &Resource,
    (namespace, object): (&str, &Value),
    found: impl Fn(&ObjectRef) -> Option<T>,
) -> Result<Option<T>, Error> {
    let mut name = ObjectRef::namespaced(&resource.kind, namespace, text(object, "/metadata/name"));
    let mut above = Some(object.clone());
    for level in 0..=ABOVE {
        if let Some(found) = found(&name) {
            return Ok(Some(found));
        }
        if level == ABOVE {
            break;
        }
        let this = match above.take() {
            Some(this) => this,
            None => {
                let Some(kind) = Resource::named(&name.kind) else { break };
                let path = format!("{}/{}", kind.collection(namespace), name.name);
                match acting.objects().get(&path).await {
                    Ok(Some(this)) => this,
                    // What is above is not known then, and nothing of it is needed but its name.
                    Ok(None) | Err(RequestFault::Forbidden { .. }) => break,
                    Err(fault) => return Err(acting.no_answer(&fault)),
                }
            }
        };
        let Some((kind, owner)) = controller_of(&this) else { break };
        name = ObjectRef::namespaced(kind, namespace, owner);
    }
    Ok(None)
}

/// The container that is wanted, else the one that kubectl would choose, if it runs in a pod that is to stay.
pub(crate) fn running_container<'p>(pod: &'p Value, wanted: Option<&str>) -> Option<&'p str> {
    let wanted = wanted.or_else(|| default_container(pod)).or_else(|| containers(pod).next())?;
    let states = pod.pointer("/status/containerStatuses").and_then(Value::as_array).into_iter().flatten();
    let runs = |it: &&Value| it["name"] == wanted && it.pointer("/state/running").is_some();
    let is_going = pod.pointer("/metadata/deletionTimestamp").is_some();
    states.into_iter().find(runs).filter(|_| !is_going).and_then(|it| it["name"].as_str())
}

/// The names of a pod's containers.
pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &str> {
    let all = pod.pointer("/spec/containers").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|it| it["name"].as_str())
}

/// A text of an object, empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_container_that_runs_in_a_pod_that_stays_is_taken() {
        let mut pod = json!({
            "metadata": {"name": "api-0", "annotations": {"kubectl.kubernetes.io/default-container": "app"}},
            "spec": {"containers": [{"name": "proxy"}, {"name": "app"}, {"name": "ended"}]},
            "status": {"containerStatuses": [{"name": "app", "state": {"running": {}}},
                {"name": "proxy", "state": {"running": {}}}, {"name": "ended", "state": {"terminated": {}}}]},
        });
        let wanted = [None, Some("proxy"), Some("ended"), Some("other")];
        assert_eq!(wanted.map(|it| running_container(&pod, it)), [Some("app"), Some("proxy"), None, None]);
        pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(running_container(&pod, None), None);
    }
}
