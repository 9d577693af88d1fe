//! Kills for memory come from a limit that is lower in the pod than in its template.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::pod_spec::PodSpec;
use crate::slim::{Object, Pod, ResourceAmount, amount_of, written_of};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class { id: "memory-limit-lowered", page: PAGE, recognise, ..Class::SILENT };

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let pods = view.all::<Pod>().iter();
    let killed = pods.flat_map(|pod| {
        let statuses = pod.container_statuses().filter(|status| {
            let ends = [&status.state.terminated, &status.last_state.terminated];
            ends.into_iter().flatten().any(|end| end.reason == "OOMKilled")
        });
        statuses.map(move |status| (pod, status.name.as_str()))
    });
    killed.filter_map(|(pod, container)| judge(pod, container, view)).collect()
}

/// The limits of a container.
fn limits<'a>(spec: &'a PodSpec, container: &str) -> Option<&'a [ResourceAmount]> {
    Some(&spec.all_containers().find(|it| it.name == container)?.resources.limits)
}

fn judge(pod: &Pod, container: &str, view: &View<'_>) -> Option<Finding> {
    let owner = view.owner_of(pod);
    let meant = limits(&view.template_of(&owner)?.spec, container)?;
    let real = limits(&pod.spec, container)?;
    if amount_of(meant, "memory")? <= amount_of(real, "memory")? {
        return None;
    }
    let (meant, real) = (written_of(meant, "memory")?, written_of(real, "memory")?);
    let title =
        format!("container {container} is killed at {real}, and its template says {meant}: admission lowered it");
    Some(
        Finding::new("", Severity::Critical, owner.clone(), title)
            .part(container)
            .evidence(&pod.reference(), format!("spec.containers[{container}].resources.limits.memory"), real)
            .evidence(&owner, format!("spec.template.spec.containers[{container}].resources.limits.memory"), meant)
            .shows_on(pod.reference())
            .look("kubectl get mutatingwebhookconfigurations"),
    )
}

const PAGE: &str = "\
A container is killed at its memory limit, and that limit is lower than its template says: a mutating
webhook, or whoever edits pods at admission (a vertical autoscaler), set another one.

Looked at: the memory limits of pods that were killed for memory, and those of their templates.

What to do: find who changes it, and correct the rule there:
  kubectl get mutatingwebhookconfigurations
  kubectl get verticalpodautoscalers -A";
