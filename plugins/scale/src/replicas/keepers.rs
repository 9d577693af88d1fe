//! Whoever keeps an object as a source elsewhere says.

use crate::refused::Refused;
use crate::replicas::text;
use serde_json::Value;
use sre_core::ownership::Owner;
use sre_core::plan::Note;

/// Refuses what would be set back, and names the source of what would not last; `field` is what is to be changed, as
/// managed fields write it.
pub(crate) fn check(object: &Value, owners: &[Owner], field: &str) -> Result<Vec<Note>, Refused> {
    if let Some((kind, name)) = owning_workload(object) {
        return Err(Refused::new(
            format!("{} belongs to {kind} {name}, which sets it back", named(object)),
            format!("kubectl sre scale {}/{name} --replicas N -n {}", kind.to_lowercase(), namespace_of(object)),
        ));
    }
    let mut notes = Vec::new();
    for owner in owners {
        match owner {
            owner if !owner.sets_back() => notes.push(Note::remark(format!(
                "to last beyond the next upgrade, the change belongs into {} too",
                owner.source()
            ))),
            owner if says_nothing_of(field, object, owner) => notes.push(Note::remark(format!(
                "it is kept as {} says, which by its managed fields says nothing of {}",
                owner.source(),
                field.trim_start_matches("f:")
            ))),
            owner => return Err(kept_by(owner, object)),
        }
    }
    Ok(notes)
}

fn named(object: &Value) -> String {
    format!("{} {}", text(object, "/kind"), text(object, "/metadata/name"))
}

fn namespace_of(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

/// A Deployment of a ReplicaSet, for example: what controls it among Kubernetes' own workloads.
fn owning_workload(object: &Value) -> Option<(&str, &str)> {
    let owners = object.pointer("/metadata/ownerReferences")?.as_array()?;
    let owner = owners.iter().find(|it| it["controller"] == true && it["apiVersion"] == "apps/v1")?;
    Some((owner["kind"].as_str()?, owner["name"].as_str()?))
}

/// Whether a keeper wrote fields of the object, and the one that is to be changed is not among them.
fn says_nothing_of(field: &str, object: &Value, owner: &Owner) -> bool {
    let is_theirs = |manager: &str| match owner {
        Owner::ArgoCd { .. } => manager.starts_with("argocd"),
        Owner::Flux { .. } => manager == "kustomize-controller" || manager == "helm-controller",
        _ => false,
    };
    let entries = object.pointer("/metadata/managedFields").and_then(Value::as_array);
    let theirs = entries.into_iter().flatten().filter(|it| it["manager"].as_str().is_some_and(is_theirs));
    let mut theirs = theirs.peekable();
    let names = |it: &Value| it["f:spec"].get(field).or(it["f:metadata"]["f:annotations"].get(field)).is_some();
    theirs.peek().is_some() && !theirs.any(|it| names(&it["fieldsV1"]))
}

fn kept_by(owner: &Owner, object: &Value) -> Refused {
    let hint = match owner {
        Owner::ArgoCd { .. } | Owner::Flux { .. } => {
            let until = if matches!(owner, Owner::Flux { .. }) { "it is resumed" } else { "somebody syncs again" };
            format!("change it in Git; or, until {until}: {}", owner.pausing().unwrap_or_default())
        }
        Owner::Operator { object: source, .. } => format!(
            "change it there: kubectl edit {} {} -n {}",
            source.kind.to_lowercase(),
            source.name,
            source.namespace.as_deref().unwrap_or(namespace_of(object))
        ),
        Owner::Helm { .. } => format!("change it at its source: {}", owner.source()),
    };
    Refused::new(format!("{} is kept as {} says, which sets it back", named(object), owner.source()), hint)
}
