//! What is watched for a time when all steps of a plan are done: workloads that must go on working, and promises to users.

use super::target::Address;
use crate::inquiry::{Query, Sample, Target, only_share};
use crate::profile::Objective;
use crate::workload_status::{Progress, rollout};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Parts of the whole in which shares are written: a plan's digest is over whole numbers.
const MILLION: f64 = 1_000_000.0;

/// What is watched, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Watch {
    /// How long, in seconds.
    pub seconds: u64,
    /// Workloads whose rollouts must stay complete, and whose containers must not start anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<Watched>,
    /// Promises of which Prometheus tells how they are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<Promise>,
}

/// A workload that is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Watched {
    /// The workload.
    pub object: Address,
    /// Its selector's labels, `key=value` each.
    pub labels: Vec<String>,
}

/// A share of requests that may fail, and how many did before the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Promise {
    /// What the team calls it.
    pub name: String,
    /// The Prometheus that is asked.
    pub prometheus: Target,
    /// PromQL that gives the share of bad requests of the time of the watch.
    pub expression: String,
    /// How many of a million requests may be bad.
    pub allowed: u64,
    /// How many were in as long before the plan was made; absent where nobody asked for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// How a promise was kept while it was watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// As promised.
    Yes(String),
    /// Not yet, and better than before: to take the change back would make it worse.
    Better(String),
    /// Not, and no better than before.
    No(String),
    /// Nothing tells.
    Unseen(String),
}

impl Promise {
    /// Of an objective, as Prometheus answered for the time before; `samples` are that answer.
    pub fn of(objective: &Objective, prometheus: Target, seconds: u64, samples: &[Sample]) -> Self {
        Self {
            name: objective.name.clone(),
            prometheus,
            expression: objective.ratio_over(&window(seconds)),
            allowed: parts(objective.budget()),
            before: only_share(samples).map(parts),
        }
    }

    /// What Prometheus is asked.
    pub fn query(&self) -> Query {
        Query::Now(self.expression.clone().into())
    }

    /// In words, what must hold.
    pub fn words(&self) -> String {
        let before = self.before.map_or("nothing told of the time before".to_owned(), |it| {
            format!("it was {} in as long before", percent(it))
        });
        format!("{}: at most {} of the requests may be bad; {before}", self.name, percent(self.allowed))
    }

    /// How it was kept, by what Prometheus answered.
    pub fn kept(&self, samples: &[Sample]) -> Kept {
        let Some(bad) = only_share(samples).map(parts) else {
            let why = if samples.is_empty() {
                "Prometheus gives no value: nobody asked for anything, or they name what is not there"
            } else {
                "Prometheus gives several series, of which none is the whole"
            };
            return Kept::Unseen(format!("how {} was kept is not known: {why}", self.name));
        };
        let before = self.before.map_or(String::new(), |it| format!(", {} before", percent(it)));
        let said = format!("{}: {} of the requests were bad{before}", self.name, percent(bad));
        let allowed = format!("at most {} may be", percent(self.allowed));
        match self.before {
            _ if bad <= self.allowed => Kept::Yes(format!("{said}; {allowed}")),
            Some(before) if bad < before => Kept::Better(format!("{said}; that is better, and {allowed}")),
            _ => Kept::No(format!("{said}; {allowed}")),
        }
    }
}

impl Watch {
    /// In words, what is watched and for how long, a line each.
    pub fn words(&self) -> Vec<String> {
        let workload = |it: &Watched| {
            format!("{}: its rollout stays complete, and no container starts anew", it.object.object_ref())
        };
        let workloads = self.workloads.iter().map(workload);
        workloads.chain(self.promises.iter().map(Promise::words)).collect()
    }

    /// How long, as people write it.
    pub fn length(&self) -> String {
        window(self.seconds)
    }
}

/// How often each container of a workload's pods was started, by uid of the pod and name.
pub type Starts = BTreeMap<(String, String), i64>;

/// How often each container was started.
pub fn starts(pods: &[Value]) -> Starts {
    let of_pod = |pod: &Value| {
        let uid = pod.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default().to_owned();
        let lists = ["/status/initContainerStatuses", "/status/containerStatuses"];
        let all = lists.into_iter().filter_map(|list| pod.pointer(list)?.as_array()).flatten();
        let started = |it: &Value| {
            let name = it["name"].as_str().unwrap_or_default().to_owned();
            ((uid.clone(), name), it["restartCount"].as_i64().unwrap_or(0))
        };
        all.map(started).collect::<Vec<_>>()
    };
    pods.iter().flat_map(of_pod).collect()
}

/// A container that was started anew since an earlier look, in words; one of a pod that came since counts from its first.
pub fn started_anew(before: &Starts, pods: &[Value]) -> Option<String> {
    let anew = |pod: &Value| {
        let name = pod.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let now = starts(std::slice::from_ref(pod));
        let mut more = now.iter().filter(|(key, count)| **count > before.get(*key).copied().unwrap_or(0));
        more.next().map(|((_, container), count)| {
            format!("container {container} of pod {name} was started anew ({count} times by now)")
        })
    };
    pods.iter().find_map(anew)
}

/// Whether a workload runs as it should; a rollout that is not complete may be on its way.
pub fn standing(object: &Address, now: Option<&Value>) -> Progress {
    match now {
        Some(now) => rollout(&object.kind, now),
        None => Progress::Failed(format!("{} is not there any more", object.name)),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
fn parts(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * MILLION).round() as u64
}

/// Parts of a million, as a percentage with as many digits as make a difference.
fn percent(parts: u64) -> String {
    let digits = format!("{}.{:04}", parts / 10_000, parts % 10_000);
    format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// A time as in PromQL.
fn window(seconds: u64) -> String {
    if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn promise(before: Option<u64>) -> Promise {
        Promise {
            name: "checkout".to_owned(),
            prometheus: Target::Url("http://127.0.0.1:9090".to_owned()),
            expression: "bad".to_owned(),
            allowed: 1000,
            before,
        }
    }

    fn samples(values: &[f64]) -> Vec<Sample> {
        values.iter().map(|value| Sample { labels: BTreeMap::new(), value: *value }).collect()
    }

    #[test]
    fn a_promise_is_kept_or_better_or_broken_or_unseen() {
        let kept = |before, bad: &[f64]| promise(before).kept(&samples(bad));
        let yes = "checkout: 0.05 % of the requests were bad, 30 % before; at most 0.1 % may be";
        assert_eq!(kept(Some(300_000), &[0.0005]), Kept::Yes(yes.to_owned()));
        let better = "checkout: 2 % of the requests were bad, 30 % before; that is better, and at most 0.1 % may be";
        assert_eq!(kept(Some(300_000), &[0.02]), Kept::Better(better.to_owned()));
        assert!(matches!(kept(Some(20_000), &[0.02]), Kept::No(_)), "no better is not better");
        assert!(matches!(kept(None, &[0.02]), Kept::No(_)) && matches!(kept(None, &[0.001]), Kept::Yes(_)));
        assert!(matches!(kept(None, &[]), Kept::Unseen(_)) && matches!(kept(None, &[0.1, 0.2]), Kept::Unseen(_)));
    }

    #[test]
    fn what_must_hold_is_told_in_words() {
        let words = "checkout: at most 0.1 % of the requests may be bad; it was 12.5 % in as long before";
        assert_eq!(promise(Some(125_000)).words(), words);
        let watch = Watch { seconds: 300, workloads: Vec::new(), promises: vec![promise(None)] };
        assert_eq!((watch.length(), watch.words().len()), ("5m".to_owned(), 1));
        assert_eq!(window(90), "90s");
        assert_eq!([percent(0), percent(1), percent(1_000_000)], ["0 %", "0.0001 %", "100 %"]);
    }

    #[test]
    fn a_container_that_starts_anew_is_named() {
        let pod = |uid: &str, count: u8| {
            json!({
                "metadata": {"name": format!("web-{uid}"), "uid": uid},
                "status": {"containerStatuses": [{"name": "app", "restartCount": count}]},
            })
        };
        let before = starts(&[pod("a", 2), pod("b", 0)]);
        assert_eq!(started_anew(&before, &[pod("a", 2), pod("b", 0), pod("c", 0)]), None);
        assert_eq!(started_anew(&before, &[]), None, "a pod that went says nothing");
        let anew = "container app of pod web-a was started anew (3 times by now)";
        assert_eq!(started_anew(&before, &[pod("b", 0), pod("a", 3)]).as_deref(), Some(anew));
        assert!(started_anew(&before, &[pod("c", 1)]).is_some_and(|it| it.contains("web-c")));
    }
}
