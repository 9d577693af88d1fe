//! The data of a StatefulSet are deleted with its claims.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, PersistentVolume, PersistentVolumeClaim, StatefulSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-81",
    title: "the data of a StatefulSet are deleted with its claims",
    section: Section::Opinions,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::PersistentVolumeClaim), Sight::Of(Kind::PersistentVolume)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<StatefulSet>().iter().filter_map(|set| judge(set, view)).collect(),
};

fn judge(set: &StatefulSet, view: &View<'_>) -> Option<Finding> {
    if view.is_going(&set.metadata) {
        return None;
    }
    let templates = set.spec.volume_claim_templates.iter();
    let claims =
        templates.flat_map(|template| crate::checks::storage::claims_of_template(set, &template.metadata.name, view));
    let volumes: Vec<(&PersistentVolumeClaim, &PersistentVolume)> = claims
        .filter_map(|(_, claim)| Some((claim, view.get::<PersistentVolume>("", &claim.spec.volume_name)?)))
        .filter(|(_, volume)| volume.spec.persistent_volume_reclaim_policy == "Delete")
        .collect();
    (!volumes.is_empty()).then(|| finding(set, &volumes))
}

fn finding(set: &StatefulSet, volumes: &[(&PersistentVolumeClaim, &PersistentVolume)]) -> Finding {
    let object = set.reference();
    let goes_itself =
        set.spec.persistent_volume_claim_retention_policy.as_ref().is_some_and(|it| it.when_deleted == "Delete");
    let when = if goes_itself { "when it is deleted" } else { "when somebody deletes its claims" };
    let count =
        if volumes.len() == 1 { "its volume is".to_owned() } else { format!("its {} volumes are", volumes.len()) };
    let title = format!("{count} deleted with the data {when}");
    let finding = Finding::new("GAP-81", Severity::Info, object, title).risk();
    let finding = volumes.iter().take(3).fold(finding, |finding, (claim, volume)| {
        finding
            .evidence(&volume.reference(), "spec.persistentVolumeReclaimPolicy", "Delete")
            .shows_on(claim.reference())
    });
    volumes.iter().take(3).fold(finding.look("kubectl get persistentvolumes"), |finding, (_, volume)| {
        finding.change(format!(
            "kubectl patch persistentvolume {} --type=merge -p '{{\"spec\":{{\"persistentVolumeReclaimPolicy\":\"Retain\"}}}}' --dry-run=server",
            volume.metadata.name
        ))
    })
}

const PAGE: &str = "\
The volumes behind a StatefulSet have the reclaim policy Delete: whoever deletes a claim, or the
namespace, deletes the disk with the data. It is the default of nearly every StorageClass, so this is
told only when it is asked for (--only opinions).

Looked at: persistentVolumeReclaimPolicy of the volumes behind the claims of each StatefulSet, and its
persistentVolumeClaimRetentionPolicy.

What to do: for data that must survive a mistake, keep the volumes, and have a backup anyhow:
  kubectl patch persistentvolume NAME --type=merge -p '{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Retain\"}}' --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const VOLUME: &str = "fault-gap-81-data";

    #[test]
    fn the_set_and_its_volume_are_named() {
        let findings = Scenario::captured("GAP-81").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "StatefulSet/fault-gap-81/store");
        assert_eq!(findings[0].title, "its volume is deleted with the data when somebody deletes its claims");
        assert_eq!(findings[0].evidence[0].object.name, VOLUME);
    }

    #[test]
    fn a_set_that_deletes_its_claims_itself_is_told_apart() {
        let policy = json!({"whenDeleted": "Delete", "whenScaled": "Retain"});
        let field = "/spec/persistentVolumeClaimRetentionPolicy";
        let findings = Scenario::captured("GAP-81").set("StatefulSet", "store", field, policy).judge(&CHECK);
        assert!(findings[0].title.ends_with("when it is deleted"), "{}", findings[0].title);
    }

    #[test]
    fn volumes_that_are_kept_are_not_meant() {
        let field = "/spec/persistentVolumeReclaimPolicy";
        assert_eq!(Scenario::captured("GAP-81").set("PersistentVolume", VOLUME, field, "Retain").judge(&CHECK), []);
    }

    #[test]
    fn volumes_that_could_not_be_listed_leave_it_undecided() {
        let gap = Scenario::captured("GAP-81").gap(Sight::Of(Kind::PersistentVolume), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
