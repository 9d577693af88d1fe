//! Who wrote an object last, and when: all that is kept of its managed fields.

use super::time::Time;
use serde::Deserialize;
use std::cmp::Reverse;

/// A write, as `metadata.managedFields` remembers the last one of each manager; which fields it set is not kept.
#[derive(Clone, PartialEq, Eq, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Edit {
    /// Who wrote, as the client named itself: `kubectl-edit`, `helm`, `argocd-controller`.
    #[prost(string, tag = "1")]
    pub manager: String,
    #[prost(message, optional, tag = "4")]
    pub time: Option<Time>,
    /// Empty for the object itself.
    #[prost(string, tag = "8")]
    pub subresource: String,
}

/// The subresource by which replicas are set.
pub const SCALE: &str = "scale";

/// Parts of Kubernetes whose writes follow from those of others.
const BOOKKEEPERS: [&str; 8] = [
    "cloud-controller-manager",
    "clusterrole-aggregation-controller",
    "coredns",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubelet",
];

/// Leaves the newest write of the object itself, but for bookkeeping, and the newest of its replicas; several where one
/// second had several, as times have no fractions.
pub(super) fn keep_latest(edits: &mut Vec<Edit>) {
    edits.retain(|edit| edit.time.is_some() && (edit.subresource == SCALE || is_of_somebody(edit)));
    edits.sort_by(|a, b| {
        (&a.subresource, Reverse(a.time), &a.manager).cmp(&(&b.subresource, Reverse(b.time), &b.manager))
    });
    edits.dedup_by(|later, newest| later.subresource == newest.subresource && later.time != newest.time);
    edits.shrink_to_fit();
}

fn is_of_somebody(edit: &Edit) -> bool {
    edit.subresource.is_empty() && !BOOKKEEPERS.contains(&edit.manager.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(entries: &[(&str, &str, &str)]) -> Vec<String> {
        let edit = |(manager, time, subresource): &(&str, &str, &str)| {
            let json = serde_json::json!({"manager": manager, "time": time, "subresource": subresource,
                "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {}}});
            serde_json::from_value(json).expect("an entry")
        };
        let mut edits: Vec<Edit> = entries.iter().map(edit).collect();
        keep_latest(&mut edits);
        edits.into_iter().map(|edit| format!("{}{}", edit.manager, edit.subresource)).collect()
    }

    #[test]
    fn the_newest_write_of_somebody_and_of_the_replicas_stay() {
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z");
        let entries =
            [("helm", early, ""), ("kubectl-edit", late, ""), ("kubelet", late, ""), ("helm", late, "status")];
        assert_eq!(kept(&entries), ["kubectl-edit"]);
        assert_eq!(
            kept(&[("kube-controller-manager", late, SCALE), ("helm", early, "")]),
            ["helm", "kube-controller-managerscale"]
        );
        assert_eq!(kept(&[]), [""; 0]);
    }

    #[test]
    fn who_wrote_last_within_one_second_is_not_guessed() {
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z");
        let entries = [("pipeline", late, ""), ("helm", early, ""), ("apply", late, ""), ("argo", early, "")];
        assert_eq!(kept(&entries), ["apply", "pipeline"]);
    }
}
