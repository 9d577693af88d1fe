//! Releases of Helm, from the Secrets that it keeps them in.

use super::objects::{Objects, encoded};
use crate::cluster::connection::RequestFault;
use crate::sealed::{Releases, Sealed};
use jiff::Timestamp;
use serde_json::Value;
use zeroize::Zeroize;

/// Secrets of a page: each may hold a megabyte.
const PAGE: usize = 20;

impl Objects {
    /// All revisions of a release that are kept; who holds it is asked where one is pending.
    ///
    /// # Errors
    /// Says why there is no whole answer.
    pub async fn releases(&self, namespace: &str, name: &str) -> Result<Releases, RequestFault> {
        let collection = format!("/api/v1/namespaces/{namespace}/secrets");
        let selector = format!("labelSelector={}", encoded(&format!("owner=helm,name={name}")));
        let (mut secrets, mut token) = (Vec::new(), String::new());
        loop {
            let onward = if token.is_empty() { String::new() } else { format!("&continue={}", encoded(&token)) };
            let mut text = self.sealed_text(&format!("{collection}?limit={PAGE}&{selector}{onward}")).await?;
            let page = Sealed::page_from_json(text.as_bytes());
            text.zeroize();
            let (mut page, next) = page.map_err(|message| RequestFault::Other { message })?;
            secrets.append(&mut page);
            match next {
                Some(next) => token = next,
                None => break,
            }
        }
        let mut releases = Releases::open(&secrets);
        if let Some(newest) = releases.revisions.last_mut().filter(|it| it.is_pending()) {
            let record = format!("{collection}/sh.helm.release.v1.{name}.v{}", newest.revision);
            newest.written = self.written(&record).await?;
        }
        Ok(releases)
    }

    /// Who wrote an object last, by its metadata alone.
    async fn written(&self, path: &str) -> Result<Option<(String, Timestamp)>, RequestFault> {
        const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        let object = self.get_as(path, METADATA).await?;
        let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
        let written = entries.into_iter().flatten().filter_map(|it| {
            Some((it["manager"].as_str()?.to_owned(), it["time"].as_str()?.parse::<Timestamp>().ok()?))
        });
        Ok(written.max_by_key(|(_, at)| *at))
    }
}
