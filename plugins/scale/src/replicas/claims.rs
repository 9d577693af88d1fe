//! Claims that several replicas would share.

use super::{Seen, Span, unread};
use sre_core::plan::Note;
use sre_core::slim::{PersistentVolumeClaim, Pod};

/// Warns of claims that only one node, or one pod, can use at a time.
pub(super) fn shared(seen: &Seen<'_>, pod: Option<&Pod>, span: Span) -> Vec<Note> {
    let sources = pod.iter().flat_map(|pod| &pod.spec.volumes);
    let named: Vec<&str> =
        sources.filter_map(|it| it.source.persistent_volume_claim.as_ref()).map(|it| it.claim_name.as_str()).collect();
    if named.is_empty() || span.wanted < 2 {
        return Vec::new();
    }
    let Some(claims) = seen.claims else {
        return vec![unread("claims for volumes", "whether several replicas can share one")];
    };
    claims.iter().filter(|it| named.contains(&it.metadata.name.as_str())).filter_map(warning).collect()
}

fn warning(claim: &PersistentVolumeClaim) -> Option<Note> {
    let has = |mode: &str| claim.spec.access_modes.iter().any(|it| it == mode);
    let name = &claim.metadata.name;
    if has("ReadWriteMany") || has("ReadOnlyMany") {
        None
    } else if has("ReadWriteOncePod") {
        Some(Note::warning(format!("all replicas share claim {name} (ReadWriteOncePod): only one of them can start")))
    } else {
        Some(Note::warning(format!(
            "all replicas share claim {name} (ReadWriteOnce): only those on the node of the first can start"
        )))
    }
}
