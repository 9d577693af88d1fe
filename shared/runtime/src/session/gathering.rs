//! Objects of an archive or a directory, on their way to a snapshot.

use super::endpoints;
use crate::directory::{FoundObject, ObjectSink};
use crate::sealed;
use serde::Deserialize;
use serde_json::Value;
use sre_core::check::Sight;
use sre_core::slim::{EndpointSlice, Kind, Object, Pool};
use sre_core::snapshot::{Encoded, Gap, GapReason, Other, ReadState, Reads, Shelves, decode_into};
use std::collections::{BTreeMap, BTreeSet};

/// The most undecodable objects to name for one kind.
const NAMED: usize = 20;

/// Shelves that are being filled with what is in scope.
pub(super) struct Gathering<'a> {
    reads: &'a Reads,
    pool: Pool,
    pub(super) objects: Shelves,
    undecodable: BTreeMap<Kind, Vec<String>>,
    /// Kinds that are there, in namespaces that nobody asked for.
    elsewhere: BTreeSet<Kind>,
    /// Objects of kinds without a shelf.
    pub(super) others: Vec<Other>,
    endpoints: Vec<EndpointSlice>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    metadata: HeadMetadata,
    r#type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HeadMetadata {
    name: Option<String>,
    namespace: Option<String>,
}

impl Head {
    /// Reads what decides whether an object is wanted; what cannot be read so far is tried all the same, so that it is named.
    fn read(json: &[u8]) -> Self {
        serde_json::from_slice(json).unwrap_or_else(|_| Self::read_field_by_field(json))
    }

    /// One field of a wrong type hides no other, and of a repeated key the last counts, as for the object itself.
    fn read_field_by_field(json: &[u8]) -> Self {
        let tree: Value = serde_json::from_slice(json).unwrap_or_default();
        let text = |place: &str| tree.pointer(place).and_then(Value::as_str).map(str::to_owned);
        let metadata = HeadMetadata { name: text("/metadata/name"), namespace: text("/metadata/namespace") };
        Self { metadata, r#type: text("/type") }
    }
}

impl<'a> Gathering<'a> {
    pub(super) fn new(reads: &'a Reads) -> Self {
        Self {
            reads,
            pool: Pool::default(),
            objects: Shelves::default(),
            undecodable: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            others: Vec::new(),
            endpoints: Vec::new(),
        }
    }

    /// What became of a kind that a directory was searched for: one that does not occur was not collected.
    pub(super) fn state(&self, kind: Kind) -> ReadState {
        let count = self.objects.count(kind);
        match self.undecodable.get(&kind) {
            Some(names) => {
                let more = names.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let detail = format!("{}{more}", names[..names.len().min(NAMED)].join("; "));
                ReadState::Gap(Gap { reason: GapReason::Undecodable, detail, seen: count })
            }
            None if count > 0 => ReadState::Read { count },
            None if self.elsewhere.contains(&kind) => ReadState::NotAsked,
            None => ReadState::NotCollected,
        }
    }

    /// Keeps of a kind without a shelf what everybody can read; Endpoints are the older form of EndpointSlices.
    fn other(&mut self, found: &FoundObject<'_>) {
        if (found.api_version, found.kind) == ("v1", "Endpoints") {
            self.endpoints.extend(endpoints::slice_of(found.json));
            return;
        }
        let Ok(other) = serde_json::from_slice::<Other>(found.json) else { return };
        let is_meant = other.metadata.namespace.is_empty() || self.reads.namespaces.includes(&other.metadata.namespace);
        if is_meant && !other.status.conditions.is_empty() {
            self.others.push(Other { kind: found.kind.to_owned(), ..other });
        }
    }

    /// Lets Endpoints speak where nobody collected EndpointSlices.
    pub(super) fn complete(&mut self) {
        let wanted = self.reads.sights.contains(&Sight::Of(Kind::EndpointSlice));
        if wanted && self.objects.count(Kind::EndpointSlice) == 0 {
            let endpoints = std::mem::take(&mut self.endpoints);
            let reads = self.reads;
            let meant = endpoints.into_iter().filter(|it| reads.wants(Kind::EndpointSlice, &it.metadata.namespace));
            self.objects.endpoint_slices.extend(meant);
        }
        self.others.sort_by_key(Other::reference);
    }

    fn take(&mut self, kind: Kind, json: &[u8]) -> Result<(), String> {
        if kind == Kind::Secret {
            let mut secret = sealed::secret_from_json(json)?;
            secret.share(&mut self.pool);
            self.objects.secrets.push(secret);
            return Ok(());
        }
        decode_into(kind, Encoded::Json(json), &mut self.objects, &mut self.pool).map_err(|error| error.to_string())
    }
}

impl ObjectSink for Gathering<'_> {
    fn object(&mut self, found: FoundObject<'_>) {
        let Some(kind) = Kind::of(found.api_version, found.kind) else { return self.other(&found) };
        let head = Head::read(found.json);
        let is_release = kind == Kind::Secret && head.r#type.as_deref() == Some(sealed::HELM_RELEASE);
        let kind = if is_release { Kind::HelmRelease } else { kind };
        let namespace = head.metadata.namespace.unwrap_or_default();
        if !self.reads.sights.contains(&Sight::Of(kind)) {
            return;
        }
        if !self.reads.wants(kind, &namespace) {
            self.elsewhere.insert(kind);
            return;
        }
        if let Err(why) = self.take(kind, found.json) {
            let name = head.metadata.name.unwrap_or_else(|| "an object without a name".to_owned());
            let name = if namespace.is_empty() { name } else { format!("{namespace}/{name}") };
            self.undecodable.entry(kind).or_default().push(format!("{name} in {}: {why}", found.place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::NamespaceScope;

    fn gathered<'a>(reads: &'a Reads, metadata: &str) -> Gathering<'a> {
        let mut gathering = Gathering::new(reads);
        let json = format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{metadata},"spec":{{}}}}"#);
        gathering.object(FoundObject { api_version: "v1", kind: "Pod", json: json.as_bytes(), place: "a.json" });
        gathering
    }

    #[test]
    fn of_repeated_keys_the_last_decides_on_the_scope() {
        let reads = Reads::everything(NamespaceScope::One("shop".to_owned()));
        let kept = |metadata| gathered(&reads, metadata).objects.count(Kind::Pod);
        assert_eq!(kept(r#"{"namespace":"shop","name":"a","name":"b"}"#), 1);
        assert_eq!(kept(r#"{"name":"a","namespace":"bank","namespace":"shop"}"#), 1);
        assert_eq!(kept(r#"{"name":"a","namespace":"shop","namespace":"bank"}"#), 0);
    }

    #[test]
    fn what_stands_in_another_namespace_was_not_asked_for() {
        let reads = Reads::everything(NamespaceScope::One("shop".to_owned()));
        let gathering = gathered(&reads, r#"{"namespace":"bank","name":"a"}"#);
        assert_eq!(gathering.state(Kind::Pod), ReadState::NotAsked);
        assert_eq!(gathering.state(Kind::Service), ReadState::NotCollected);
    }

    #[test]
    fn an_object_of_the_namespace_with_an_odd_name_is_named() {
        let reads = Reads::everything(NamespaceScope::One("shop".to_owned()));
        let ReadState::Gap(gap) = gathered(&reads, r#"{"namespace":"shop","name":7}"#).state(Kind::Pod) else {
            panic!("it was dropped without a word");
        };
        assert!(gap.detail.starts_with("shop/an object without a name in a.json: "), "{}", gap.detail);
    }
}
