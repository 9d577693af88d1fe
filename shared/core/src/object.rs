//! How every finding, step and record names an object.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Names one object of a cluster, whether it exists or not (a missing Secret is named too).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// Kind as the API spells it, for example `Deployment`.
    pub kind: String,
    /// Absent for cluster-scoped objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name of the object.
    pub name: String,
}

impl ObjectRef {
    /// Names a namespaced object.
    pub fn namespaced(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), namespace: Some(namespace.to_owned()), name: name.to_owned() }
    }

    /// Names a cluster-scoped object.
    pub fn cluster(kind: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), namespace: None, name: name.to_owned() }
    }

    /// Names an object whose namespace is empty when it is cluster-scoped, as metadata has it.
    pub fn scoped(kind: &str, namespace: &str, name: &str) -> Self {
        if namespace.is_empty() { Self::cluster(kind, name) } else { Self::namespaced(kind, namespace, name) }
    }
}

/// Writes `Kind/namespace/name`, or `Kind/name` when cluster-scoped.
impl fmt::Display for ObjectRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(out, "{}/{namespace}/{}", self.kind, self.name),
            None => write!(out, "{}/{}", self.kind, self.name),
        }
    }
}
