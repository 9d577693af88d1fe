//! What workloads use: at the most in the last day by Prometheus, else now by metrics.k8s.io.

use sre_core::check::Sight;
use sre_core::inquiry::Query;
use sre_core::object::ObjectRef;
use sre_core::slim::usage::PodMetrics;
use sre_core::slim::{Kind, amount_of};
use sre_core::snapshot::ReadState;
use sre_core::units::Amount;
use sre_core::view::View;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Pods of a Deployment are called after it, a hash and five letters, those of a StatefulSet after it and a number; the
/// most of the last day of all pods of a workload together, whichever pods they were.
pub(super) const QUERIES: [Query; 2] = [CPU, MEMORY];

const CPU: Query = Query::Now(Cow::Borrowed(
    "max_over_time(sum by (namespace, workload) (label_replace(label_replace(\
     rate(container_cpu_usage_seconds_total{container!=\"\",container!=\"POD\",pod!=\"\"}[5m]), \
     \"workload\", \"$1\", \"pod\", \"(.*)-[0-9]+\"), \
     \"workload\", \"$1\", \"pod\", \"(.*)-[a-z0-9]{1,10}-[a-z0-9]{5}\"))[24h:5m])",
));
const MEMORY: Query = Query::Now(Cow::Borrowed(
    "max_over_time(sum by (namespace, workload) (label_replace(label_replace(\
     container_memory_working_set_bytes{container!=\"\",container!=\"POD\",pod!=\"\"}, \
     \"workload\", \"$1\", \"pod\", \"(.*)-[0-9]+\"), \
     \"workload\", \"$1\", \"pod\", \"(.*)-[a-z0-9]{1,10}-[a-z0-9]{5}\"))[24h:5m])",
));

/// Where the usage of workloads comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A Prometheus: the most of the last day.
    Prometheus,
    /// metrics.k8s.io: now.
    Metrics,
    /// Nobody measures it.
    Nobody,
}

impl Source {
    /// How documents call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Metrics => "metrics.k8s.io",
            Self::Nobody => "none",
        }
    }

    /// In words.
    pub fn said(self) -> &'static str {
        match self {
            Self::Prometheus => "the most of the last 24 h, by Prometheus",
            Self::Metrics => "now, by metrics.k8s.io: a quiet hour asks for less than the day does",
            Self::Nobody => "not measured: requests only",
        }
    }
}

/// What all pods of a workload use together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Used {
    /// CPU.
    pub cpu: Amount,
    /// Memory.
    pub memory: Amount,
    /// Who measured it.
    pub source: Source,
}

/// What is measured of all workloads.
pub(super) struct Usage<'v, 'a> {
    view: &'v View<'a>,
    /// By namespace and name of the workload.
    measured: BTreeMap<(String, String), (Option<Amount>, Option<Amount>)>,
}

impl<'v, 'a> Usage<'v, 'a> {
    /// Reads what was measured.
    pub(super) fn of(view: &'v View<'a>) -> Self {
        let mut measured: BTreeMap<(String, String), (Option<Amount>, Option<Amount>)> = BTreeMap::new();
        let key = |sample: &sre_core::inquiry::Sample| {
            (sample.label("namespace").to_owned(), sample.label("workload").to_owned())
        };
        for sample in view.samples(&CPU) {
            measured.entry(key(&sample)).or_default().0 = amount(sample.value);
        }
        for sample in view.samples(&MEMORY) {
            measured.entry(key(&sample)).or_default().1 = amount(sample.value);
        }
        measured.retain(|(namespace, name), _| super::is_workload(view, namespace, name));
        Self { view, measured }
    }

    /// What a workload uses; none where nobody measured it.
    pub(super) fn of_workload(&self, workload: &ObjectRef) -> Option<Used> {
        let key = (workload.namespace.clone().unwrap_or_default(), workload.name.clone());
        if let Some((Some(cpu), Some(memory))) = self.measured.get(&key) {
            return Some(Used { cpu: *cpu, memory: *memory, source: Source::Prometheus });
        }
        self.now(workload)
    }

    /// What its pods use now; what was not measured yet is taken to use as much as the others.
    fn now(&self, workload: &ObjectRef) -> Option<Used> {
        let pods = self.view.pods_of(workload);
        let running = pods.iter().filter(|pod| pod.status.phase == "Running").count();
        let metrics = pods.iter().filter_map(|pod| {
            let measured = self.view.get::<PodMetrics>(&pod.metadata.namespace, &pod.metadata.name)?;
            let sum =
                |resource| measured.containers.iter().filter_map(|it| amount_of(&it.usage, resource)).sum::<Amount>();
            Some((sum("cpu"), sum("memory")))
        });
        let metrics: Vec<(Amount, Amount)> = metrics.collect();
        let count = i128::try_from(metrics.len()).ok().filter(|it| *it > 0)?;
        let running = i128::try_from(running).unwrap_or(count).max(count);
        let of_all = |sum: Amount| Amount::from_nanos(sum.nanos() * running / count);
        let cpu = of_all(metrics.iter().map(|(cpu, _)| *cpu).sum());
        let memory = of_all(metrics.iter().map(|(_, memory)| *memory).sum());
        Some(Used { cpu, memory, source: Source::Metrics })
    }

    /// The best source that measured anything.
    pub(super) fn source(&self) -> Source {
        match (self.measured.is_empty(), self.view.all::<PodMetrics>().is_empty()) {
            (false, _) => Source::Prometheus,
            (true, false) => Source::Metrics,
            (true, true) => Source::Nobody,
        }
    }

    /// Who could not be asked, or knows nothing.
    pub(super) fn unknown(&self) -> Vec<String> {
        let state = |sight| self.view.snapshot.coverage.state(sight);
        let mut unknown = Vec::new();
        if let ReadState::Gap(gap) = state(Sight::Prometheus) {
            unknown.push(format!("Prometheus: {} ({})", gap.reason.word(), gap.detail));
        }
        match (self.source(), state(Sight::Of(Kind::PodMetrics))) {
            (Source::Prometheus, _) => {}
            (_, ReadState::Gap(gap)) => unknown.push(format!("metrics.k8s.io: {} ({})", gap.reason.word(), gap.detail)),
            (_, ReadState::NotInstalled) => unknown.push("metrics.k8s.io is not installed (metrics-server)".to_owned()),
            _ => {}
        }
        unknown
    }
}

#[allow(clippy::cast_possible_truncation, reason = "cores and bytes of one cluster")]
fn amount(value: f64) -> Option<Amount> {
    (value.is_finite() && value >= 0.0).then(|| Amount::from_nanos((value * 1e9) as i128))
}
