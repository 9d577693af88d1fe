//! A pod matches more than one disruption budget, so that nothing can evict it.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Object, Pod, PodDisruptionBudget};
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
pub const CLASS: Class = Class { id: "pdb-overlap", page: PAGE, recognise, ..Class::SILENT };

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let mut by_namespace: BTreeMap<&str, Vec<&PodDisruptionBudget>> = BTreeMap::new();
    for budget in view.all::<PodDisruptionBudget>() {
        by_namespace.entry(&budget.metadata.namespace).or_default().push(budget);
    }
    let several = by_namespace.into_iter().filter(|(_, budgets)| budgets.len() > 1);
    several.flat_map(|(namespace, budgets)| overlaps(view, namespace, &budgets)).collect()
}

/// One finding for each set of budgets that share pods.
fn overlaps(view: &View<'_>, namespace: &str, budgets: &[&PodDisruptionBudget]) -> Vec<Finding> {
    let mut shared: BTreeMap<Vec<&str>, Vec<&Pod>> = BTreeMap::new();
    for pod in view.pods_in(namespace).iter().filter(|pod| !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed"))
    {
        let covering = budgets.iter().filter(|budget| covers(budget, pod));
        let names: Vec<&str> = covering.map(|budget| budget.metadata.name.as_str()).collect();
        if names.len() > 1 {
            shared.entry(names).or_default().push(pod);
        }
    }
    shared.iter().map(|(names, pods)| finding(view, namespace, names, pods)).collect()
}

/// An absent selector chooses no pod, an empty one every pod.
pub(super) fn covers(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    budget.spec.selector.as_ref().is_some_and(|selector| selector.matches(&pod.metadata.labels))
}

fn finding(view: &View<'_>, namespace: &str, names: &[&str], pods: &[&Pod]) -> Finding {
    let object = ObjectRef::namespaced("PodDisruptionBudget", namespace, names[0]);
    let owners: BTreeSet<String> = pods.iter().map(|pod| view.owner_of(pod).name).collect();
    let owners: Vec<String> = owners.into_iter().collect();
    let title = format!(
        "pods of {} stand under {} budgets ({}): none can be evicted",
        owners.join(", "),
        names.len(),
        names.join(", ")
    );
    let since = pods.iter().filter_map(|pod| pod.metadata.creation_timestamp.at()).min();
    Finding::new("", Severity::Warning, object.clone(), title)
        .risk()
        .part(names[1..].join(","))
        .evidence(&pods[0].reference(), "metadata.labels", format!("matched by {}", names.join(", ")))
        .since(since)
        .look(format!("kubectl describe pdb {} -n {namespace}", names.join(" ")))
}

const PAGE: &str = "\
The eviction API answers with an error for a pod that more than one PodDisruptionBudget covers, so a
drain of its node never ends, whatever the budgets would allow each for itself.

Looked at: the selectors of all budgets of a namespace, and the labels of its pods.

What to do: leave one budget for each workload:
  kubectl get pdb -n NAMESPACE -o wide";
