//! Whether a revision of a release was ever what it should be: Helm's own status, and how its workloads fared.

use crate::revisions::{Revision, Verdict};
use serde_json::Value;
use sre_core::finding::Evidence;
use sre_core::helm::{Release, named};
use sre_core::manifest::holds;
use sre_core::object::ObjectRef;
use std::collections::BTreeMap;

/// The revisions of the workloads of a release.
pub type Histories = BTreeMap<ObjectRef, Vec<Revision>>;

/// A revision of a release, and how it fared.
#[derive(Clone, Debug, PartialEq)]
pub struct Fared {
    /// The revision.
    pub release: Release,
    /// What the facts come to.
    pub verdict: Verdict,
    /// The facts.
    pub evidence: Vec<Evidence>,
}

/// How a revision fared.
pub fn fared(release: &Release, histories: &Histories) -> Fared {
    let own = ObjectRef::namespaced("Release", &release.namespace, &release.name);
    let status = Evidence { object: own, field: "status".to_owned(), value: told(release), at: None };
    let of_workloads: Vec<(Verdict, Evidence)> =
        release.objects.iter().filter_map(|object| of_workload(object, release, histories)).collect();
    let verdict = match release.status.as_str() {
        "deployed" | "superseded" => together(release, of_workloads.iter().map(|(verdict, _)| *verdict)),
        _ => Verdict::Bad,
    };
    let evidence = std::iter::once(status).chain(of_workloads.into_iter().map(|(_, evidence)| evidence)).collect();
    Fared { release: release.clone(), verdict, evidence }
}

fn told(release: &Release) -> String {
    if release.description.is_empty() {
        release.status.clone()
    } else {
        format!("{}: {}", release.status, release.description)
    }
}

/// A release without workloads has nothing that could be ready.
fn together(release: &Release, mut verdicts: impl Iterator<Item = Verdict> + Clone) -> Verdict {
    let all = verdicts.clone().count();
    if verdicts.clone().any(|it| it == Verdict::Bad) {
        Verdict::Bad
    } else if all > 0 && all == release.workloads().len() && verdicts.all(|it| it == Verdict::Healthy) {
        Verdict::Healthy
    } else {
        Verdict::Unknown
    }
}

/// What is known of the workload's revision that has the template of the manifest; where several have it, for they
/// differ only in what is hidden, they must agree.
fn of_workload(object: &Value, release: &Release, histories: &Histories) -> Option<(Verdict, Evidence)> {
    let wanted = object.pointer("/spec/template")?;
    let name = named(object, &release.namespace);
    let history = histories.get(&name)?;
    let same: Vec<&Revision> = history.iter().filter(|it| holds(&it.template, wanted)).collect();
    let first = same.first()?;
    let verdict = if same.iter().all(|it| it.health.verdict == first.health.verdict) {
        first.health.verdict
    } else {
        Verdict::Unknown
    };
    let word = match verdict {
        Verdict::Healthy => "was available",
        Verdict::Bad => "does not work",
        Verdict::Unknown => "nothing tells how it fared",
    };
    let why = first
        .health
        .evidence
        .first()
        .map_or_else(String::new, |it| format!(" ({} {}: {})", it.object, it.field, it.value));
    let field = format!("revision {}", first.number);
    Some((verdict, Evidence { object: name, field, value: format!("{word}{why}"), at: None }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::revisions::Health;
    use serde_json::json;

    fn template(image: &str) -> Value {
        json!({
            "metadata": {"labels": {"app": "web"}},
            "spec": {"restartPolicy": "Always", "containers": [{
                "name": "app", "image": image, "imagePullPolicy": "IfNotPresent",
                "resources": {"requests": {"cpu": "1"}}, "env": [{"name": "DB_PASSWORD", "value": "hunter2"}],
            }]},
        })
    }

    fn manifest(image: &str) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"template": {"metadata": {"labels": {"app": "web"}, "annotations": {}}, "spec": {
                "nodeSelector": null, "containers": [{
                    "name": "app", "image": image, "resources": {"requests": {"cpu": 1}},
                    "env": [{"name": "DB_PASSWORD", "value": "(hidden: value 1 of DB_PASSWORD)"}],
                }],
            }}},
        })
    }

    /// A revision of the release `web` whose Deployment runs an image.
    pub(in crate::helm) fn release(revision: i64, status: &str, image: &str) -> Release {
        Release {
            name: "web".to_owned(),
            namespace: "shop".to_owned(),
            revision,
            status: status.to_owned(),
            chart: format!("web-1.{revision}.0"),
            app_version: String::new(),
            deployed: None,
            description: String::new(),
            objects: vec![manifest(image)],
            hooks: Vec::new(),
            has_definitions: false,
            same_as: Vec::new(),
            written: None,
        }
    }

    fn histories(verdicts: &[(&str, Verdict)]) -> Histories {
        let revision = |(index, (image, verdict)): (usize, &(&str, Verdict))| Revision {
            number: index as i64 + 1,
            object: ObjectRef::namespaced("ReplicaSet", "shop", "web-1"),
            uid: "u".to_owned(),
            created: jiff::Timestamp::UNIX_EPOCH,
            is_current: false,
            is_brought_back: false,
            images: Vec::new(),
            change_cause: None,
            by: Vec::new(),
            template: template(image),
            health: Health { verdict: *verdict, evidence: Vec::new() },
        };
        let all = verdicts.iter().enumerate().map(revision).collect();
        BTreeMap::from([(ObjectRef::namespaced("Deployment", "shop", "web"), all)])
    }

    #[test]
    fn a_revision_fared_as_its_workloads_did_unless_helm_says_worse() {
        let known = [("web:1", Verdict::Healthy), ("web:2", Verdict::Bad), ("web:3", Verdict::Unknown)];
        let verdict = |status: &str, image: &str| fared(&release(1, status, image), &histories(&known)).verdict;
        assert_eq!(verdict("superseded", "web:1"), Verdict::Healthy);
        assert_eq!(verdict("deployed", "web:2"), Verdict::Bad);
        assert_eq!(verdict("superseded", "web:3"), Verdict::Unknown);
        assert_eq!(verdict("superseded", "web:4"), Verdict::Unknown, "no revision of it is kept");
        assert_eq!(verdict("failed", "web:1"), Verdict::Bad);
        assert_eq!(verdict("pending-upgrade", "web:1"), Verdict::Bad);
        let mut none = release(1, "superseded", "web:1");
        none.objects.clear();
        assert_eq!(fared(&none, &histories(&known)).verdict, Verdict::Unknown);
        let twice = [("web:1", Verdict::Healthy), ("web:1", Verdict::Bad)];
        assert_eq!(fared(&release(1, "superseded", "web:1"), &histories(&twice)).verdict, Verdict::Unknown);
    }
}
