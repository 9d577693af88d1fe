//! cert-manager: certificates and who issues them.

use super::{Conditions, Custom, CustomSpec};
use crate::slim::condition::Condition;
use crate::slim::{Kind, Time};
use serde::Deserialize;

/// A certificate that is to be kept in a Secret.
pub type Certificate = Custom<CertificateSpec, CertificateStatus>;

/// Where it is kept and who issues it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateSpec {
    pub secret_name: String,
    pub issuer_ref: IssuerReference,
}

impl CustomSpec for CertificateSpec {
    const KIND: Kind = Kind::Certificate;
}

/// Names an Issuer, unless another kind is named.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IssuerReference {
    pub kind: String,
    pub name: String,
}

/// How far a certificate is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateStatus {
    pub conditions: Vec<Condition>,
    pub not_after: Option<Time>,
    pub renewal_time: Option<Time>,
}

/// Who issues certificates in a namespace.
pub type Issuer = Custom<IssuerSpec, Conditions>;

/// Nothing of it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct IssuerSpec {}

impl CustomSpec for IssuerSpec {
    const KIND: Kind = Kind::Issuer;
}

/// Who issues certificates everywhere.
pub type ClusterIssuer = Custom<ClusterIssuerSpec, Conditions>;

/// Nothing of it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClusterIssuerSpec {}

impl CustomSpec for ClusterIssuerSpec {
    const KIND: Kind = Kind::ClusterIssuer;
}
