//! Secrets that are kept elsewhere: External Secrets and Sealed Secrets.

use super::{Conditions, Custom, CustomSpec};
use crate::slim::Kind;
use serde::Deserialize;

/// A Secret that is fetched from a store.
pub type ExternalSecret = Custom<ExternalSecretSpec, Conditions>;

/// Which store.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExternalSecretSpec {
    pub secret_store_ref: StoreReference,
}

impl CustomSpec for ExternalSecretSpec {
    const KIND: Kind = Kind::ExternalSecret;
}

/// Names a SecretStore, unless another kind is named.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StoreReference {
    pub kind: String,
    pub name: String,
}

/// A store for a namespace.
pub type SecretStore = Custom<SecretStoreSpec, Conditions>;

/// Nothing of it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SecretStoreSpec {}

impl CustomSpec for SecretStoreSpec {
    const KIND: Kind = Kind::SecretStore;
}

/// A store for all namespaces.
pub type ClusterSecretStore = Custom<ClusterSecretStoreSpec, Conditions>;

/// Nothing of it is read.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ClusterSecretStoreSpec {}

impl CustomSpec for ClusterSecretStoreSpec {
    const KIND: Kind = Kind::ClusterSecretStore;
}

/// A Secret that only its controller can decrypt.
pub type SealedSecret = Custom<SealedSecretSpec, Conditions>;

/// Nothing of it is read, least of all what is sealed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SealedSecretSpec {}

impl CustomSpec for SealedSecretSpec {
    const KIND: Kind = Kind::SealedSecret;
}
