//! Roles: what may be done, in a namespace or everywhere.

use super::{Kind, Object, metadata::ObjectMeta};
use serde::Deserialize;

/// A role of a namespace.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Role {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, repeated, tag = "2")]
    pub rules: Vec<PolicyRule>,
}

impl Object for Role {
    const KIND: Kind = Kind::Role;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// A role of the whole cluster; those that gather others have the gathered rules in it.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterRole {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, repeated, tag = "2")]
    pub rules: Vec<PolicyRule>,
}

impl Object for ClusterRole {
    const KIND: Kind = Kind::ClusterRole;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Verbs that are allowed on resources.
#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    #[prost(string, repeated, tag = "1")]
    pub verbs: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub api_groups: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub resources: Vec<String>,
    #[prost(string, repeated, tag = "4")]
    pub resource_names: Vec<String>,
}

impl PolicyRule {
    /// Whether it allows everything on every resource.
    pub fn allows_everything(&self) -> bool {
        let has_all = |words: &[String]| words.iter().any(|word| word == "*");
        has_all(&self.verbs) && has_all(&self.api_groups) && has_all(&self.resources) && self.resource_names.is_empty()
    }
}
