//! Which logs a triage wants, and what became of reading them.

use super::explained::is_telling_of;
use super::{LogName, LogRead, Unread};
use crate::cause::tells_only_that;
use crate::check::Sight;
use crate::finding::Finding;
use crate::inquiry::has_no_kubelet;
use crate::object::ObjectRef;
use crate::slim::{Node, Object, Pod, Service};
use crate::snapshot::{Gap, GapReason, ReadState, Snapshot};
use crate::triage::Triage;
use crate::view::{View, is_ready};
use std::collections::BTreeSet;

/// Logs that one run reads at the most.
pub const MOST_LOGS: usize = 24;

/// Logs that one search goes through at the most.
const MOST_SEARCHED: usize = 100;

/// Classes of causes that say why, and of which a log tells more.
const TOLD_MORE: [&str; 7] = [
    "crash-after-config-change",
    "evidence-insufficient",
    "init-container-waiting",
    "liveness-probe-kill",
    "sidecar-start-blocked",
    "startup-probe-failed",
    "dependency-unavailable",
];

/// Logs of pods that are ready, which are read where one was named or is felt to be slow.
const MOST_OF_READY: usize = 4;

/// What to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogsWanted {
    /// The logs, those of the first cause first.
    pub logs: Vec<LogName>,
    /// How many more there would be.
    pub left: usize,
    /// Whether a search goes on in them, which reads further back than a triage.
    pub is_search: bool,
}

/// The logs behind the causes that do not say why, and behind what is undecided: of one pod of each owner, because its
/// siblings fail alike.
///
/// Behind a target that seems to work, and behind what is measured to answer badly, ready pods are asked too.
pub fn logs_wanted(view: &View<'_>, triage: &Triage, target: Option<&ObjectRef>) -> LogsWanted {
    let mut seen: BTreeSet<(ObjectRef, &str)> = BTreeSet::new();
    let mut logs = Vec::new();
    for cause in &triage.causes {
        let finding = &cause.judged.finding;
        if !tells_only_that(finding) && !TOLD_MORE.contains(&finding.class.unwrap_or_default()) {
            continue;
        }
        let pods: BTreeSet<ObjectRef> = cause.objects().into_iter().flat_map(|object| pods_of(view, object)).collect();
        for pod in pods.iter().filter_map(|it| view.get::<Pod>(it.namespace.as_deref()?, &it.name)) {
            if is_out_of_reach(view, pod) {
                continue;
            }
            let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
            for status in statuses.filter(|status| is_telling_of(status)) {
                if seen.insert((view.owner_of(pod), status.name.as_str())) {
                    logs.extend(of_container(pod, status));
                }
            }
        }
    }
    let felt = triage.causes.iter().map(|it| &it.judged.finding).filter(|it| is_felt(it)).map(|it| &it.object);
    let mut of_ready = Vec::new();
    for object in target.into_iter().chain(felt) {
        for pod in ready_pods_of(view, object).into_iter().filter(|pod| !is_out_of_reach(view, pod)) {
            for status in pod.status.container_statuses.iter().filter(|status| status.state.running.is_some()) {
                if seen.insert((view.owner_of(pod), status.name.as_str())) {
                    of_ready.extend(of_container(pod, status).into_iter().filter(|log| !log.previous));
                }
            }
        }
    }
    of_ready.truncate(MOST_OF_READY);
    logs.extend(of_ready);
    let left = logs.len().saturating_sub(MOST_LOGS);
    logs.truncate(MOST_LOGS);
    LogsWanted { logs, left, is_search: false }
}

/// The logs that a search goes through: of every container that runs or ran, in the order of their names.
pub fn logs_to_search(view: &View<'_>, is_meant: &dyn Fn(&Pod) -> bool) -> LogsWanted {
    let pods = view.all::<Pod>().iter().filter(|pod| is_meant(pod) && !is_out_of_reach(view, pod));
    let of_pod = |pod: &Pod| -> Vec<LogName> {
        let statuses = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
        statuses.flat_map(|status| of_container(pod, status)).collect()
    };
    let mut logs: Vec<LogName> = pods.flat_map(of_pod).collect();
    let left = logs.len().saturating_sub(MOST_SEARCHED);
    logs.truncate(MOST_SEARCHED);
    LogsWanted { logs, left, is_search: true }
}

/// The pods in trouble that an object is, makes or sends to.
fn pods_of(view: &View<'_>, object: &ObjectRef) -> Vec<ObjectRef> {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let pods = match object.kind.as_str() {
        "Pod" => return vec![object.clone()],
        "Service" => view.get::<Service>(namespace, &object.name).map_or_else(Vec::new, |it| view.pods_behind(it)),
        _ => view.pods_of(object).to_vec(),
    };
    pods.into_iter().filter(|pod| !is_ready(pod)).map(Object::reference).collect()
}

/// Whether users meet it, by what was measured, and the pods themselves are ready.
fn is_felt(finding: &Finding) -> bool {
    matches!(finding.class, Some("response-slow" | "error-rate-high" | "websocket-refused" | "event-loop-blocked"))
}

fn ready_pods_of<'a>(view: &View<'a>, object: &ObjectRef) -> Vec<&'a Pod> {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let pods = match object.kind.as_str() {
        "Pod" => view.get::<Pod>(namespace, &object.name).into_iter().collect(),
        "Service" => view.get::<Service>(namespace, &object.name).map_or_else(Vec::new, |it| view.pods_behind(it)),
        _ => view.pods_of(object).to_vec(),
    };
    pods.into_iter().filter(|pod| is_ready(pod)).collect()
}

/// Whether nothing writes logs where the pod is: it has no node, or one that is only simulated.
fn is_out_of_reach(view: &View<'_>, pod: &Pod) -> bool {
    let is_simulated = || view.get::<Node>("", &pod.node_name).is_some_and(has_no_kubelet);
    let is_live = !view.snapshot.is_of_files();
    is_live && (pod.node_name.is_empty() || is_simulated())
}

/// The log of the instance that ended last, and that of the one that runs.
fn of_container(pod: &Pod, status: &crate::slim::container_status::ContainerStatus) -> Vec<LogName> {
    let name = |previous| LogName {
        namespace: pod.metadata.namespace.to_string(),
        pod: pod.metadata.name.clone(),
        container: status.name.clone(),
        previous,
    };
    let ended_before = status.last_state.terminated.is_some();
    let mut logs = Vec::new();
    // A kubelet keeps the log of one dead instance: of a container that has ended, none before it.
    if ended_before && status.state.terminated.is_none() {
        logs.push(name(true));
    }
    if status.state.terminated.is_some() || status.state.running.is_some() {
        logs.push(name(false));
    }
    logs
}

/// What became of reading logs.
pub fn state_of_logs(wanted: &LogsWanted, reads: &[LogRead], is_collected: bool) -> ReadState {
    let read = reads.iter().filter(|read| read.tail.is_ok()).count();
    let of_all = format!("{read} of {} logs were read", wanted.logs.len());
    // Of a container whose other log was read nothing is missing that anybody could still see.
    let is_made_good = |read: &LogRead| {
        let sibling = read.log.sibling();
        let is_gone = matches!(read.tail, Err(Unread::Gone(_)));
        is_gone && reads.iter().any(|other| other.log == sibling && other.tail.is_ok())
    };
    let missing = reads.iter().filter(|read| !is_made_good(read));
    let first = missing.filter_map(|read| Some((&read.log, read.tail.as_ref().err()?.gap()?))).next();
    match first {
        _ if wanted.logs.is_empty() => ReadState::NotAsked,
        Some((log, (reason, why))) => {
            let detail = format!("{} {}: {why}; {of_all}", log.object(), log.field());
            ReadState::Gap(Gap { reason, detail, seen: read })
        }
        None if !is_collected && read == 0 => ReadState::NotCollected,
        None if wanted.left > 0 => {
            let detail = format!("{of_all}, {} more were left out", wanted.left);
            ReadState::Gap(Gap { reason: GapReason::CutShort, detail, seen: read })
        }
        None => ReadState::Read { count: read },
    }
}

impl Snapshot {
    /// Takes logs, and records what became of reading them.
    pub fn take_logs(&mut self, wanted: &LogsWanted, reads: Vec<LogRead>, is_collected: bool) {
        self.coverage.record(Sight::Logs, state_of_logs(wanted, &reads, is_collected));
        self.logs = reads;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::Tail;

    fn state(tails: Vec<Result<Tail, Unread>>, left: usize, is_collected: bool) -> ReadState {
        let log = |number: usize| LogName { pod: format!("web-{number}"), container: "app".into(), ..empty() };
        let logs = (0..tails.len()).map(log).collect();
        let reads = tails.into_iter().enumerate().map(|(number, tail)| LogRead { log: log(number), tail });
        state_of_logs(&LogsWanted { logs, left, is_search: false }, &reads.collect::<Vec<_>>(), is_collected)
    }

    fn empty() -> LogName {
        LogName { namespace: "shop".into(), pod: String::new(), container: String::new(), previous: false }
    }

    #[test]
    fn what_could_not_be_read_is_a_gap_and_counted() {
        let tail = || Ok(Tail::default());
        assert_eq!(state(vec![tail(), tail()], 0, true), ReadState::Read { count: 2 });
        assert_eq!(state(Vec::new(), 0, true), ReadState::NotAsked);
        let late = state(vec![tail(), Err(Unread::TimedOut(10))], 0, true);
        let detail = "Pod/shop/web-1 logs[app]: no answer within 10 ms; 1 of 2 logs were read".to_owned();
        assert_eq!(late, ReadState::Gap(Gap { reason: GapReason::TimedOut, detail, seen: 1 }));
        let ReadState::Gap(cut) = state(vec![tail()], 3, true) else { panic!("a gap") };
        assert_eq!(
            (cut.reason, cut.detail.as_str()),
            (GapReason::CutShort, "1 of 1 logs were read, 3 more were left out")
        );
    }

    #[test]
    fn what_is_gone_is_missed_only_where_nothing_else_of_the_container_is_there() {
        let gone = || Err(Unread::Gone("unable to retrieve".to_owned()));
        assert!(matches!(state(vec![gone()], 0, true), ReadState::Gap(_)));
        let log = LogName { pod: "web".into(), container: "app".into(), previous: true, ..empty() };
        let read = |log: LogName, tail| LogRead { log, tail };
        let reads = [read(log.clone(), gone()), read(log.sibling(), Ok(Tail::default()))];
        let wanted = LogsWanted { logs: vec![log.clone(), log.sibling()], left: 0, is_search: false };
        assert_eq!(state_of_logs(&wanted, &reads, true), ReadState::Read { count: 1 });
    }

    #[test]
    fn what_has_no_log_and_files_without_logs_are_no_gap() {
        let none = || Err(Unread::NoLog("waiting to start".to_owned()));
        assert_eq!(state(vec![none()], 0, true), ReadState::Read { count: 0 });
        assert_eq!(state(vec![none()], 0, false), ReadState::NotCollected);
    }
}
