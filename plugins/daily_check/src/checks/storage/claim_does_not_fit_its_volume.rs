//! A claim and the volume that is meant for it do not fit together.

use sre_core::cause::pending_claims::{class_name, users};
use sre_core::cause::specs::shown;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Object, PersistentVolume, PersistentVolumeClaim, amount_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-05",
    title: "a claim and the volume that is meant for it do not fit together",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[Sight::Of(Kind::PersistentVolume)],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| pairs(view).map(|pair| finding(&pair, view)).collect(),
};

/// A claim, the volume that it names or that names it, and why they do not come together.
struct Pair<'a> {
    claim: &'a PersistentVolumeClaim,
    volume: &'a PersistentVolume,
    reasons: Vec<(&'static str, String, String)>,
}

/// The claims that this check speaks of; another need not say that nothing fits them.
pub fn named(view: &View<'_>) -> Vec<ObjectRef> {
    pairs(view).map(|pair| pair.claim.reference()).collect()
}

fn pairs<'a>(view: &View<'a>) -> impl Iterator<Item = Pair<'a>> {
    let waiting = view.all::<PersistentVolumeClaim>().iter().filter(|claim| claim.status.phase == "Pending");
    let settled = waiting.filter(|claim| !view.is_going(&claim.metadata) && !view.is_young(&claim.metadata));
    settled.filter_map(|claim| {
        let volume = meant_for(claim, view)?;
        let reasons = reasons(claim, volume);
        (!reasons.is_empty()).then_some(Pair { claim, volume, reasons })
    })
}

fn meant_for<'a>(claim: &PersistentVolumeClaim, view: &View<'a>) -> Option<&'a PersistentVolume> {
    if !claim.spec.volume_name.is_empty() {
        return view.get::<PersistentVolume>("", &claim.spec.volume_name);
    }
    view.all::<PersistentVolume>().iter().find(|volume| is_kept_for(volume, claim))
}

/// Whether a volume names the claim. One that names an earlier claim of the name, by its uid, does not.
fn is_kept_for(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    volume.spec.claim_ref.as_ref().is_some_and(|it| {
        let is_named = it.namespace == claim.metadata.namespace && it.name == claim.metadata.name;
        is_named && (it.uid.is_empty() || it.uid == claim.metadata.uid)
    })
}

/// What differs: the field of the claim, what the claim says, what the volume says.
///
/// These are what the volume controller compares: the selector of a claim is no matter once its volume is named, nor is
/// the class of a volume that names the claim.
fn reasons(claim: &PersistentVolumeClaim, volume: &PersistentVolume) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    let wanted = amount_of(&claim.spec.resources.requests, "storage");
    let offered = amount_of(&volume.spec.capacity, "storage");
    if wanted > offered && offered.is_some() {
        let written =
            |amount: Option<sre_core::units::Amount>| amount.map_or(String::new(), |it| it.to_binary_string());
        found.push(("spec.resources.requests.storage", written(wanted), written(offered)));
    }
    if !claim.spec.access_modes.iter().all(|mode| volume.spec.access_modes.contains(mode)) {
        found.push(("spec.accessModes", claim.spec.access_modes.join(", "), volume.spec.access_modes.join(", ")));
    }
    let class = class_name(claim).unwrap_or_default();
    if class != volume.spec.storage_class_name && !is_kept_for(volume, claim) {
        found.push(("spec.storageClassName", shown_class(class), shown_class(&volume.spec.storage_class_name)));
    }
    let mode = |mode: &Option<String>| mode.clone().unwrap_or("Filesystem".to_owned());
    let (wanted, offered) = (mode(&claim.spec.volume_mode), mode(&volume.spec.volume_mode));
    if wanted != offered {
        found.push(("spec.volumeMode", wanted, offered));
    }
    found
}

fn shown_class(class: &str) -> String {
    if class.is_empty() { "none".to_owned() } else { class.to_owned() }
}

fn finding(pair: &Pair<'_>, view: &View<'_>) -> Finding {
    let (claim, volume) = (pair.claim, pair.volume);
    let (name, namespace) = (&claim.metadata.name, &claim.metadata.namespace);
    let pods = users(claim, view);
    let severity = if pods.is_empty() { Severity::Warning } else { Severity::Critical };
    let (field, wanted, offered) = &pair.reasons[0];
    let field = field.trim_start_matches("spec.");
    let title = format!(
        "PersistentVolumeClaim {name} cannot have volume {}, which is meant for it: {field} is {wanted}, and that of the volume {offered}",
        volume.metadata.name
    );
    let finding = Finding::new("STO-05", severity, claim.reference(), title);
    let finding = pair.reasons.iter().fold(finding, |finding, (field, wanted, offered)| {
        let of_volume = if *field == "spec.resources.requests.storage" { "spec.capacity.storage" } else { field };
        finding.evidence(&claim.reference(), *field, wanted).evidence(&volume.reference(), of_volume, offered)
    });
    let finding = finding
        .since(claim.metadata.creation_timestamp.at())
        .look(format!("kubectl describe persistentvolumeclaim {name} -n {namespace}"))
        .look(format!("kubectl describe persistentvolume {}", volume.metadata.name));
    shown(finding, &pods)
}

const PAGE: &str = "\
A claim names a volume, or a volume was reserved for it, and yet they do not come together: the claim
asks for more than the volume has, or for another access mode, class or volume mode. It waits for ever.
It is critical when a pod waits for the claim.

Looked at: claims that are Pending, the volume that spec.volumeName or a volume's claimRef names.
Claims that nothing at all fits are told by STO-01. Not meant: claims in their first minute.

What to do: make both say the same; a claim must be made anew for that:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE
  kubectl describe persistentvolume NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const VOLUME: &str = "fault-sto-05-small";

    fn settled() -> Scenario {
        Scenario::captured("STO-05").later(2)
    }

    #[test]
    fn the_volume_and_what_differs_are_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "PersistentVolumeClaim/fault-sto-05/media");
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].title.ends_with("is 10Gi, and that of the volume 1Gi"), "{}", findings[0].title);
        assert_eq!(findings[0].evidence.len(), 2);
    }

    #[test]
    fn it_is_told_once() {
        let of_others = settled().judge(&super::super::claim_is_not_bound::CHECK);
        assert_eq!(of_others, []);
    }

    #[test]
    fn a_volume_that_fits_is_not_meant() {
        assert_eq!(settled().set("PersistentVolume", VOLUME, "/spec/capacity/storage", "10Gi").judge(&CHECK), []);
    }

    #[test]
    fn other_differences_are_named_too() {
        let fits = settled().set("PersistentVolume", VOLUME, "/spec/capacity/storage", "10Gi");
        let modes =
            fits.clone().set("PersistentVolume", VOLUME, "/spec/accessModes", serde_json::json!(["ReadOnlyMany"]));
        assert_eq!(modes.judge(&CHECK)[0].evidence[0].field, "spec.accessModes");
        let class = fits.set("PersistentVolume", VOLUME, "/spec/storageClassName", "fast");
        assert!(
            class.judge(&CHECK)[0]
                .title
                .ends_with("storageClassName is fault-sto-05-by-hand, and that of the volume fast")
        );
    }

    #[test]
    fn the_class_of_a_volume_that_names_the_claim_is_no_matter() {
        let claim = serde_json::json!({"namespace": "fault-sto-05", "name": "media"});
        let kept = settled().set("PersistentVolume", VOLUME, "/spec/claimRef", claim);
        let class = kept.set("PersistentVolume", VOLUME, "/spec/storageClassName", "fast");
        assert_eq!(class.judge(&CHECK)[0].evidence.len(), 2, "only the size");
        assert_eq!(class.set("PersistentVolume", VOLUME, "/spec/capacity/storage", "10Gi").judge(&CHECK), []);
    }

    #[test]
    fn a_claim_that_is_bound_or_just_made_is_not_meant() {
        assert_eq!(settled().set("PersistentVolumeClaim", "media", "/status/phase", "Bound").judge(&CHECK), []);
        assert_eq!(Scenario::captured("STO-05").judge(&CHECK), []);
    }

    #[test]
    fn volumes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::PersistentVolume), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
