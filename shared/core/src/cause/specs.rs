//! Pods by what they ask for: thousands of pods share a few hundred specs, each of which is looked at once.

use crate::finding::Finding;
use crate::object::ObjectRef;
use crate::slim::pod_spec::PodSpec;
use crate::slim::{Object, Pod};
use crate::view::View;
use std::collections::{BTreeSet, HashMap};

/// Pods of one namespace that ask for exactly the same.
pub struct Alike<'a> {
    /// What they ask for.
    pub spec: &'a PodSpec,
    /// Their namespace.
    pub namespace: &'a str,
    /// The pods; never empty, and each of them is judged.
    pub pods: Vec<&'a Pod>,
}

/// Every pod that is judged, by what it asks for.
pub fn alike<'a>(view: &View<'a>) -> Vec<Alike<'a>> {
    let mut at: HashMap<(&str, *const PodSpec), usize> = HashMap::new();
    let mut found: Vec<Alike<'a>> = Vec::new();
    for pod in view.all::<Pod>().iter().filter(|pod| is_judged(pod, view)) {
        let (namespace, spec): (&str, &PodSpec) = (&pod.metadata.namespace, &pod.spec);
        let place = *at.entry((namespace, spec)).or_insert_with(|| {
            found.push(Alike { spec, namespace, pods: Vec::new() });
            found.len() - 1
        });
        found[place].pods.push(pod);
    }
    found
}

/// Whether what a pod lacks is held against it: it has not ended, is not being deleted, and is not just being made.
pub fn is_judged(pod: &Pod, view: &View<'_>) -> bool {
    !has_ended(pod) && !view.is_going(&pod.metadata) && !view.is_young(&pod.metadata)
}

/// Whether a pod runs no more and never will.
pub fn has_ended(pod: &Pod) -> bool {
    matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

/// Whether a pod waits to be started; one that runs notices nothing of what is missing until it is replaced.
pub fn waits(pod: &Pod) -> bool {
    pod.status.phase == "Pending" || pod.container_statuses().any(|status| status.state.waiting.is_some())
}

/// Pods in words, with who is accountable for them: `3 pods of Deployment/web`.
pub fn counted(pods: &[&Pod], view: &View<'_>) -> String {
    let owners: BTreeSet<ObjectRef> = pods.iter().map(|pod| view.owner_of(pod)).collect();
    let count = if pods.len() == 1 { "1 pod".to_owned() } else { format!("{} pods", pods.len()) };
    match owners.first() {
        Some(owner) if owners.len() == 1 && owner.kind != "Pod" => format!("{count} of {}/{}", owner.kind, owner.name),
        _ if owners.len() > 1 && pods.len() > owners.len() => format!("{count} of {} workloads", owners.len()),
        _ => count,
    }
}

/// Names every pod as what shows a finding.
pub fn shown(finding: Finding, pods: &[&Pod]) -> Finding {
    pods.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}

/// What the first container that waits says: reason and message.
pub fn waiting_words(pod: &Pod) -> Option<(String, String)> {
    let status = pod.container_statuses().find(|status| status.state.waiting.is_some())?;
    let waiting = status.state.waiting.as_ref()?;
    let field = format!("status.containerStatuses[{}].state.waiting", status.name);
    Some((field, format!("{}: {}", waiting.reason, waiting.message)))
}
