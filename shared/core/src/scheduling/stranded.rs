//! Pods that the scheduler could not place, with why.

use super::demand::Demand;
use super::floor::Floor;
use super::obstacle::Filter;
use super::replay::Replay;
use super::said::counts_in;
use crate::finding::Severity;
use crate::object::ObjectRef;
use crate::slim::{
    ConditionFacts, Kind, Object, PersistentVolumeClaim, Pod, Service, StorageClass, condition_of, has_all,
};
use crate::view::{Group, View};
use jiff::Timestamp;

/// From this age on a pod that is not placed hurts: a new node takes an autoscaler minutes.
const HURTS_AFTER_MINUTES: i64 = 5;

/// And so much sooner when nobody else answers for it.
const MISSED_AFTER_MINUTES: i64 = 1;

/// Pods of one owner that could not be placed, all for the same reason.
pub struct Stranded<'a> {
    /// The pods, with their owner.
    pub group: Group<'a>,
    /// What the first of them demands.
    pub demand: Demand<'a>,
    /// What the nodes say to it.
    pub replay: Replay<'a>,
    /// Why.
    pub verdict: Verdict,
    /// What the scheduler says.
    pub message: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// Why a pod could not be placed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is held back by scheduling gates.
    Gated,
    /// These claims of it are not bound and will not be by placing it.
    Claims(Vec<String>),
    /// No node passes, and this filter decides.
    Filtered(Filter),
    /// The objects seen, and the message, do not say.
    Unclear,
}

/// Every pod that the scheduler could not place, by owner and reason.
pub(crate) fn find<'a>(view: &View<'a>) -> Vec<Stranded<'a>> {
    let waiting = view.all::<Pod>().iter().filter(|pod| refusal(pod, view).is_some());
    let groups = view.grouped(waiting.map(|pod| (pod, claims_of(pod).join(","))));
    if groups.is_empty() {
        return Vec::new();
    }
    let floor = Floor::new(view);
    let mut found: Vec<Stranded<'a>> = Vec::new();
    for group in groups {
        let stranded = judge(group, view, &floor);
        let same = |one: &&mut Stranded<'a>| {
            one.group.owner == stranded.group.owner && one.verdict.kind() == stranded.verdict.kind()
        };
        match found.iter_mut().find(same) {
            Some(first) => first.group.pods.extend(stranded.group.pods),
            None => found.push(stranded),
        }
    }
    found
}

impl Verdict {
    fn kind(&self) -> (u8, Option<Filter>) {
        match self {
            Self::Gated => (0, None),
            Self::Claims(_) => (1, None),
            Self::Filtered(filter) => (2, Some(*filter)),
            Self::Unclear => (3, None),
        }
    }
}

fn judge<'a>(group: Group<'a>, view: &View<'a>, floor: &Floor<'a>) -> Stranded<'a> {
    let pod = group.pods[0];
    let refusal_of_first = refusal(pod, view);
    let demand = Demand::of(pod, view, floor);
    let replay = Replay::of(&demand, floor);
    let message = refusal_of_first.map_or_else(String::new, |it| it.message.to_owned());
    let verdict = verdict(pod, view, &replay, &message);
    let since = group.pods.iter().filter_map(|pod| refusal(pod, view)?.since).min();
    Stranded { group, demand, replay, verdict, message, since }
}

fn verdict(pod: &Pod, view: &View<'_>, replay: &Replay<'_>, message: &str) -> Verdict {
    if refusal(pod, view).is_some_and(|it| it.is_gated) {
        return Verdict::Gated;
    }
    let claims = unbound_claims(pod, view);
    if !claims.is_empty() {
        return Verdict::Claims(claims);
    }
    let replayed = if view.knows(Kind::Node, "") { replay.decisive() } else { None };
    let said = || counts_in(message).first().map(|(filter, _)| *filter);
    replayed.or_else(said).map_or(Verdict::Unclear, Verdict::Filtered)
}

/// What says that a pod is not placed.
#[derive(Clone, Copy)]
struct Refusal<'a> {
    message: &'a str,
    since: Option<Timestamp>,
    is_gated: bool,
}

/// The condition that says that a pod is not placed; where files lack it, the newest event or nothing at all does.
fn refusal<'a>(pod: &'a Pod, view: &View<'a>) -> Option<Refusal<'a>> {
    if !pod.node_name.is_empty() || pod.status.phase != "Pending" {
        return None;
    }
    match condition_of(&pod.status.conditions, "PodScheduled") {
        Some(it) => {
            let is_refused = it.status == "False" && matches!(it.reason.as_str(), "Unschedulable" | "SchedulingGated");
            let is_gated = it.reason == "SchedulingGated";
            is_refused.then(|| Refusal { message: &it.message, since: it.since(), is_gated })
        }
        None if view.snapshot.is_of_files() => told(pod, view),
        None => None,
    }
}

fn told<'a>(pod: &Pod, view: &View<'a>) -> Option<Refusal<'a>> {
    let events = view.events_about(&pod.reference());
    let newest = events.iter().find(|event| event.reason == "FailedScheduling");
    match newest {
        Some(event) => Some(Refusal { message: &event.message, since: event.first_seen(), is_gated: false }),
        None if events.is_empty() && pod.container_statuses().next().is_none() => {
            let since = pod.metadata.creation_timestamp.at();
            Some(Refusal { message: "", since, is_gated: false })
        }
        None => None,
    }
}

fn claims_of(pod: &Pod) -> Vec<&str> {
    let claims = pod.spec.volumes.iter().filter_map(|volume| volume.source.persistent_volume_claim.as_ref());
    claims.map(|claim| claim.claim_name.as_str()).collect()
}

/// The claims of a pod that placing it would not bind: those that are not there, lost, or to be bound at once.
pub fn unbound_claims(pod: &Pod, view: &View<'_>) -> Vec<String> {
    let namespace = pod.metadata.namespace.as_str();
    let is_open = |name: &&str| match view.get::<PersistentVolumeClaim>(namespace, name) {
        Some(claim) => is_unbound_for_good(claim, view),
        None => view.knows(Kind::PersistentVolumeClaim, namespace),
    };
    claims_of(pod).into_iter().filter(is_open).map(str::to_owned).collect()
}

fn is_unbound_for_good(claim: &PersistentVolumeClaim, view: &View<'_>) -> bool {
    let class = claim.spec.storage_class_name.as_deref().unwrap_or_default();
    let class = view.get::<StorageClass>("", class);
    let waits = class.is_some_and(|class| class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"));
    let is_placed = claim.metadata.annotation("volume.kubernetes.io/selected-node").is_some();
    claim.status.phase == "Lost" || (claim.status.phase == "Pending" && (!waits || is_placed))
}

impl Stranded<'_> {
    /// A warning while an autoscaler, or pods that end, may still make room, and nobody misses the pods.
    pub fn severity(&self, view: &View<'_>) -> Severity {
        let patience = if self.is_missed(view) { MISSED_AFTER_MINUTES } else { HURTS_AFTER_MINUTES };
        if view.is_older_than_minutes(self.since, patience) { Severity::Critical } else { Severity::Warning }
    }

    /// Whether a Service that selects the pods has nobody else to send to.
    fn is_missed(&self, view: &View<'_>) -> bool {
        let metadata = &self.group.first().metadata;
        let is_behind = |service: &&Service| {
            let selector = &service.spec.selector;
            service.metadata.namespace == metadata.namespace
                && !selector.is_empty()
                && has_all(selector, &metadata.labels)
        };
        let mut services = view.all::<Service>().iter().filter(is_behind);
        view.knows(Kind::EndpointSlice, &metadata.namespace) && services.any(|it| !view.has_ready_endpoint(it))
    }

    /// Whether what was seen says of every node why it takes none of the pods.
    pub fn is_explained(&self, view: &View<'_>) -> bool {
        view.knows(Kind::Node, "") && self.replay.takers.is_empty() && !self.replay.exclusions.is_empty()
    }

    /// What the scheduler says, and how far that differs from what was seen.
    pub fn quoted(&self, view: &View<'_>) -> String {
        let said = self.message.split(" preemption:").next().unwrap_or_default().trim_end_matches(['.', ' ']);
        let takers = self.replay.takers.len();
        if takers == 0 || !view.knows(Kind::Node, "") {
            return format!("the scheduler says {said}");
        }
        let all = takers + self.replay.exclusions.len();
        format!("the scheduler says {said}; nothing that was seen keeps the pod off {takers} of {all} nodes")
    }

    /// Who is accountable.
    pub fn owner(&self) -> &ObjectRef {
        &self.group.owner
    }
}
