//! One container of one pod, as its status shows it.

use super::{failed_pod, reported};
use crate::slim::Pod;
use crate::slim::container::Container;
use crate::slim::container_status::{ContainerStateTerminated, ContainerStatus};
use crate::view::View;
use jiff::Timestamp;

/// A kubelet forgets the back-off of a container that has run for so long.
const BACK_OFF_RESET_MINUTES: i64 = 10;

/// One container of one pod.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub view: &'a View<'a>,
    pub pod: &'a Pod,
    pub status: &'a ContainerStatus,
    pub role: Role,
}

/// The part that a container plays in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Must end before the others start.
    Init,
    /// A restartable init container, or an ordinary container.
    Lasting,
}

impl<'a> Seen<'a> {
    /// The containers of a pod that has not done its work yet; debugging containers are nobody's service.
    pub fn of_pod(view: &'a View<'a>, pod: &'a Pod) -> impl Iterator<Item = Self> {
        let status = &pod.status;
        let done = status.phase == "Succeeded";
        let init = status.init_container_statuses.iter().map(|status| (status, role_of(pod, &status.name)));
        let all = init.chain(status.container_statuses.iter().map(|status| (status, Role::Lasting)));
        all.filter(move |_| !done).map(move |(status, role)| Self { view, pod, status, role })
    }

    /// The container as it was asked for, when the pod shows it.
    pub fn asked(&self) -> Option<&'a Container> {
        self.pod.spec.all_containers().find(|one| one.name == self.status.name)
    }

    /// Reason of the waiting state, or nothing.
    pub fn waiting_reason(&self) -> &'a str {
        self.status.state.waiting.as_ref().map_or("", |waiting| &waiting.reason)
    }

    /// Message of the waiting state, or nothing.
    pub fn waiting_message(&self) -> &'a str {
        self.status.state.waiting.as_ref().map_or("", |waiting| &waiting.message)
    }

    /// How it ended last, as far as the status says.
    pub fn ending(&self) -> Option<&'a ContainerStateTerminated> {
        self.status.state.terminated.as_deref().or(self.status.last_state.terminated.as_deref())
    }

    /// Whether it runs at this moment.
    pub fn is_running(&self) -> bool {
        self.status.state.running.is_some()
    }

    /// Whether the pod goes away.
    pub fn is_being_deleted(&self) -> bool {
        self.pod.metadata.deletion_timestamp.is_some()
    }

    /// The quick look that most containers of a cluster pass.
    pub fn deserves_a_look(&self) -> bool {
        let status = self.status;
        let undisturbed = status.restart_count == 0 && status.last_state.terminated.is_none();
        let served = self.is_running() && undisturbed && status.ready && self.role == Role::Lasting;
        let done = status.state.terminated.as_ref().is_some_and(|end| end.exit_code == 0 && end.reason != "Error");
        !(served || done && self.role == Role::Init)
    }

    /// Whether it is restarted again and again, or has ended and waits for it.
    ///
    /// The waiting reason alone does not tell: newer kubelets show the ended container for most of the back-off.
    pub fn is_crashing(&self) -> bool {
        if self.waiting_reason() == "CrashLoopBackOff" {
            return true;
        }
        let policy = self.pod.spec.restart_policy.as_str();
        if let Some(end) = &self.status.state.terminated {
            let failed = end.exit_code != 0 || end.reason == "Error" || end.reason == "OOMKilled";
            let for_ever = self.role == Role::Lasting && policy == "Always";
            if self.is_over() {
                return failed && failed_pod::still_matters(self.view, self.pod);
            }
            return (failed || for_ever) && self.is_repeated();
        }
        let started_before = self.status.restart_count > 0 && self.status.last_state.terminated.is_some();
        if self.is_running() { self.is_between_crashes() } else { started_before }
    }

    /// Whether nothing starts the container again.
    pub fn is_over(&self) -> bool {
        self.pod.spec.restart_policy == "Never" || self.pod.status.phase == "Failed"
    }

    /// Whether it has ended before, or the kubelet says so: a first end is no loop yet.
    fn is_repeated(&self) -> bool {
        self.status.restart_count > 0 || reported::backs_off(self)
    }

    /// Running just now, ended a moment ago after a short life, and not for the first time.
    fn is_between_crashes(&self) -> bool {
        let Some(end) = &self.status.last_state.terminated else { return reported::backs_off(self) };
        let often = self.status.restart_count >= 3 || reported::backs_off(self);
        often && self.is_recent(end.finished_at.at()) && lived_minutes(end).is_none_or(|it| it < BACK_OFF_RESET_MINUTES)
    }

    /// Whether something was so short a time ago that a back-off would still remember it.
    pub fn is_recent(&self, then: Option<Timestamp>) -> bool {
        then.is_some() && !self.view.is_older_than_minutes(then, BACK_OFF_RESET_MINUTES)
    }
}

fn role_of(pod: &Pod, name: &str) -> Role {
    let asked = pod.spec.init_containers.iter().find(|one| one.name == name);
    if asked.is_some_and(|one| one.is_restartable()) { Role::Lasting } else { Role::Init }
}

fn lived_minutes(end: &ContainerStateTerminated) -> Option<i64> {
    let (start, finish) = (end.started_at.at()?, end.finished_at.at()?);
    Some(finish.duration_since(start).as_mins())
}
