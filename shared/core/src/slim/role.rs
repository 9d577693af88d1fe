//! Roles: what may be done, in a namespace or everywhere.

use super::{Kind, Object, metadata::ObjectMeta};
use crate::access::ResourceAttributes;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, PartialEq, Eq, prost::Message, Serialize, Deserialize)]
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
    /// Whether it allows a request, as the API server's own authorizer reads it.
    pub fn allows(&self, request: &ResourceAttributes) -> bool {
        let has = |words: &[String], word: &str| words.iter().any(|it| it == "*" || it == word);
        let is_part = |resource: &str| resource.strip_prefix("*/").is_some_and(|part| part == request.subresource);
        let is_named = |name: &String| self.resource_names.contains(name);
        has(&self.verbs, &request.verb)
            && has(&self.api_groups, &request.group)
            && (has(&self.resources, &request.combined_resource())
                || self.resources.iter().any(|resource| !request.subresource.is_empty() && is_part(resource)))
            && (self.resource_names.is_empty() || request.name.as_ref().is_some_and(is_named))
    }

    /// Whether it allows everything on every resource.
    pub fn allows_everything(&self) -> bool {
        let has_all = |words: &[String]| words.iter().any(|word| word == "*");
        has_all(&self.verbs) && has_all(&self.api_groups) && has_all(&self.resources) && self.resource_names.is_empty()
    }
}
