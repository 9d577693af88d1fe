//! Revisions of Helm releases, by the labels of the Secrets that Helm keeps them in.

use super::{Kind, Object, metadata::ObjectMeta};
use crate::object::ObjectRef;
use serde::Deserialize;

/// One revision of a Helm release; nothing but metadata is asked for or kept.
#[derive(Clone, PartialEq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HelmRelease {
    #[prost(message, required, tag = "1")]
    pub metadata: ObjectMeta,
}

impl HelmRelease {
    /// Whether the Secret is one of Helm's.
    pub fn is_release(&self) -> bool {
        self.metadata.label("owner") == Some("helm") && self.metadata.label("name").is_some()
    }

    /// Name of the release.
    pub fn release(&self) -> &str {
        self.metadata.label("name").unwrap_or_default()
    }

    /// Number of the revision; none when the label is missing or no number.
    pub fn revision(&self) -> Option<u32> {
        self.metadata.label("version")?.parse().ok()
    }

    /// For example `deployed`, `failed` or `pending-upgrade`.
    pub fn status(&self) -> &str {
        self.metadata.label("status").unwrap_or_default()
    }
}

impl Object for HelmRelease {
    const KIND: Kind = Kind::HelmRelease;

    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    /// Names the release, not the Secret of the revision: that is what people know.
    fn reference(&self) -> ObjectRef {
        ObjectRef::scoped(Self::KIND.info().name, &self.metadata.namespace, self.release())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_everything() {
        let text = r#"{"metadata":{"name":"sh.helm.release.v1.shop.v12","namespace":"web","labels":
            {"name":"shop","owner":"helm","status":"pending-upgrade","version":"12"}}}"#;
        let release: HelmRelease = crate::slim::from_json(text.as_bytes()).unwrap();
        assert!(release.is_release());
        assert_eq!((release.release(), release.revision(), release.status()), ("shop", Some(12), "pending-upgrade"));
        assert_eq!(release.reference().to_string(), "HelmRelease/web/shop");
    }
}
