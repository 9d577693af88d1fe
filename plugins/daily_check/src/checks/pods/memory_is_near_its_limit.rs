//! A container uses nearly all of the memory that it may have.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::profile::Limit;
use sre_core::slim::usage::{ContainerMetrics, PodMetrics};
use sre_core::slim::{Kind, Pod, amount_of, written_of};
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-44",
    title: "a container uses nearly all of the memory that it may have",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::PodMetrics), Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

/// A container whose next allocation may be its last.
struct Near<'a> {
    pod: &'a Pod,
    used: &'a str,
    limit: &'a str,
    share: f64,
}

/// One finding for a container of a workload, whatever the number of its pods.
fn run(view: &View<'_>) -> Vec<Finding> {
    let mut by_owner: BTreeMap<(ObjectRef, &str), Vec<Near<'_>>> = BTreeMap::new();
    let most = view.profile.thresholds.of(Limit::MemoryOfLimitPercent) / 100.0;
    for metrics in view.all::<PodMetrics>() {
        let Some(pod) = view.get::<Pod>(&metrics.metadata.namespace, &metrics.metadata.name) else { continue };
        for container in &metrics.containers {
            if let Some(near) = near(pod, container).filter(|near| near.share >= most) {
                by_owner.entry((view.owner_of(pod), &container.name)).or_default().push(near);
            }
        }
    }
    by_owner.into_iter().map(|((owner, container), near)| finding(owner, container, &near, view)).collect()
}

fn near<'a>(pod: &'a Pod, metrics: &'a ContainerMetrics) -> Option<Near<'a>> {
    let container = pod.spec.containers.iter().find(|container| container.name == metrics.name)?;
    let limits = &container.resources.limits;
    let share = amount_of(&metrics.usage, "memory")?.share_of(amount_of(limits, "memory")?)?;
    Some(Near { pod, used: written_of(&metrics.usage, "memory")?, limit: written_of(limits, "memory")?, share })
}

fn finding(owner: ObjectRef, container: &str, near: &[Near<'_>], view: &View<'_>) -> Finding {
    let worst = near.iter().max_by(|a, b| a.share.total_cmp(&b.share)).unwrap_or(&near[0]);
    let (name, namespace) = (&worst.pod.metadata.name, &worst.pod.metadata.namespace);
    let pods = if near.len() == 1 { "1 pod uses".to_owned() } else { format!("{} pods each use up to", near.len()) };
    let title =
        format!("container {container} of {pods} {:.0} % of its memory limit of {}", worst.share * 100.0, worst.limit);
    let pod = ObjectRef::namespaced("Pod", namespace, name);
    let measured = ObjectRef::namespaced("PodMetrics", namespace, name);
    let at = view.get::<PodMetrics>(namespace, name).and_then(|metrics| metrics.timestamp.at());
    let finding = Finding::new("POD-44", Severity::Warning, owner, title)
        .risk()
        .part(container)
        .evidence(&measured, format!("containers[{container}].usage.memory"), worst.used)
        .evidence(&pod, format!("spec.containers[{container}].resources.limits.memory"), worst.limit)
        .since(at);
    let finding = near.iter().fold(finding, |finding, it| {
        finding.shows_on(ObjectRef::namespaced("Pod", &it.pod.metadata.namespace, &it.pod.metadata.name))
    });
    finding.look(format!("kubectl top pod {name} -n {namespace} --containers"))
}

const PAGE: &str = "\
metrics.k8s.io measured that a container uses 90 percent or more of its memory limit
(memoryOfLimitPercent of a profile). At the limit the kernel kills it, and it starts again.

Looked at: the last measurement, some seconds old, against resources.limits.memory. It is one moment,
not a trend; memory that could be given back, such as file caches, is not counted in it.

Harmless: programs that take what they are given and stay there, such as databases and Java heaps of
a fixed size; exclude them in a profile, with an owner and an end.

See also: kubectl sre explain container-oom-killed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn one_finding_for_the_container_of_a_workload() {
        let findings = Scenario::captured("POD-44").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Deployment/fault-pod-44/cache");
        assert_eq!((findings[0].severity, findings[0].shows_on.len()), (Severity::Warning, 1));
        assert!(findings[0].title.contains("1 pod uses 95 % of its memory limit of 200Mi"), "{}", findings[0].title);
    }

    #[test]
    fn a_higher_limit_is_not_meant() {
        let scenario = Scenario::captured("POD-44");
        let pods = scenario.names_of("Pod", "cache-");
        let roomy = pods.iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/spec/containers/0/resources/limits/memory", "2Gi")
        });
        assert_eq!(roomy.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_measured_is_undecided() {
        let findings =
            Scenario::captured("POD-44").gap(Sight::Of(Kind::PodMetrics), GapReason::Unavailable).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Unknown);
    }
}
