//! A volume has been waiting for a claim for weeks.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Kind, Object, PersistentVolume};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-07",
    title: "a volume has been waiting for a claim for weeks",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolume)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| judge(view).into_iter().collect(),
};

const UNUSED_FOR_MINUTES: i64 = 14 * 24 * 60;

/// One finding for all of them: each is a matter of tidiness.
fn judge(view: &View<'_>) -> Option<Finding> {
    let is_unused = |volume: &&PersistentVolume| {
        volume.status.phase == "Available"
            && waits(volume)
            && view.is_older_than_minutes(since(volume), UNUSED_FOR_MINUTES)
    };
    let volumes: Vec<&PersistentVolume> = view.all::<PersistentVolume>().iter().filter(is_unused).collect();
    let title = match volumes.as_slice() {
        [] => return None,
        [only] => format!("volume {} has been waiting for a claim for weeks", only.metadata.name),
        several => format!("{} volumes have been waiting for claims for weeks", several.len()),
    };
    let finding = Finding::new("STO-07", Severity::Info, ObjectRef::cluster("PersistentVolume", "*"), title).risk();
    let finding = volumes.iter().take(3).fold(finding, |finding, volume| {
        let class = &volume.spec.storage_class_name;
        let class = if class.is_empty() { "no class" } else { class };
        finding.evidence(&volume.reference(), "status.phase", format!("Available, {class}"))
    });
    let finding = finding.since(volumes.iter().filter_map(|volume| since(volume)).min());
    let finding = volumes.iter().fold(finding, |finding, volume| finding.shows_on(volume.reference()));
    Some(finding.look("kubectl get persistentvolumes"))
}

/// Disks of nodes wait in a stock, and a volume that is reserved for a claim waits for that one.
fn waits(volume: &PersistentVolume) -> bool {
    volume.spec.source.local.is_none()
        && volume.spec.claim_ref.is_none()
        && volume.metadata.deletion_timestamp.is_none()
}

fn since(volume: &PersistentVolume) -> Option<Timestamp> {
    let changed = volume.status.last_phase_transition_time.as_ref().and_then(|time| time.at());
    changed.or_else(|| volume.metadata.creation_timestamp.at())
}

const PAGE: &str = "\
A PersistentVolume was made by hand, and for two weeks no claim has taken it. It may have been meant
for a claim that names another class, or simply be forgotten; the disk behind it is paid for.

Looked at: volumes whose phase is Available, since when. Not meant: local disks of nodes, which wait
in a stock, and volumes that are reserved for a claim.

What to do: look at it, and delete it when nobody needs it:
  kubectl describe persistentvolume NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const NAME: &str = "fault-sto-07-spare";
    const KIND: &str = "PersistentVolume";

    fn settled() -> Scenario {
        Scenario::captured("STO-07").later(15 * 24 * 60)
    }

    #[test]
    fn the_unused_volume_is_shown() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(
            (findings[0].severity, findings[0].object.to_string().as_str()),
            (Severity::Info, "PersistentVolume/*")
        );
        assert_eq!((findings[0].shows_on.len(), findings[0].shows_on[0].name.as_str()), (1, NAME));
    }

    #[test]
    fn a_new_volume_is_not_meant() {
        assert_eq!(Scenario::captured("STO-07").judge(&CHECK), []);
    }

    #[test]
    fn bound_local_and_reserved_volumes_are_not_meant() {
        assert_eq!(settled().set(KIND, NAME, "/status/phase", "Bound").judge(&CHECK), []);
        assert_eq!(settled().set(KIND, NAME, "/spec/local", json!({"path": "/disk"})).judge(&CHECK), []);
        assert_eq!(settled().set(KIND, NAME, "/spec/claimRef", json!({"name": "later"})).judge(&CHECK), []);
    }

    #[test]
    fn volumes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::PersistentVolume), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
