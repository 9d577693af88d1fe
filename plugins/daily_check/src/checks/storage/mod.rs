//! Checks of the section `storage`.

pub mod attach_limit_is_near;
pub mod backup_is_overdue;
pub mod backup_job_has_not_succeeded;
pub mod claim_does_not_fit_its_volume;
pub mod claim_has_lost_its_volume;
pub mod claim_is_not_bound;
pub mod claim_is_unused;
pub mod claims_are_left_behind;
pub mod driver_is_not_on_the_node;
pub mod resize_does_not_end;
pub mod several_default_classes;
pub mod storage_class_is_missing;
pub mod template_needs_a_default_class;
pub mod volume_cannot_be_attached;
pub mod volume_cannot_be_provisioned;
pub mod volume_fills_up;
pub mod volume_has_failed_or_is_released;
pub mod volume_is_on_another_node;
pub mod volume_is_out_of_reach;
pub mod volume_is_unused;
pub mod volume_snapshot_is_not_ready;
pub mod volume_stays_attached;

use sre_core::slim::{PersistentVolumeClaim, StatefulSet};
use sre_core::view::View;

/// The claims that a StatefulSet has made from a template, `TEMPLATE-SET-N`, with their numbers.
pub(super) fn claims_of_template<'a>(
    set: &StatefulSet,
    template: &str,
    view: &View<'a>,
) -> Vec<(i64, &'a PersistentVolumeClaim)> {
    let here = view.all::<PersistentVolumeClaim>().iter().filter(|it| it.metadata.namespace == set.metadata.namespace);
    here.filter_map(|claim| Some((number(claim, set, template)?, claim))).collect()
}

fn number(claim: &PersistentVolumeClaim, set: &StatefulSet, template: &str) -> Option<i64> {
    let rest = claim.metadata.name.strip_prefix(template)?.strip_prefix('-')?;
    rest.strip_prefix(set.metadata.name.as_str())?.strip_prefix('-')?.parse().ok()
}

/// The StatefulSets by one of whose templates a claim is named.
fn sets_of_claim<'a>(claim: &PersistentVolumeClaim, view: &View<'a>) -> Vec<&'a StatefulSet> {
    let here = view.all::<StatefulSet>().iter().filter(|set| set.metadata.namespace == claim.metadata.namespace);
    let is_named = |set: &&StatefulSet| {
        set.spec.volume_claim_templates.iter().any(|template| number(claim, set, &template.metadata.name).is_some())
    };
    here.filter(is_named).collect()
}
