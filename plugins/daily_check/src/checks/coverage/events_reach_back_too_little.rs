//! Events are kept for less than an hour.

use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Event, Kind, Object, Pod};
use sre_core::snapshot::NamespaceScope;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-02",
    title: "events are kept for less than an hour",
    section: Section::Coverage,
    examines: &[],
    relies_on: &[Sight::Of(Kind::Event)],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

/// What the API server keeps when nobody says otherwise, less what an etcd lease may be early.
const USUAL_MINUTES: i64 = 55;

/// Time that a pod is given to have its first events.
const SLACK_MINUTES: i64 = 2;

fn run(view: &View<'_>) -> Vec<Finding> {
    judge(view).into_iter().collect()
}

/// Only a pod whose events are gone is proof: a quiet cluster, or one namespace of it, has few events or none.
fn judge(view: &View<'_>) -> Option<Finding> {
    if view.snapshot.namespaces != NamespaceScope::All {
        return None;
    }
    let oldest = view.all::<Event>().iter().filter_map(Event::last_seen).min();
    let reach = view.age(oldest.unwrap_or_else(|| view.now()));
    let (pod, created) = forgotten(view, reach)?;
    let title = match oldest {
        Some(_) => format!("events reach back {} minutes only: what happened before left no trace", reach.as_mins()),
        None => "there are no events at all: nothing says what happened in the last hour".to_owned(),
    };
    let events = ObjectRef::cluster("Event", "*");
    let told = oldest.map_or_else(|| "none".to_owned(), |at| at.to_string());
    let finding = Finding::new("GAP-02", Severity::Warning, events.clone(), title)
        .evidence(&events, "lastTimestamp (oldest)", told)
        .evidence(&pod.reference(), "metadata.creationTimestamp, without an event", created.to_string())
        .look("kubectl get events -A --sort-by=.lastTimestamp");
    Some(finding)
}

/// A pod of the last hour that must have had events, older than every event: proof that they were dropped, and
/// that it was not just quiet.
fn forgotten<'a>(view: &View<'a>, reach: SignedDuration) -> Option<(&'a Pod, Timestamp)> {
    let created = view.all::<Pod>().iter().filter_map(|pod| Some((pod, pod.metadata.creation_timestamp.at()?)));
    let dropped = reach + SignedDuration::from_mins(SLACK_MINUTES);
    let within = |at: &Timestamp| view.age(*at) > dropped && view.age(*at) < SignedDuration::from_mins(USUAL_MINUTES);
    created.filter(|(_, at)| within(at)).max_by_key(|(_, at)| *at)
}

const PAGE: &str = "\
Kubernetes forgets events, by default after an hour. Many checks read their reasons from events; a
cluster that keeps them for less hides what happened since the last look.

It is said only with proof: a pod of the last 55 minutes, which must have had events, has none left,
and every event that is there is younger than it. It is not judged when one namespace was read only.

Looked at: the time that each event was last seen; the creation of pods.

What to do: raise --event-ttl of the API server, or collect events somewhere else. Managed clusters
often allow the second only.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The captured pods with their events.
    fn cluster() -> Scenario {
        Scenario::captured("NOD-01")
    }

    fn ago(scenario: &Scenario, minutes: i64) -> String {
        (scenario.snapshot().taken_at - SignedDuration::from_mins(minutes)).to_string()
    }

    #[test]
    fn a_pod_whose_events_are_gone_proves_that_they_are_dropped_early() {
        let scenario = cluster();
        let created = ago(&scenario, 20);
        let findings = scenario.set("Pod", "web-0", "/metadata/creationTimestamp", created.clone()).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.to_string().as_str(), findings[0].severity), ("Event/*", Severity::Warning));
        assert_eq!(findings[0].title, "events reach back 0 minutes only: what happened before left no trace");
        assert_eq!(findings[0].evidence[1].value, created);
        assert_eq!(findings[0].remedies[0].command, "kubectl get events -A --sort-by=.lastTimestamp");
    }

    #[test]
    fn without_proof_nothing_is_said() {
        assert_eq!(cluster().judge(&CHECK), []);
        assert_eq!(cluster().without("Event", "").judge(&CHECK), []);
    }

    #[test]
    fn a_pod_without_events_in_a_cluster_without_any_is_proof() {
        let created = ago(&cluster(), 20);
        let findings = cluster().set("Pod", "web-0", "/metadata/creationTimestamp", created).without("Event", "");
        assert!(findings.judge(&CHECK)[0].title.starts_with("there are no events at all"));
    }

    #[test]
    fn one_namespace_proves_nothing() {
        let created = ago(&cluster(), 20);
        let mut snapshot = cluster().set("Pod", "web-0", "/metadata/creationTimestamp", created).snapshot();
        assert_eq!(run(&View::new(&snapshot)).len(), 1);
        snapshot.namespaces = NamespaceScope::One("fault-nod-01".to_owned());
        assert_eq!(run(&View::new(&snapshot)), []);
    }

    #[test]
    fn events_that_could_not_be_listed_leave_it_undecided() {
        let findings = cluster().gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Event was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
