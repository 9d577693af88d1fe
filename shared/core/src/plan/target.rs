//! The object that a step is about, as it was seen.

use super::{canonical, sha256};
use crate::object::ObjectRef;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where an object is served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Group and version, as in `apiVersion`; empty, as `resource` is, for what the API does not serve.
    pub api_version: String,
    /// Kind as the API spells it.
    pub kind: String,
    /// Plural, lower case, as in paths.
    pub resource: String,
    /// Absent for cluster-scoped objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name of the object.
    pub name: String,
}

impl Address {
    /// Something that the API does not serve: a node group of a provider, a release of helm.
    pub fn outside(kind: &str, namespace: Option<&str>, name: &str) -> Self {
        let (api_version, resource) = (String::new(), String::new());
        let namespace = namespace.map(str::to_owned);
        Self { api_version, kind: kind.to_owned(), resource, namespace, name: name.to_owned() }
    }

    /// Whether the API serves it.
    pub fn is_served(&self) -> bool {
        !self.resource.is_empty()
    }

    /// The path of the object.
    pub fn path(&self) -> String {
        format!("{}/{}", self.collection(), self.name)
    }

    /// The path of all objects of its kind in its namespace.
    pub fn collection(&self) -> String {
        let root = if self.api_version.contains('/') { "apis" } else { "api" };
        let namespace = self.namespace.as_ref().map_or_else(String::new, |name| format!("/namespaces/{name}"));
        format!("/{root}/{}{namespace}/{}", self.api_version, self.resource)
    }

    /// How findings and records name the object.
    pub fn object_ref(&self) -> ObjectRef {
        ObjectRef { kind: self.kind.clone(), namespace: self.namespace.clone(), name: self.name.clone() }
    }
}

/// An object as it was seen: which one, and how it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Where it is served.
    #[serde(flatten)]
    pub address: Address,
    /// What tells it from others that had or will have its name; absent for one that is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The version of it that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_version: Option<String>,
    /// SHA-256 of what people and controllers want of it, see [`content_of`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl Target {
    /// An object that was seen; `resource` is its plural. `None` when it lacks what every object has.
    pub fn of(object: &Value, resource: &str) -> Option<Self> {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let address = Address {
            api_version: text("/apiVersion")?,
            kind: text("/kind")?,
            resource: resource.to_owned(),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name")?,
        };
        let resource_version = text("/metadata/resourceVersion");
        Some(Self { address, uid: text("/metadata/uid"), resource_version, content: Some(content_of(object)) })
    }

    /// An object that is to be made.
    pub fn to_be_made(address: Address) -> Self {
        Self { address, uid: None, resource_version: None, content: None }
    }
}

/// SHA-256 of an object without its status and without what the server counts and keeps for itself.
///
/// Controllers write the status of a workload all the time, and each time its `resourceVersion` is another: a plan is
/// stale when what is wanted of the object has changed, not when a pod has become ready.
pub fn content_of(object: &Value) -> String {
    let mut content = object.clone();
    if let Some(fields) = content.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = content.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in ["managedFields", "resourceVersion", "generation"] {
            metadata.remove(field);
        }
        remove_counter(metadata);
    }
    sha256(canonical(&content).as_bytes())
}

/// The controller of a Deployment counts its revisions in an annotation, some time after the template has changed.
fn remove_counter(metadata: &mut Map<String, Value>) {
    let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) else { return };
    annotations.remove("deployment.kubernetes.io/revision");
    if annotations.is_empty() {
        metadata.remove("annotations");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_are_those_of_the_api() {
        let mut address = Address {
            api_version: "apps/v1".to_owned(),
            kind: "Deployment".to_owned(),
            resource: "deployments".to_owned(),
            namespace: Some("shop".to_owned()),
            name: "web".to_owned(),
        };
        assert_eq!(address.path(), "/apis/apps/v1/namespaces/shop/deployments/web");
        (address.api_version, address.resource, address.namespace) = ("v1".to_owned(), "nodes".to_owned(), None);
        assert_eq!(address.path(), "/api/v1/nodes/web");
    }

    #[test]
    fn only_what_is_wanted_of_an_object_is_its_content() {
        let object = |rv: &str, ready: u8, replicas: u8| {
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "web", "resourceVersion": rv, "generation": ready, "managedFields": [ready]},
                "spec": {"replicas": replicas}, "status": {"readyReplicas": ready},
            })
        };
        assert_eq!(content_of(&object("1", 0, 2)), content_of(&object("2", 1, 2)));
        assert_ne!(content_of(&object("1", 0, 2)), content_of(&object("1", 0, 3)));
        let mut counted = object("1", 0, 2);
        counted["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "4"});
        assert_eq!(content_of(&counted), content_of(&object("1", 0, 2)));
        counted["metadata"]["annotations"]["team"] = json!("shop");
        assert_ne!(content_of(&counted), content_of(&object("1", 0, 2)));
    }
}
