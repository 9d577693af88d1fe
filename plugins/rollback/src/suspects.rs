//! What may be meant when no workload is named: those whose rollout does not get on first.

use crate::args::{HINT, Kind, Named};
use serde_json::Value;
use sre_core::report::Tone;
use sre_core::resource::Resource;
use sre_core::workload_status::{Progress, rollout};
use sre_runtime::change::{Acting, Candidate};
use sre_runtime::error::Error;

/// A workload, and how its rollout stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Suspect {
    workload: Named,
    progress: Progress,
}

/// The workloads of the namespace, the most suspicious first.
///
/// # Errors
/// Says why the cluster gives no answer.
async fn look(acting: &Acting) -> Result<Vec<Suspect>, Error> {
    let lists = Kind::ALL.map(|kind| async move {
        let path = Resource::named(kind.words().0).map(|it| it.collection(acting.namespace())).unwrap_or_default();
        acting.objects().list(&path, "").await.map(|all| (kind, all))
    });
    let lists = futures::future::try_join_all(lists).await.map_err(|fault| acting.no_answer(&fault))?;
    Ok(sorted(lists.iter().flat_map(|(kind, all)| all.iter().map(|object| (*kind, object)))))
}

fn sorted<'a>(workloads: impl Iterator<Item = (Kind, &'a Value)>) -> Vec<Suspect> {
    let suspect = |(kind, object): (Kind, &Value)| {
        let name = object.pointer("/metadata/name")?.as_str()?.to_owned();
        Some(Suspect { workload: Named { kind, name }, progress: rollout(kind.words().0, object) })
    };
    let mut all: Vec<Suspect> = workloads.filter_map(suspect).collect();
    all.sort_by(|a, b| a.key().cmp(&b.key()));
    all
}

impl Suspect {
    fn key(&self) -> (u8, &'static str, &str) {
        let rank = match self.progress {
            Progress::Failed(_) => 0,
            Progress::Waiting(_) => 1,
            Progress::Done => 2,
        };
        (rank, self.workload.kind.words().0, &self.workload.name)
    }

    /// How it is named for kubectl: `deployment/web`.
    fn target(&self) -> String {
        format!("{}/{}", self.workload.kind.words().0.to_lowercase(), self.workload.name)
    }

    /// What there is to choose.
    fn candidate(&self) -> Candidate {
        let (tone, said) = match &self.progress {
            Progress::Failed(why) => (Tone::Critical, why.as_str()),
            Progress::Waiting(why) => (Tone::Warning, why.as_str()),
            Progress::Done => (Tone::Good, "rolled out"),
        };
        Candidate { name: self.target(), tone, said: said.to_owned() }
    }
}

/// Lets the person at the terminal choose.
///
/// # Errors
/// Says why the cluster gives no answer, or that nothing was chosen.
pub(crate) async fn chosen(acting: &Acting) -> Result<Named, Error> {
    let suspects = look(acting).await?;
    if suspects.is_empty() {
        let message = format!("there is no Deployment, StatefulSet or DaemonSet in namespace {}", acting.namespace());
        return Err(Error::Usage { message, hint: HINT.to_owned() });
    }
    let candidates: Vec<Candidate> = suspects.iter().map(Suspect::candidate).collect();
    Ok(suspects[acting.choose(&candidates, HINT).await?].workload.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_failed_stands_before_what_waits_and_what_is_well() {
        let late = json!([{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "timed out"}]);
        let deployment = |name: &str, updated: u8, conditions: Value| {
            json!({
                "metadata": {"name": name}, "spec": {"replicas": 2},
                "status": {"replicas": 2, "updatedReplicas": updated, "availableReplicas": 2, "conditions": conditions},
            })
        };
        let all = [deployment("well", 2, json!([])), deployment("rolling", 1, json!([])), deployment("late", 1, late)];
        let sorted = sorted(all.iter().map(|object| (Kind::Deployment, object)));
        let named: Vec<String> = sorted.iter().map(Suspect::target).collect();
        assert_eq!(named, ["deployment/late", "deployment/rolling", "deployment/well"]);
        assert_eq!(sorted[0].candidate().said, "timed out");
    }
}
