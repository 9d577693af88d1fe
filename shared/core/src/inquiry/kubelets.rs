//! What kubelets measured of the volumes of their pods, where no Prometheus tells it:
//! <https://kubernetes.io/docs/reference/instrumentation/node-metrics/>.

use super::answer::refusal;
use super::{Answer, Answers, Failure, Query, Question, Target};
use crate::cause::node_problem::{is_virtual, readiness};
use crate::check::Sight;
use crate::slim::{Kind, Node, Pod};
use crate::snapshot::{Gap, GapReason, NamespaceScope, ReadState, Reads, Snapshot};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The path of a kubelet that tells it.
const SUMMARY: &str = "/stats/summary";

/// How kubelets are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeletInquiry {
    /// What Prometheus tells instead: where it has an answer to this, no kubelet is asked.
    pub instead: Query,
    /// Nodes that are asked at the most.
    pub most: usize,
    /// Whether somebody insists: to be forbidden is a gap then.
    pub is_required: bool,
}

/// What the volume of a claim holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VolumeUsage {
    /// The namespace of the claim.
    pub namespace: String,
    /// The name of the claim.
    pub claim: String,
    /// Bytes that are used.
    pub used: Option<u64>,
    /// Bytes that there are.
    pub capacity: Option<u64>,
    /// Inodes that are used.
    pub inodes_used: Option<u64>,
    /// Inodes that there are; filesystems that make them as they need them tell of none.
    pub inodes: Option<u64>,
}

impl VolumeUsage {
    /// The used share of the space.
    pub fn space(&self) -> Option<f64> {
        share(self.used, self.capacity)
    }

    /// The used share of the inodes.
    pub fn inodes(&self) -> Option<f64> {
        share(self.inodes_used, self.inodes)
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share needs no more digits")]
fn share(used: Option<u64>, of: Option<u64>) -> Option<f64> {
    let of = of.filter(|of| *of > 0)?;
    Some(used? as f64 / of as f64)
}

/// A summary, as far as it is of volumes.
#[derive(Deserialize, Serialize)]
struct Summary {
    /// Every kubelet names its node; another program does not.
    node: NodeStats,
    #[serde(default)]
    pods: Vec<PodStats>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeStats {
    node_name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct PodStats {
    pod_ref: Reference,
    #[serde(default)]
    volume: Vec<VolumeStats>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct VolumeStats {
    pvc_ref: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inodes_used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inodes: Option<u64>,
}

#[derive(Deserialize, Serialize)]
struct Reference {
    name: String,
    namespace: String,
}

/// The part of a summary that is kept: it tells of every container of the node, which nobody asked for.
///
/// What is no summary is cut to its first words, which say what it is.
pub fn kept_of_summary(body: &str, namespaces: &NamespaceScope) -> String {
    let Ok(mut summary) = serde_json::from_str::<Summary>(body) else { return body.chars().take(200).collect() };
    for pod in &mut summary.pods {
        pod.volume.retain(|volume| volume.pvc_ref.is_some());
    }
    summary.pods.retain(|pod| namespaces.includes(&pod.pod_ref.namespace) && !pod.volume.is_empty());
    serde_json::to_string(&summary).unwrap_or_default()
}

/// Whether a body is a summary.
pub(super) fn check(body: &str) -> Result<(), String> {
    serde_json::from_str::<Summary>(body).map(|_| ()).map_err(|error| format!("it is no summary of a kubelet: {error}"))
}

/// What to ask which kubelets, when Prometheus and all others have answered.
pub fn questions_to_kubelets(reads: &Reads, snapshot: &Snapshot, answers: &Answers) -> Vec<Question> {
    let most = reads.inquiry.kubelets.as_ref().map_or(0, |inquiry| inquiry.most);
    wanted(reads, snapshot, answers).into_iter().take(most).map(question).collect()
}

fn question(node: &str) -> Question {
    Question { sight: Sight::Kubelets, target: Target::Node(node.to_owned()), path: SUMMARY.to_owned() }
}

/// The nodes whose kubelets know something that nobody has told: those with most volumes of claims first.
fn wanted<'s>(reads: &Reads, snapshot: &'s Snapshot, answers: &Answers) -> Vec<&'s str> {
    let Some(inquiry) = &reads.inquiry.kubelets else { return Vec::new() };
    let is_told = answers.samples(&inquiry.instead, snapshot.taken_at).is_some_and(|samples| !samples.is_empty());
    if is_told || !reads.sights.contains(&Sight::Kubelets) {
        return Vec::new();
    }
    let mut volumes: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in snapshot.all::<Pod>().iter().filter(|pod| pod.status.phase == "Running") {
        *volumes.entry(&pod.node_name).or_default() += volumes_of_claims(pod);
    }
    let mut nodes: Vec<(&str, usize)> = volumes.into_iter().filter(|(_, count)| *count > 0).collect();
    nodes.retain(|(name, _)| is_name(name) && can_answer(snapshot, name));
    nodes.sort_by_key(|(name, count)| (Reverse(*count), *name));
    nodes.into_iter().map(|(name, _)| name).collect()
}

/// Volumes of claims, of those too that are made and deleted with the pod.
fn volumes_of_claims(pod: &Pod) -> usize {
    let sources = pod.spec.volumes.iter().map(|volume| &volume.source);
    sources.filter(|source| source.persistent_volume_claim.is_some() || source.ephemeral.is_some()).count()
}

/// Whether there is a kubelet that can answer. One that is silent has a finding of its own, and would only be waited for.
fn can_answer(snapshot: &Snapshot, name: &str) -> bool {
    match snapshot.get::<Node>("", name) {
        Some(node) => {
            let is_ready = readiness(node).is_some_and(|ready| ready.status == "True");
            is_ready && !has_no_kubelet(node)
        }
        None => !snapshot.knows(Kind::Node, ""),
    }
}

/// Whether nothing on the node answers as a kubelet does.
pub fn has_no_kubelet(node: &Node) -> bool {
    is_virtual(node) || is_simulated(node)
}

/// Whether all that is known of a node's place is a loopback address, to which the API server passes nothing on.
fn is_simulated(node: &Node) -> bool {
    let mut addresses = node.status.addresses.iter().filter_map(|it| it.address.parse::<IpAddr>().ok()).peekable();
    addresses.peek().is_some() && addresses.all(|address| address.is_loopback())
}

/// What is no name of a node must not become a part of a path.
fn is_name(name: &str) -> bool {
    let is_part = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"-.".contains(&letter);
    !name.is_empty() && name.bytes().all(is_part) && !name.contains("..")
}

/// What became of asking the kubelets; nothing where nobody was to be asked.
///
/// A caller who may not ask them, and of whom nobody wants it, has not asked. A kubelet that knows no summary is no gap.
pub fn state_of_kubelets(reads: &Reads, snapshot: &Snapshot, answers: &Answers) -> Option<ReadState> {
    let nodes = wanted(reads, snapshot, answers);
    let found: Vec<(&str, &Result<Answer, Failure>)> =
        nodes.iter().filter_map(|node| Some((*node, answers.to(&question(node))?))).collect();
    if nodes.is_empty() {
        return None;
    }
    if found.is_empty() {
        return Some(ReadState::NotCollected);
    }
    let is_forbidden = found.iter().all(|(_, answer)| matches!(answer, Err(Failure::Forbidden(_))));
    if is_forbidden && !reads.inquiry.kubelets.as_ref().is_some_and(|inquiry| inquiry.is_required) {
        return Some(ReadState::NotAsked);
    }
    let (silent, told): (Vec<_>, Vec<_>) = found.iter().partition(|(_, answer)| has_no_summary(answer));
    if told.is_empty() {
        return Some(ReadState::NotInstalled);
    }
    let failed: Vec<(&str, (GapReason, String))> =
        told.iter().filter_map(|(node, answer)| Some((*node, refusal(Sight::Kubelets, answer)?))).collect();
    let seen = told.len() - failed.len();
    let left = nodes.len() - silent.len() - told.len();
    let of_all = format!("{seen} of {} nodes with volumes of claims have told", nodes.len() - silent.len());
    Some(match failed.into_iter().next() {
        Some((node, (reason, why))) => {
            ReadState::Gap(Gap { reason, detail: format!("{}: {why}; {of_all}", Target::Node(node.to_owned())), seen })
        }
        None if left > 0 => {
            let detail = format!("{of_all}, the others were not asked");
            ReadState::Gap(Gap { reason: GapReason::CutShort, detail, seen })
        }
        None => ReadState::Read { count: seen },
    })
}

/// Whether whoever stands for the kubelet has no such thing, as virtual and simulated ones.
fn has_no_summary(answer: &Result<Answer, Failure>) -> bool {
    answer.as_ref().is_ok_and(|answer| matches!(answer.status, 404 | 405 | 501))
}

impl Answers {
    /// What kubelets told of the volumes of claims, in the order of the claims.
    pub fn volumes(&self) -> Vec<VolumeUsage> {
        let told = self.iter().filter(|asked| asked.question.sight == Sight::Kubelets);
        let bodies = told.filter_map(|asked| asked.answer.as_ref().ok().filter(|answer| answer.is_success()));
        let summaries = bodies.filter_map(|answer| serde_json::from_str::<Summary>(&answer.body).ok());
        let volumes = summaries.flat_map(|summary| summary.pods).flat_map(|pod| pod.volume);
        let mut volumes: Vec<VolumeUsage> = volumes.filter_map(VolumeStats::usage).collect();
        volumes.sort();
        volumes
    }
}

impl VolumeStats {
    fn usage(self) -> Option<VolumeUsage> {
        let claim = self.pvc_ref?;
        Some(VolumeUsage {
            namespace: claim.namespace,
            claim: claim.name,
            used: self.used_bytes,
            capacity: self.capacity_bytes,
            inodes_used: self.inodes_used,
            inodes: self.inodes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inquiry::{Asked, Inquiry};
    use crate::slim::Pool;
    use crate::snapshot::{Encoded, decode_into};

    /// Nodes with the state of their readiness and the volumes of claims of their pods.
    fn cluster(nodes: &[(&str, &str, usize)]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let mut shelve = |kind, text: String| {
            let (json, pool) = (Encoded::Json(text.as_bytes()), &mut Pool::default());
            decode_into(kind, json, &mut snapshot.objects, pool).expect("an object");
        };
        for (name, ready, volumes) in nodes {
            let conditions = format!(r#"[{{"type":"Ready","status":"{ready}"}}]"#);
            shelve(Kind::Node, format!(r#"{{"metadata":{{"name":"{name}"}},"status":{{"conditions":{conditions}}}}}"#));
            let volume = r#"{"name":"data","persistentVolumeClaim":{"claimName":"data"}}"#;
            let spec = format!(r#"{{"nodeName":"{name}","volumes":[{}]}}"#, vec![volume; *volumes].join(","));
            let metadata = format!(r#"{{"namespace":"shop","name":"on-{name}"}}"#);
            shelve(Kind::Pod, format!(r#"{{"metadata":{metadata},"spec":{spec},"status":{{"phase":"Running"}}}}"#));
        }
        snapshot.objects.sort();
        snapshot.coverage.record(Sight::Of(Kind::Node), ReadState::Read { count: nodes.len() });
        snapshot
    }

    fn reads(most: usize, is_required: bool) -> Reads {
        let kubelets = Some(KubeletInquiry { instead: Query::now("used"), most, is_required });
        let inquiry = Inquiry { kubelets, ..Inquiry::default() };
        Reads::of([Sight::Kubelets], NamespaceScope::All).with_inquiry(inquiry)
    }

    fn asked(node: &str, answer: Result<Answer, Failure>) -> Asked {
        Asked { question: question(node), answer }
    }

    fn answered(status: u16, body: &str) -> Result<Answer, Failure> {
        Ok(Answer { status, body: body.to_owned(), milliseconds: 1 })
    }

    /// As a kubelet writes it, in part.
    const TOLD: &str = r#"{"node":{"nodeName":"a","cpu":{}},"pods":[
        {"podRef":{"name":"db-0","namespace":"shop","uid":"1"},"containers":[{"name":"db"}],"volume":[
            {"time":"2026-01-01T00:00:00Z","availableBytes":60,"capacityBytes":100,"usedBytes":40,"inodesFree":5,
             "inodes":100,"inodesUsed":95,"name":"data","pvcRef":{"name":"data-db-0","namespace":"shop"}},
            {"usedBytes":1,"capacityBytes":2,"name":"kube-api-access"}]},
        {"podRef":{"name":"web","namespace":"bank","uid":"2"},"volume":[
            {"capacityBytes":100,"name":"data","pvcRef":{"name":"data","namespace":"bank"}}]},
        {"podRef":{"name":"none","namespace":"shop","uid":"3"}}]}"#;

    fn state(nodes: &[(&str, &str, usize)], required: bool, answers: Vec<Asked>) -> Option<ReadState> {
        state_of_kubelets(&reads(200, required), &cluster(nodes), &Answers::of(answers))
    }

    #[test]
    fn only_kubelets_that_can_tell_something_are_asked_and_those_that_know_most_first() {
        let nodes = [("a", "True", 1), ("b", "True", 3), ("c", "True", 0), ("d", "Unknown", 2), ("e", "True", 1)];
        let asked = |most| {
            let questions = questions_to_kubelets(&reads(most, false), &cluster(&nodes), &Answers::default());
            questions.iter().map(|question| question.target.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(asked(200), ["Node b", "Node a", "Node e"]);
        assert_eq!(asked(2), ["Node b", "Node a"]);
    }

    #[test]
    fn a_node_at_a_loopback_address_is_not_asked() {
        let node = |addresses: &[&str]| {
            let addresses: Vec<_> = addresses.iter().map(|it| serde_json::json!({ "address": it })).collect();
            let node = serde_json::json!({"status": {"addresses": addresses}});
            is_simulated(&serde_json::from_value(node).expect("a node"))
        };
        assert!(node(&["127.0.0.1", "node-1"]) && node(&["::1"]));
        assert!(!node(&[]) && !node(&["node-1"]) && !node(&["127.0.0.1", "10.0.0.1"]));
    }

    #[test]
    fn where_prometheus_tells_it_nobody_else_is_asked() {
        let path = Query::now("used").path(jiff::Timestamp::default());
        let told = |result: &str| {
            let body = format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{result}]}}}}"#);
            let target = Target::Url("http://a".to_owned());
            let question = Question { sight: Sight::Prometheus, target, path: path.clone() };
            let answers = Answers::of(vec![Asked { question, answer: answered(200, &body) }]);
            questions_to_kubelets(&reads(200, false), &cluster(&[("a", "True", 1)]), &answers).len()
        };
        assert_eq!((told(r#"{"metric":{},"value":[1,"0.5"]}"#), told("")), (0, 1));
    }

    #[test]
    fn of_a_summary_the_volumes_of_claims_are_kept() {
        let kept = kept_of_summary(TOLD, &NamespaceScope::One("shop".to_owned()));
        assert!(!kept.contains("bank") && !kept.contains("containers") && !kept.contains("api-access"), "{kept}");
        let volumes = Answers::of(vec![asked("a", answered(200, &kept))]).volumes();
        let seen: Vec<(&str, Option<f64>, Option<f64>)> =
            volumes.iter().map(|it| (it.claim.as_str(), it.space(), it.inodes())).collect();
        assert_eq!(seen, [("data-db-0", Some(0.4), Some(0.95))]);
        assert_eq!(kept_of_summary(&"<html>".repeat(100), &NamespaceScope::All).len(), 200);
    }

    #[test]
    fn who_may_not_ask_has_not_asked_unless_somebody_wants_it() {
        let forbidden = || vec![asked("a", Err(Failure::Forbidden("not for you".to_owned())))];
        let nodes = [("a", "True", 1), ("b", "True", 1)];
        assert_eq!(state(&nodes, false, forbidden()), Some(ReadState::NotAsked));
        let Some(ReadState::Gap(gap)) = state(&nodes, true, forbidden()) else { panic!("a gap") };
        let detail = "Node a: not for you; 0 of 2 nodes with volumes of claims have told";
        assert_eq!((gap.reason, gap.detail.as_str()), (GapReason::Forbidden, detail));
    }

    #[test]
    fn what_was_not_asked_or_not_answered_is_a_gap_and_counted() {
        let nodes = [("a", "True", 1), ("b", "True", 1), ("c", "True", 1)];
        let told = |node| asked(node, answered(200, TOLD));
        assert_eq!(state(&nodes, false, vec![told("a"), told("b"), told("c")]), Some(ReadState::Read { count: 3 }));
        let gap = |answers| match state(&nodes, false, answers) {
            Some(ReadState::Gap(gap)) => (gap.reason, gap.detail, gap.seen),
            other => panic!("no gap: {other:?}"),
        };
        let few = "2 of 3 nodes with volumes of claims have told, the others were not asked".to_owned();
        assert_eq!(gap(vec![told("a"), told("b")]), (GapReason::CutShort, few, 2));
        let late = asked("b", Err(Failure::TimedOut(10)));
        let (reason, detail, seen) = gap(vec![told("a"), late, told("c")]);
        assert_eq!((reason, seen), (GapReason::TimedOut, 2));
        assert_eq!(detail, "Node b: no answer within 10 ms; 2 of 3 nodes with volumes of claims have told");
        let (reason, ..) = gap(vec![told("a"), asked("b", answered(200, "<html>")), told("c")]);
        assert_eq!(reason, GapReason::Undecodable);
    }

    #[test]
    fn a_kubelet_that_knows_no_summary_is_no_gap() {
        let nodes = [("a", "True", 1), ("b", "True", 1)];
        let none = |node| asked(node, answered(404, "404 page not found"));
        assert_eq!(state(&nodes, false, vec![none("a"), none("b")]), Some(ReadState::NotInstalled));
        let one = vec![none("a"), asked("b", answered(200, TOLD))];
        assert_eq!(state(&nodes, false, one), Some(ReadState::Read { count: 1 }));
    }

    #[test]
    fn where_nobody_was_to_be_asked_nothing_is_said() {
        assert_eq!(state(&[("a", "True", 0)], true, Vec::new()), None);
        assert_eq!(state(&[("a", "True", 1)], false, Vec::new()), Some(ReadState::NotCollected), "an older archive");
    }
}
