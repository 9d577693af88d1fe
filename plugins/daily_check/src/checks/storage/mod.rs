//! Checks of the section `storage`.

pub mod backup_is_overdue;
pub mod claim_has_lost_its_volume;
pub mod claim_is_not_bound;
pub mod driver_is_not_on_the_node;
pub mod storage_class_is_missing;
pub mod volume_cannot_be_provisioned;
pub mod volume_is_on_another_node;
pub mod volume_is_out_of_reach;
pub mod volume_snapshot_is_not_ready;
