//! What a container used: in the last day where a Prometheus tells it, else now.

use super::Wanted;
use serde_json::Value;
use sre_core::inquiry::{Query, Series};
use sre_core::plan::Note;
use sre_core::units::Amount;

/// How far back Prometheus is asked.
const HOURS: i64 = 24;
/// How far apart the values are, in seconds.
const STEP: u32 = 300;
const MEBI: f64 = 1_048_576.0;

/// What Prometheus is asked, by cAdvisor's measurements: cores and bytes of the container that uses most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Questions {
    pub(crate) cpu: Query,
    pub(crate) memory: Query,
}

/// What was found out of a container's use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    /// Cores in the last day, by Prometheus.
    pub(crate) cpu: Vec<Series>,
    /// Bytes in the last day, by Prometheus.
    pub(crate) memory: Vec<Series>,
    /// Pods as metrics.k8s.io tells of them; `None` where it cannot be asked.
    pub(crate) now: Option<Vec<Value>>,
}

/// The questions about a container of a workload's pods; none for names that no object can have.
pub(crate) fn questions(kind: &str, namespace: &str, name: &str, container: &str) -> Option<Questions> {
    let is_name = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || "-.".contains(it));
    [namespace, name, container].into_iter().all(is_name).then_some(())?;
    let behind = if kind == "StatefulSet" { "-[0-9]+" } else { "-[a-z0-9]+-[a-z0-9]+" };
    let pods = format!("{}{behind}", name.replace('.', r"\\."));
    let labels = format!("namespace=\"{namespace}\",pod=~\"{pods}\",container=\"{container}\"");
    let since = |expression: String| Query::Since { expression: expression.into(), hours: HOURS, step: STEP };
    Some(Questions {
        cpu: since(format!("max(rate(container_cpu_usage_seconds_total{{{labels}}}[5m]))")),
        memory: since(format!("max(container_memory_working_set_bytes{{{labels}}})")),
    })
}

/// What it used, and whether that is more than it is to get; `pods` are the names of the workload's own.
pub(crate) fn notes(used: &Used, wanted: &Wanted, pods: &[&str]) -> Vec<Note> {
    let (cpu, memory) = (peak(&used.cpu), peak(&used.memory));
    let container = &wanted.container;
    let mut said: Vec<String> = Vec::new();
    said.extend(cpu.map(|it| format!("cpu={}", cores(it))));
    said.extend(memory.map(|it| format!("memory={}", mebibytes(it))));
    if !said.is_empty() {
        let back = span(&used.cpu).max(span(&used.memory));
        let of_day = format!("in the last {back} h, by Prometheus, {container} used up to {}", said.join(","));
        return std::iter::once(Note::remark(of_day)).chain(too_little(wanted, cpu, memory)).collect();
    }
    let now =
        used.now.iter().flatten().filter(|it| it["metadata"]["name"].as_str().is_some_and(|it| pods.contains(&it)));
    let all = now.flat_map(|it| it["containers"].as_array().into_iter().flatten());
    let own: Vec<&Value> = all.filter(|it| it["name"] == container.as_str()).collect();
    let most = |resource: &str| {
        let amounts = own.iter().filter_map(|it| it["usage"][resource].as_str()?.parse::<Amount>().ok());
        amounts.max()
    };
    let (Some(cpu), Some(memory)) = (most("cpu"), most("memory")) else {
        let why = "neither a Prometheus nor metrics.k8s.io tells of it";
        return vec![Note::warning(format!("what {container} uses cannot be seen: {why}"))];
    };
    #[allow(clippy::cast_precision_loss, reason = "for people")]
    let (cpu, memory) = (cpu.nanos() as f64 / 1e9, memory.nanos() as f64 / 1e9);
    let of_now = format!(
        "{container} uses up to cpu={},memory={} now in {} pods; no Prometheus tells of the last {HOURS} h",
        cores(cpu),
        mebibytes(memory),
        own.len()
    );
    std::iter::once(Note::remark(of_now)).chain(too_little(wanted, Some(cpu), Some(memory))).collect()
}

/// What is asked for and is less than what was used.
fn too_little(wanted: &Wanted, cpu: Option<f64>, memory: Option<f64>) -> Vec<Note> {
    let is_less = |list: &[(String, String)], resource: &str, used: Option<f64>| {
        let asked = list.iter().find(|(name, _)| name == resource)?.1.parse::<Amount>().ok()?;
        #[allow(clippy::cast_precision_loss, reason = "for people")]
        (asked.nanos() as f64 / 1e9 < used?).then_some(())
    };
    let mut notes = Vec::new();
    if is_less(&wanted.limits, "memory", memory).is_some() {
        notes.push(Note::warning("the limit of memory is less than that: the container would be killed"));
    }
    if is_less(&wanted.limits, "cpu", cpu).is_some() {
        notes.push(Note::warning("the limit of cpu is less than that: the container would be held back"));
    }
    let requests = [("memory", memory), ("cpu", cpu)];
    for (resource, _) in requests.into_iter().filter(|(it, used)| is_less(&wanted.requests, it, *used).is_some()) {
        notes.push(Note::remark(format!(
            "the request of {resource} is less than that: a full node may not have the rest"
        )));
    }
    notes
}

fn peak(series: &[Series]) -> Option<f64> {
    let values = series.iter().flat_map(|it| &it.values).map(|(_, value)| *value);
    values.filter(|it| it.is_finite()).reduce(f64::max)
}

/// How many hours the values go back.
fn span(series: &[Series]) -> i64 {
    let times = || series.iter().flat_map(|it| &it.values).map(|(time, _)| *time);
    let seconds = times().max().unwrap_or_default() - times().min().unwrap_or_default();
    (seconds + 1800) / 3600
}

fn cores(cores: f64) -> String {
    format!("{:.0}m", (cores * 1000.0).ceil())
}

fn mebibytes(bytes: f64) -> String {
    format!("{:.0}Mi", (bytes / MEBI).ceil())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wanted(limits: &[(&str, &str)]) -> Wanted {
        let limits = limits.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect();
        Wanted { container: "app".to_owned(), limits, ..Wanted::default() }
    }

    fn series(values: &[(i64, f64)]) -> Vec<Series> {
        vec![Series { labels: std::collections::BTreeMap::new(), values: values.to_vec() }]
    }

    fn said(used: &Used, wanted: &Wanted) -> Vec<String> {
        notes(used, wanted, &["web-a"]).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn the_last_day_is_asked_of_pods_of_the_workload_alone() {
        let asked = questions("Deployment", "shop", "web.v2", "app").expect("questions");
        let Query::Since { expression, hours: 24, .. } = asked.memory else { panic!("a day") };
        let labels = r#"namespace="shop",pod=~"web\\.v2-[a-z0-9]+-[a-z0-9]+",container="app""#;
        assert_eq!(expression, format!("max(container_memory_working_set_bytes{{{labels}}})"));
        assert_eq!(questions("Deployment", "shop", "web", "app\"}"), None);
    }

    #[test]
    fn the_peak_of_the_day_is_told_and_what_would_be_less() {
        let day = [(0, 0.2), (43_200, 0.75), (86_400, 0.1)];
        let used = Used { cpu: series(&day), memory: series(&[(0, 1e9), (86_400, 5e8)]), now: None };
        let said = said(&used, &wanted(&[("memory", "512Mi"), ("cpu", "1")]));
        let first = "in the last 24 h, by Prometheus, app used up to cpu=750m,memory=954Mi";
        assert_eq!(said, [first, "the limit of memory is less than that: the container would be killed"]);
    }

    #[test]
    fn without_prometheus_it_is_what_is_used_now_or_not_seen() {
        let usage = |cpu: &str| json!([{"name": "app", "usage": {"cpu": cpu, "memory": "100Mi"}}]);
        let pod = |name: &str, cpu: &str| json!({"metadata": {"name": name}, "containers": usage(cpu)});
        let now = Used { now: Some(vec![pod("web-a", "30m"), pod("other", "9")]), ..Used::default() };
        let expected = "app uses up to cpu=30m,memory=100Mi now in 1 pods; no Prometheus tells of the last 24 h";
        assert_eq!(said(&now, &wanted(&[])), [expected]);
        for unseen in [Used::default(), Used { now: Some(Vec::new()), ..Used::default() }] {
            assert!(said(&unseen, &wanted(&[]))[0].contains("cannot be seen"), "{unseen:?}");
        }
    }
}
