//! API services: aggregated APIs and who answers for them.

use super::{Kind, Object, base64, condition::ControllerCondition, metadata::ObjectMeta};
use crate::certificate::{CertificateFacts, CertificateProblem};
use serde::Deserialize;

/// An API group and version, served by this server or by another.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct APIService {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: APIServiceSpec,
    #[prost(message, required, tag = "3")]
    pub status: APIServiceStatus,
}

impl Object for APIService {
    const KIND: Kind = Kind::APIService;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Who serves the group; no Service means the API server itself.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct APIServiceSpec {
    #[prost(message, optional, tag = "1")]
    pub service: Option<APIServiceBackend>,
    #[prost(string, tag = "2")]
    pub group: String,
    #[prost(string, tag = "3")]
    pub version: String,
    #[serde(rename = "insecureSkipTLSVerify")]
    #[prost(bool, tag = "4")]
    pub insecure_skip_tls_verify: bool,
    #[serde(deserialize_with = "base64::bytes")]
    #[prost(bytes = "vec", tag = "5")]
    pub ca_bundle: Vec<u8>,
}

/// A Service and its port (443 when absent).
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct APIServiceBackend {
    #[prost(string, tag = "1")]
    pub namespace: String,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(int32, optional, tag = "3")]
    pub port: Option<i32>,
}

/// Whether it answers.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct APIServiceStatus {
    #[prost(message, repeated, tag = "1")]
    pub conditions: Vec<ControllerCondition>,
}

impl APIServiceSpec {
    /// The certificates of the bundle that the API server trusts; none when the bundle is empty.
    pub fn certificates(&self) -> Result<Vec<CertificateFacts>, CertificateProblem> {
        if self.ca_bundle.is_empty() { Ok(Vec::new()) } else { CertificateFacts::read_pem(&self.ca_bundle) }
    }
}
