//! Changes that Events, Applications and releases tell of.

use super::{Change, Sort};
use crate::object::ObjectRef;
use crate::slim::custom::application::Application;
use crate::slim::{Event, HelmRelease, HorizontalPodAutoscaler, Object};
use crate::view::View;

/// Who reports the changes of this suite.
const OURS: &str = "kubectl-sre";

/// Seconds after the beginning of a rollout in which its ReplicaSets are scaled because of it.
const OF_ROLLOUT: i64 = 600;

/// What nodes go through, by the reasons of Events; what is written besides at each start and stop is left out.
const OF_NODES: [(&str, &str); 6] = [
    ("Rebooted", "rebooted"),
    ("Starting", "its kubelet started"),
    ("NodeNotReady", "became not ready"),
    ("NodeNotSchedulable", "was cordoned"),
    ("NodeSchedulable", "was uncordoned"),
    ("RemovingNode", "was removed"),
];

/// Everything that is told, but what follows from rollouts.
pub(super) fn told(view: &View<'_>, rollouts: &[Change]) -> Vec<Change> {
    let mut all: Vec<Change> = view.all::<Event>().iter().filter_map(|event| of_event(view, event, rollouts)).collect();
    all.extend(view.all::<Application>().iter().filter_map(synced));
    all.extend(releases(view));
    all
}

fn of_event(view: &View<'_>, event: &Event, rollouts: &[Change]) -> Option<Change> {
    let at = event.last_seen()?;
    let about = &event.involved_object;
    let object = ObjectRef::scoped(&about.kind, &about.namespace, &about.name);
    if event.reporter() == OURS {
        let words = format!("{}: {}", event.reason, event.message);
        return Some(Change::new(at, object, Sort::Record, words));
    }
    match (about.kind.as_str(), event.reason.as_str()) {
        ("HorizontalPodAutoscaler", "SuccessfulRescale") => {
            let autoscaler = view.get::<HorizontalPodAutoscaler>(&about.namespace, &about.name)?;
            let target = &autoscaler.spec.scale_target_ref;
            let target = ObjectRef::namespaced(&target.kind, &about.namespace, &target.name);
            Some(
                Change::new(at, target, Sort::Scaling, format!("was scaled: {}", event.message))
                    .by(Some(&object.to_string())),
            )
        }
        ("Deployment", "ScalingReplicaSet") => {
            let follows = |it: &Change| (-1..OF_ROLLOUT).contains(&at.duration_since(it.at).as_secs());
            let is_of_rollout = rollouts.iter().any(|it| it.object == object && follows(it));
            // The first ReplicaSet of all is made with the Deployment.
            let is_birth = view.made(&object).is_some_and(|made| at.duration_since(made).as_secs() < super::SAME);
            let change = Change::new(at, object, Sort::Scaling, format!("was scaled: {}", event.message));
            (!is_of_rollout && !is_birth).then_some(change)
        }
        ("Node", reason) => {
            let words = OF_NODES.iter().find(|(known, _)| *known == reason)?.1;
            Some(Change::new(at, ObjectRef::cluster("Node", &about.name), Sort::Node, words))
        }
        _ => None,
    }
}

/// The last time that Argo CD applied what a repository has.
fn synced(application: &Application) -> Option<Change> {
    let state = application.status.operation_state.as_ref()?;
    let at = state.finished_at.and_then(|time| time.at())?;
    let words = format!("was synchronised: {}", state.phase);
    Some(Change::new(at, application.reference(), Sort::Sync, words).by(Some("Argo CD")))
}

/// Each revision of a release that Helm keeps but the first.
fn releases(view: &View<'_>) -> impl Iterator<Item = Change> {
    let later = view.all::<HelmRelease>().iter().filter(|it| it.is_release() && it.revision().is_some_and(|it| it > 1));
    later.filter_map(|release| {
        let at = release.metadata.creation_timestamp.at()?;
        let words = format!("revision {} was made: {}", release.revision()?, release.status());
        Some(Change::new(at, release.reference(), Sort::Sync, words).by(Some("helm")))
    })
}
