//! The measurements of the day in short: what nodes and pods use now, by metrics.k8s.io, and what was used before, by
//! Prometheus or as earlier runs kept it.

use super::capacity::unit;
use super::{Row, Source};
use crate::usage::{RESOURCES, Usage, total};
use jiff::Timestamp;
use sre_core::check::Sight;
use sre_core::inquiry::Query;
use sre_core::slim::usage::PodMetrics;
use sre_core::slim::{Kind, Object, amount_of};
use sre_core::snapshot::ReadState;
use sre_core::units::Amount;
use sre_core::view::View;
use std::borrow::Cow;
use std::cmp::Reverse;

/// Pods that are named for each resource.
const NAMED: usize = 3;

/// What is no older than this, in seconds, is of now.
const NOW: i64 = 3600;

pub(super) const SOURCE: Source = Source {
    id: "usage",
    title: "Used now",
    sights: &[Sight::Of(Kind::NodeMetrics), Sight::Of(Kind::PodMetrics), Sight::Of(Kind::Node), Sight::Prometheus],
    queries: &[],
    section: None,
    rows: |view, comparison| {
        let earlier = comparison.map_or(&[][..], |comparison| &comparison.usage);
        let of = |resource| [summed(view, resource, earlier).into_iter().collect(), largest(view, resource)].concat();
        let rows: Vec<Row> = RESOURCES.into_iter().flat_map(of).collect();
        let is_unmeasured =
            matches!(view.snapshot.coverage.state(Sight::Of(Kind::NodeMetrics)), ReadState::NotInstalled);
        let missing = "metrics.k8s.io is not installed (metrics-server): nobody measures what is used";
        let missing = (is_unmeasured && rows.is_empty()).then(|| Row::fact(missing));
        Some(missing.into_iter().chain(rows).collect())
    },
};

/// What all nodes used in the last day, in cores and in bytes: by the kubelets' own measurements, which not every
/// Prometheus has, else by cAdvisor's of the whole node, else by the node exporter's.
pub(super) const TRENDS: &[Query] = &[CPU, MEMORY];

const CPU: Query =
    day("sum(rate(node_cpu_usage_seconds_total[5m])) or sum(rate(container_cpu_usage_seconds_total{id=\"/\"}[5m])) \
     or sum(rate(node_cpu_seconds_total{mode!~\"idle|iowait|steal\"}[5m]))");
const MEMORY: Query = day("sum(node_memory_working_set_bytes) or sum(container_memory_working_set_bytes{id=\"/\"}) \
     or (sum(node_memory_MemTotal_bytes) - sum(node_memory_MemAvailable_bytes))");

const fn day(expression: &'static str) -> Query {
    Query::Since { expression: Cow::Borrowed(expression), hours: 24, step: 1800 }
}

/// What all nodes that were measured use of what they offer, and what they used before.
fn summed(view: &View<'_>, resource: &str, earlier: &[(Timestamp, Usage)]) -> Option<Row> {
    let measured = by_prometheus(view, resource);
    let Some(total) = total(view, resource) else {
        return Some(Row::fact(format!("{resource}: {}", measured?)));
    };
    let share = total.used.share_of(total.offered)? * 100.0;
    let (used, offered) = (written(resource, total.used), written(resource, total.offered));
    let before = measured.or_else(|| by_runs(resource, in_units(total.used), earlier));
    let before = before.unwrap_or_else(|| "no earlier measurement".to_owned());
    Some(Row::fact(format!("{resource}: {used} of {offered} ({share:.0} %) on {} nodes; {before}", total.nodes)))
}

/// The day as Prometheus measured it; none where it tells of nothing but now.
fn by_prometheus(view: &View<'_>, resource: &str) -> Option<String> {
    let query = if resource == "memory" { MEMORY } else { CPU };
    let series = view.series(&query).into_iter().next()?;
    let ((then, before), (_, now)) = (series.values.first()?, series.values.last()?);
    if view.now().as_second() - then < NOW {
        return None;
    }
    let amounts = || series.values.iter().map(|(_, amount)| *amount);
    let (least, most) = (amounts().reduce(f64::min)?, amounts().reduce(f64::max)?);
    let [before, least, most, now] = [*before, least, most, *now].map(|amount| scaled(resource, amount));
    let (unit, at) = (unit(resource).0, told(Timestamp::from_second(*then).ok()?));
    Some(format!("by Prometheus {now:.2} {unit} now, {before:.2} at {at}, between {least:.2} and {most:.2} since"))
}

/// What earlier runs kept; none where they were not made, or measured nothing.
fn by_runs(resource: &str, now: f64, earlier: &[(Timestamp, Usage)]) -> Option<String> {
    let unit = unit(resource).0;
    let one = |(at, usage): &(Timestamp, Usage)| {
        let before = usage.used.get(resource)?;
        let change = scaled(resource, now - before);
        let way = if change < 0.0 { "less" } else { "more" };
        let (before, change, nodes) = (scaled(resource, *before), change.abs(), usage.nodes);
        Some(format!("{before:.2} {unit} on {nodes} nodes at {} ({change:.2} {way} now)", told(*at)))
    };
    let told: Vec<String> = earlier.iter().filter_map(one).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn told(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn in_units(amount: Amount) -> f64 {
    amount.share_of(Amount::whole(1)).unwrap_or_default()
}

/// Cores, or bytes in what people count them in.
fn scaled(resource: &str, amount: f64) -> f64 {
    amount / in_units(unit(resource).1)
}

/// The pods that use most.
fn largest(view: &View<'_>, resource: &str) -> Vec<Row> {
    let amount = |pod: &PodMetrics| {
        let containers = pod.containers.iter().filter_map(|it| amount_of(&it.usage, resource));
        containers.fold(Amount::default(), |mut sum, amount| {
            sum += amount;
            sum
        })
    };
    let mut pods: Vec<(Amount, &PodMetrics)> = view.all::<PodMetrics>().iter().map(|pod| (amount(pod), pod)).collect();
    pods.sort_by_key(|(amount, pod)| (Reverse(*amount), pod.reference()));
    let used = pods.into_iter().filter(|(amount, _)| *amount > Amount::ZERO).take(NAMED);
    let row = |(amount, pod): (Amount, &PodMetrics)| {
        let object = sre_core::object::ObjectRef::namespaced("Pod", &pod.metadata.namespace, &pod.metadata.name);
        Row::of(None, object, format!("uses {} of {resource}", written(resource, amount)))
    };
    used.map(row).collect()
}

fn written(resource: &str, amount: Amount) -> String {
    let (unit, whole) = unit(resource);
    format!("{:.2} {unit}", amount.share_of(whole).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_testkit::Scenario;

    #[test]
    fn what_nodes_and_pods_use_is_added_up() {
        let snapshot = Scenario::captured("NOD-09").snapshot();
        let rows = (SOURCE.rows)(&View::new(&snapshot), None).expect("a panel");
        let sum = rows.iter().find(|row| row.text.starts_with("memory: ")).expect("a sum");
        assert!(sum.text.ends_with(" nodes; no earlier measurement"), "{rows:#?}");
    }

    #[test]
    fn earlier_runs_tell_what_was_used_before() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let usage = |cores: f64| Usage { nodes: 4, used: [("cpu".to_owned(), cores)].into() };
        let earlier = [(at("2026-11-27T18:02:30Z"), usage(10.0)), (at("2026-11-28T07:00:00Z"), usage(13.0))];
        assert_eq!(
            by_runs("cpu", 12.5, &earlier).as_deref(),
            Some(
                "10.00 cores on 4 nodes at 2026-11-27 18:02 UTC (2.50 more now), \
                 13.00 cores on 4 nodes at 2026-11-28 07:00 UTC (0.50 less now)"
            )
        );
        assert_eq!(by_runs("memory", 1.0, &earlier), None, "nobody kept it");
        assert_eq!(by_runs("cpu", 1.0, &[]), None);
    }

    #[test]
    fn prometheus_tells_the_day_and_goes_before_earlier_runs() {
        let scenario = Scenario::captured("NOD-09");
        let now = scenario.snapshot().taken_at;
        let told = |values: &str| {
            let body = format!(
                r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{values}]}}]}}}}"#
            );
            let snapshot = scenario.clone().told_by_prometheus(&CPU.path(now), &body).snapshot();
            let rows = (SOURCE.rows)(&View::new(&snapshot), None).expect("a panel");
            rows.into_iter().find(|row| row.text.starts_with("cpu: ")).expect("a sum").text
        };
        let second = now.as_second();
        let day = format!(r#"[{},"8"],[{},"11.5"],[{second},"9.25"]"#, second - 86_400, second - 7200);
        let wanted = format!(
            "; by Prometheus 9.25 cores now, 8.00 at {}, between 8.00 and 11.50 since",
            super::told(Timestamp::from_second(second - 86_400).expect("a time"))
        );
        assert!(told(&day).ends_with(&wanted), "{}", told(&day));
        assert!(told(&format!(r#"[{second},"9.25"]"#)).ends_with("; no earlier measurement"), "one value is no trend");
    }

    #[test]
    fn that_nobody_measures_is_said() {
        let scenario = Scenario::captured("POD-02").state(Sight::Of(Kind::NodeMetrics), ReadState::NotInstalled);
        let rows = (SOURCE.rows)(&View::new(&scenario.snapshot()), None).expect("a panel");
        assert!(rows.len() == 1 && rows[0].text.starts_with("metrics.k8s.io is not installed"), "{rows:#?}");
    }

    #[test]
    fn where_nothing_was_measured_nothing_is_said() {
        let snapshot = Scenario::captured("POD-02").snapshot();
        assert_eq!((SOURCE.rows)(&View::new(&snapshot), None), Some(Vec::new()));
    }
}
