//! What an autoscaler would decide by the metrics of now
//! (<https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details>).

use super::{bounds, inactive};
use serde_json::Value;
use sre_core::plan::Note;
use sre_core::slim::Quantity;

/// What differs by no more than this from its target is left alone; clusters may set it otherwise.
const TOLERANCE: f64 = 0.1;

/// What it would decide.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// What each metric asks for: how it stands, and how many replicas that makes.
    pub by_metric: Vec<(String, i64)>,
    /// How many replicas it would want, within its bounds; absent when no metric says anything.
    pub replicas: Option<i64>,
    /// Why it decides nothing.
    pub inactive: Option<String>,
    bounds: (i64, i64),
}

/// What an autoscaler would decide, by the targets in its spec and the metrics in its status.
///
/// Its behaviour may put the decision off or make it in smaller steps; pods that are not ready are not told apart.
pub fn decided(autoscaler: &Value) -> Decided {
    let current = autoscaler.pointer("/status/currentReplicas").and_then(Value::as_i64).unwrap_or(0);
    let list = |pointer: &str| autoscaler.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    let by_metric: Vec<(String, i64)> = list("/spec/metrics")
        .filter_map(|wanted| {
            let (name, target) = read(wanted, "target")?;
            let (_, now) =
                list("/status/currentMetrics").filter_map(|it| read(it, "current")).find(|it| it.0 == name)?;
            let (said, ratio) = compared(now, target)?;
            Some((format!("{name} {said}"), replicas(ratio, current)))
        })
        .collect();
    let (least, most) = bounds(autoscaler);
    let wanted = by_metric.iter().map(|(_, replicas)| *replicas).max();
    let replicas = wanted.map(|it| it.clamp(least, most.max(least)));
    Decided { by_metric, replicas, inactive: inactive(autoscaler), bounds: (least, most) }
}

impl Decided {
    /// The same for whoever decides on the plan.
    pub fn note(&self) -> Option<Note> {
        if let Some(why) = &self.inactive {
            return Some(Note::warning(format!("it decides nothing now but keeps to its bounds: {why}")));
        }
        let replicas = self.replicas?;
        let each = self.by_metric.iter().map(|(said, wanted)| format!("{said} asks for {wanted}"));
        let (least, most) = self.bounds;
        Some(Note::remark(format!(
            "by the metrics of now it would want {replicas} replicas, between {least} and {most}: {}",
            each.collect::<Vec<_>>().join("; ")
        )))
    }
}

/// Name of a metric, and its value or target.
fn read<'v>(metric: &'v Value, side: &str) -> Option<(String, &'v Value)> {
    let (member, name) = match metric["type"].as_str()? {
        "Resource" => ("resource", metric["resource"]["name"].as_str()?.to_owned()),
        "ContainerResource" => {
            let of = &metric["containerResource"];
            ("containerResource", format!("{} of {}", of["name"].as_str()?, of["container"].as_str()?))
        }
        "Pods" => ("pods", metric["pods"]["metric"]["name"].as_str()?.to_owned()),
        "Object" => ("object", metric["object"]["metric"]["name"].as_str()?.to_owned()),
        "External" => ("external", metric["external"]["metric"]["name"].as_str()?.to_owned()),
        _ => return None,
    };
    Some((name, &metric[member][side]))
}

/// How a metric stands to its target, in words and as a ratio.
fn compared(now: &Value, target: &Value) -> Option<(String, f64)> {
    if let Some(percent) = target["averageUtilization"].as_f64() {
        let is = now["averageUtilization"].as_f64()?;
        return (percent > 0.0).then(|| (format!("{is}% of {percent}%"), is / percent));
    }
    let field = if target["type"] == "Value" { "value" } else { "averageValue" };
    let (is, wanted) = (now[field].as_str()?, target[field].as_str()?);
    let amount = |text: &str| serde_json::from_value::<Quantity>(text.into()).ok()?.amount();
    let ratio = amount(is)?.share_of(amount(wanted)?)?;
    Some((format!("{is} of {wanted}"), ratio))
}

fn replicas(ratio: f64, current: i64) -> i64 {
    if (ratio - 1.0).abs() <= TOLERANCE { current } else { (ratio * current as f64).ceil() as i64 }
}
