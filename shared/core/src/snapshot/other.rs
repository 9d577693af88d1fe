//! Objects of kinds that nobody here knows, of which the conditions say how they fare.

use crate::object::ObjectRef;
use crate::slim::condition::Condition;
use serde::Deserialize;

/// An object of any kind, with what the conventions of the API say of every kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Other {
    /// Its kind.
    pub kind: String,
    /// Its name and namespace.
    pub metadata: OtherMetadata,
    /// How it fares.
    pub status: OtherStatus,
}

/// What names it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct OtherMetadata {
    /// Its name.
    pub name: String,
    /// Empty for cluster-scoped kinds.
    pub namespace: String,
}

/// Its status.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct OtherStatus {
    /// By convention each is good when it is `True`.
    pub conditions: Vec<Condition>,
}

impl Other {
    /// Names it.
    pub fn reference(&self) -> ObjectRef {
        ObjectRef::scoped(&self.kind, &self.metadata.namespace, &self.metadata.name)
    }
}
