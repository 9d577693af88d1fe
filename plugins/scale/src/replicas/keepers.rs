//! Whoever keeps the object as a source elsewhere says.

use super::Seen;
use crate::refused::Refused;
use serde_json::Value;
use sre_core::ownership::Owner;
use sre_core::plan::Note;

/// Refuses what would be set back, and names the source of what would not last.
pub(super) fn check(seen: &Seen<'_>) -> Result<Vec<Note>, Refused> {
    if let Some(owner) = owning_workload(seen.object) {
        return Err(Refused::new(
            format!("{} belongs to {} {}, which sets the number back", seen.named(), owner.0, owner.1),
            format!("kubectl sre scale {}/{} -n {} --replicas N", owner.0.to_lowercase(), owner.1, seen.namespace()),
        ));
    }
    let mut notes = Vec::new();
    for owner in seen.owners {
        match owner {
            owner if !owner.sets_back() => notes.push(Note::remark(format!(
                "to last beyond the next upgrade, the number belongs into {} too",
                owner.source()
            ))),
            owner if says_no_number(seen.object, owner) => notes.push(Note::remark(format!(
                "it is kept as {} says, which by its managed fields says no number of replicas",
                owner.source()
            ))),
            owner => return Err(kept_by(owner, seen)),
        }
    }
    Ok(notes)
}

/// A Deployment of a ReplicaSet, for example: what controls it among Kubernetes' own workloads.
fn owning_workload(object: &Value) -> Option<(&str, &str)> {
    let owners = object.pointer("/metadata/ownerReferences")?.as_array()?;
    let owner = owners.iter().find(|it| it["controller"] == true && it["apiVersion"] == "apps/v1")?;
    Some((owner["kind"].as_str()?, owner["name"].as_str()?))
}

/// Whether a keeper wrote fields of the object, and the number of replicas is not among them.
fn says_no_number(object: &Value, owner: &Owner) -> bool {
    let is_theirs = |manager: &str| match owner {
        Owner::ArgoCd { .. } => manager.starts_with("argocd"),
        Owner::Flux { .. } => manager == "kustomize-controller" || manager == "helm-controller",
        _ => false,
    };
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let theirs = entries.into_iter().flatten().filter(|it| it["manager"].as_str().is_some_and(is_theirs));
    let mut theirs = theirs.peekable();
    theirs.peek().is_some() && theirs.all(|it| it.pointer("/fieldsV1/f:spec/f:replicas").is_none())
}

fn kept_by(owner: &Owner, seen: &Seen<'_>) -> Refused {
    let hint = match owner {
        Owner::ArgoCd { application, .. } => format!(
            "change the number in Git; or, until somebody syncs again: argocd app set {application} --sync-policy none"
        ),
        Owner::Flux { object } => format!(
            "change the number in Git; or, until it is resumed: flux suspend {} {} -n {}",
            object.kind.to_lowercase(),
            object.name,
            object.namespace.as_deref().unwrap_or("flux-system")
        ),
        Owner::Operator { object, .. } => format!(
            "change the number there: kubectl edit {} {} -n {}",
            object.kind.to_lowercase(),
            object.name,
            object.namespace.as_deref().unwrap_or(seen.namespace())
        ),
        Owner::Helm { .. } => format!("change it at its source: {}", owner.source()),
    };
    Refused::new(format!("{} is kept as {} says, which sets the number back", seen.named(), owner.source()), hint)
}
