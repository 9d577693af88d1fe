//! An object as an archive keeps it.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use sre_core::logs::Redactor;
use sre_core::redaction::redact_object;
use sre_core::slim::Kind;
use std::collections::BTreeMap;

type Fields<'a> = BTreeMap<String, &'a RawValue>;

/// An object for people and for any Kubernetes tool: with `apiVersion` and `kind`, with no more of its managed fields
/// than who wrote when, every other value byte for byte as it came. Servers leave `apiVersion` out of what they list, but not of what somebody installed,
/// which may be served in one of several versions.
pub(super) fn plain_form(kind: Kind, json: &[u8]) -> serde_json::Result<Vec<u8>> {
    let named = if kind == Kind::HelmRelease { Kind::Secret } else { kind };
    let versions: Vec<_> = named.info().api_versions().map(to_raw_value).collect::<serde_json::Result<_>>()?;
    let name = to_raw_value(named.info().name)?;
    let release = to_raw_value(crate::sealed::HELM_RELEASE)?;
    let mut fields: Fields<'_> = serde_json::from_slice(json)?;
    let metadata = fields.get("metadata").map(|metadata| with_times_only(kind, metadata)).transpose()?;
    fields.extend(metadata.as_deref().map(|metadata| ("metadata".to_owned(), metadata)));
    let told = fields.get("apiVersion").and_then(|told| versions.iter().find(|known| known.get() == told.get()));
    fields.extend(told.or(versions.first()).map(|version| ("apiVersion".to_owned(), &**version)));
    fields.insert("kind".to_owned(), &name);
    if kind == Kind::HelmRelease {
        fields.insert("type".to_owned(), &release);
    }
    serde_json::to_vec(&fields)
}

/// The same without the secrets in it; an object that has none stays byte for byte.
pub(super) fn redacted(text: Vec<u8>, redactor: &mut Redactor) -> serde_json::Result<Vec<u8>> {
    let mut object = serde_json::from_slice(&text)?;
    if redact_object(&mut object, redactor) { serde_json::to_vec(&object) } else { Ok(text) }
}

/// Who wrote an object, and when: what a triage needs to tell what was changed before.
#[derive(Serialize, Deserialize)]
struct Write {
    #[serde(default)]
    manager: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    operation: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    subresource: String,
    time: String,
}

/// Which fields were written fills half of an object, and nothing that reads an archive asks for it.
fn with_times_only(kind: Kind, metadata: &RawValue) -> serde_json::Result<Box<RawValue>> {
    let Ok(mut fields) = serde_json::from_str::<Fields<'_>>(metadata.get()) else { return Ok(metadata.to_owned()) };
    let written = fields.remove("managedFields").filter(|_| !is_of_machines(kind));
    let written = written.and_then(|entries| serde_json::from_str::<Vec<&RawValue>>(entries.get()).ok());
    let writes = written.into_iter().flatten().filter_map(|entry| serde_json::from_str::<Write>(entry.get()).ok());
    let writes: Vec<Write> = writes.filter(|write| write.subresource != "status").collect();
    let kept = (!writes.is_empty()).then(|| to_raw_value(&writes)).transpose()?;
    fields.extend(kept.as_deref().map(|kept| ("managedFields".to_owned(), kept)));
    to_raw_value(&fields)
}

/// Kinds that nobody writes by hand, and of which there are most.
fn is_of_machines(kind: Kind) -> bool {
    use Kind::{ControllerRevision, EndpointSlice, Event, Lease, Pod, ReplicaSet};
    matches!(kind, Pod | Event | EndpointSlice | Lease | ReplicaSet | ControllerRevision)
}
