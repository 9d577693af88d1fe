//! Warning events of one reason stand out by their number within the last hour.

use jiff::{SignedDuration, Timestamp};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{Event, HorizontalPodAutoscaler, Kind, Object, Pod, condition_of};
use sre_core::view::{View, is_ready};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-112",
    title: "warning events of one reason pile up",
    section: Section::Warnings,
    examines: &[Sight::Of(Kind::Event)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::HorizontalPodAutoscaler)],
    page: PAGE,
    run,
};

const WINDOW_MINUTES: i64 = 60;
const AT_LEAST: i64 = 20;
const MANY: i64 = 100;
const TIMES_THE_MEDIAN: i64 = 3;
const SHOWN_OBJECTS: usize = 20;

fn run(view: &View<'_>) -> Vec<Finding> {
    let piles = piles(view);
    let mut sizes: Vec<i64> = piles.values().map(Pile::total).collect();
    sizes.sort_unstable();
    let median = if sizes.len() < 2 { 0 } else { sizes[(sizes.len() - 1) / 2] };
    let high = AT_LEAST.max(TIMES_THE_MEDIAN * median);
    let is_told = |pile: &Pile<'_>| pile.total() >= high && !pile.is_over(view);
    piles.iter().filter(|(_, pile)| is_told(pile)).map(|(reason, pile)| describe(reason, pile, view)).collect()
}

/// The warnings of one reason.
#[derive(Default)]
struct Pile<'a> {
    objects: BTreeMap<ObjectRef, i64>,
    latest: Option<&'a Event>,
    first: Option<Timestamp>,
}

impl Pile<'_> {
    fn total(&self) -> i64 {
        self.objects.values().sum()
    }

    /// Whether all of it is about autoscalers that read their metrics by now: while those were not there yet, each
    /// complained every few seconds.
    fn is_over(&self, view: &View<'_>) -> bool {
        self.objects.keys().all(|object| object.kind == "HorizontalPodAutoscaler" && reads_its_metrics(object, view))
    }

    /// The objects with most warnings.
    fn loudest(&self) -> Vec<&ObjectRef> {
        let mut objects: Vec<(&ObjectRef, &i64)> = self.objects.iter().collect();
        objects.sort_by_key(|(object, count)| (Reverse(**count), *object));
        objects.into_iter().map(|(object, _)| object).take(SHOWN_OBJECTS).collect()
    }
}

fn piles<'a>(view: &View<'a>) -> BTreeMap<&'a str, Pile<'a>> {
    let mut piles: BTreeMap<&str, Pile<'_>> = BTreeMap::new();
    for event in view.all::<Event>().iter().filter(|event| event.type_ == "Warning") {
        let count = within_window(event, view);
        if count > 0 {
            let pile = piles.entry(&event.reason).or_default();
            let about = &event.involved_object;
            *pile.objects.entry(ObjectRef::scoped(&about.kind, &about.namespace, &about.name)).or_default() += count;
            pile.first = pile.first.into_iter().chain(event.first_seen()).min();
            pile.latest = pile.latest.into_iter().chain([event]).max_by_key(|event| event.last_seen());
        }
    }
    piles
}

/// How often an event happened within the window; what began before it counts with its share.
fn within_window(event: &Event, view: &View<'_>) -> i64 {
    let (Some(first), Some(last)) = (event.first_seen(), event.last_seen()) else { return 0 };
    let opens = view.now() - SignedDuration::from_mins(WINDOW_MINUTES);
    if last < opens {
        return 0;
    }
    let (whole, inside) = (last.duration_since(first).as_secs().max(1), last.duration_since(opens).as_secs());
    let count = i64::from(event.occurrences());
    if first >= opens { count } else { (count * inside.min(whole) / whole).max(1) }
}

fn describe(reason: &str, pile: &Pile<'_>, view: &View<'_>) -> Finding {
    let (total, objects) = (pile.total(), pile.objects.len());
    let severity = if total >= MANY { Severity::Warning } else { Severity::Info };
    let about = if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") };
    let title = format!("{total} warnings {reason} within an hour, about {about}");
    let object = ObjectRef::cluster("Event", reason);
    let finding = Finding::new("GAP-112", severity, object, title).symptom().since(pile.first);
    let finding = pile
        .latest
        .into_iter()
        .fold(finding, |finding, event| finding.evidence(&event.reference(), "message", event.message.trim()));
    // What is gone or well again has nothing upstream any more, and would keep the others from being explained.
    let (ill, other): (Vec<_>, Vec<_>) = pile.loudest().into_iter().partition(|object| is_here_and_ill(object, view));
    let shown = if ill.is_empty() { other } else { ill };
    let finding = shown.into_iter().fold(finding, |finding, object| finding.shows_on(object.clone()));
    finding
        .look(format!("kubectl get events -A --field-selector type=Warning,reason={reason} --sort-by=.lastTimestamp"))
}

fn reads_its_metrics(object: &ObjectRef, view: &View<'_>) -> bool {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let autoscaler = view.get::<HorizontalPodAutoscaler>(namespace, &object.name);
    autoscaler.and_then(|it| condition_of(&it.status.conditions, "ScalingActive")).is_some_and(|it| it.status == "True")
}

fn is_here_and_ill(object: &ObjectRef, view: &View<'_>) -> bool {
    let namespace = object.namespace.as_deref().filter(|_| object.kind == "Pod");
    let pod = namespace.and_then(|namespace| view.get::<Pod>(namespace, &object.name));
    view.labels_of(object).is_some() && !pod.is_some_and(is_ready)
}

const PAGE: &str = "\
The warning events of one reason within the last hour are many: at least twenty, and three times as many
as the median of all reasons. A hundred and more are a warning, fewer are for information.

Warnings are what components saw and not what is wrong: where another finding explains the objects that
they are about, this one is folded under it. Pods that are ready now are counted and not named; autoscalers that
read their metrics by now are no pile. Left alone it points to where nobody has looked yet.

Looked at: the events of type Warning. An event that began before the hour counts with its share of it.
Events are kept for about an hour; what is not kept any more cannot be counted.

Harmless: reasons that a controller repeats by design while it waits.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn many_warnings_of_one_reason_are_counted_and_shown_on_their_objects() {
        let findings = Scenario::captured("GAP-112").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let pile = &findings[0];
        assert_eq!((pile.object.to_string().as_str(), pile.severity), ("Event/Unhealthy", Severity::Info));
        assert_eq!(pile.title, "24 warnings Unhealthy within an hour, about 24 objects");
        assert_eq!(pile.shows_on.len(), 20);
        assert!(pile.evidence[0].value.contains("Readiness probe failed"), "{:?}", pile.evidence);
        assert!(pile.remedies[0].command.contains("reason=Unhealthy"));
    }

    #[test]
    fn normal_events_are_not_counted() {
        let scenario = Scenario::captured("GAP-112");
        let events = scenario.names_of("Event", "web-");
        let calm = events.iter().fold(scenario, |scenario, event| scenario.set("Event", event, "/type", "Normal"));
        assert_eq!(calm.judge(&CHECK), []);
    }

    #[test]
    fn autoscalers_that_have_their_metrics_by_now_are_no_pile() {
        let about = |active: &str| {
            let autoscaler = serde_json::json!({
                "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
                "metadata": {"name": "web", "namespace": "shop"},
                "status": {"conditions": [{"type": "ScalingActive", "status": active}]}
            });
            let scenario = Scenario::captured("GAP-112").with(autoscaler);
            let events = scenario.names_of("Event", "web-");
            let to = serde_json::json!({"kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "web"});
            events.iter().fold(scenario, |scenario, event| scenario.set("Event", event, "/involvedObject", to.clone()))
        };
        assert_eq!(about("True").judge(&CHECK), []);
        assert_eq!(about("False").judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_pod_that_is_ready_again_is_not_named() {
        let scenario = Scenario::captured("GAP-112");
        let well = scenario.names_of("Pod", "web-")[0].clone();
        let pile = |scenario: &Scenario| scenario.judge(&CHECK)[0].clone();
        let names = |pile: &Finding| pile.shows_on.iter().map(|object| object.name.clone()).collect::<Vec<_>>();
        let scenario =
            scenario.set("Pod", &well, "/status/conditions", serde_json::json!([{"type": "Ready", "status": "True"}]));
        assert!(!names(&pile(&scenario)).contains(&well));
        assert!(pile(&scenario).title.starts_with("24 warnings"), "{}", pile(&scenario).title);
    }

    #[test]
    fn what_was_two_hours_ago_is_over() {
        assert_eq!(Scenario::captured("GAP-112").later(120).judge(&CHECK), []);
    }

    #[test]
    fn events_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-112").gap(Sight::Of(Kind::Event), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Event was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
