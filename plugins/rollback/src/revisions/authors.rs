//! Who made a revision, as far as the workload still tells.

use super::fields::Fields;
use super::kept::Kept;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// How long a controller may take to make a revision of a template that was changed.
const REACTION: SignedDuration = SignedDuration::from_secs(5);

/// The field managers that wrote the pod template when the revision was made.
///
/// Each manager has one entry with the time when it wrote last: whoever wrote twice is known for the second one only.
/// The current template is by whoever wrote it last, whenever its revision was made first.
pub(super) fn of(workload: &Value, revision: &Kept<'_>, is_current: bool) -> Vec<String> {
    let entries = Fields(workload).list("/metadata/managedFields").iter().filter(|it| writes_template(it));
    let mut writers: Vec<(Timestamp, &str)> =
        entries.filter_map(|it| Some((Fields(it).time("/time")?, it["manager"].as_str()?))).collect();
    writers.sort();
    if is_current {
        let last = writers.last().map(|(at, _)| *at);
        writers.retain(|(at, _)| Some(*at) == last);
    } else {
        writers.retain(|(at, _)| *at <= revision.created && revision.created.duration_since(*at) <= REACTION);
    }
    writers.into_iter().map(|(_, manager)| manager.to_owned()).collect()
}

fn writes_template(entry: &Value) -> bool {
    let is_controller = entry["manager"] == "kube-controller-manager";
    !is_controller && entry["subresource"].is_null() && entry.pointer("/fieldsV1/f:spec/f:template").is_some()
}
