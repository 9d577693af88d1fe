//! Containers with one trouble, gathered under who is accountable, and what there is to say about them.

use super::{Trouble, awaited, reported, seen::Seen, trouble_of};
use crate::finding::{Finding, Severity};
use crate::slim::probe::Probe;
use crate::slim::{Event, Object, Pod, ReplicaSet, amount_of};
use crate::units::{Amount, exit_code_words};
use crate::view::{Group, View, is_ready};

/// Pods of one owner whose containers of one name have the same trouble.
pub(in super::super) struct Case<'a> {
    group: Group<'a>,
    seen: Seen<'a>,
    trouble: Trouble,
}

/// Every case of a trouble, described.
pub(in super::super) fn causes<'a>(
    view: &'a View<'a>,
    trouble: Trouble,
    describe: fn(&Case<'_>) -> Finding,
) -> Vec<Finding> {
    let all = view.all::<Pod>().iter().flat_map(|pod| Seen::of_pod(view, pod));
    let shown: Vec<Seen<'_>> = all.filter(|seen| trouble_of(seen) == Some(trouble)).collect();
    let groups = view.grouped(shown.iter().map(|seen| (seen.pod, seen.status.name.clone())));
    let case = |group: Group<'a>| {
        let seen = *shown.iter().find(|seen| {
            seen.status.name == group.part
                && seen.pod.metadata.name == group.pods[0].metadata.name
                && seen.pod.metadata.namespace == group.pods[0].metadata.namespace
        })?;
        Some(describe(&Case { group, seen, trouble }))
    };
    groups.into_iter().filter_map(case).collect()
}

impl Case<'_> {
    /// Name of the container.
    pub fn container(&self) -> &str {
        &self.group.part
    }

    /// How many pods, in words.
    pub fn pods(&self) -> String {
        self.group.count()
    }

    /// The image that was asked for, or `the image` when the pod does not show it.
    pub fn image(&self) -> String {
        self.seen.asked().map_or_else(|| "of the container".to_owned(), |asked| asked.image.clone())
    }

    /// The exit code of the last end with its meaning: `1 (an error of its own)`.
    pub fn exit(&self) -> String {
        let end = self.seen.ending();
        end.map_or_else(String::new, |end| format!("{} ({})", end.exit_code, exit_code_words(end.exit_code)))
    }

    /// The memory limit, when there is one.
    pub fn memory_limit(&self) -> Option<Amount> {
        amount_of(&self.seen.asked()?.resources.limits, "memory")
    }

    /// Adds the memory limit to what is shown, when there is one.
    pub fn with_memory_limit(&self, finding: Finding) -> Finding {
        let Some(limit) = self.memory_limit() else { return finding };
        let field = format!("spec.containers[{}].resources.limits.memory", self.container());
        finding.evidence(&self.pod(), field, limit.to_binary_string())
    }

    /// Whether its process was ended by SIGKILL.
    pub fn was_killed(&self) -> bool {
        self.seen.ending().is_some_and(|end| end.exit_code == 137)
    }

    /// The host that an init container waits for in vain, when its command names one.
    pub fn missing_host(&self) -> Option<String> {
        awaited::missing_host(&self.seen)
    }

    /// Since when the container has been running, as evidence writes it.
    pub fn running_since(&self) -> String {
        let running = self.seen.status.state.running.as_ref();
        running.and_then(|running| running.started_at.at()).map_or_else(String::new, |at| at.to_string())
    }

    /// What the container is told to run, when the pod says it.
    pub fn command_line(&self) -> Option<String> {
        let asked = self.seen.asked()?;
        let words: Vec<&str> = asked.command.iter().chain(&asked.args).map(String::as_str).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// How long the liveness probe may fail, in words.
    pub fn liveness_budget(&self) -> Option<String> {
        self.seen.asked()?.liveness_probe.as_deref().map(budget)
    }

    /// How long the startup probe may fail, in words.
    pub fn startup_budget(&self) -> Option<String> {
        self.seen.asked()?.startup_probe.as_deref().map(budget)
    }

    /// The event that tells most about it.
    pub fn telling_event(&self) -> Option<&Event> {
        reported::telling(&self.seen, self.trouble)
    }

    /// Architecture of the pod's node, when that was seen.
    pub fn architecture(&self) -> Option<&str> {
        let node = self.seen.view.get::<crate::slim::Node>("", &self.seen.pod.node_name)?;
        Some(node.status.node_info.architecture.as_str()).filter(|word| !word.is_empty())
    }

    /// Whether its pod has ended for good: nothing starts the container again.
    pub fn is_over(&self) -> bool {
        self.seen.is_over()
    }

    /// How bad a loop is: users are hurt while no other pod serves in the place of these.
    ///
    /// Only replicas stand in for each other: pods of a DaemonSet or a StatefulSet have a place of their own.
    pub fn severity(&self) -> Severity {
        let owner = &self.group.owner;
        let replicated = matches!(owner.kind.as_str(), "Deployment" | "ReplicaSet");
        let is_served = replicated && self.seen.view.pods_of(owner).iter().any(|pod| is_ready(pod));
        if is_served { Severity::Warning } else { Severity::Critical }
    }

    /// Starts the finding: owner, container, pods, the facts of the status, and the commands that show more.
    ///
    /// A pod that has ended for good serves nobody, and is at most a warning.
    pub fn finding(&self, severity: Severity, title: String) -> Finding {
        let severity = if self.is_over() { severity.max(Severity::Warning) } else { severity };
        let finding = Finding::new("", severity, self.group.owner.clone(), title).part(&self.group.part);
        let finding = self.with_status(self.group.show(finding)).since(self.since());
        let finding = match self.telling_event() {
            Some(event) => finding.evidence(&event.reference(), "message", event.message.trim()),
            None => finding,
        };
        finding.look(self.command("describe pod"))
    }

    /// A kubectl command about the pod: `kubectl describe pod NAME -n NAMESPACE`.
    fn command(&self, verb: &str) -> String {
        let metadata = &self.seen.pod.metadata;
        format!("kubectl {verb} {} -n {}", metadata.name, metadata.namespace)
    }

    /// The command that prints what the container wrote, before its last restart if there was one.
    pub fn logs(&self) -> String {
        let before = self.seen.status.restart_count > 0 && self.seen.status.last_state.terminated.is_some();
        let previous = if before { " --previous" } else { "" };
        format!("{} -c {} --tail=50{previous}", self.command("logs"), self.container())
    }

    /// The owner as a command names it, when its template is what to change: `deployment/web`.
    pub fn workload(&self) -> Option<String> {
        let owner = &self.group.owner;
        let templated = matches!(owner.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet");
        templated.then(|| format!("{}/{}", owner.kind.to_lowercase(), owner.name))
    }

    /// Namespace of the pods.
    pub fn namespace(&self) -> &str {
        self.group.namespace()
    }

    /// Adds the way back to the revision before, where there is one.
    pub fn undo(&self, finding: Finding) -> Finding {
        if !self.has_earlier_revision() {
            return finding;
        }
        let name = &self.group.owner.name;
        finding.change(format!("kubectl sre rollback deployment/{name} -n {} --dry-run", self.namespace()))
    }

    fn has_earlier_revision(&self) -> bool {
        let owner = &self.group.owner;
        let mine = |set: &&ReplicaSet| {
            let above = set.metadata.controller();
            set.metadata.namespace == self.namespace()
                && above.is_some_and(|it| it.kind == owner.kind && it.name == owner.name)
        };
        owner.kind == "Deployment" && self.seen.view.all::<ReplicaSet>().iter().filter(mine).nth(1).is_some()
    }

    fn with_status(&self, finding: Finding) -> Finding {
        let pod = self.seen.pod.reference();
        let status = self.seen.status;
        let mut finding = finding;
        if !self.seen.waiting_reason().is_empty() {
            let words = format!("{}: {}", self.seen.waiting_reason(), self.seen.waiting_message());
            finding = finding.evidence(&pod, self.path("state.waiting"), words.trim_end_matches([':', ' ']));
        }
        if let Some(end) = self.seen.ending() {
            let state = if status.state.terminated.is_some() { "state" } else { "lastState" };
            let words = format!("{}, exit code {}", end.reason, self.exit());
            finding =
                finding.evidence(&pod, self.path(&format!("{state}.terminated")), words.trim_start_matches([',', ' ']));
        }
        if status.restart_count > 0 {
            finding = finding.evidence(&pod, self.path("restartCount"), status.restart_count.to_string());
        }
        finding
    }

    /// The path of a field of the container's status.
    pub fn path(&self, field: &str) -> String {
        let among = &self.seen.pod.status.init_container_statuses;
        let list = if among.iter().any(|one| one.name == self.group.part) {
            "initContainerStatuses"
        } else {
            "containerStatuses"
        };
        format!("status.{list}[{}].{field}", self.group.part)
    }

    /// The pod that the evidence is about.
    pub fn pod(&self) -> crate::object::ObjectRef {
        self.seen.pod.reference()
    }

    fn since(&self) -> Option<jiff::Timestamp> {
        let reported = self.telling_event().and_then(Event::first_seen);
        let ended = self.seen.ending().and_then(|end| end.finished_at.at());
        let running = self.seen.status.state.running.as_ref().and_then(|it| it.started_at.at());
        reported.or(ended).or(running).or_else(|| self.seen.pod.metadata.creation_timestamp.at())
    }
}

fn budget(probe: &Probe) -> String {
    let (failures, period, timeout) = (probe.failure_threshold, probe.period_seconds, probe.timeout_seconds);
    format!("fails {failures} times every {period} s, each after at most {timeout} s")
}
