//! Claims that are not bound, and why.

use super::specs::{has_ended, shown};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::scheduling::nearest_word;
use crate::slim::{Event, Kind, Object, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass};
use crate::view::View;
use jiff::Timestamp;

/// Why a claim is not bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It names a StorageClass that does not exist.
    ClassMissing(String),
    /// It names no class, and there is no default one.
    NoDefault,
    /// Its provisioner tried and failed, in these words.
    Refused(String),
    /// Nothing was heard of this provisioner.
    Unattended(String),
    /// Volumes are made by hand here, and none fits.
    NothingFits,
    /// It waits for its pod to be placed, as its class says.
    ForPod,
    /// Nothing in sight says why.
    Unsaid,
}

/// A provisioner that was asked less than this ago may still be at work: a cloud's volume takes minutes.
const PATIENCE_MINUTES: i64 = 5;

/// Why a claim waits; none when it does not.
pub fn wait_of(claim: &PersistentVolumeClaim, view: &View<'_>) -> Option<Wait> {
    (claim.status.phase == "Pending").then(|| match class_name(claim) {
        None => of_unnamed(claim, view),
        Some("") => Wait::NothingFits,
        Some(name) => match view.get::<StorageClass>("", name) {
            Some(class) => of_class(claim, class, view),
            None => of_absent(name, view),
        },
    })
}

/// The class that a claim names, in the newer or the older way; an empty name asks for a volume made by hand.
pub fn class_name(claim: &PersistentVolumeClaim) -> Option<&str> {
    let older = claim.metadata.annotation("volume.beta.kubernetes.io/storage-class");
    claim.spec.storage_class_name.as_deref().or(older)
}

/// Whether a class says, in the newer or the older way, that it is the default one.
pub fn is_default(class: &StorageClass) -> bool {
    let keys = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    keys.iter().any(|key| class.metadata.annotation(key) == Some("true"))
}

fn of_unnamed(claim: &PersistentVolumeClaim, view: &View<'_>) -> Wait {
    let has_default = view.all::<StorageClass>().iter().any(is_default);
    let is_old = view.is_older_than_minutes(claim.metadata.creation_timestamp.at(), PATIENCE_MINUTES)
        || view.is_timeless(&claim.metadata);
    match (has_default, view.knows(Kind::StorageClass, "")) {
        (false, true) if claim.spec.volume_name.is_empty() => Wait::NoDefault,
        _ if nothing_fits(claim, view) => Wait::NothingFits,
        _ if is_old => Wait::Unsaid,
        _ => Wait::ForPod,
    }
}

/// Whether there are volumes that are made by hand and free, and each lacks an access mode that the claim wants.
fn nothing_fits(claim: &PersistentVolumeClaim, view: &View<'_>) -> bool {
    let is_free = |volume: &&PersistentVolume| matches!(volume.status.phase.as_str(), "" | "Available");
    let by_hand = |volume: &&PersistentVolume| volume.metadata.annotation("pv.kubernetes.io/provisioned-by").is_none();
    let mut free = view.all::<PersistentVolume>().iter().filter(is_free).filter(by_hand).peekable();
    let lacks =
        |volume: &PersistentVolume| claim.spec.access_modes.iter().any(|mode| !volume.spec.access_modes.contains(mode));
    free.peek().is_some() && free.all(lacks)
}

/// A class without an object is a mere word when volumes that were made by hand carry it.
fn of_absent(name: &str, view: &View<'_>) -> Wait {
    let is_word = view.all::<PersistentVolume>().iter().any(|volume| volume.spec.storage_class_name == name);
    match (is_word, view.knows(Kind::StorageClass, "")) {
        (true, _) => Wait::NothingFits,
        (false, true) => Wait::ClassMissing(name.to_owned()),
        (false, false) => Wait::Unsaid,
    }
}

fn of_class(claim: &PersistentVolumeClaim, class: &StorageClass, view: &View<'_>) -> Wait {
    let waits = class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer");
    let is_placed = claim.metadata.annotation("volume.kubernetes.io/selected-node").is_some();
    if waits && !is_placed {
        return Wait::ForPod;
    }
    if class.provisioner == "kubernetes.io/no-provisioner" {
        return Wait::NothingFits;
    }
    if let Some(event) = event(claim, "ProvisioningFailed", view) {
        return Wait::Refused(event.message.clone());
    }
    let is_old = view.is_older_than_minutes(asked_at(claim, view), PATIENCE_MINUTES);
    match event(claim, "ExternalProvisioning", view) {
        _ if !is_old => Wait::ForPod,
        Some(_) if event(claim, "Provisioning", view).is_none() => Wait::Unattended(class.provisioner.clone()),
        _ => Wait::Unsaid,
    }
}

/// Since when a volume is asked for: what the events say, else since there is a pod for it, else all the time.
fn asked_at(claim: &PersistentVolumeClaim, view: &View<'_>) -> Option<Timestamp> {
    let events = view.events_about(&claim.reference()).iter();
    let asking = events.filter(|event| matches!(event.reason.as_str(), "ExternalProvisioning" | "Provisioning"));
    let made = || users(claim, view).iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).min();
    let asked = asking.filter_map(|event| event.first_seen()).min().or_else(made);
    asked.or_else(|| claim.metadata.creation_timestamp.at())
}

fn event<'a>(claim: &PersistentVolumeClaim, reason: &str, view: &View<'a>) -> Option<&'a Event> {
    view.events_about(&claim.reference()).iter().copied().find(|event| event.reason == reason)
}

/// The claims that wait for a reason of one sort; the title is made from the reason and the claim's name.
pub(super) fn causes(view: &View<'_>, title: fn(&Wait, &str) -> Option<String>) -> Vec<Finding> {
    let claims = view.all::<PersistentVolumeClaim>().iter().filter(|claim| !view.is_going(&claim.metadata));
    let waiting = claims.filter_map(|claim| Some((claim, wait_of(claim, view)?)));
    waiting.filter_map(|(claim, wait)| Some(finding(claim, &wait, title(&wait, &claim.metadata.name)?, view))).collect()
}

/// A claim that no pod uses hurts nobody yet.
fn finding(claim: &PersistentVolumeClaim, wait: &Wait, title: String, view: &View<'_>) -> Finding {
    let pods = users(claim, view);
    let severity = if pods.is_empty() { Severity::Warning } else { Severity::Critical };
    let (name, namespace) = (&claim.metadata.name, &claim.metadata.namespace);
    let object = claim.reference();
    let finding =
        Finding::new("", severity, object.clone(), title).evidence(&object, "status.phase", &*claim.status.phase);
    let class = class_name(claim).map_or("not set", |name| if name.is_empty() { "empty" } else { name });
    let finding = finding.evidence(&object, "spec.storageClassName", class);
    let finding = particulars(finding, claim, wait, view);
    let finding = finding.since(claim.metadata.creation_timestamp.at());
    let finding = finding.look(format!("kubectl describe persistentvolumeclaim {name} -n {namespace}"));
    shown(finding.look("kubectl get storageclasses"), &pods)
}

fn particulars(finding: Finding, claim: &PersistentVolumeClaim, wait: &Wait, view: &View<'_>) -> Finding {
    let object = claim.reference();
    match wait {
        Wait::Refused(message) => finding.evidence(&object, "event ProvisioningFailed", message),
        Wait::Unattended(provisioner) => {
            let class = ObjectRef::cluster("StorageClass", class_name(claim).unwrap_or_default());
            finding.evidence(&class, "provisioner", provisioner)
        }
        Wait::ClassMissing(name) => {
            let known = view.all::<StorageClass>().iter().map(|class| class.metadata.name.as_str());
            match nearest_word(name, known) {
                Some(near) => {
                    let class = ObjectRef::cluster("StorageClass", near);
                    finding.evidence(&class, "metadata.name", format!("{near} (nearest name)"))
                }
                None => finding,
            }
        }
        Wait::NothingFits => {
            let size = claim.spec.resources.requests.iter().find(|it| it.name == "storage");
            let size = size.map_or("", |it| it.quantity.as_str());
            let modes = claim.spec.access_modes.join(", ");
            finding.evidence(&object, "spec", format!("{size}, {modes}"))
        }
        _ => finding,
    }
}

/// The pods that use a claim and have not ended.
pub fn users<'a>(claim: &PersistentVolumeClaim, view: &View<'a>) -> Vec<&'a Pod> {
    let pods = view.pods_in(&claim.metadata.namespace).iter().copied().filter(|pod| !has_ended(pod));
    pods.filter(|pod| claims(pod).any(|name| name == claim.metadata.name)).collect()
}

/// The names of the claims of a pod.
pub(super) fn claims(pod: &Pod) -> impl Iterator<Item = &str> {
    let sources = pod.spec.volumes.iter().filter_map(|volume| volume.source.persistent_volume_claim.as_ref());
    sources.map(|source| source.claim_name.as_str())
}
