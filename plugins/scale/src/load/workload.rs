//! How many replicas of one workload so many times the load would need, and what that rests on.

use super::usage::{Usage, Used};
use sre_core::object::ObjectRef;
use sre_core::profile::{Component, Vital};
use sre_core::scheduling::pod_request;
use sre_core::slim::horizontal_pod_autoscaler::{HorizontalPodAutoscaler, MetricTarget};
use sre_core::slim::pod_spec::PodTemplateSpec;
use sre_core::slim::{Deployment, PersistentVolumeClaim, Pod, StatefulSet};
use sre_core::units::Amount;
use sre_core::view::View;

/// What a replica may use of its request where no autoscaler has a target, in percent: CPU and memory.
pub const USUAL: [(&str, i64); 2] = [("cpu", 70), ("memory", 80)];

/// A workload as it was seen.
pub(super) struct Seen<'a> {
    pub(super) object: ObjectRef,
    pub(super) replicas: i64,
    ready: i64,
    template: &'a PodTemplateSpec,
}

/// One workload, and what so many times the load would need of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The workload.
    pub object: ObjectRef,
    /// Replicas that are wanted now.
    pub replicas: i64,
    /// Replicas that are ready.
    pub ready: i64,
    /// What each replica requests: CPU and memory.
    pub request: (Amount, Amount),
    /// What all replicas use; none where nobody measured it.
    pub usage: Option<Used>,
    /// Replicas that would be needed.
    pub needed: i64,
    /// What that number rests on.
    pub basis: Basis,
    /// Why more replicas do not carry more load by themselves; then the number stays.
    pub stays: Option<String>,
    /// The autoscaler that sets the number.
    pub autoscaler: Option<Autoscaler>,
    /// What to know besides.
    pub notes: Vec<String>,
    /// Where it stands among the parts of the system, if the profile names it.
    pub tier: Option<Tier>,
    /// How many of the pods that would come the nodes hold, once those before them are placed.
    pub held: Option<usize>,
    /// Its only container, which can be given more without asking which is meant.
    pub container: Option<String>,
    /// A pod as those that come will be, and how many of them.
    more: Option<(Pod, usize)>,
}

/// Where a workload stands among the parts of the system; those that more depends on come first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// How much depends on it.
    pub vital: Option<Vital>,
    /// How many components stand before it in the profile.
    pub at: usize,
    /// What the component is called.
    pub component: String,
}

impl Tier {
    fn of(components: &[Component], object: &ObjectRef) -> Option<Self> {
        let (at, own) = components.iter().enumerate().find(|(_, it)| it.holds(object))?;
        Some(Self { vital: own.vital, at, component: own.name.clone() })
    }
}

/// What a number of replicas rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Usage against the targets of its autoscaler.
    Autoscaler,
    /// Usage against what replicas usually may use of their requests.
    Usual,
    /// Each replica carries what it carries now.
    Share,
}

impl Basis {
    /// How documents call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Autoscaler => "autoscaler",
            Self::Usual => "usual",
            Self::Share => "share",
        }
    }
}

/// The autoscaler of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscaler {
    /// Its name.
    pub name: String,
    /// The least replicas.
    pub min: i64,
    /// The most replicas.
    pub max: i64,
}

impl Workload {
    /// What comes first when it is sorted: what is more vital, what the profile names before, what it names at all.
    pub(super) fn order(&self) -> (bool, bool, Option<Vital>, usize, Option<String>, ObjectRef) {
        let tier = self.tier.as_ref();
        let vital = tier.and_then(|it| it.vital);
        let (at, object) = (tier.map_or(0, |it| it.at), self.object.clone());
        (tier.is_none(), vital.is_none(), vital, at, object.namespace.clone(), object)
    }

    /// How many pods would come.
    pub fn to_come(&self) -> usize {
        self.more.as_ref().map_or(0, |(_, count)| *count)
    }

    /// The pods that would come.
    pub(super) fn more_pods(&self) -> Option<(Pod, usize)> {
        self.more.clone()
    }

    /// Whether its autoscaler would not get as far.
    pub fn is_capped(&self) -> bool {
        self.autoscaler.as_ref().is_some_and(|it| it.max < self.needed)
    }

    /// What each replica would use of CPU and memory at so many times the load, were there as many as now.
    pub fn each_at(&self, load: f64) -> Option<(Amount, Amount)> {
        let used = self.usage?;
        let each = |amount: Amount| scaled(amount, load / self.replicas.max(1) as f64);
        Some((each(used.cpu), each(used.memory)))
    }
}

/// Every workload of which replicas are counted.
pub(super) fn all<'a>(view: &View<'a>) -> Vec<Seen<'a>> {
    let deployments = view.all::<Deployment>().iter().map(|it| Seen {
        object: ObjectRef::namespaced("Deployment", &it.metadata.namespace, &it.metadata.name),
        replicas: it.spec.replicas.unwrap_or(1).into(),
        ready: it.status.ready_replicas.into(),
        template: &it.spec.template,
    });
    let stateful = view.all::<StatefulSet>().iter().map(|it| Seen {
        object: ObjectRef::namespaced("StatefulSet", &it.metadata.namespace, &it.metadata.name),
        replicas: it.spec.replicas.unwrap_or(1).into(),
        ready: it.status.ready_replicas.into(),
        template: &it.spec.template,
    });
    deployments.chain(stateful).collect()
}

/// What so many times the load would need of one.
pub(super) fn needed(
    view: &View<'_>,
    seen: &Seen<'_>,
    usage: &Usage<'_, '_>,
    load: f64,
    components: &[Component],
) -> Workload {
    let found = autoscaler(view, &seen.object);
    let request = pod_request(&seen.template.spec);
    let request = (request.get("cpu"), request.get("memory"));
    let used = usage.of_workload(&seen.object);
    let autoscaler = found.map(|it| Autoscaler {
        name: it.metadata.name.clone(),
        min: it.spec.min_replicas.unwrap_or(1).into(),
        max: it.spec.max_replicas.into(),
    });
    let mut notes = Vec::new();
    let (basis, by_usage) = match (used, found) {
        (Some(used), Some(found)) => by_autoscaler(found, used, request, load, &mut notes),
        (Some(used), None) => by_usual(used, request, load),
        (None, _) => None,
    }
    .map_or((Basis::Share, None), |(basis, count)| (basis, Some(count)));
    let share = (seen.replicas as f64 * load).ceil() as i64;
    let wanted = by_usage.unwrap_or(share).max(autoscaler.as_ref().map_or(1, |it| it.min)).max(1);
    if by_usage.is_none() {
        notes.push(match used {
            None => "nobody measures what it uses: each replica is taken to be as busy as it can be".to_owned(),
            Some(_) => "it requests nothing to measure it by: each replica carries what it carries now".to_owned(),
        });
    }
    let stays = stays(view, seen, autoscaler.is_some());
    // Less than there is is not asked for: what is there now may be wanted for other reasons.
    let needed = if stays.is_some() { seen.replicas } else { wanted.max(if load >= 1.0 { seen.replicas } else { 1 }) };
    let placed = view.pods_of(&seen.object).iter().filter(|pod| !pod.node_name.is_empty() && !has_ended(pod)).count();
    let more = usize::try_from(needed).unwrap_or(0).saturating_sub(placed);
    let containers = &seen.template.spec.containers;
    Workload {
        object: seen.object.clone(),
        replicas: seen.replicas,
        ready: seen.ready,
        request,
        usage: used,
        needed,
        basis,
        stays,
        autoscaler,
        notes,
        tier: Tier::of(components, &seen.object),
        held: None,
        container: (containers.len() == 1).then(|| containers[0].name.clone()),
        more: (more > 0).then(|| (pod_like(seen), more)),
    }
}

fn has_ended(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

fn pod_like(seen: &Seen<'_>) -> Pod {
    let mut metadata = seen.template.metadata.clone();
    metadata.namespace = seen.object.namespace.clone().unwrap_or_default();
    metadata.name.clone_from(&seen.object.name);
    Pod { metadata, spec: seen.template.spec.clone(), ..Pod::default() }
}

fn autoscaler<'a>(view: &View<'a>, object: &ObjectRef) -> Option<&'a HorizontalPodAutoscaler> {
    view.all::<HorizontalPodAutoscaler>().iter().find(|it| {
        let target = &it.spec.scale_target_ref;
        Some(&it.metadata.namespace) == object.namespace.as_ref()
            && target.kind == object.kind
            && target.name == object.name
    })
}

/// By the targets of an autoscaler; metrics that are not of CPU and memory are not measured here.
fn by_autoscaler(
    autoscaler: &HorizontalPodAutoscaler,
    used: Used,
    request: (Amount, Amount),
    load: f64,
    notes: &mut Vec<String>,
) -> Option<(Basis, i64)> {
    let mut most: Option<i64> = None;
    for metric in &autoscaler.spec.metrics {
        let count = metric.resource.as_ref().and_then(|resource| {
            let (used, request) = match resource.name.as_str() {
                "cpu" => (used.cpu, request.0),
                "memory" => (used.memory, request.1),
                _ => return None,
            };
            by_target(&resource.target, used, request, load)
        });
        match count {
            Some(count) => most = most.max(Some(count)),
            None => notes.push(format!("its autoscaler also goes by {}, which is not measured here", named(metric))),
        }
    }
    most.map(|count| (Basis::Autoscaler, count))
}

fn named(metric: &sre_core::slim::horizontal_pod_autoscaler::MetricSpec) -> String {
    let resource = metric.resource.as_ref().map(|it| format!("{} without a request", it.name));
    let container =
        || metric.container_resource.as_ref().map(|it| format!("{} of container {}", it.name, it.container));
    let pods = || metric.pods.as_ref().map(|it| it.metric.name.clone());
    let object = || metric.object.as_ref().map(|it| it.metric.name.clone());
    let external = || metric.external.as_ref().map(|it| it.metric.name.clone());
    resource.or_else(container).or_else(pods).or_else(object).or_else(external).unwrap_or_else(|| metric.type_.clone())
}

fn by_target(target: &MetricTarget, used: Amount, request: Amount, load: f64) -> Option<i64> {
    let each = match (target.average_utilization, &target.average_value) {
        (Some(percent), _) if percent > 0 => scaled(request, f64::from(percent) / 100.0),
        (_, Some(value)) => value.amount()?,
        _ => return None,
    };
    replicas(used, each, load)
}

fn by_usual(used: Used, request: (Amount, Amount), load: f64) -> Option<(Basis, i64)> {
    let [(_, cpu), (_, memory)] = USUAL;
    let of = |used, request, percent: i64| replicas(used, scaled(request, percent as f64 / 100.0), load);
    let counts = [of(used.cpu, request.0, cpu), of(used.memory, request.1, memory)];
    counts.into_iter().flatten().max().map(|count| (Basis::Usual, count))
}

/// How many replicas carry so many times what is used, when each may use so much.
fn replicas(used: Amount, each: Amount, load: f64) -> Option<i64> {
    (each > Amount::ZERO).then_some(())?;
    let ratio = used.share_of(each)? * load;
    // What lies a millionth above a whole number is a fault of counting.
    Some((ratio - 1e-6).ceil().max(1.0) as i64)
}

fn scaled(amount: Amount, by: f64) -> Amount {
    Amount::from_nanos((amount.nanos() as f64 * by) as i128)
}

/// Why more replicas do not carry more load by themselves.
fn stays(view: &View<'_>, seen: &Seen<'_>, is_scaled: bool) -> Option<String> {
    if let Some(claim) = claim_of_one_node(view, seen) {
        return Some(format!("its pods share the claim {claim}, which one node alone may use"));
    }
    match seen.object.kind.as_str() {
        "StatefulSet" if !is_scaled => {
            Some("a StatefulSet: whether more replicas share its load only its software knows".to_owned())
        }
        _ if seen.replicas == 1 && !is_scaled => Some("one replica: nothing shows that it may run twice".to_owned()),
        _ => None,
    }
}

fn claim_of_one_node(view: &View<'_>, seen: &Seen<'_>) -> Option<String> {
    let namespace = seen.object.namespace.as_deref().unwrap_or_default();
    let claims = seen.template.spec.volumes.iter().filter_map(|it| it.source.persistent_volume_claim.as_ref());
    let mut claims = claims.filter(|it| {
        let claim = view.get::<PersistentVolumeClaim>(namespace, &it.claim_name);
        let modes = claim.map(|it| it.spec.access_modes.as_slice()).unwrap_or_default();
        !modes.is_empty() && modes.iter().all(|mode| mode == "ReadWriteOnce" || mode == "ReadWriteOncePod")
    });
    claims.next().map(|it| it.claim_name.clone())
}
