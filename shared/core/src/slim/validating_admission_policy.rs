//! Admission policies that the API server judges itself, and what binds them.

use super::{Kind, Object, metadata::ObjectMeta};
use serde::Deserialize;

/// An admission policy.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingAdmissionPolicy {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: ValidatingAdmissionPolicySpec,
    #[prost(message, required, tag = "3")]
    pub status: ValidatingAdmissionPolicyStatus,
}

impl Object for ValidatingAdmissionPolicy {
    const KIND: Kind = Kind::ValidatingAdmissionPolicy;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// What becomes of a request whose judgement fails.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingAdmissionPolicySpec {
    #[prost(string, optional, tag = "4")]
    pub failure_policy: Option<String>,
}

/// What the API server makes of a policy.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingAdmissionPolicyStatus {
    #[prost(int64, tag = "1")]
    pub observed_generation: i64,
    #[prost(message, optional, tag = "2")]
    pub type_checking: Option<TypeChecking>,
}

/// What the expressions of a policy say about fields that the checked types do not have.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TypeChecking {
    #[prost(message, repeated, tag = "1")]
    pub expression_warnings: Vec<ExpressionWarning>,
}

/// One expression that does not fit a type.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExpressionWarning {
    #[prost(string, tag = "2")]
    pub field_ref: String,
    #[prost(string, tag = "3")]
    pub warning: String,
}

/// Puts an admission policy into force.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingAdmissionPolicyBinding {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: ValidatingAdmissionPolicyBindingSpec,
}

impl Object for ValidatingAdmissionPolicyBinding {
    const KIND: Kind = Kind::ValidatingAdmissionPolicyBinding;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Which policy, and what becomes of what it refuses.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidatingAdmissionPolicyBindingSpec {
    #[prost(string, tag = "1")]
    pub policy_name: String,
    #[prost(string, repeated, tag = "4")]
    pub validation_actions: Vec<String>,
}
