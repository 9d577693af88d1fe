//! Whether quotas and limit ranges let the pods come into being: otherwise they are missing, and nothing but an Event
//! says so.

use super::{Seen, Span, more_pods, unread};
use crate::refused::Refused;
use serde_json::{Value, json};
use sre_core::plan::Note;
use sre_core::scheduling::{Resources, pod_request, written};
use sre_core::slim::container::ResourceRequirements;
use sre_core::slim::limit_range::LimitRangeItem;
use sre_core::slim::pod_spec::PodSpec;
use sre_core::slim::resource_quota::ScopedResourceSelectorRequirement;
use sre_core::slim::{LimitRange, Pod, ResourceAmount, ResourceQuota, amount_of};
use sre_core::units::Amount;

/// Refuses what a quota or a limit range lets no pod come of.
pub(crate) fn check(seen: &Seen<'_>, pod: Option<&Pod>, span: Span) -> Result<Vec<Note>, Refused> {
    let Some(pod) = pod else { return Ok(Vec::new()) };
    let mut notes: Vec<Note> = limits(seen, pod)?.into_iter().collect();
    let Some(quotas) = seen.quotas else {
        notes.push(unread("ResourceQuotas", "whether they leave room for the pods"));
        return Ok(notes);
    };
    let need = Need::of(&pod.spec);
    for quota in quotas.iter().filter(|quota| counts(quota, pod)) {
        notes.extend(room(seen, quota, &need, span)?);
    }
    Ok(notes)
}

/// Refuses what a limit range allows no pod to be like.
pub(crate) fn limits(seen: &Seen<'_>, pod: &Pod) -> Result<Option<Note>, Refused> {
    match seen.limit_ranges {
        Some(ranges) => ranges.iter().try_for_each(|range| within(range, &pod.spec)).map(|()| None),
        None => Ok(Some(unread("LimitRanges", "whether they allow the pods"))),
    }
}

/// What one pod counts for.
struct Need {
    requests: Resources,
    limits: Resources,
    containers: Vec<(String, ResourceRequirements)>,
}

impl Need {
    fn of(spec: &PodSpec) -> Self {
        let mut limits = Resources::default();
        spec.containers.iter().for_each(|it| limits.add(&Resources::of(&it.resources.limits)));
        let containers = spec.containers.iter().map(|it| (it.name.clone(), it.resources.clone()));
        Self { requests: pod_request(spec), limits, containers: containers.collect() }
    }

    /// How much of what a quota counts; `None` for what has nothing to do with pods.
    fn of_counted(&self, counted: &str) -> Option<Amount> {
        match counted {
            "pods" | "count/pods" => Some(Amount::whole(1)),
            "cpu" | "memory" | "ephemeral-storage" => Some(self.requests.get(counted)),
            "requests.storage" => None,
            _ => match counted.split_once('.') {
                Some(("requests", name)) => Some(self.requests.get(name)),
                Some(("limits", name)) => Some(self.limits.get(name)),
                _ => None,
            },
        }
    }

    /// A container that does not say what a quota wants every container to say.
    fn silent_on(&self, counted: &str) -> Option<&str> {
        let (is_limit, name) = match counted {
            "cpu" | "memory" => (false, counted),
            "requests.cpu" | "requests.memory" => (false, &counted["requests.".len()..]),
            "limits.cpu" | "limits.memory" => (true, &counted["limits.".len()..]),
            _ => return None,
        };
        let says = |resources: &ResourceRequirements| {
            amount_of(&resources.limits, name).is_some()
                || (!is_limit && amount_of(&resources.requests, name).is_some())
        };
        self.containers.iter().find(|(_, resources)| !says(resources)).map(|(container, _)| container.as_str())
    }
}

fn room(seen: &Seen<'_>, quota: &ResourceQuota, need: &Need, span: Span) -> Result<Option<Note>, Refused> {
    let name = &quota.metadata.name;
    let hint = |most: i64| {
        let raise = format!("raise it: kubectl edit resourcequota {name} -n {}", seen.namespace());
        if most > span.now { format!("scale to {most} at most, or {raise}") } else { raise }
    };
    let hard = if quota.status.hard.is_empty() { &quota.spec.hard } else { &quota.status.hard };
    let mut tightest: Option<(i64, String)> = None;
    for entry in hard {
        if let Some(container) = need.silent_on(&entry.name) {
            return Err(Refused::new(
                format!(
                    "ResourceQuota {name} wants {} of every container, and {container} does not say it",
                    entry.name
                ),
                "say it in the pod template, or in a LimitRange for the namespace",
            ));
        }
        let (Some(most), Some(each)) = (entry.quantity.amount(), need.of_counted(&entry.name)) else { continue };
        if each <= Amount::ZERO {
            continue;
        }
        let free = most - amount_of(&quota.status.used, &entry.name).unwrap_or_default();
        let pods = i64::try_from(free.nanos().max(0) / each.nanos()).unwrap_or(i64::MAX);
        let (unit, words) = (entry.name.rsplit('.').next().unwrap_or_default(), |it| written_free(&entry.name, it));
        let said = format!("{} left of {} {unit}", words(free), entry.quantity.as_str());
        if tightest.as_ref().is_none_or(|(fewest, _)| pods < *fewest) {
            tightest = Some((pods, format!("{said}, {} for each pod", words(each))));
        }
    }
    let Some((pods, said)) = tightest else { return Ok(None) };
    if pods >= span.more() {
        let after = pods - span.more();
        return Ok(Some(Note::remark(format!(
            "ResourceQuota {name} has room for {} afterwards ({said})",
            more_pods(after)
        ))));
    }
    Err(Refused::new(
        format!("ResourceQuota {name} has room for {pods} of {} ({said})", more_pods(span.more())),
        hint(span.now + pods),
    ))
}

/// What a quota has too little of for so many pods of each kind: what it counts, what is left, what is wanted.
pub(crate) fn shortfalls<'p>(
    quota: &ResourceQuota,
    pods: impl Iterator<Item = (&'p Pod, usize)>,
) -> Vec<(String, String, String)> {
    let needs: Vec<(Need, usize)> =
        pods.filter(|(pod, _)| counts(quota, pod)).map(|(pod, count)| (Need::of(&pod.spec), count)).collect();
    let hard = if quota.status.hard.is_empty() { &quota.spec.hard } else { &quota.status.hard };
    let short = hard.iter().filter_map(|entry| {
        let of =
            |(need, count): &(Need, usize)| Some(need.of_counted(&entry.name)?.nanos() * i128::try_from(*count).ok()?);
        let wanted = Amount::from_nanos(needs.iter().filter_map(of).sum());
        let used = amount_of(&quota.status.used, &entry.name).unwrap_or_default();
        let left = entry.quantity.amount()? - used;
        let words = |amount| written_free(&entry.name, amount);
        (wanted > left && wanted > Amount::ZERO).then(|| (entry.name.clone(), words(left), words(wanted)))
    });
    short.collect()
}

fn written_free(counted: &str, amount: Amount) -> String {
    let name = counted.trim_start_matches("requests.").trim_start_matches("limits.");
    written(name, amount.max(Amount::ZERO))
}

/// Whether a quota counts such a pod.
fn counts(quota: &ResourceQuota, pod: &Pod) -> bool {
    let scopes = quota.spec.scopes.iter().all(|scope| is_in_scope(scope, pod));
    let selected = quota.spec.scope_selector.iter().flat_map(|it| &it.match_expressions);
    scopes && selected.into_iter().all(|it| is_selected(it, pod))
}

fn is_in_scope(scope: &str, pod: &Pod) -> bool {
    match scope {
        "BestEffort" => is_best_effort(&pod.spec),
        "NotBestEffort" => !is_best_effort(&pod.spec),
        "Terminating" => pod.spec.active_deadline_seconds.is_some(),
        "NotTerminating" => pod.spec.active_deadline_seconds.is_none(),
        "PriorityClass" => !pod.spec.priority_class_name.is_empty(),
        // Of pods that look for others in other namespaces, and of kinds that are no pods.
        _ => false,
    }
}

fn is_selected(requirement: &ScopedResourceSelectorRequirement, pod: &Pod) -> bool {
    let class = &pod.spec.priority_class_name;
    match (requirement.scope_name.as_str(), requirement.operator.as_str()) {
        ("PriorityClass", "In") => requirement.values.contains(class),
        ("PriorityClass", "NotIn") => !requirement.values.contains(class),
        ("PriorityClass", "DoesNotExist") => class.is_empty(),
        (scope, _) => is_in_scope(scope, pod),
    }
}

fn is_best_effort(spec: &PodSpec) -> bool {
    let says = |list: &[ResourceAmount]| list.iter().any(|it| it.name == "cpu" || it.name == "memory");
    !spec.all_containers().any(|it| says(&it.resources.requests) || says(&it.resources.limits))
}

/// Whether a limit range allows such a pod.
fn within(range: &LimitRange, spec: &PodSpec) -> Result<(), Refused> {
    let name = &range.metadata.name;
    for item in &range.spec.limits {
        let wrong = match item.type_.as_str() {
            "Container" => spec.all_containers().find_map(|it| {
                let (requests, limits) = (Resources::of(&it.resources.requests), Resources::of(&it.resources.limits));
                outside(item, &requests, &limits).map(|why| format!("container {}: {why}", it.name))
            }),
            "Pod" => {
                let need = Need::of(spec);
                outside(item, &need.requests, &need.limits)
            }
            _ => None,
        };
        if let Some(why) = wrong {
            return Err(Refused::new(
                format!("LimitRange {name} allows no such pod: {why}"),
                "change what the pod template asks for, or the LimitRange",
            ));
        }
    }
    Ok(())
}

fn outside(item: &LimitRangeItem, requests: &Resources, limits: &Resources) -> Option<String> {
    let over = item.max.iter().find_map(|most| {
        let (limit, allowed) = (limits.get(&most.name), most.quantity.amount()?);
        (limit > allowed).then(|| {
            format!(
                "the limit of {} is {}, and {} is the most",
                most.name,
                written(&most.name, limit),
                most.quantity.as_str()
            )
        })
    });
    let under = || {
        item.min.iter().find_map(|least| {
            let (request, allowed) = (requests.get(&least.name), least.quantity.amount()?);
            (request < allowed).then(|| {
                let request = written(&least.name, request);
                format!("the request of {} is {request}, and {} is the least", least.name, least.quantity.as_str())
            })
        })
    };
    over.or_else(under)
}

/// A pod template with what limit ranges add to containers that say nothing: limits, and requests, which a limit
/// stands for where no request is said (<https://kubernetes.io/docs/concepts/policy/limit-range/>).
pub(super) fn with_defaults(template: &Value, ranges: &[LimitRange]) -> Value {
    let mut template = template.clone();
    let items = ranges.iter().flat_map(|range| &range.spec.limits).filter(|item| item.type_ == "Container");
    for item in items {
        for list in ["initContainers", "containers"] {
            let containers = template["spec"].get_mut(list).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                let resources = &mut container["resources"];
                if !resources.is_object() {
                    *resources = json!({});
                }
                for entry in &item.default_request {
                    if resources["limits"][&entry.name].is_null() {
                        set_default(&mut resources["requests"], entry);
                    }
                }
                for entry in &item.default {
                    set_default(&mut resources["limits"], entry);
                }
            }
        }
    }
    template
}

fn set_default(list: &mut Value, entry: &ResourceAmount) {
    if !list.is_object() {
        *list = json!({});
    }
    if list[&entry.name].is_null() {
        list[&entry.name] = entry.quantity.as_str().into();
    }
}
