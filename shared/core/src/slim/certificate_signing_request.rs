//! Certificate signing requests, without the requests themselves.

use super::{Kind, Object, base64, condition::ConditionFacts, metadata::ObjectMeta, time::Time};
use jiff::Timestamp;
use serde::Deserialize;

/// A certificate signing request.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateSigningRequest {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
    #[prost(message, required, tag = "2")]
    pub spec: CertificateSigningRequestSpec,
    #[prost(message, required, tag = "3")]
    pub status: CertificateSigningRequestStatus,
}

impl Object for CertificateSigningRequest {
    const KIND: Kind = Kind::CertificateSigningRequest;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Who asks whom.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateSigningRequestSpec {
    #[prost(string, tag = "2")]
    pub username: String,
    #[prost(string, tag = "7")]
    pub signer_name: String,
}

/// What became of a request.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateSigningRequestStatus {
    #[prost(message, repeated, tag = "1")]
    pub conditions: Vec<CertificateSigningRequestCondition>,
    /// PEM as issued; empty until then.
    #[serde(deserialize_with = "base64::bytes")]
    #[prost(bytes = "vec", tag = "2")]
    pub certificate: Vec<u8>,
}

/// Approved, Denied or Failed.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateSigningRequestCondition {
    #[prost(string, tag = "1")]
    pub type_: String,
    #[prost(string, tag = "2")]
    pub reason: String,
    #[prost(string, tag = "3")]
    pub message: String,
    #[prost(message, required, tag = "5")]
    pub last_transition_time: Time,
    #[prost(string, tag = "6")]
    pub status: String,
}

impl ConditionFacts for CertificateSigningRequestCondition {
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
