//! Events are kept for less than an hour.

use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Event, Kind, Namespace, Object, Pod};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-02",
    title: "events are kept for less than an hour",
    section: Section::Coverage,
    examines: &[],
    relies_on: &[Sight::Of(Kind::Event)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::Namespace)],
    page: PAGE,
    run,
};

/// What the API server keeps when nobody says otherwise, less what an etcd lease may be early.
const USUAL_MINUTES: i64 = 55;

/// Below this, what happened since the last look is gone before anybody looks.
const SHORT_MINUTES: i64 = 30;

/// Time that a pod is given to have its first events.
const SLACK_MINUTES: i64 = 2;

fn run(view: &View<'_>) -> Vec<Finding> {
    judge(view).into_iter().collect()
}

fn judge(view: &View<'_>) -> Option<Finding> {
    let oldest = view.all::<Event>().iter().filter_map(Event::last_seen).min();
    let reach = view.age(oldest.unwrap_or_else(|| view.now()));
    if reach.as_mins() >= USUAL_MINUTES || !is_old(view) {
        return None;
    }
    let forgotten = forgotten(view, reach).filter(|_| reach.as_mins() < SHORT_MINUTES);
    let severity = if forgotten.is_some() { Severity::Warning } else { Severity::Info };
    let title = match oldest {
        Some(_) => format!("events reach back {} minutes only: what happened before left no trace", reach.as_mins()),
        None => "there are no events at all: nothing says what happened in the last hour".to_owned(),
    };
    let events = ObjectRef::cluster("Event", "*");
    let told = oldest.map_or_else(|| "none".to_owned(), |at| at.to_string());
    let finding = Finding::new("GAP-02", severity, events.clone(), title)
        .evidence(&events, "lastTimestamp (oldest)", told)
        .look("kubectl get events -A --sort-by=.lastTimestamp");
    Some(match forgotten {
        Some((pod, created)) => {
            finding.evidence(&pod.reference(), "metadata.creationTimestamp, without an event", created.to_string())
        }
        None => finding,
    })
}

/// Whether the cluster is older than the hour that events are usually kept for.
fn is_old(view: &View<'_>) -> bool {
    let created = |created: Option<Timestamp>| view.is_older_than_minutes(created, 60);
    view.all::<Namespace>().iter().any(|it| created(it.metadata.creation_timestamp.at()))
        || view.all::<Pod>().iter().any(|it| created(it.metadata.creation_timestamp.at()))
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

It is a note when the oldest event is younger than 55 minutes on a cluster older than an hour: it
may just have been quiet. It is a warning when events reach back less than 30 minutes and a pod of
the last hour, which must have had events, has none left.

Looked at: the time that each event was last seen; the creation of pods.

What to do: raise --event-ttl of the API server, or collect events somewhere else. Managed clusters
often allow the second only.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The captured pods with their events, in a cluster whose namespace is as old as given.
    fn cluster(minutes: i64) -> Scenario {
        let scenario = Scenario::captured("NOD-01");
        let then = ago(&scenario, minutes);
        scenario.set("Namespace", "fault-nod-01", "/metadata/creationTimestamp", then)
    }

    fn ago(scenario: &Scenario, minutes: i64) -> String {
        (scenario.snapshot().taken_at - SignedDuration::from_mins(minutes)).to_string()
    }

    #[test]
    fn a_pod_whose_events_are_gone_proves_that_they_are_dropped_early() {
        let scenario = cluster(600);
        let created = ago(&scenario, 20);
        let findings = scenario.set("Pod", "web-0", "/metadata/creationTimestamp", created.clone()).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.to_string().as_str(), findings[0].severity), ("Event/*", Severity::Warning));
        assert_eq!(findings[0].title, "events reach back 0 minutes only: what happened before left no trace");
        assert_eq!(findings[0].evidence[1].value, created);
        assert_eq!(findings[0].remedies[0].command, "kubectl get events -A --sort-by=.lastTimestamp");
    }

    #[test]
    fn without_proof_it_is_a_note() {
        assert_eq!(cluster(600).judge(&CHECK)[0].severity, Severity::Info);
    }

    #[test]
    fn a_cluster_without_events_is_a_note() {
        let quiet = cluster(600).without("Event", "");
        assert!(quiet.judge(&CHECK)[0].title.starts_with("there are no events at all"));
    }

    #[test]
    fn a_young_cluster_is_not_meant() {
        assert_eq!(cluster(30).judge(&CHECK), []);
    }

    #[test]
    fn events_of_an_hour_are_not_meant() {
        assert_eq!(cluster(600).later(56).judge(&CHECK), []);
    }

    #[test]
    fn events_that_could_not_be_listed_leave_it_undecided() {
        let findings = cluster(600).gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Event was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
