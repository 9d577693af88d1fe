//! Revisions of a Deployment alternate: a new one fails, an old one returns, the new one is tried again.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{Deployment, Event, Object};
use crate::view::View;

/// See the module.
pub const CLASS: Class =
    Class { id: "rollback-loop", page: PAGE, recognise, brings: &["rollout-not-progressing"], ..Class::SILENT };

/// Scalings older than this belong to an earlier rollout.
const RECENT_MINUTES: i64 = 120;

fn recognise(view: &View<'_>) -> Vec<Finding> {
    view.all::<Deployment>().iter().filter_map(|deployment| judge(deployment, view)).collect()
}

fn judge(deployment: &Deployment, view: &View<'_>) -> Option<Finding> {
    let object = deployment.reference();
    let events = view.events_about(&object).iter().copied().filter(|event| event.reason == "ScalingReplicaSet");
    let mut recent: Vec<&Event> =
        events.filter(|event| !view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES)).collect();
    recent.reverse();
    let begun: Vec<&str> = recent.iter().filter_map(|event| begun(&event.message)).collect();
    let again = begun.iter().enumerate().find(|(place, set)| {
        let before = &begun[..*place];
        let last = before.iter().rposition(|earlier| earlier == *set);
        last.is_some_and(|last| before[last..].iter().any(|between| between != *set))
    });
    let (_, set) = again?;
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    let title = format!("revisions alternate: {set} is scaled up again after another took its place");
    Some(
        Finding::new("", Severity::Critical, object.clone(), title)
            .evidence(&object, "events ScalingReplicaSet", format!("scaled up in turn: {}", begun.join(", ")))
            .since(recent.first().and_then(|event| event.first_seen()))
            .look(format!("kubectl sre rollback deployment/{name} -n {namespace} --list")),
    )
}

/// The ReplicaSet that a message says is scaled up.
fn begun(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("Scaled up replica set ")?;
    rest.split(' ').next()
}

const PAGE: &str = "\
A Deployment goes to a new revision, back to the old one and to the new one again: somebody rolls back,
and somebody else (a pipeline, GitOps) applies the new one once more.

Looked at: the events ScalingReplicaSet of the last two hours.

What to do: find the two writers, and stop one of them; revert the change at its source:
  kubectl sre rollback deployment/NAME -n NAMESPACE --list";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scaled_up_is_read() {
        assert_eq!(begun("Scaled up replica set web-7f9 to 1"), Some("web-7f9"));
        assert_eq!(begun("Scaled up replica set web-7f9 from 0 to 1"), Some("web-7f9"));
        assert_eq!(begun("Scaled down replica set web-7f9 to 0"), None);
    }
}
