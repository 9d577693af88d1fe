//! What Prometheus is asked of any cluster: metrics of kubelets, of the usual exporters and of runtimes.
//!
//! Each gives the largest values whatever they are: an empty answer says that nothing measures it, and not that all is well.

use crate::inquiry::Query;
use crate::profile::{Limit, Measure, MeasureUnit, Profile};

/// The share of scheduling periods of the last quarter of an hour in which a container had to wait.
const THROTTLED: &str = "topk(20, sum by (namespace, pod, container) (increase(container_cpu_cfs_throttled_periods_total{container!=\"\"}[15m])) \
     / (sum by (namespace, pod, container) (increase(container_cpu_cfs_periods_total{container!=\"\"}[15m])) > 0))";

/// The working set of a container as a part of its limit.
const NEAR_LIMIT: &str = "topk(20, max by (namespace, pod, container) (container_memory_working_set_bytes{container!=\"\",container!=\"POD\"}) \
     / (max by (namespace, pod, container) (container_spec_memory_limit_bytes{container!=\"\",container!=\"POD\"}) > 0))";

/// The least of the last quarter of an hour against the most of one three hours before, of what is over 100 MB.
const GROWING: &str = "topk(20, max by (namespace, pod, container) ((min_over_time(container_memory_working_set_bytes{container!=\"\",container!=\"POD\"}[15m]) > 1e8) \
     / max_over_time(container_memory_working_set_bytes{container!=\"\",container!=\"POD\"}[15m] offset 3h)))";

/// Connections of a PostgreSQL server against its limit, as its exporter tells.
const CONNECTIONS: &str = "topk(20, sum by (namespace, pod, instance) (pg_stat_database_numbackends) \
     / max by (namespace, pod, instance) (pg_settings_max_connections))";

/// How long a write to a disk of a node takes, as the node exporter tells.
const WRITES: &str = "topk(20, max by (node, instance) (rate(node_disk_write_time_seconds_total[10m]) \
     / (rate(node_disk_writes_completed_total[10m]) > 1)))";

/// By how much the event loop of Node.js is late.
const EVENT_LOOP: &str = "topk(20, max by (namespace, pod, container) (nodejs_eventloop_lag_p99_seconds))";

/// So many values each of them gives at the most, of the whole cluster.
pub(super) const MOST: usize = 20;

pub(super) fn measures(profile: &Profile) -> Vec<Measure> {
    let percent = |limit| profile.thresholds.of(limit) / 100.0;
    let one = |name: &'static str, class, query, unit, warning| Measure {
        name: name.into(),
        class,
        query: Query::now(query),
        unit,
        warning: Some(warning),
        critical: None,
        component: None,
    };
    let (ratio, seconds) = (MeasureUnit::Ratio, MeasureUnit::Seconds);
    vec![
        one("periods held back by the CPU limit", "cpu-throttled", THROTTLED, ratio, percent(Limit::ThrottledPercent)),
        one("memory against its limit", "memory-near-limit", NEAR_LIMIT, ratio, percent(Limit::MemoryOfLimitPercent)),
        one("memory against three hours before", "memory-growing", GROWING, ratio, 1.5),
        one("connections of a database against its limit", "database-connections-exhausted", CONNECTIONS, ratio, 0.8),
        one("time of a write to a disk", "storage-slow", WRITES, seconds, 0.1),
        one("delay of the event loop", "event-loop-blocked", EVENT_LOOP, seconds, 0.2),
    ]
}
