//! What a rollback of a release does not bring back, and what else happens with it.

use sre_core::helm::{Becomes, ObjectChange, Release, changes};
use sre_core::plan::Note;

/// What whoever decides should know.
pub(super) fn of(from: &Release, to: &Release) -> Vec<Note> {
    let changes = changes(from, to);
    let mut notes = vec![Note::remark(format!(
        "chart {} becomes {}; the values of revision {} come back with it",
        from.chart, to.chart, to.revision
    ))];
    notes.extend(deleted(&changes));
    notes.extend(kept(&changes));
    notes.extend(hooks(to));
    notes.extend(data(from, to));
    if from.has_definitions || to.has_definitions {
        let text = "the definitions of kinds that the chart brings (crds/) stay as they are: Helm only installs them";
        notes.push(Note::warning(text));
    }
    notes
}

fn listed(changes: &[ObjectChange], becomes: Becomes) -> String {
    let all = changes.iter().filter(|it| it.becomes == becomes).map(|it| it.object.to_string());
    all.collect::<Vec<_>>().join(", ")
}

fn deleted(changes: &[ObjectChange]) -> Option<Note> {
    let all = listed(changes, Becomes::Deleted);
    (!all.is_empty()).then(|| Note::warning(format!("what the revision lacks is deleted: {all}")))
}

fn kept(changes: &[ObjectChange]) -> Option<Note> {
    let all = listed(changes, Becomes::Kept);
    (!all.is_empty())
        .then(|| Note::warning(format!("stays although the revision lacks it (helm.sh/resource-policy: keep): {all}")))
}

/// Of the hooks only those of rollbacks run; what the others did stays done.
fn hooks(to: &Release) -> Vec<Note> {
    let (runs, stays): (Vec<&String>, Vec<&String>) = to.hooks.iter().partition(|it| it.contains("-rollback"));
    let listed = |all: &[&String]| all.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ");
    let runs = (!runs.is_empty()).then(|| Note::warning(format!("hooks run: {}", listed(&runs))));
    let stays = (!stays.is_empty())
        .then(|| Note::warning(format!("what hooks of installs and upgrades did stays done: {}", listed(&stays))));
    runs.into_iter().chain(stays).collect()
}

fn data(from: &Release, to: &Release) -> Option<Note> {
    let holds = |release: &Release| {
        release.objects.iter().any(|it| it["kind"] == "StatefulSet" || it["kind"] == "PersistentVolumeClaim")
    };
    (holds(from) || holds(to))
        .then(|| Note::warning("data stays as it is: what volumes and databases hold does not go back"))
}

#[cfg(test)]
mod tests {
    use super::super::health::tests::release;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_stays_behind_is_told() {
        let (mut from, mut to) = (release(3, "deployed", "web:3"), release(2, "superseded", "web:2"));
        let mut claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}});
        claim["metadata"]["annotations"] = json!({"helm.sh/resource-policy": "keep"});
        from.objects.push(claim);
        from.objects.push(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}}));
        to.hooks = vec!["Job migrate (pre-upgrade)".to_owned(), "Job warm (post-rollback)".to_owned()];
        to.has_definitions = true;
        let told: Vec<String> = of(&from, &to).into_iter().map(|it| it.text).collect();
        let expected = [
            "chart web-1.3.0 becomes web-1.2.0; the values of revision 2 come back with it",
            "what the revision lacks is deleted: ConfigMap/shop/new",
            "stays although the revision lacks it (helm.sh/resource-policy: keep): PersistentVolumeClaim/shop/data",
            "hooks run: Job warm (post-rollback)",
            "what hooks of installs and upgrades did stays done: Job migrate (pre-upgrade)",
            "data stays as it is: what volumes and databases hold does not go back",
            "the definitions of kinds that the chart brings (crds/) stay as they are: Helm only installs them",
        ];
        assert_eq!(told, expected);
    }
}
