//! Pods that have a node and whose containers are not created: a volume, or the sandbox.

use super::specs::{counted, shown};
use crate::finding::{Finding, Severity};
use crate::slim::{Event, Object, Pod};
use crate::view::View;
use std::collections::BTreeMap;

/// What the creation of a pod's containers waits for, by the newest event about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stuck {
    /// A volume cannot be attached to the node.
    Attach,
    /// A volume cannot be mounted on the node.
    Mount,
    /// A volume cannot be filled, for what it is filled from is not there.
    Content,
    /// The node lacks the driver of a volume.
    Driver,
    /// The sandbox cannot be made: network, runtime class.
    Sandbox,
}

impl Stuck {
    /// What it is about, so that one pod can be stuck twice.
    fn part(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Mount | Self::Content | Self::Driver => "mount",
            Self::Sandbox => "sandbox",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Attach => "a volume cannot be attached for",
            Self::Mount => "a volume cannot be mounted for",
            Self::Content => "a volume cannot be filled for",
            Self::Driver => "a volume has no driver on the node of",
            Self::Sandbox => "no sandbox can be made for",
        }
    }
}

/// From this age on a pod that is not created hurts: attaching a volume takes a minute or two by itself.
const HURTS_AFTER_MINUTES: i64 = 5;

/// The owners whose pods are stuck in one way, as symptoms.
pub fn stuck(view: &View<'_>, wanted: Stuck) -> Vec<Finding> {
    let mut by_owner: BTreeMap<_, Vec<(&Pod, &Event)>> = BTreeMap::new();
    for pod in view.all::<Pod>().iter().filter(|pod| is_being_created(pod)) {
        if let Some(event) = complaint(pod, view).filter(|event| family(event) == Some(wanted)) {
            by_owner.entry(view.owner_of(pod)).or_default().push((pod, event));
        }
    }
    let statement = |(owner, stuck): (_, Vec<(&Pod, &Event)>)| {
        let pods: Vec<&Pod> = stuck.iter().map(|(pod, _)| *pod).collect();
        let (pod, event) = stuck[0];
        let since = pods.iter().filter_map(|pod| pod.status.start_time.as_ref()?.at()).min();
        let is_long = view.is_older_than_minutes(since, HURTS_AFTER_MINUTES);
        let severity = if is_long { Severity::Critical } else { Severity::Warning };
        let title = format!("{} {}", wanted.words(), counted(&pods, view));
        let finding = Finding::new("", severity, owner, title).symptom().part(wanted.part());
        let finding = finding.evidence(&pod.reference(), format!("event {}", event.reason), &*event.message);
        let (name, namespace) = (&pod.metadata.name, &pod.metadata.namespace);
        shown(finding.since(since).look(format!("kubectl describe pod {name} -n {namespace}")), &pods)
    };
    by_owner.into_iter().map(statement).collect()
}

/// Whether a pod has a node and none of its containers has begun.
pub(super) fn is_being_created(pod: &Pod) -> bool {
    let waits = |reason: &str| matches!(reason, "ContainerCreating" | "PodInitializing");
    let mut waiting = pod.container_statuses().map(|status| status.state.waiting.as_ref());
    let all_wait = waiting.all(|waiting| waiting.is_some_and(|waiting| waits(&waiting.reason)));
    pod.status.phase == "Pending" && !pod.node_name.is_empty() && pod.metadata.deletion_timestamp.is_none() && all_wait
}

/// The newest event that says what the creation stumbles over.
pub(super) fn complaint<'a>(pod: &Pod, view: &View<'a>) -> Option<&'a Event> {
    let events = view.events_about(&pod.reference()).iter().copied();
    let mut said = events.filter(|event| family(event).is_some());
    said.next()
}

/// Reads the family of an event; messages of several kubelets and drivers.
fn family(event: &Event) -> Option<Stuck> {
    let message = event.message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let is_content = (says(&["configmap", "secret"]) && says(&["not found"])) || says(&["references non-existent"]);
    match event.reason.as_str() {
        "FailedCreatePodSandBox" => Some(Stuck::Sandbox),
        "FailedAttachVolume" | "FailedMount" | "FailedMapVolume" if says(&["list of registered csi drivers"]) => {
            Some(Stuck::Driver)
        }
        "FailedAttachVolume" => Some(Stuck::Attach),
        "FailedMount" | "FailedMapVolume" if is_content => Some(Stuck::Content),
        "FailedMount" | "FailedMapVolume" => Some(Stuck::Mount),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_fall_into_their_families() {
        let families = [
            ("FailedMount", "MountVolume.SetUp failed for volume \"c\" : configmap \"a\" not found", Stuck::Content),
            ("FailedMount", "references non-existent secret key: tls.crt", Stuck::Content),
            ("FailedMount", "driver name d not found in the list of registered CSI drivers", Stuck::Driver),
            ("FailedMount", "mount failed: exit status 32: access denied by server", Stuck::Mount),
            (
                "FailedAttachVolume",
                "AttachVolume.Attach failed: timed out waiting for external-attacher",
                Stuck::Attach,
            ),
            ("FailedCreatePodSandBox", "plugin type=\"calico\" failed (add)", Stuck::Sandbox),
        ];
        for (reason, message, stuck) in families {
            let event = Event { reason: reason.into(), message: message.into(), ..Event::default() };
            assert_eq!(family(&event), Some(stuck), "{message}");
        }
        assert_eq!(family(&Event { reason: "Pulled".into(), ..Event::default() }), None);
    }
}
