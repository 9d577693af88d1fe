//! Conditions: three encodings of the same five facts.

use super::time::Time;
use jiff::Timestamp;
use serde::Deserialize;

/// A condition as most kinds encode it.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Condition {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(string, tag = "2")]
    pub status: String,
    #[prost(message, required, tag = "4")]
    pub last_transition_time: Time,
    #[prost(string, tag = "5")]
    pub reason: String,
    #[prost(string, tag = "6")]
    pub message: String,
}

/// A condition as the other workload controllers, autoscalers and extension kinds encode it.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ControllerCondition {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(string, tag = "2")]
    pub status: String,
    #[prost(message, required, tag = "3")]
    pub last_transition_time: Time,
    #[prost(string, tag = "4")]
    pub reason: String,
    #[prost(string, tag = "5")]
    pub message: String,
}

/// A condition of a Deployment.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeploymentCondition {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(string, tag = "2")]
    pub status: String,
    #[prost(string, tag = "4")]
    pub reason: String,
    #[prost(string, tag = "5")]
    pub message: String,
    #[prost(message, required, tag = "6")]
    pub last_update_time: Time,
    #[prost(message, required, tag = "7")]
    pub last_transition_time: Time,
}

/// A condition of a Node, with the kubelet's heartbeat.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeCondition {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(string, tag = "2")]
    pub status: String,
    #[prost(message, required, tag = "3")]
    pub last_heartbeat_time: Time,
    #[prost(message, required, tag = "4")]
    pub last_transition_time: Time,
    #[prost(string, tag = "5")]
    pub reason: String,
    #[prost(string, tag = "6")]
    pub message: String,
}

/// What all conditions have in common.
pub trait ConditionFacts {
    /// For example `Ready`.
    fn kind(&self) -> &str;
    /// `True`, `False` or `Unknown`.
    fn status(&self) -> &str;
    /// One word for machines.
    fn reason(&self) -> &str;
    /// A sentence for people.
    fn message(&self) -> &str;
    /// When the status last changed.
    fn since(&self) -> Option<Timestamp>;
}

/// Finds the condition of a type, for example `Ready`.
pub fn condition_of<'a, C: ConditionFacts>(conditions: &'a [C], kind: &str) -> Option<&'a C> {
    conditions.iter().find(|condition| condition.kind() == kind)
}

impl ConditionFacts for Condition {
    fn kind(&self) -> &str {
        &self.type_
    }

    fn status(&self) -> &str {
        &self.status
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn message(&self) -> &str {
        &self.message
    }

    fn since(&self) -> Option<Timestamp> {
        self.last_transition_time.at()
    }
}

impl ConditionFacts for ControllerCondition {
    fn kind(&self) -> &str {
        &self.type_
    }

    fn status(&self) -> &str {
        &self.status
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn message(&self) -> &str {
        &self.message
    }

    fn since(&self) -> Option<Timestamp> {
        self.last_transition_time.at()
    }
}

impl ConditionFacts for DeploymentCondition {
    fn kind(&self) -> &str {
        &self.type_
    }

    fn status(&self) -> &str {
        &self.status
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn message(&self) -> &str {
        &self.message
    }

    fn since(&self) -> Option<Timestamp> {
        self.last_transition_time.at()
    }
}

impl ConditionFacts for NodeCondition {
    fn kind(&self) -> &str {
        &self.type_
    }

    fn status(&self) -> &str {
        &self.status
    }

    fn reason(&self) -> &str {
        &self.reason
    }

    fn message(&self) -> &str {
        &self.message
    }

    fn since(&self) -> Option<Timestamp> {
        self.last_transition_time.at()
    }
}
