//! An autoscaler scales up and down again and again.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{Event, HorizontalPodAutoscaler, Object};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "hpa-flapping",
    page: PAGE,
    recognise,
    brings: &["rollout-not-progressing", "pod-creation-failed"],
    ..Class::SILENT
};

/// So many turns within the time of the events are no answer to a load that comes and goes.
const TURNS: usize = 2;

/// Rescalings older than this are over.
const RECENT_MINUTES: i64 = 60;

fn recognise(view: &View<'_>) -> Vec<Finding> {
    view.all::<HorizontalPodAutoscaler>().iter().filter_map(|autoscaler| judge(autoscaler, view)).collect()
}

fn judge(autoscaler: &HorizontalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let object = autoscaler.reference();
    let events = view.events_about(&object).iter().copied().filter(|event| event.reason == "SuccessfulRescale");
    let mut recent: Vec<&Event> =
        events.filter(|event| !view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES)).collect();
    recent.reverse();
    let sizes: Vec<i64> = recent.iter().filter_map(|event| size(&event.message)).collect();
    let ways: Vec<i64> = recent.iter().filter_map(|event| way(&event.message)).collect();
    if turns_of(&steps(&sizes)).max(turns_of(&ways)) < TURNS {
        return None;
    }
    let (name, namespace) = (&autoscaler.metadata.name, &autoscaler.metadata.namespace);
    let (least, most) = (sizes.iter().min()?, sizes.iter().max()?);
    let list = sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let title = format!("the autoscaler goes up and down between {least} and {most} replicas");
    Some(
        Finding::new("", Severity::Warning, object.clone(), title)
            .evidence(&object, "events SuccessfulRescale", format!("sizes in turn: {list}"))
            .since(recent.first().and_then(|event| event.first_seen()))
            .look(format!("kubectl describe hpa {name} -n {namespace}")),
    )
}

/// The size of a message like `New size: 6; reason: ...`.
fn size(message: &str) -> Option<i64> {
    let (_, rest) = message.split_once("New size: ")?;
    rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// Which way a rescaling went, by its reason.
fn way(message: &str) -> Option<i64> {
    let says = |words: &str| message.to_lowercase().contains(words);
    if says("above target") { Some(1) } else { says("below target").then_some(-1) }
}

fn steps(sizes: &[i64]) -> Vec<i64> {
    sizes.windows(2).map(|pair| (pair[1] - pair[0]).signum()).filter(|step| *step != 0).collect()
}

/// How often a sequence of steps changes its direction.
fn turns_of(steps: &[i64]) -> usize {
    steps.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

const PAGE: &str = "\
An autoscaler scales its target up and down again and again. Each time pods are made and deleted, and
the load that they take moves the metric that decides.

Looked at: the events SuccessfulRescale of the last hour, for changes of direction.

What to do: lengthen the stabilisation window for scaling down, or choose a metric that does not fall
as soon as pods are added:
  kubectl get hpa NAME -n NAMESPACE -o jsonpath='{.spec.behavior}'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_direction_are_counted() {
        let turns = |sizes: &[i64]| turns_of(&steps(sizes));
        assert_eq!(turns(&[6, 3, 5]), 1);
        assert_eq!(turns(&[6, 4, 6, 4]), 2);
        assert_eq!((turns(&[2, 4, 8]), turns(&[3, 3]), turns(&[])), (0, 0, 0));
        assert_eq!(way("New size: 3; reason: All metrics below target"), Some(-1));
        assert_eq!(size("New size: 12; reason: cpu above target"), Some(12));
    }
}
