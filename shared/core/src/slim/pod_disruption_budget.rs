//! Pod disruption budgets.

use super::{
    Kind, Object, condition::Condition, int_or_string::IntOrString, metadata::ObjectMeta, selector::LabelSelector,
};
use serde::Deserialize;

/// A pod disruption budget.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodDisruptionBudget {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: PodDisruptionBudgetSpec,
    #[prost(message, required, tag = "3")]
    pub status: PodDisruptionBudgetStatus,
}

impl Object for PodDisruptionBudget {
    const KIND: Kind = Kind::PodDisruptionBudget;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// How many pods must stay.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodDisruptionBudgetSpec {
    #[prost(message, optional, tag = "1")]
    pub min_available: Option<IntOrString>,
    #[prost(message, optional, tag = "2")]
    pub selector: Option<LabelSelector>,
    #[prost(message, optional, tag = "3")]
    pub max_unavailable: Option<IntOrString>,
    #[prost(string, optional, tag = "4")]
    pub unhealthy_pod_eviction_policy: Option<String>,
}

/// How many pods may go now.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodDisruptionBudgetStatus {
    #[prost(int64, tag = "1")]
    pub observed_generation: i64,
    #[prost(int32, tag = "3")]
    pub disruptions_allowed: i32,
    #[prost(int32, tag = "4")]
    pub current_healthy: i32,
    #[prost(int32, tag = "5")]
    pub desired_healthy: i32,
    #[prost(int32, tag = "6")]
    pub expected_pods: i32,
    #[prost(message, repeated, tag = "7")]
    pub conditions: Vec<Condition>,
}
