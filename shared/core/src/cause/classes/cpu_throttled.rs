//! The CPU limit of a container starves it.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "cpu-throttled",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Running,
        |it| it.says(&["throttl"]) && it.says(&["cpu"]),
        |_| "the CPU limit of a container starves it".to_owned(),
    )),
    acts: |of| of.raise_limit("cpu").into_iter().collect(),
    ..Class::SILENT
};

const PAGE: &str = "\
A container uses up its share of CPU in each period of 100 ms and waits for the next one. It answers
late; probes with a short timeout fail, though the node is idle.

Looked at: events that say so; container_cpu_cfs_throttled_periods_total of Prometheus, from half of the periods on
(throttledPercent of a profile); without one, by a triage, the use against the limit in metrics.k8s.io.

What to do: raise the limit, or take it away and keep the request:
  kubectl sre scale resources TYPE/NAME --container C --limits cpu=2 -n NAMESPACE --dry-run";
