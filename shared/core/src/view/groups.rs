//! Pods that show the same trouble, gathered under who is accountable for them.

use super::View;
use crate::finding::Finding;
use crate::object::ObjectRef;
use crate::slim::{Object, Pod};
use std::collections::BTreeMap;

/// Pods of one owner that show the same trouble in the same part.
pub struct Group<'a> {
    /// Who is accountable.
    pub owner: ObjectRef,
    /// What of the pods is meant: usually the container.
    pub part: String,
    /// The pods, by name; never empty.
    pub pods: Vec<&'a Pod>,
}

impl<'a> View<'a> {
    /// Gathers pods under their owners, by what of them is meant.
    pub fn grouped(&self, shown: impl IntoIterator<Item = (&'a Pod, String)>) -> Vec<Group<'a>> {
        let mut groups: BTreeMap<(ObjectRef, String), Vec<&Pod>> = BTreeMap::new();
        for (pod, part) in shown {
            groups.entry((self.owner_of(pod), part)).or_default().push(pod);
        }
        groups.into_iter().map(|((owner, part), pods)| Group { owner, part, pods }).collect()
    }
}

impl Group<'_> {
    /// The pod to take evidence from.
    pub fn first(&self) -> &Pod {
        self.pods[0]
    }

    /// How many pods, in words: `1 pod`, `40 pods`.
    pub fn count(&self) -> String {
        match self.pods.len() {
            1 => "1 pod".to_owned(),
            count => format!("{count} pods"),
        }
    }

    /// The same as the beginning of a sentence: `1 pod is`, `40 pods are`.
    pub fn are(&self) -> String {
        format!("{} {}", self.count(), if self.pods.len() == 1 { "is" } else { "are" })
    }

    /// Namespace of the pods.
    pub fn namespace(&self) -> &str {
        &self.first().metadata.namespace
    }

    /// Names every pod as what shows the finding.
    pub fn show(&self, finding: Finding) -> Finding {
        self.pods.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
    }
}
