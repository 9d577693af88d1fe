//! Admission webhooks.

use super::{Kind, Object, base64, metadata::ObjectMeta, selector::LabelSelector};
use crate::certificate::{CertificateFacts, CertificateProblem};
use serde::Deserialize;

/// Webhooks that may refuse.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingWebhookConfiguration {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, repeated, tag = "2")]
    pub webhooks: Vec<ValidatingWebhook>,
}

/// A webhook that may refuse.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingWebhook {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub client_config: WebhookClientConfig,
    #[prost(message, repeated, tag = "3")]
    pub rules: Vec<RuleWithOperations>,
    #[prost(string, optional, tag = "4")]
    pub failure_policy: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub match_policy: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub namespace_selector: Option<LabelSelector>,
    #[prost(message, optional, tag = "10")]
    pub object_selector: Option<LabelSelector>,
    #[prost(string, optional, tag = "6")]
    pub side_effects: Option<String>,
    #[prost(int32, optional, tag = "7")]
    pub timeout_seconds: Option<i32>,
    #[prost(message, repeated, tag = "11")]
    pub match_conditions: Vec<MatchCondition>,
}

/// Webhooks that may change.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MutatingWebhookConfiguration {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, repeated, tag = "2")]
    pub webhooks: Vec<MutatingWebhook>,
}

/// A webhook that may change.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MutatingWebhook {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, required, tag = "2")]
    pub client_config: WebhookClientConfig,
    #[prost(message, repeated, tag = "3")]
    pub rules: Vec<RuleWithOperations>,
    #[prost(string, optional, tag = "4")]
    pub failure_policy: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub match_policy: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub namespace_selector: Option<LabelSelector>,
    #[prost(message, optional, tag = "11")]
    pub object_selector: Option<LabelSelector>,
    #[prost(string, optional, tag = "6")]
    pub side_effects: Option<String>,
    #[prost(int32, optional, tag = "7")]
    pub timeout_seconds: Option<i32>,
    #[prost(message, repeated, tag = "12")]
    pub match_conditions: Vec<MatchCondition>,
}

/// An expression that a request must satisfy before a webhook is asked.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MatchCondition {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub expression: String,
}

/// How the API server reaches a webhook.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookClientConfig {
    #[prost(string, optional, tag = "3")]
    pub url: Option<String>,
    #[prost(message, optional, tag = "1")]
    pub service: Option<ServiceReference>,
    /// PEM as sent; see [`crate::certificate`].
    #[serde(deserialize_with = "base64::bytes")]
    #[prost(bytes = "vec", tag = "2")]
    pub ca_bundle: Vec<u8>,
}

/// A Service, its path and its port (443 when absent).
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceReference {
    #[prost(string, tag = "1")]
    pub namespace: String,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(string, optional, tag = "3")]
    pub path: Option<String>,
    #[prost(int32, optional, tag = "4")]
    pub port: Option<i32>,
}

/// Which requests go to a webhook.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(from = "FlatRuleWithOperations")]
pub struct RuleWithOperations {
    #[prost(string, repeated, tag = "1")]
    pub operations: Vec<String>,
    #[prost(message, required, tag = "2")]
    pub rule: Rule,
}

/// The same as JSON has it, where the embedded message is not a level of its own.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FlatRuleWithOperations {
    operations: Vec<String>,
    api_groups: Vec<String>,
    api_versions: Vec<String>,
    resources: Vec<String>,
    scope: Option<String>,
}

impl From<FlatRuleWithOperations> for RuleWithOperations {
    fn from(flat: FlatRuleWithOperations) -> Self {
        Self {
            operations: flat.operations,
            rule: Rule {
                api_groups: flat.api_groups,
                api_versions: flat.api_versions,
                resources: flat.resources,
                scope: flat.scope,
            },
        }
    }
}

/// Which resources.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    #[prost(string, repeated, tag = "1")]
    pub api_groups: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub api_versions: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub resources: Vec<String>,
    #[prost(string, optional, tag = "4")]
    pub scope: Option<String>,
}

impl Object for ValidatingWebhookConfiguration {
    const KIND: Kind = Kind::ValidatingWebhookConfiguration;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Object for MutatingWebhookConfiguration {
    const KIND: Kind = Kind::MutatingWebhookConfiguration;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl WebhookClientConfig {
    /// The certificates of the bundle that the API server trusts; none when the bundle is empty.
    pub fn certificates(&self) -> Result<Vec<CertificateFacts>, CertificateProblem> {
        if self.ca_bundle.is_empty() { Ok(Vec::new()) } else { CertificateFacts::read_pem(&self.ca_bundle) }
    }
}
