//! An object as an archive keeps it.

use serde_json::value::{RawValue, to_raw_value};
use sre_core::slim::Kind;
use std::collections::BTreeMap;

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// An object for people and for any Kubernetes tool: with `apiVersion` and `kind`, without its managed fields, every other
/// value byte for byte as it came.
pub(super) fn plain_form(kind: Kind, json: &[u8]) -> serde_json::Result<Vec<u8>> {
    let named = if kind == Kind::HelmRelease { Kind::Secret } else { kind };
    let api_version = to_raw_value(named.info().api_version)?;
    let name = to_raw_value(named.info().name)?;
    let release = to_raw_value(crate::sealed::HELM_RELEASE)?;
    let mut fields: Fields<'_> = serde_json::from_slice(json)?;
    let metadata = fields.get("metadata").map(|metadata| without_managed_fields(metadata)).transpose()?;
    fields.extend(metadata.as_deref().map(|metadata| ("metadata".to_owned(), metadata)));
    fields.insert("apiVersion".to_owned(), &api_version);
    fields.insert("kind".to_owned(), &name);
    if kind == Kind::HelmRelease {
        fields.insert("type".to_owned(), &release);
    }
    serde_json::to_vec(&fields)
}

fn without_managed_fields(metadata: &RawValue) -> serde_json::Result<Box<RawValue>> {
    let Ok(mut fields) = serde_json::from_str::<Fields<'_>>(metadata.get()) else { return Ok(metadata.to_owned()) };
    fields.remove("managedFields");
    to_raw_value(&fields)
}
