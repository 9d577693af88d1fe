//! What may be meant when nothing is named: what does not get ready first, then what an autoscaler cannot raise further.

use crate::args::HINT;
use crate::replicas::{name_of, text};
use serde_json::Value;
use sre_core::report::Tone;
use sre_core::resource::Resource;
use sre_core::workload_status::{Progress, replicas, rollout};
use sre_runtime::change::{Acting, Candidate};
use sre_runtime::error::Error;

/// The kinds to choose from, as the API spells them.
const KINDS: [&str; 2] = ["Deployment", "StatefulSet"];

/// How suspicious a workload is, the most suspicious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Failed,
    NotReady,
    AtMaximum,
    Well,
}

/// Lets the person at the terminal choose a workload; gives its kind and name.
///
/// # Errors
/// Says why the cluster gives no answer, or that nothing was chosen.
pub(crate) async fn chosen(acting: &Acting) -> Result<(String, String), Error> {
    let list = |kind: &'static str| async move {
        let path = Resource::named(kind).map(|it| it.collection(acting.namespace())).unwrap_or_default();
        acting.objects().list(&path, "").await
    };
    let lists = futures::future::try_join_all(KINDS.map(list)).await.map_err(|fault| acting.no_answer(&fault))?;
    // Without autoscalers the order is another one, and the choice the same.
    let autoscalers = list("HorizontalPodAutoscaler").await.unwrap_or_default();
    let workloads = KINDS.iter().zip(&lists).flat_map(|(kind, all)| all.iter().map(|it| (*kind, it)));
    let suspects = sorted(workloads, &autoscalers);
    if suspects.is_empty() {
        let message = format!("there is no Deployment or StatefulSet in namespace {}", acting.namespace());
        return Err(Error::Usage { message, hint: HINT.to_owned() });
    }
    let index = acting.choose(&suspects, HINT).await?;
    let (kind, name) = suspects[index].name.split_once('/').unwrap_or_default();
    Ok((kind.to_owned(), name.to_owned()))
}

fn sorted<'a>(workloads: impl Iterator<Item = (&'static str, &'a Value)>, autoscalers: &[Value]) -> Vec<Candidate> {
    let mut all: Vec<(Rank, Candidate)> = workloads.map(|(kind, object)| suspect(kind, object, autoscalers)).collect();
    all.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    all.into_iter().map(|(_, it)| it).collect()
}

fn suspect(kind: &str, object: &Value, autoscalers: &[Value]) -> (Rank, Candidate) {
    let ready = object.pointer("/status/readyReplicas").and_then(Value::as_i64).unwrap_or(0);
    let (rank, tone, said) = match (replicas(object), rollout(kind, object)) {
        (Progress::Done, _) => match autoscalers.iter().find(|it| is_at_maximum(it, kind, name_of(object))) {
            Some(it) => {
                let said = format!("{ready} ready, HorizontalPodAutoscaler {} is at its maximum", name_of(it));
                (Rank::AtMaximum, Tone::Warning, said)
            }
            None => (Rank::Well, Tone::Good, format!("{ready} ready")),
        },
        (_, Progress::Failed(why)) => (Rank::Failed, Tone::Critical, why),
        (Progress::Waiting(why) | Progress::Failed(why), _) => (Rank::NotReady, Tone::Warning, why),
    };
    (rank, Candidate { name: format!("{}/{}", kind.to_lowercase(), name_of(object)), tone, said })
}

fn is_at_maximum(autoscaler: &Value, kind: &str, name: &str) -> bool {
    let number = |pointer: &str| autoscaler.pointer(pointer).and_then(Value::as_i64);
    let most = number("/spec/maxReplicas");
    text(autoscaler, "/spec/scaleTargetRef/kind") == kind
        && text(autoscaler, "/spec/scaleTargetRef/name") == name
        && most.is_some()
        && number("/status/currentReplicas") >= most
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_ready_stands_before_what_is_at_its_maximum_and_what_is_well() {
        let deployment = |name: &str, ready: u8| {
            json!({
                "metadata": {"name": name}, "spec": {"replicas": 2},
                "status": {"replicas": 2, "updatedReplicas": 2, "availableReplicas": ready, "readyReplicas": ready},
            })
        };
        let all = [deployment("a-well", 2), deployment("b-full", 2), deployment("c-half", 1)];
        let autoscaler = json!({
            "metadata": {"name": "full"}, "status": {"currentReplicas": 2},
            "spec": {"maxReplicas": 2, "scaleTargetRef": {"kind": "Deployment", "name": "b-full"}},
        });
        let sorted = sorted(all.iter().map(|object| ("Deployment", object)), &[autoscaler]);
        let names: Vec<&str> = sorted.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["deployment/c-half", "deployment/b-full", "deployment/a-well"]);
        assert_eq!(sorted[0].said, "1 of 2 replicas are ready");
        assert_eq!(sorted[1].said, "2 ready, HorizontalPodAutoscaler full is at its maximum");
    }
}
