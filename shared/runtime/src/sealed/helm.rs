//! The records of Helm's releases: Secrets whose one value holds a whole release, and what may be known of them.
//!
//! The value is base64 (in the base64 of the Secret) of gzip of JSON; old ones lack the gzip. Confidential values of its
//! manifest become marks before anything leaves.

use super::{HELM_RELEASE, Sealed};
use crate::directory::yaml_values;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sre_core::helm::Release;
use sre_core::redaction::Redactor;
use std::io::Read;
use zeroize::Zeroize;

/// What gzip begins with.
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];

/// The largest release that is read: etcd keeps no Secret from which more could come in earnest.
const LARGEST: u64 = 64 << 20;

/// All revisions of one release that are kept, the oldest first.
#[derive(Debug, Default)]
pub struct Releases {
    /// The revisions.
    pub revisions: Vec<Release>,
    /// Records that cannot be read.
    pub unreadable: Vec<Unreadable>,
    redactor: Redactor,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Name of the Secret.
    pub name: String,
    /// What is wrong with it; the words hold nothing of it.
    pub why: String,
}

/// What is read of a release.
#[derive(Deserialize)]
struct Payload {
    name: String,
    #[serde(default)]
    namespace: String,
    version: i64,
    info: Info,
    #[serde(default)]
    chart: Chart,
    #[serde(default)]
    manifest: String,
    #[serde(default)]
    hooks: Option<Vec<Hook>>,
}

#[derive(Deserialize)]
struct Info {
    status: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    last_deployed: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chart {
    metadata: ChartMetadata,
    files: Option<Vec<ChartFile>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ChartMetadata {
    name: String,
    version: String,
    app_version: String,
}

#[derive(Deserialize)]
struct ChartFile {
    name: String,
}

#[derive(Deserialize)]
struct Hook {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    events: Option<Vec<String>>,
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.manifest.zeroize();
    }
}

/// A release and the documents of its manifest, values and all.
struct Opened {
    payload: Payload,
    documents: Vec<Value>,
}

impl Releases {
    /// Opens the records of one release; other Secrets are left out.
    pub fn open(secrets: &[Sealed]) -> Self {
        let mut releases = Self::default();
        let mut opened: Vec<Opened> = Vec::new();
        for secret in secrets.iter().filter(|it| it.secret_type() == HELM_RELEASE) {
            match secret.opened() {
                Ok(release) => opened.push(release),
                Err(why) => {
                    releases.unreadable.push(Unreadable { name: secret.wire.metadata.name.to_string(), why });
                }
            }
        }
        opened.sort_by_key(|it| it.payload.version);
        opened.iter().flat_map(|it| &it.documents).for_each(|it| releases.redactor.learn(it));
        releases.revisions = opened.iter().map(|it| releases.facts(it, &opened)).collect();
        releases
    }

    /// A text without the confidential values of the release.
    pub fn scrubbed(&self, text: &str) -> String {
        self.redactor.scrubbed(text)
    }

    fn facts(&self, Opened { payload, documents }: &Opened, all: &[Opened]) -> Release {
        let chart = &payload.chart;
        let of_hook = |hook: &Hook| {
            let events = hook.events.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("{} {} ({events})", hook.kind, hook.name)
        };
        let others = all.iter().map(|it| &it.payload).filter(|it| it.version != payload.version);
        Release {
            name: payload.name.clone(),
            namespace: payload.namespace.clone(),
            revision: payload.version,
            status: payload.info.status.clone(),
            chart: format!("{}-{}", chart.metadata.name, chart.metadata.version),
            app_version: chart.metadata.app_version.clone(),
            deployed: payload.info.last_deployed.parse::<Timestamp>().ok(),
            description: self.scrubbed(&payload.info.description),
            objects: documents.iter().map(|it| self.redactor.redacted(it)).collect(),
            hooks: payload.hooks.iter().flatten().map(of_hook).collect(),
            has_definitions: chart.files.iter().flatten().any(|it| it.name.starts_with("crds/")),
            same_as: others.filter(|it| it.manifest == payload.manifest).map(|it| it.version).collect(),
            written: None,
        }
    }
}

impl Sealed {
    fn opened(&self) -> Result<Opened, String> {
        let value = self.wire.data.get("release").ok_or("it lacks the key release")?;
        let mut packed = STANDARD.decode(value).map_err(|_| "it is no base64")?;
        let mut json = if packed.starts_with(&GZIP) { inflated(&packed)? } else { std::mem::take(&mut packed) };
        packed.zeroize();
        let payload = serde_json::from_slice::<Payload>(&json)
            .map_err(|error| format!("line {}, column {} is no release", error.line(), error.column()));
        json.zeroize();
        let payload = payload?;
        let documents = yaml_values(&payload.manifest)?;
        Ok(Opened { payload, documents })
    }
}

fn inflated(packed: &[u8]) -> Result<Vec<u8>, String> {
    let mut json = Vec::new();
    let read = GzDecoder::new(packed).take(LARGEST).read_to_end(&mut json);
    read.map_err(|_| "its gzip is damaged".to_owned())?;
    if json.len() as u64 >= LARGEST { Err("it is too large".to_owned()) } else { Ok(json) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use serde_json::json;
    use std::io::Write;

    const MANIFEST: &str = "---\n# Source: web/templates/secret.yaml\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\n\
        stringData: {password: PASSWORD}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  \
        template: {spec: {containers: [{name: app, image: 'web:IMAGE', env: [{name: API_TOKEN, value: PASSWORD}]}]}}\n";

    fn record(version: i64, status: &str, manifest: &str, is_packed: bool) -> Value {
        let payload = json!({
            "name": "web", "namespace": "shop", "version": version, "manifest": manifest,
            "info": {
                "status": status, "last_deployed": "2026-01-15T08:00:00.123456789+01:00",
                "description": "Upgrade failed: hunter2-planted is wrong",
            },
            "chart": {
                "metadata": {"name": "web", "version": "1.2.3", "appVersion": "7"},
                "files": [{"name": "crds/shop.yaml", "data": ""}], "values": {"password": "hunter2-planted"},
            },
            "config": {"password": "hunter2-planted"},
            "hooks": [{"kind": "Job", "name": "migrate", "events": ["pre-upgrade"], "manifest": "x"}],
        });
        let text = payload.to_string().into_bytes();
        let packed = if is_packed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&text).expect("packed");
            encoder.finish().expect("packed")
        } else {
            text
        };
        let value = STANDARD.encode(STANDARD.encode(packed));
        json!({
            "metadata": {"name": format!("sh.helm.release.v1.web.v{version}"), "namespace": "shop"},
            "type": HELM_RELEASE, "data": {"release": value},
        })
    }

    fn opened(records: &[Value]) -> Releases {
        let list = json!({"kind": "SecretList", "items": records}).to_string();
        Releases::open(&Sealed::page_from_json(list.as_bytes()).expect("Secrets").0)
    }

    #[test]
    fn facts_leave_and_no_value_does() {
        let manifest = |image: &str, password: &str| MANIFEST.replace("IMAGE", image).replace("PASSWORD", password);
        let first = manifest("1", "hunter2-planted");
        let releases = opened(&[
            record(3, "failed", &manifest("2", "correct-horse"), true),
            record(1, "superseded", &first, true),
            record(2, "superseded", &first, false),
        ]);
        let told: Vec<(i64, &str, usize, &[i64])> = releases
            .revisions
            .iter()
            .map(|it| (it.revision, it.status.as_str(), it.objects.len(), it.same_as.as_slice()))
            .collect();
        assert_eq!(told, [(1, "superseded", 2, &[2][..]), (2, "superseded", 2, &[1]), (3, "failed", 2, &[])]);
        let newest = &releases.revisions[2];
        assert_eq!((newest.chart.as_str(), newest.app_version.as_str()), ("web-1.2.3", "7"));
        assert_eq!(newest.deployed.map(|it| it.to_string()).as_deref(), Some("2026-01-15T07:00:00.123456789Z"));
        assert_eq!((newest.hooks[0].as_str(), newest.has_definitions), ("Job migrate (pre-upgrade)", true));
        let text = format!("{releases:?}");
        assert!(!text.contains("hunter2-planted") && !text.contains("correct-horse"), "{text}");
        assert!(text.contains("value 2 of stringData[password] of Secret db"), "a change of a value shows: {text}");
    }

    #[test]
    fn damaged_records_are_named_and_tell_nothing() {
        let mut damaged = record(1, "deployed", "a: [hunter2-planted", true);
        damaged["metadata"]["name"] = json!("torn");
        let mut none = damaged.clone();
        none["data"] = json!({"release": STANDARD.encode("!hunter2")});
        let releases = opened(&[damaged, none]);
        assert_eq!((releases.revisions.len(), releases.unreadable.len()), (0, 2));
        assert_eq!(releases.unreadable[0].name, "torn");
        assert!(!format!("{releases:?}").contains("hunter2"), "{releases:?}");
    }
}
