//! Larger volumes: what must be so for one to grow, and what does not grow with it.

#[cfg(test)]
mod tests;

use crate::refused::Refused;
use crate::replicas::{Planned, keepers, name_of, text};
use serde_json::{Value, json};
use sre_core::ownership::Owner;
use sre_core::plan::{Action, Note, Step, Undo, edited};
use sre_core::scheduling::written;
use sre_core::slim::{Quantity, ResourceQuota, amount_of};
use sre_core::units::Amount;

/// What was seen of a claim and of what is around it; what could not be read is `None`.
pub struct Seen<'a> {
    /// The claim, whole.
    pub claim: &'a Value,
    /// Whoever owns it.
    pub owners: &'a [Owner],
    /// The storage classes of the cluster.
    pub classes: Option<&'a [Value]>,
    /// Quotas of the namespace.
    pub quotas: Option<&'a [ResourceQuota]>,
    /// StatefulSets of the namespace.
    pub stateful_sets: Option<&'a [Value]>,
    /// Pods of the namespace.
    pub pods: Option<&'a [Value]>,
}

/// The step that makes a claim ask for a size, and what is to be known of it.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub fn plan(seen: &Seen<'_>, size: &str) -> Result<Planned, Refused> {
    let (name, claim) = (name_of(seen.claim), seen.claim);
    let wanted = amount(size).ok_or_else(|| {
        Refused::new(format!("{size:?} is no size"), "type a quantity as Kubernetes has it, for example 20Gi")
    })?;
    let now = text(claim, "/spec/resources/requests/storage");
    let asked = amount(now).unwrap_or_default();
    if wanted == asked {
        return Ok((Vec::new(), Vec::new()));
    }
    if wanted < asked {
        return Err(Refused::new(
            format!("claim {name} asks for {now} already, and a volume never gets smaller"),
            "make a new claim of the smaller size, and copy what is on the volume",
        ));
    }
    if text(claim, "/status/phase") != "Bound" {
        return Err(Refused::new(
            format!("claim {name} has no volume yet ({})", text(claim, "/status/phase")),
            format!("see why: kubectl describe pvc {name} -n {}", text(claim, "/metadata/namespace")),
        ));
    }
    let mut notes = keepers::check(claim, seen.owners, "f:resources")?;
    notes.extend(class(seen)?);
    notes.extend(under_way(claim)?);
    notes.extend(quotas(seen, wanted - asked)?);
    notes.extend(template(seen, size));
    notes.extend(users(seen));
    let mut after = claim.clone();
    after["spec"]["resources"]["requests"]["storage"] = json!(size);
    let why = format!("asked for: {size} instead of {now}");
    let undo = Undo::None { why: "a volume never gets smaller".to_owned() };
    let step = edited(Action::ResizeVolume, claim, &after, why).map(|step| Step { undo, ..step });
    Ok((step.into_iter().collect(), notes))
}

fn amount(text: &str) -> Option<Amount> {
    serde_json::from_value::<Quantity>(text.into()).ok()?.amount()
}

fn class(seen: &Seen<'_>) -> Result<Option<Note>, Refused> {
    let name = text(seen.claim, "/spec/storageClassName");
    let no_growth = |why: String| {
        Err(Refused::new(why, "make a new claim of a class that lets volumes grow, and copy what is on the volume"))
    };
    if name.is_empty() {
        return no_growth("its volume was made by hand, without a storage class, and does not grow".to_owned());
    }
    let Some(classes) = seen.classes else {
        return Ok(Some(Note::warning(
            "storage classes cannot be read: whether this one lets volumes grow is not known",
        )));
    };
    match classes.iter().find(|it| name_of(it) == name) {
        Some(class) if class["allowVolumeExpansion"] == true => Ok(None),
        Some(_) => no_growth(format!("storage class {name} does not let volumes grow (allowVolumeExpansion)")),
        None => no_growth(format!("storage class {name} is not there")),
    }
}

/// A resize that waits for a pod goes on by itself; one that the driver refuses does not get better by another.
fn under_way(claim: &Value) -> Result<Option<Note>, Refused> {
    let status = text(claim, "/status/allocatedResourceStatuses/storage");
    let conditions = claim.pointer("/status/conditions").and_then(Value::as_array);
    let is_resizing = conditions.into_iter().flatten().any(|it| it["type"] == "Resizing" && it["status"] == "True");
    if status.ends_with("InProgress") || (is_resizing && status.is_empty()) {
        return Err(Refused::new(
            format!("a resize of claim {} is under way", name_of(claim)),
            format!(
                "wait until it is done: kubectl describe pvc {} -n {}",
                name_of(claim),
                text(claim, "/metadata/namespace")
            ),
        ));
    }
    let is_pending = !status.is_empty();
    Ok(is_pending.then(|| Note::warning(format!("an earlier resize has not ended: {status}"))))
}

fn quotas(seen: &Seen<'_>, more: Amount) -> Result<Vec<Note>, Refused> {
    let Some(quotas) = seen.quotas else {
        return Ok(vec![Note::warning("ResourceQuotas cannot be read: whether they leave room is not known")]);
    };
    let class = text(seen.claim, "/spec/storageClassName");
    let of_class = format!("{class}.storageclass.storage.k8s.io/requests.storage");
    for quota in quotas {
        for entry in quota.status.hard.iter().filter(|it| it.name == "requests.storage" || it.name == of_class) {
            let Some(most) = entry.quantity.amount() else { continue };
            let free = most - amount_of(&quota.status.used, &entry.name).unwrap_or_default();
            if more > free {
                let (more, free) = (written("memory", more), written("memory", free.max(Amount::ZERO)));
                return Err(Refused::new(
                    format!(
                        "ResourceQuota {} leaves {free} of {}, and {more} more are asked for",
                        quota.metadata.name, entry.name
                    ),
                    format!(
                        "ask for less, or raise it: kubectl edit resourcequota {} -n {}",
                        quota.metadata.name,
                        text(seen.claim, "/metadata/namespace")
                    ),
                ));
            }
        }
    }
    Ok(Vec::new())
}

/// The template of a StatefulSet is not changed with its claims, and cannot be.
fn template(seen: &Seen<'_>, size: &str) -> Option<Note> {
    let claim = name_of(seen.claim);
    let of = |set: &&Value| {
        let templates = set.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array);
        templates.into_iter().flatten().any(|it| {
            let ordinal = claim.strip_prefix(&format!("{}-{}-", name_of(it), name_of(set)));
            ordinal.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
        })
    };
    let set = name_of(seen.stateful_sets?.iter().find(of)?);
    let namespace = text(seen.claim, "/metadata/namespace");
    Some(Note::warning(format!(
        "the claim template of StatefulSet {set} stays as it is, so that new pods get the old size: for {size} there \
         too, kubectl delete statefulset {set} -n {namespace} --cascade=orphan, and apply it with the new size"
    )))
}

fn users(seen: &Seen<'_>) -> Option<Note> {
    let claim = name_of(seen.claim);
    let uses = |pod: &&Value| {
        let volumes = pod.pointer("/spec/volumes").and_then(Value::as_array);
        volumes.into_iter().flatten().any(|it| it["persistentVolumeClaim"]["claimName"] == claim)
    };
    let users: Vec<&str> = seen.pods?.iter().filter(uses).map(name_of).collect();
    let text = if users.is_empty() {
        "no pod uses it: its file system grows when one does".to_owned()
    } else {
        format!("used by {}: some drivers let it grow only once the pods were started anew", users.join(", "))
    };
    Some(Note::remark(text))
}
