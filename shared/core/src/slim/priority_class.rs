//! Priority classes.

use super::{Kind, Object, metadata::ObjectMeta};
use serde::Deserialize;

/// A PriorityClass.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PriorityClass {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(int32, tag = "2")]
    pub value: i32,
    #[prost(bool, tag = "3")]
    pub global_default: bool,
    #[prost(string, optional, tag = "5")]
    pub preemption_policy: Option<String>,
}

impl Object for PriorityClass {
    const KIND: Kind = Kind::PriorityClass;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
