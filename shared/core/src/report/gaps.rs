//! Gaps as people read them: what one account may not list at one place is one line, not twenty.

use super::ReadView;
use std::borrow::Cow;

/// One reason why some things could not be looked at.
#[derive(Debug)]
pub struct GapView<'a> {
    /// What could not be looked at, one at least.
    pub reads: Vec<&'a ReadView>,
    /// Why, as the server said it, or in words that hold for all of them.
    pub detail: Cow<'a, str>,
    /// Who may not list, and where.
    refusal: Option<String>,
}

impl<'a> GapView<'a> {
    /// The gaps among some reads, those of one refusal together.
    pub fn together(reads: &'a [ReadView]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for gap in Self::each(reads) {
            let same = all.iter_mut().find(|it| gap.refusal.is_some() && it.refusal == gap.refusal);
            match (same, &gap.refusal) {
                (Some(same), Some(words)) => {
                    same.detail = Cow::Owned(words.clone());
                    same.reads.extend(gap.reads);
                }
                _ => all.push(gap),
            }
        }
        all
    }

    /// The gaps among some reads, each by itself.
    pub fn each(reads: &'a [ReadView]) -> Vec<Self> {
        let gap = |read: &'a ReadView| {
            let detail = read.detail.as_deref()?;
            Some(Self { reads: vec![read], detail: Cow::Borrowed(detail), refusal: refusal(read, detail) })
        };
        reads.iter().filter_map(gap).collect()
    }

    /// What could not be looked at, as a list of words.
    pub fn what(&self) -> String {
        self.reads.iter().map(|read| read.what).collect::<Vec<_>>().join(", ")
    }

    /// What became of it, in the words of the coverage.
    pub fn state(&self) -> &'static str {
        self.reads.first().map_or("", |read| read.state)
    }

    /// How many objects were seen nevertheless.
    pub fn objects(&self) -> usize {
        self.reads.iter().map(|read| read.objects).sum()
    }
}

/// A refusal of the API server's authorizer without what was asked for: who may not list, and where. Its words are those of
/// `k8s.io/apiserver/pkg/endpoints/handlers/responsewriters`, behind the name of the resource.
fn refusal(read: &ReadView, detail: &str) -> Option<String> {
    let (_, told) = detail.split_once(" is forbidden: ").filter(|_| read.state == "forbidden" && read.objects == 0)?;
    let (who, asked) = told.split_once(" cannot list resource ")?;
    let (_, group) = asked.split_once(" in API group \"")?;
    let (_, place) = group.split_once('"')?;
    Some(format!("{who} cannot list them{place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(what: &'static str, state: &'static str, detail: Option<&str>) -> ReadView {
        ReadView { what, state, objects: 0, detail: detail.map(str::to_owned) }
    }

    fn told(gaps: &[GapView<'_>]) -> Vec<String> {
        gaps.iter().map(|gap| format!("{} {}: {}", gap.what(), gap.state(), gap.detail)).collect()
    }

    const NODES: &str =
        r#"nodes is forbidden: User "dev" cannot list resource "nodes" in API group "" at the cluster scope"#;
    const CLASSES: &str = r#"storageclasses.storage.k8s.io is forbidden: User "dev" cannot list resource "storageclasses" in API group "storage.k8s.io" at the cluster scope"#;
    const SECRETS: &str =
        r#"secrets is forbidden: User "dev" cannot list resource "secrets" in API group "" in the namespace "shop""#;

    #[test]
    fn what_one_account_may_not_list_at_one_place_is_told_at_once() {
        let reads = [
            read("Pod", "read", None),
            read("Node", "forbidden", Some(NODES)),
            read("Secret", "forbidden", Some(SECRETS)),
            read("StorageClass", "forbidden", Some(CLASSES)),
            read("Lease", "timed out", Some("no answer within 5 s")),
        ];
        let expected = [
            r#"Node, StorageClass forbidden: User "dev" cannot list them at the cluster scope"#.to_owned(),
            format!("Secret forbidden: {SECRETS}"),
            "Lease timed out: no answer within 5 s".to_owned(),
        ];
        assert_eq!(told(&GapView::together(&reads)), expected);
        assert_eq!(GapView::each(&reads).len(), 4);
    }

    #[test]
    fn what_is_refused_for_different_reasons_or_partly_stays_apart() {
        let why = |reason: &str| format!("{NODES}{reason}");
        let partly = ReadView { objects: 3, ..read("Node", "forbidden", Some(NODES)) };
        let reads = [
            read("Node", "forbidden", Some(&why(": no webhook"))),
            read("StorageClass", "forbidden", Some(CLASSES)),
            partly,
            read("Pod", "forbidden", Some("not for you")),
            read("Job", "forbidden", Some("not for you")),
        ];
        assert_eq!(GapView::together(&reads).len(), 5);
    }
}
