//! Custom resource definitions, without their schemas.

use super::{
    Kind, Object,
    condition::ControllerCondition,
    metadata::ObjectMeta,
    webhook_configuration::{ServiceReference, WebhookClientConfig},
};
use serde::Deserialize;

/// A custom resource definition.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomResourceDefinition {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: CustomResourceDefinitionSpec,
    #[prost(message, required, tag = "3")]
    pub status: CustomResourceDefinitionStatus,
}

impl Object for CustomResourceDefinition {
    const KIND: Kind = Kind::CustomResourceDefinition;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl CustomResourceDefinition {
    /// The Service that converts objects between versions; none when a URL does, or nothing.
    pub fn converter(&self) -> Option<&ServiceReference> {
        let conversion = self.spec.conversion.as_ref().filter(|conversion| conversion.strategy == "Webhook")?;
        conversion.webhook.as_ref()?.client_config.as_ref()?.service.as_ref()
    }
}

/// What is defined.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomResourceDefinitionSpec {
    #[prost(string, tag = "1")]
    pub group: String,
    #[prost(message, required, tag = "3")]
    pub names: CustomResourceDefinitionNames,
    #[prost(string, tag = "4")]
    pub scope: String,
    #[prost(message, repeated, tag = "7")]
    pub versions: Vec<CustomResourceDefinitionVersion>,
    #[prost(message, optional, tag = "9")]
    pub conversion: Option<CustomResourceConversion>,
}

/// Names of the new kind.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomResourceDefinitionNames {
    #[prost(string, tag = "1")]
    pub plural: String,
    #[prost(string, tag = "4")]
    pub kind: String,
}

/// A version of the new kind.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomResourceDefinitionVersion {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(bool, tag = "2")]
    pub served: bool,
    #[prost(bool, tag = "3")]
    pub storage: bool,
    #[prost(bool, tag = "7")]
    pub deprecated: bool,
}

/// How versions are converted.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomResourceConversion {
    #[prost(string, tag = "1")]
    pub strategy: String,
    #[prost(message, optional, tag = "2")]
    pub webhook: Option<WebhookConversion>,
}

/// The webhook that converts.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookConversion {
    #[prost(message, optional, tag = "2")]
    pub client_config: Option<WebhookClientConfig>,
}

/// What the API server made of it.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomResourceDefinitionStatus {
    #[prost(message, repeated, tag = "1")]
    pub conditions: Vec<ControllerCondition>,
    #[prost(string, repeated, tag = "3")]
    pub stored_versions: Vec<String>,
}
