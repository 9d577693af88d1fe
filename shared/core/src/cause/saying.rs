//! What is said about objects: by events, conditions and states of containers.
//!
//! States outrank sayings. A saying that what came after it has refuted is none: a pod that has started is not held up
//! by what kept it from starting.

use super::class::Heard;
use super::classes::is_made_good;
use crate::object::ObjectRef;
use crate::slim::condition::Condition;
use crate::slim::container_status::{ContainerState, ContainerStatus};
use crate::slim::custom::gateway::{Gateway, HTTPRoute};
use crate::slim::{
    ConditionFacts, DaemonSet, Deployment, Event, HorizontalPodAutoscaler, Job, KINDS, Kind, Node, Object,
    PersistentVolumeClaim, Pod, ReplicaSet, Service, StatefulSet, condition_of,
};
use crate::view::{View, is_ready};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How long an event about an object that was not seen, or whose state says nothing, is taken to hold.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// How near the end something is said that nothing later refutes.
const LAST_WORDS: SignedDuration = SignedDuration::from_mins(10);

/// How long the provisioner of a volume, or what measures pods, may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// How often a probe fails that fails not by the way.
const OFTEN: i32 = 3;

/// How long whoever reconciles an object may take before what it says counts.
const SETTLING: SignedDuration = SignedDuration::from_mins(2);

/// How far a pod comes on its way to work; trouble of one stage ends when a later one is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It is made, and let in by admission.
    Admission,
    /// It gets a node.
    Scheduling,
    /// Its volumes are attached and mounted.
    Volumes,
    /// It gets a sandbox and an address.
    Sandbox,
    /// Its images are pulled.
    Images,
    /// What it reads is found, and its containers start.
    Start,
    /// It runs, is ready, and stays so.
    Running,
    /// No stage of a pod: it stands by itself.
    Elsewhere,
}

/// One thing that is said about an object.
#[derive(Clone, Debug)]
pub struct Saying<'a> {
    /// Whom it is about.
    pub about: ObjectRef,
    /// Where it stands: `event FailedMount`, `status.conditions[Ready]`.
    pub field: String,
    /// One word.
    pub reason: &'a str,
    /// What is said.
    pub message: &'a str,
    /// When it was said last.
    pub at: Option<Timestamp>,
    /// When it was said first.
    pub since: Option<Timestamp>,
    /// How often it was said.
    pub count: u32,
    /// How far its pod has come by what was said later, where it is about a pod.
    pub reached: Option<Stage>,
    /// Whether a process left it at its end.
    pub is_of_process: bool,
    text: String,
}

impl Saying<'_> {
    /// Whether it holds one of these, in lower case, in its reason or message.
    pub fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.text.contains(word))
    }

    /// Whether it holds one of these as words of their own.
    pub fn says_word(&self, words: &[&str]) -> bool {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric();
        words.iter().any(|word| {
            self.text.match_indices(word).any(|(at, _)| {
                let (before, after) = (&self.text[..at], &self.text[at + word.len()..]);
                !before.ends_with(is_letter) && !after.starts_with(is_letter)
            })
        })
    }

    /// Whether its reason is one of these.
    pub fn is(&self, reasons: &[&str]) -> bool {
        reasons.contains(&self.reason)
    }

    /// Whether it is about an object of such a kind.
    pub fn is_about(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.about.kind.as_str())
    }

    /// Whether it is still true of a stage: nothing later shows that the stage was passed.
    pub fn holds_of(&self, stage: Stage) -> bool {
        self.reached.is_none_or(|reached| reached <= stage)
    }

    /// Whether it can tell of a class at all: of a pod that was never made nothing but that can be said, whatever words
    /// the answer of the API server holds.
    pub fn can_tell_of(&self, heard: &Heard) -> bool {
        let of_no_pod = self.is(&["FailedCreate"]) && !matches!(heard.stage, Stage::Admission | Stage::Elsewhere);
        !of_no_pod && (heard.hears_processes || !self.is_of_process)
    }

    /// Whether it stands in a state or a condition, and not in an event.
    pub fn is_state(&self) -> bool {
        !self.field.starts_with("event ")
    }

    /// The word that stands between quotes behind some words, in the message.
    pub fn quoted_after(&self, words: &str) -> Option<&str> {
        quoted_after(self.message, words)
    }
}

/// What is said, by whom it is about.
pub type Sayings<'a> = BTreeMap<ObjectRef, Vec<Saying<'a>>>;

/// Everything that is said and holds.
pub fn sayings<'a>(view: &View<'a>) -> Sayings<'a> {
    let mut all = Sayings::new();
    let mut add = |saying: Saying<'a>| all.entry(saying.about.clone()).or_default().push(saying);
    of_events(view).for_each(&mut add);
    for pod in view.all::<Pod>().iter().filter(|pod| is_in_trouble(pod) && !is_past(view, pod)) {
        of_pod(view, pod).into_iter().for_each(&mut add);
    }
    of_conditions(view).into_iter().for_each(&mut add);
    all
}

fn of_events<'a>(view: &View<'a>) -> impl Iterator<Item = Saying<'a>> {
    let events = view.all::<Event>().iter();
    events.filter(|event| event.type_ != "Normal" || is_trouble_in_disguise(&event.reason)).filter_map(|event| {
        let object = &event.involved_object;
        let about = ObjectRef::scoped(&object.kind, &object.namespace, &object.name);
        let (at, since) = (event.last_seen(), event.first_seen());
        let is_over = event_is_over(view, event, &about);
        (!is_over && holds(view, &about, at)).then(|| Saying {
            field: format!("event {}", event.reason),
            reason: &event.reason,
            message: &event.message,
            count: u32::try_from(event.count.max(1)).unwrap_or(1),
            reached: reached(view, &about, at),
            is_of_process: false,
            text: without_names(&format!("{}: {}", event.reason, event.message).to_lowercase(), &about),
            about,
            at,
            since,
        })
    })
}

/// Whether the state of whom an event is about, or what was said of it later, shows that it is no more so.
fn event_is_over(view: &View<'_>, event: &Event, about: &ObjectRef) -> bool {
    let (namespace, name) = (about.namespace.as_deref().unwrap_or_default(), about.name.as_str());
    let at = event.last_seen();
    let reason = event.reason.as_str();
    match about.kind.as_str() {
        "Pod" => view.get::<Pod>(namespace, name).is_some_and(|pod| of_pod_is_over(view, pod, event)),
        "PersistentVolumeClaim" => {
            let is_about_binding = matches!(
                reason,
                "ProvisioningFailed" | "ExternalProvisioning" | "WaitForFirstConsumer" | "FailedBinding"
            );
            let is_new = reason == "ExternalProvisioning" && is_after_less_than(view, event.first_seen(), at, PATIENCE);
            let claim = view.get::<PersistentVolumeClaim>(namespace, name);
            is_about_binding && (is_new || claim.is_some_and(|claim| claim.status.phase == "Bound"))
        }
        "Service" | "Endpoints" if reason.contains("Endpoint") => has_its_endpoints(view, namespace, name),
        "Service" => view
            .get::<Service>(namespace, name)
            .is_some_and(|it| reason.contains("LoadBalancer") && !it.status.load_balancer.ingress.is_empty()),
        "HorizontalPodAutoscaler" => {
            let is_about_metrics = reason.starts_with("FailedGet") || reason.starts_with("FailedCompute");
            is_about_metrics && (is_well(view, about) || is_beginning(view, about))
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" => reason == "FailedCreate" && is_well(view, about),
        "DaemonSet" | "Job" | "CronJob" | "Node" => false,
        _ => is_good_again(view, about, at),
    }
}

/// Whether a Service has just the endpoints that it wants: a controller that could not write them tries again, and says
/// nothing when that succeeds.
fn has_its_endpoints(view: &View<'_>, namespace: &str, name: &str) -> bool {
    // What files hold of slices may be newer or older than what they hold of pods.
    let Some(service) = view.get::<Service>(namespace, name).filter(|_| !view.snapshot.is_of_files()) else {
        return false;
    };
    let endpoints = view.slices_of(namespace, name).iter().flat_map(|slice| &slice.endpoints);
    let targets: BTreeSet<&str> = endpoints.filter_map(|it| Some(it.target_ref.as_ref()?.name.as_str())).collect();
    let wanted = view.pods_behind(service);
    let has_all = wanted.iter().filter(|pod| is_ready(pod)).all(|pod| targets.contains(pod.metadata.name.as_str()));
    has_all && targets.iter().all(|target| view.get::<Pod>(namespace, target).is_some())
}

/// Whether an autoscaler is so new that there is nothing to measure yet.
fn is_beginning(view: &View<'_>, about: &ObjectRef) -> bool {
    let found = view.get::<HorizontalPodAutoscaler>(about.namespace.as_deref().unwrap_or_default(), &about.name);
    let made = found.and_then(|it| it.metadata.creation_timestamp.at());
    made.is_some_and(|at| view.age(at) < PATIENCE)
}

fn is_after_less_than(
    view: &View<'_>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    time: SignedDuration,
) -> bool {
    let is_short = matches!((first, last), (Some(first), Some(last)) if last.duration_since(first) < time);
    is_short && first.is_some_and(|first| view.age(first) < time)
}

/// Whether a pod is over what was said of it: a probe that failed once and never kept it from being ready, what goes
/// wrong in the first moments, what its end brings.
fn of_pod_is_over(view: &View<'_>, pod: &Pod, event: &Event) -> bool {
    let at = event.last_seen();
    let is_probe = event.reason == "Unhealthy";
    if event.reason == "DNSConfigForming" {
        return is_ready(pod);
    }
    if is_past(view, pod) || is_probe && view.is_going(&pod.metadata) {
        return true;
    }
    if is_in_the_first_moments(view, pod)
        && (is_probe || matches!(event.reason.as_str(), "FailedMount" | "FailedAttachVolume"))
    {
        return true;
    }
    // It has been ready all the time: few failures were borne, and kill nothing.
    is_probe
        && is_ready(pod)
        && !is_ready_at_no_time(pod)
        && (event.count < OFTEN || at.is_some_and(|at| view.age(at) > LAST_WORDS))
}

/// Whether an object of another kind has come out of it: a later event says so, or its own condition.
fn is_good_again(view: &View<'_>, about: &ObjectRef, at: Option<Timestamp>) -> bool {
    const SUCCESS: [&str; 8] =
        ["succe", "ensured", "reconciled", "synced", "provisioned", "completed", "issued", "updated"];
    let says_so = |reason: &str| {
        let reason = reason.to_lowercase();
        SUCCESS.iter().any(|word| reason.contains(word)) || reason == "ready"
    };
    let mut later = view.events_about(about).iter().filter(|event| event.type_ == "Normal" && event.last_seen() > at);
    let mut others = view.snapshot.others.iter().filter(|it| it.reference() == *about);
    let is_good = |conditions: &[Condition]| {
        let mut telling = conditions.iter().filter(|it| is_good_when_true(&it.type_)).peekable();
        telling.peek().is_some() && telling.all(|it| it.status == "True" && it.since() >= at)
    };
    later.any(|event| says_so(&event.reason)) || others.any(|it| is_good(&it.status.conditions))
}

/// Ordinary events that tell of trouble all the same.
fn is_trouble_in_disguise(reason: &str) -> bool {
    matches!(reason, "NotTriggerScaleUp" | "ExternalProvisioning" | "Killing" | "Preempted" | "WaitForFirstConsumer")
}

/// Whether what an event says of an object can still be so.
fn holds(view: &View<'_>, about: &ObjectRef, at: Option<Timestamp>) -> bool {
    let namespace = about.namespace.as_deref().unwrap_or_default();
    let fresh = at.is_none_or(|at| view.age(at) <= FRESH);
    match about.kind.as_str() {
        "Pod" => match view.get::<Pod>(namespace, &about.name) {
            // Where files do not say when a pod became ready, what was said last counts.
            Some(pod) if is_ready_at_no_time(pod) => at.is_some_and(|at| view.age(at) <= LAST_WORDS),
            Some(pod) => fresh && is_in_trouble_since(pod, at),
            None => fresh && !view.knows(Kind::Pod, namespace),
        },
        kind => {
            let known = KINDS.iter().find(|row| row.name == kind).map(|row| row.kind);
            let is_there = known.is_none_or(|kind| {
                view.snapshot.objects.metadata(kind, namespace, &about.name).is_some() || !view.knows(kind, namespace)
            });
            fresh && is_there
        }
    }
}

/// Whether the state of an object shows that what was said of it is over: it has the pods, or the values, that it lacked.
fn is_well(view: &View<'_>, about: &ObjectRef) -> bool {
    let (namespace, name) = (about.namespace.as_deref().unwrap_or_default(), about.name.as_str());
    // What files hold of a controller may be older than what they hold of its events.
    let is_whole = !view.snapshot.is_of_files();
    let has_all = |wanted: Option<i32>, there: i32| is_whole && there > 0 && there >= wanted.unwrap_or(1);
    match about.kind.as_str() {
        "HorizontalPodAutoscaler" => view.get::<HorizontalPodAutoscaler>(namespace, name).is_some_and(|it| {
            let is = |kind: &str| condition_of(&it.status.conditions, kind).is_some_and(|it| it.status == "True");
            is("ScalingActive") && is("AbleToScale")
        }),
        "ReplicaSet" => {
            view.get::<ReplicaSet>(namespace, name).is_some_and(|it| has_all(it.spec.replicas, it.status.replicas))
        }
        "Deployment" => {
            view.get::<Deployment>(namespace, name).is_some_and(|it| has_all(it.spec.replicas, it.status.replicas))
        }
        "StatefulSet" => {
            view.get::<StatefulSet>(namespace, name).is_some_and(|it| has_all(it.spec.replicas, it.status.replicas))
        }
        _ => false,
    }
}

/// Whether a pod is not what it should be: it waits, has failed, or a container of it is not ready.
fn is_in_trouble(pod: &Pod) -> bool {
    pod.status.phase != "Succeeded" && (!is_ready(pod) || pod.metadata.deletion_timestamp.is_some())
}

/// Whether a pod is so new that what it lacks may still come.
pub fn is_in_the_first_moments(view: &View<'_>, pod: &Pod) -> bool {
    let made = pod.metadata.creation_timestamp.at();
    !view.is_timeless(&pod.metadata) && made.is_some_and(|made| view.age(made) < SETTLING)
}

/// Whether a pod that failed is of the past: its Job is done, others do its work, or nobody misses it.
pub fn is_past(view: &View<'_>, pod: &Pod) -> bool {
    if pod.status.phase != "Failed" {
        return false;
    }
    let ends = pod.container_statuses().filter_map(|status| status.state.terminated.as_ref()?.finished_at.at());
    let ready = condition_of(&pod.status.conditions, "Ready").and_then(|it| it.last_transition_time.at());
    let ended = ends.max().max(ready).or_else(|| pod.metadata.creation_timestamp.at());
    let is_old = ended.is_some_and(|at| view.age(at) > FRESH);
    let owner = view.owner_of(pod);
    let others = view.pods_of(&owner);
    let mut living = others.iter().filter(|it| !matches!(it.status.phase.as_str(), "Failed" | "Succeeded")).peekable();
    let is_replaced = living.peek().is_some() && living.all(|it| is_ready(it));
    is_made_good(view, pod) || is_old && is_replaced
}

fn is_ready_at_no_time(pod: &Pod) -> bool {
    let ready = condition_of(&pod.status.conditions, "Ready");
    ready.is_some_and(|it| it.status == "True" && it.last_transition_time.at().is_none())
}

/// The same, or it became ready before something was said of it.
fn is_in_trouble_since(pod: &Pod, at: Option<Timestamp>) -> bool {
    let ready = condition_of(&pod.status.conditions, "Ready").filter(|it| it.status == "True");
    let became = ready.and_then(|it| it.last_transition_time.at());
    is_in_trouble(pod) || matches!((became, at), (Some(became), Some(at)) if became < at)
}

/// How far a pod came after something was said of it, by what was said later and by its state.
fn reached(view: &View<'_>, about: &ObjectRef, at: Option<Timestamp>) -> Option<Stage> {
    if about.kind != "Pod" {
        return None;
    }
    let later = view.events_about(about).iter().filter(|event| event.last_seen() > at);
    let by_events = later.filter_map(|event| passed(&event.reason)).max();
    let pod = view.get::<Pod>(about.namespace.as_deref().unwrap_or_default(), &about.name);
    by_events.max(pod.and_then(by_state))
}

/// The stage that an ordinary event begins.
fn passed(reason: &str) -> Option<Stage> {
    Some(match reason {
        "Scheduled" => Stage::Volumes,
        "SuccessfulMountVolume" | "AddedInterface" => Stage::Sandbox,
        "Pulling" => Stage::Images,
        "Pulled" => Stage::Start,
        "Started" => Stage::Running,
        _ => return None,
    })
}

/// The stage that a pod's own state shows: it has a node, its containers have run.
fn by_state(pod: &Pod) -> Option<Stage> {
    let ran = |status: &ContainerStatus| {
        status.state.running.is_some() || status.state.terminated.is_some() || status.last_state.terminated.is_some()
    };
    let mut main = pod.status.container_statuses.iter();
    if !pod.status.container_statuses.is_empty() && main.all(ran) {
        return Some(Stage::Running);
    }
    (!pod.node_name.is_empty()).then_some(Stage::Volumes)
}

/// What the state of a pod itself says.
fn of_pod<'a>(view: &View<'_>, pod: &'a Pod) -> Vec<Saying<'a>> {
    let about = pod.reference();
    let said = |field: String, reason, message, at| Saying::new(&about, field, reason, message, at);
    let mut all = Vec::new();
    if !pod.status.reason.is_empty() || !pod.status.message.is_empty() {
        all.push(said("status.reason".to_owned(), &pod.status.reason, &pod.status.message, None));
    }
    for condition in pod.status.conditions.iter().filter(|it| it.status == "False" || it.type_ == "DisruptionTarget") {
        let (field, at) = (format!("status.conditions[{}]", condition.type_), condition.since());
        all.push(said(field, &condition.reason, &condition.message, at));
    }
    for status in pod.container_statuses() {
        all.extend(of_state(&about, &status.name, "state", &status.state));
        // How it ended long ago says nothing of a container that has run since.
        let ended = status.last_state.terminated.as_ref().and_then(|it| it.finished_at.at());
        let is_old = status.state.waiting.is_none() && ended.is_some_and(|at| view.age(at) > FRESH);
        if !is_old {
            all.extend(of_state(&about, &status.name, "lastState", &status.last_state));
        }
    }
    all
}

fn of_state<'a>(about: &ObjectRef, container: &str, name: &str, state: &'a ContainerState) -> Vec<Saying<'a>> {
    let field = |what: &str| format!("status.containerStatuses[{container}].{name}.{what}");
    let waiting = state.waiting.as_ref().map(|it| Saying::new(about, field("waiting"), &it.reason, &it.message, None));
    let ended = state.terminated.as_deref().into_iter().flat_map(|it| {
        let by_process = !matches!(it.reason.as_str(), "StartError" | "ContainerCannotRun" | "ContainerStatusUnknown");
        let said = Saying::new(about, field("terminated"), &it.reason, &it.message, it.finished_at.at());
        let words = Saying { text: it.message.to_lowercase(), ..said.clone() }.of_process();
        let reason = Saying { text: it.reason.to_lowercase(), message: "", ..said.clone() };
        let is_bad = it.exit_code != 0 || !it.message.is_empty();
        let both = if by_process { vec![reason, words] } else { vec![said] };
        both.into_iter().filter(move |_| is_bad)
    });
    waiting.into_iter().chain(ended).collect()
}

/// What controllers and nodes say of themselves.
fn of_conditions<'a>(view: &View<'a>) -> Vec<Saying<'a>> {
    let mut all = Vec::new();
    for node in view.all::<Node>() {
        let bad = |type_: &str, status: &str| if type_ == "Ready" { status != "True" } else { status == "True" };
        all.extend(of_each(&node.reference(), &node.status.conditions, &bad));
    }
    let failed = |type_: &str, status: &str| match type_ {
        "ReplicaFailure" | "Failed" | "FailureTarget" => status == "True",
        "ScalingLimited" => false,
        _ => status == "False",
    };
    for it in view.all::<Deployment>() {
        all.extend(of_each(&it.reference(), &it.status.conditions, &failed));
    }
    for it in view.all::<ReplicaSet>() {
        all.extend(of_each(&it.reference(), &it.status.conditions, &failed));
    }
    for it in view.all::<StatefulSet>() {
        all.extend(of_each(&it.reference(), &it.status.conditions, &failed));
    }
    for it in view.all::<DaemonSet>() {
        all.extend(of_each(&it.reference(), &it.status.conditions, &failed));
    }
    for it in view.all::<Job>() {
        all.extend(of_each(&it.reference(), &it.status.conditions, &failed));
    }
    for it in view.all::<HorizontalPodAutoscaler>() {
        all.extend(of_each(&it.reference(), &it.status.conditions, &failed));
    }
    let is_new =
        |since: Option<Timestamp>| since.is_some_and(|at| view.age(at) < SETTLING) && !view.snapshot.is_of_files();
    let mut custom = |about: ObjectRef, conditions: &'a [Condition]| {
        let said = of_each(&about, conditions, &|kind, status| status == "False" && is_good_when_true(kind));
        all.extend(said.into_iter().filter(|saying| !is_new(saying.at)));
    };
    for it in view.all::<Gateway>() {
        custom(it.reference(), &it.status.conditions);
        it.status.listeners.iter().for_each(|listener| custom(it.reference(), &listener.conditions));
    }
    for it in view.all::<HTTPRoute>() {
        it.status.parents.iter().for_each(|parent| custom(it.reference(), &parent.conditions));
    }
    for it in &view.snapshot.others {
        custom(it.reference(), &it.status.conditions);
    }
    for it in view.all::<PersistentVolumeClaim>() {
        all.extend(of_each(&it.reference(), &it.status.conditions, &|_, status| status == "True"));
    }
    all
}

/// Whether a condition of a kind that is not known here is good when it is true: many are the other way round, as
/// `Degraded`, `Reconciling` and `Conflicted`.
fn is_good_when_true(kind: &str) -> bool {
    const GOOD: [&str; 20] = [
        "Ready",
        "Available",
        "Succeeded",
        "Programmed",
        "Accepted",
        "Resolved",
        "ResolvedRefs",
        "Healthy",
        "Synced",
        "Established",
        "Reconciled",
        "Installed",
        "Initialized",
        "Valid",
        "Registered",
        "Launched",
        "Admitted",
        "Deployed",
        "Bound",
        "Synchronized",
    ];
    GOOD.contains(&kind) || ["Ready", "Available", "Healthy", "Succeeded", "Synced"].iter().any(|it| kind.ends_with(it))
}

fn of_each<'a, C: ConditionFacts>(
    about: &ObjectRef,
    conditions: &'a [C],
    is_bad: &dyn Fn(&str, &str) -> bool,
) -> Vec<Saying<'a>> {
    let bad = conditions.iter().filter(|it| is_bad(it.kind(), it.status()));
    bad.map(|it| Saying::new(about, format!("status.conditions[{}]", it.kind()), it.reason(), it.message(), it.since()))
        .collect()
}

impl<'a> Saying<'a> {
    fn new(about: &ObjectRef, field: String, reason: &'a str, message: &'a str, at: Option<Timestamp>) -> Self {
        // Of a field only the name of a condition counts: others hold the names of containers.
        let condition = field.strip_prefix("status.").filter(|it| it.starts_with("conditions")).unwrap_or_default();
        let text = without_names(&format!("{condition} {reason}: {message}").to_lowercase(), about);
        let (about, is_of_process) = (about.clone(), false);
        Self { about, field, reason, message, at, since: at, count: 1, reached: None, is_of_process, text }
    }

    fn of_process(self) -> Self {
        Self { is_of_process: true, ..self }
    }
}

/// A text without the names of whom it is about, which are no words: a pod may be called `regression-tests-0`.
fn without_names(text: &str, about: &ObjectRef) -> String {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let name = about.name.to_lowercase();
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let is_begin = !kept.ends_with(is_of_name);
        let is_named = is_begin && name.contains('-') && rest.starts_with(&name);
        let is_value =
            ["container=", "pod=", "container \"", "pod \"", "failed container "].iter().any(|key| kept.ends_with(key));
        let after_slash = kept.ends_with('/') && rest.starts_with(&name);
        if is_named || is_value || after_slash {
            // What the kubelet calls a pod goes on with its namespace and its uid.
            let is_more = |letter: char| is_of_name(letter) || is_value && matches!(letter, '_' | '(' | ')');
            let end = rest.find(|letter: char| !is_more(letter)).unwrap_or(rest.len());
            rest = &rest[end..];
            kept.push('\u{2026}');
        }
        let mut letters = rest.chars();
        kept.extend(letters.next());
        rest = letters.as_str();
    }
    kept
}

/// What stands between a pair of quotes after some words, for names in messages.
pub fn quoted_after<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    let (_, after) = message.split_once(words)?;
    let start = after.find(['"', '\''])? + 1;
    let quote = after.as_bytes()[start - 1] as char;
    let name = after[start..].split(quote).next()?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::Pool;
    use crate::snapshot::{Encoded, Snapshot, decode_into};
    use serde_json::{Value, json};

    fn said(objects: &[(Kind, Value)]) -> usize {
        let mut snapshot = Snapshot::default();
        for (kind, object) in objects {
            let text = object.to_string();
            let json = Encoded::Json(text.as_bytes());
            decode_into(*kind, json, &mut snapshot.objects, &mut Pool::default()).expect("an object");
        }
        snapshot.objects.sort();
        of_events(&View::new(&snapshot)).count()
    }

    #[test]
    fn endpoints_that_could_not_be_written_are_over_when_they_are_those_of_the_pods() {
        let named = |name: &str| json!({"name": name, "namespace": "shop", "labels": {"app": "web"}});
        let pod = |name: &str| {
            let status = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
            (Kind::Pod, json!({"metadata": named(name), "spec": {"containers": [{"name": "web"}]}, "status": status}))
        };
        let service = (Kind::Service, json!({"metadata": named("web"), "spec": {"selector": {"app": "web"}}}));
        let slice = |pods: &[&str]| {
            let of_pod = |name: &&str| json!({"addresses": ["10.0.0.1"], "targetRef": {"kind": "Pod", "name": name}});
            let endpoints: Vec<Value> = pods.iter().map(of_pod).collect();
            let metadata =
                json!({"name": "web-x", "namespace": "shop", "labels": {"kubernetes.io/service-name": "web"}});
            (Kind::EndpointSlice, json!({"metadata": metadata, "endpoints": endpoints}))
        };
        let told = |kind: &str, reason: &str| {
            let event = json!({"metadata": {"name": format!("{kind}.1"), "namespace": "shop"}, "type": "Warning",
                "involvedObject": {"kind": kind, "namespace": "shop", "name": "web"}, "reason": reason,
                "message": "it is invalid: subsets: Invalid value"});
            (Kind::Event, event)
        };
        let events = [told("Service", "FailedToUpdateEndpointSlices"), told("Endpoints", "FailedToUpdateEndpoint")];
        let of = |pods: &[&str]| {
            let others = [service.clone(), pod("web-1"), pod("web-2"), slice(pods)];
            said(&[&others[..], &events[..]].concat())
        };
        assert_eq!(of(&["web-1", "web-2"]), 0);
        assert_eq!(of(&["web-1"]), 2, "a pod is missing");
        assert_eq!(of(&["web-1", "web-2", "web-0"]), 2, "one is gone");
    }
}
