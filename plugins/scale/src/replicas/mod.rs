//! How to get to a number of replicas, what stands in the way, and what whoever decides should know of it.

pub(crate) mod autoscalers;
mod claims;
pub(crate) mod keepers;
pub(crate) mod losses;
pub(crate) mod members;
pub(crate) mod nodes;
pub(crate) mod quota;
mod stateful;
#[cfg(test)]
mod tests;

use crate::refused::Refused;
use serde_json::Value;
use sre_core::ownership::Owner;
use sre_core::plan::{Note, Step, Tier, scale};
use sre_core::resource::Resource;
use sre_core::slim::{
    LabelSelector, LimitRange, PersistentVolumeClaim, Pod, PodDisruptionBudget, ResourceQuota, Service, from_json,
};
use sre_core::view::View;

/// What was seen of an object that is to be scaled, and of what is around it.
///
/// A list that is `None` could not be read: what depends on it is said not to be known.
pub struct Seen<'a> {
    /// The object, whole.
    pub object: &'a Value,
    /// Its subresource `scale`.
    pub scale: &'a Value,
    /// What it is.
    pub resource: &'a Resource,
    /// Whoever owns it, see [`sre_core::ownership::owners`].
    pub owners: &'a [Owner],
    /// HorizontalPodAutoscalers of the namespace.
    pub autoscalers: Option<&'a [Value]>,
    /// KEDA's ScaledObjects of the namespace.
    pub scaled_objects: Option<&'a [Value]>,
    /// VerticalPodAutoscalers of the namespace.
    pub vertical: Option<&'a [Value]>,
    /// Quotas of the namespace.
    pub quotas: Option<&'a [ResourceQuota]>,
    /// Limit ranges of the namespace.
    pub limit_ranges: Option<&'a [LimitRange]>,
    /// Disruption budgets of the namespace.
    pub budgets: Option<&'a [PodDisruptionBudget]>,
    /// Services of the namespace.
    pub services: Option<&'a [Service]>,
    /// Ingresses of the namespace.
    pub ingresses: Option<&'a [Value]>,
    /// Claims of the namespace.
    pub claims: Option<&'a [PersistentVolumeClaim]>,
    /// Pods and nodes.
    pub view: &'a View<'a>,
}

/// A plan's steps, and what is to be known of them.
pub type Planned = (Vec<Step>, Vec<Note>);

/// What is asked for, and what it starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) now: i64,
    pub(crate) wanted: i64,
}

impl Span {
    /// How many more.
    pub(crate) fn more(self) -> i64 {
        self.wanted - self.now
    }
}

/// The steps to a number of replicas, and what is to be known of them; no steps when there are so many already.
/// `expected` is how many are to be wanted before.
///
/// # Errors
/// Says why it is not to be done, and what to do instead.
pub fn plan(seen: &Seen<'_>, wanted: i64, expected: Option<i64>) -> Result<Planned, Refused> {
    let span = Span { now: seen.now(), wanted };
    if let Some(expected) = expected.filter(|it| *it != span.now) {
        return Err(Refused::new(
            format!("{} wants {} replicas, not {expected}", seen.named(), span.now),
            "look at it again, and leave --current-replicas out or say what is there",
        ));
    }
    if span.more() == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut notes = keepers::check(seen.object, seen.owners, "f:replicas")?;
    notes.extend(autoscalers::check(seen, span)?);
    let pod = seen.pod_to_be();
    if span.more() > 0 {
        notes.extend(quota::check(seen, pod.as_ref(), span)?);
        notes.extend(nodes::notes(seen, pod.as_ref(), span));
        notes.extend(claims::shared(seen, pod.as_ref(), span));
    } else {
        notes.extend(losses::notes(seen, span));
    }
    let mut steps = steps(seen, span);
    notes.extend(stateful::notes(seen, span));
    if stateful::loses_claims(seen, span) {
        steps.iter_mut().for_each(|step| step.tier = Tier::Destructive);
    }
    Ok((steps, notes))
}

fn steps(seen: &Seen<'_>, span: Span) -> Vec<Step> {
    let one = |before: i64, after: i64, why: String| scale(seen.object, &seen.resource.plural, (before, after), why);
    if !stateful::is_ordered(seen) {
        let why = format!("asked for: {} replicas instead of {}", span.wanted, span.now);
        return one(span.now, span.wanted, why).into_iter().collect();
    }
    let direction = span.more().signum();
    let numbers = std::iter::successors(Some(span.now), |it| Some(it + direction));
    let numbers = numbers.take_while(|it| *it != span.wanted);
    numbers.filter_map(|it| one(it, it + direction, stateful::why(seen, it, direction))).collect()
}

impl<'a> Seen<'a> {
    /// How many replicas are wanted now.
    pub fn now(&self) -> i64 {
        self.scale.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(0)
    }

    pub(crate) fn name(&self) -> &'a str {
        text(self.object, "/metadata/name")
    }

    pub(crate) fn namespace(&self) -> &'a str {
        text(self.object, "/metadata/namespace")
    }

    pub(crate) fn kind(&self) -> &'a str {
        text(self.object, "/kind")
    }

    pub(crate) fn named(&self) -> String {
        format!("{} {}", self.kind(), self.name())
    }

    /// What selects its pods; `None` when nothing says it.
    pub(crate) fn selector(&self) -> Option<LabelSelector> {
        LabelSelector::parse(text(self.scale, "/status/selector")).ok().filter(|it| !it.is_empty())
    }

    /// Its pods that have not ended.
    pub(crate) fn pods(&self) -> Vec<&'a Pod> {
        let Some(selector) = self.selector() else { return Vec::new() };
        let all = self.view.pods_in(self.namespace()).iter().copied();
        all.filter(|pod| selector.matches(&pod.metadata.labels) && !has_ended(pod)).collect()
    }

    /// A pod as the next one will be: by the template, or where there is none in sight, like one that is there.
    pub(crate) fn pod_to_be(&self) -> Option<Pod> {
        let Some(template) = self.object.pointer("/spec/template").filter(|it| it["spec"]["containers"].is_array())
        else {
            let mut pod = (*self.pods().first()?).clone();
            pod.node_name.clear();
            return Some(pod);
        };
        let template = quota::with_defaults(template, self.limit_ranges.unwrap_or_default());
        let mut metadata = template["metadata"].clone();
        metadata["namespace"] = self.namespace().into();
        metadata["name"] = self.name().into();
        let pod = serde_json::json!({"metadata": metadata, "spec": template["spec"]});
        from_json(pod.to_string().as_bytes()).ok()
    }
}

pub(crate) fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn name_of(object: &Value) -> &str {
    text(object, "/metadata/name")
}

fn has_ended(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

/// So many more pods, in words.
pub(crate) fn more_pods(count: i64) -> String {
    if count == 1 { "1 more pod".to_owned() } else { format!("{count} more pods") }
}

/// What cannot be said because something could not be read.
fn unread(what: &str, so: &str) -> Note {
    Note::warning(format!("{what} cannot be read: {so} is not known"))
}
