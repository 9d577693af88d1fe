//! What metrics.k8s.io tells of containers against their limits, where no Prometheus does.

use crate::cause::with_acts;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::profile::Limit;
use crate::slim::usage::{ContainerMetrics, PodMetrics};
use crate::slim::{Object, Pod, amount_of};
use crate::view::View;
use std::collections::BTreeMap;

/// A resource of a container against its limit.
struct Rule {
    resource: &'static str,
    class: &'static str,
    words: &'static str,
    limit: fn(&View<'_>) -> f64,
}

const RULES: [Rule; 2] = [
    Rule {
        resource: "memory",
        class: "memory-near-limit",
        words: "of its memory limit",
        limit: |view| view.profile.thresholds.of(Limit::MemoryOfLimitPercent) / 100.0,
    },
    // At its limit a container is held back; how much, only Prometheus tells.
    Rule { resource: "cpu", class: "cpu-throttled", words: "of its CPU limit", limit: |_| 0.95 },
];

/// One finding for each container of an owner that is near a limit; not of classes that Prometheus told of.
pub(super) fn findings(view: &View<'_>, told: &[&str]) -> Vec<Finding> {
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| !told.contains(&rule.class)).collect();
    let mut worst: BTreeMap<(ObjectRef, &str, &str), (f64, &Pod, &Rule)> = BTreeMap::new();
    for metrics in view.all::<PodMetrics>() {
        let Some(pod) = view.get::<Pod>(&metrics.metadata.namespace, &metrics.metadata.name) else { continue };
        for (container, rule) in metrics.containers.iter().flat_map(|it| rules.iter().map(move |rule| (it, *rule))) {
            let Some(share) = share(pod, container, rule.resource).filter(|it| *it >= (rule.limit)(view)) else {
                continue;
            };
            let key = (view.owner_of(pod), container.name.as_str(), rule.class);
            if worst.get(&key).is_none_or(|(known, ..)| *known < share) {
                worst.insert(key, (share, pod, rule));
            }
        }
    }
    worst
        .into_iter()
        .map(|((owner, container, _), (share, pod, rule))| finding(view, owner, container, (share, pod, rule)))
        .collect()
}

fn share(pod: &Pod, metrics: &ContainerMetrics, resource: &str) -> Option<f64> {
    let asked = pod.spec.all_containers().find(|it| it.name == metrics.name)?;
    amount_of(&metrics.usage, resource)?.share_of(amount_of(&asked.resources.limits, resource)?)
}

fn finding(view: &View<'_>, owner: ObjectRef, container: &str, (share, pod, rule): (f64, &Pod, &Rule)) -> Finding {
    let (itself, percent) = (pod.reference(), share * 100.0);
    let title = format!("container {container} uses {percent:.0} % {}, by metrics.k8s.io", rule.words);
    let finding = Finding::new("", Severity::Warning, owner, title).class(rule.class).part(container).risk().probable();
    let at = view.get::<PodMetrics>(&pod.metadata.namespace, &pod.metadata.name).and_then(|it| it.timestamp.at());
    let finding = finding.evidence_at(
        &itself,
        format!("usage[{container}].{}", rule.resource),
        format!("{percent:.0} % of the limit"),
        at,
    );
    let (name, namespace) = (pod.metadata.name.as_str(), pod.metadata.namespace.as_str());
    let finding =
        finding.shows_on(itself).look_words(&["kubectl", "top", "pod", name, "-n", namespace, "--containers"]);
    with_acts(view, finding)
}
