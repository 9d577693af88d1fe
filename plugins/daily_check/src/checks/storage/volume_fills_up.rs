//! A volume is nearly full, or will be within days.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::{Query, Sample};
use sre_core::object::ObjectRef;
use sre_core::profile::Limit;
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-09",
    title: "a volume is nearly full, or will be within days",
    section: Section::Storage,
    examines: &[Sight::Prometheus, Sight::Kubelets],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// The used share of the space, of the inodes, and the seconds that are left at the pace of the last six hours.
pub const QUERIES: &[Query] = &[SPACE, INODES, LEFT];

/// The used share of the space, which tells whether Prometheus knows the volumes of kubelets at all.
pub const SPACE: Query = Query::now(
    "max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes / kubelet_volume_stats_capacity_bytes)",
);
// Filesystems that make inodes as they need them tell of none.
const INODES: Query = Query::now(
    "max by (namespace, persistentvolumeclaim) \
     (kubelet_volume_stats_inodes_used / (kubelet_volume_stats_inodes > 0))",
);
const LEFT: Query = Query::now(
    "min by (namespace, persistentvolumeclaim) \
     (kubelet_volume_stats_available_bytes / -deriv(kubelet_volume_stats_available_bytes[6h]) > 0) < 345600",
);

/// From here on hours count.
const CRITICAL: f64 = 0.97;

/// A volume with more room than this has time to be looked at, however fast it fills.
const HALF: f64 = 0.5;

/// What is known of the volume of a claim.
#[derive(Default)]
struct Volume {
    space: Option<f64>,
    inodes: Option<f64>,
    seconds_left: Option<f64>,
}

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut volumes: BTreeMap<ObjectRef, Volume> = BTreeMap::new();
    let mut take = |query: &Query, place: fn(&mut Volume) -> &mut Option<f64>| {
        for sample in view.samples(query) {
            if let Some(claim) = claim(&sample) {
                *place(volumes.entry(claim).or_default()) = Some(sample.value);
            }
        }
    };
    take(&SPACE, |volume| &mut volume.space);
    take(&INODES, |volume| &mut volume.inodes);
    take(&LEFT, |volume| &mut volume.seconds_left);
    for usage in view.volumes() {
        let claim = ObjectRef::namespaced("PersistentVolumeClaim", &usage.namespace, &usage.claim);
        // Several nodes may tell of one that pods of all of them use.
        let volume = volumes.entry(claim).or_default();
        volume.space = larger(volume.space, usage.space());
        volume.inodes = larger(volume.inodes, usage.inodes());
    }
    let limit = view.profile.thresholds.of(Limit::VolumePercent) / 100.0;
    volumes.into_iter().filter_map(|(claim, volume)| judge(&claim, &volume, limit)).collect()
}

fn larger(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

fn claim(sample: &Sample) -> Option<ObjectRef> {
    let (namespace, name) = (sample.label("namespace"), sample.label("persistentvolumeclaim"));
    (!namespace.is_empty() && !name.is_empty()).then(|| ObjectRef::namespaced("PersistentVolumeClaim", namespace, name))
}

fn judge(claim: &ObjectRef, volume: &Volume, limit: f64) -> Option<Finding> {
    let over = |share: Option<f64>| share.filter(|share| *share >= limit);
    let (space, inodes) = (over(volume.space), over(volume.inodes));
    let fills = volume.seconds_left.filter(|_| volume.space.is_some_and(|space| space >= HALF));
    let worst = space.into_iter().chain(inodes).fold(0.0, f64::max);
    let is_urgent = worst >= CRITICAL || fills.is_some_and(|seconds| seconds < 86_400.0);
    if worst == 0.0 && fills.is_none() {
        return None;
    }
    let severity = if is_urgent { Severity::Critical } else { Severity::Warning };
    let said = [
        space.or(volume.space.filter(|_| fills.is_some())).map(|share| format!("{} full", percent(share))),
        inodes.map(|share| format!("out of inodes ({} used)", percent(share))),
        fills.map(|seconds| format!("at its pace full in {}", span(seconds))),
    ];
    let title = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let measured = [("used of capacity", volume.space), ("inodes used", volume.inodes)];
    let finding = Finding::new(CHECK.id, severity, claim.clone(), format!("its volume is {title}")).risk();
    let finding = measured
        .into_iter()
        .filter_map(|(field, share)| Some((field, share?)))
        .fold(finding, |finding, (field, share)| finding.evidence(claim, field, percent(share)));
    let (name, namespace) = (&claim.name, claim.namespace.as_deref().unwrap_or_default());
    Some(finding.look(format!("kubectl describe pvc {name} -n {namespace}")))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn span(seconds: f64) -> String {
    let hours = seconds / 3600.0;
    if hours < 48.0 { format!("{hours:.0} hours") } else { format!("{:.1} days", hours / 24.0) }
}

const PAGE: &str = "\
Kubelets measured that the volume of a claim is 90 percent full or more (volumePercent of a profile), in
space or in inodes, or that it is half full and will be full within four days at the pace of the last
six hours. Critical from 97 percent on, or when less than a day is left. A database whose volume is full
stops, and often needs more than space to start again.

Looked at: kubelet_volume_stats of Prometheus. Where no Prometheus has them, the summaries of the
kubelets whose ready nodes have pods with claims, if the caller may ask them (get on nodes/proxy):
they tell what is used now, and not at which pace. docs/profile.md says when they are asked. Of
volumes whose driver does not measure them (hostPath among them) neither tells anything.

What to do: find out what grows, delete what is not needed, or give it more, where its class lets
volumes grow (allowVolumeExpansion): spec.resources.requests.storage of the claim. Volumes never
shrink.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn said(scenario: &Scenario) -> Vec<(String, Severity, String)> {
        scenario.judge(&CHECK).into_iter().map(|it| (it.object.name, it.severity, it.title)).collect()
    }

    #[test]
    fn what_is_full_and_what_will_be_is_told() {
        let said = said(&Scenario::captured("monitoring"));
        let names: Vec<(&str, Severity)> = said.iter().map(|(name, severity, _)| (name.as_str(), *severity)).collect();
        let wanted =
            [("data-full", Severity::Warning), ("data-grows", Severity::Critical), ("data-inodes", Severity::Critical)];
        assert_eq!(names, wanted, "{said:#?}");
        assert_eq!(said[0].2, "its volume is 92 % full");
        assert!(said[1].2.starts_with("its volume is 55 % full, at its pace full in "), "{said:#?}");
        assert_eq!(said[2].2, "its volume is out of inodes (98 % used)");
    }

    #[test]
    fn one_with_room_is_not_told() {
        let roomy = Scenario::captured("monitoring").edit_answer("kubelet_volume_stats", |answer| {
            for sample in answer["data"]["result"].as_array_mut().expect("a vector") {
                sample["value"][1] = "0.4".into();
            }
        });
        assert_eq!(said(&roomy), []);
    }

    #[test]
    fn a_kubelet_tells_it_where_no_prometheus_does() {
        let told = said(&Scenario::captured("CFG-14").told_by_kubelet("node-1"));
        let title = "its volume is 94 % full, out of inodes (97 % used)";
        assert_eq!(told, [("ledger".to_owned(), Severity::Critical, title.to_owned())]);
        let roomy = |answer: &mut serde_json::Value| {
            for pod in answer["pods"].as_array_mut().expect("pods") {
                for volume in pod["volume"].as_array_mut().into_iter().flatten() {
                    volume["usedBytes"] = 1.into();
                    volume["inodesUsed"] = 1.into();
                }
            }
        };
        let scenario = Scenario::captured("CFG-14").told_by_kubelet("node-1").edit_answer("/stats/summary", roomy);
        assert_eq!(said(&scenario), []);
        let silent = Scenario::captured("CFG-14").gap(Sight::Kubelets, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((silent.len(), silent[0].severity), (1, Severity::Unknown));
    }

    #[test]
    fn a_prometheus_that_does_not_answer_leaves_it_undecided() {
        let findings = Scenario::captured("monitoring").gap(Sight::Prometheus, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
