//! References from one object to another.

use serde::Deserialize;

/// Names an object of any kind.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectReference {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "2")]
    pub namespace: String,
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, tag = "4")]
    pub uid: String,
    /// The part that is meant, for example `spec.containers{web}`.
    #[prost(string, tag = "7")]
    pub field_path: String,
}

/// Names an object of a known kind in the same namespace.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LocalObjectReference {
    #[prost(string, tag = "1")]
    pub name: String,
}

/// Names an object of any kind in the same namespace.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TypedLocalObjectReference {
    #[prost(string, optional, tag = "1")]
    pub api_group: Option<String>,
    #[prost(string, tag = "2")]
    pub kind: String,
    #[prost(string, tag = "3")]
    pub name: String,
}

/// Names an object of any kind, maybe in another namespace.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TypedObjectReference {
    #[prost(string, optional, tag = "1")]
    pub api_group: Option<String>,
    #[prost(string, tag = "2")]
    pub kind: String,
    #[prost(string, tag = "3")]
    pub name: String,
    #[prost(string, optional, tag = "4")]
    pub namespace: Option<String>,
}
