//! Where a container's environment comes from.

use super::name::Name;
use serde::Deserialize;

/// One variable.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVar {
    #[prost(string, tag = "1")]
    pub name: String,
    /// Emptied when it is longer than [`LONGEST_VALUE`].
    #[prost(string, tag = "2")]
    pub value: String,
    #[prost(message, optional, boxed, tag = "3")]
    pub value_from: Option<Box<EnvVarSource>>,
}

/// Where the value of a variable comes from.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVarSource {
    #[prost(message, optional, tag = "1")]
    pub field_ref: Option<ObjectFieldSelector>,
    #[prost(message, optional, tag = "3")]
    pub config_map_key_ref: Option<ConfigMapKeySelector>,
    #[prost(message, optional, tag = "4")]
    pub secret_key_ref: Option<SecretKeySelector>,
}

/// A field of the pod itself.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectFieldSelector {
    #[prost(string, tag = "2")]
    pub field_path: String,
}

/// One key of a ConfigMap.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMapKeySelector {
    #[prost(message, required, tag = "1")]
    pub name: Name,
    #[prost(string, tag = "2")]
    pub key: String,
    #[prost(bool, optional, tag = "3")]
    pub optional: Option<bool>,
}

/// One key of a Secret.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretKeySelector {
    #[prost(message, required, tag = "1")]
    pub name: Name,
    #[prost(string, tag = "2")]
    pub key: String,
    #[prost(bool, optional, tag = "3")]
    pub optional: Option<bool>,
}

/// All keys of a ConfigMap or Secret as variables.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvFromSource {
    #[prost(string, tag = "1")]
    pub prefix: String,
    #[prost(message, optional, tag = "2")]
    pub config_map_ref: Option<ConfigMapEnvSource>,
    #[prost(message, optional, tag = "3")]
    pub secret_ref: Option<SecretEnvSource>,
}

/// All keys of a ConfigMap.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMapEnvSource {
    #[prost(message, required, tag = "1")]
    pub name: Name,
    #[prost(bool, optional, tag = "2")]
    pub optional: Option<bool>,
}

/// All keys of a Secret.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SecretEnvSource {
    #[prost(message, required, tag = "1")]
    pub name: Name,
    #[prost(bool, optional, tag = "2")]
    pub optional: Option<bool>,
}

/// Literal values longer than this many bytes are dropped after decoding: nothing reads them.
pub const LONGEST_VALUE: usize = 256;

impl EnvVar {
    pub(super) fn trim(&mut self) {
        if self.value.len() > LONGEST_VALUE {
            self.value = String::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_values_are_dropped() {
        let mut short = EnvVar { value: "x".repeat(LONGEST_VALUE), ..EnvVar::default() };
        let mut long = EnvVar { value: "x".repeat(LONGEST_VALUE + 1), ..EnvVar::default() };
        short.trim();
        long.trim();
        assert_eq!((short.value.len(), long.value.len()), (LONGEST_VALUE, 0));
    }
}
