//! A container uses nearly all of the memory that it may have.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::profile::Limit;
use sre_core::slim::usage::{ContainerMetrics, PodMetrics};
use sre_core::slim::{Kind, Pod, amount_of, written_of};
use sre_core::units::Amount;
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

/// A container, or a whole pod, whose next allocation may be its last.
struct Near<'a> {
    pod: &'a Pod,
    /// Where what it uses and what it may use stand.
    fields: [String; 2],
    used: String,
    limit: &'a str,
    share: f64,
}

/// One finding for a container of a workload, whatever the number of its pods.
fn run(view: &View<'_>) -> Vec<Finding> {
    let mut by_owner: BTreeMap<(ObjectRef, &str), Vec<Near<'_>>> = BTreeMap::new();
    let most = view.profile.thresholds.of(Limit::MemoryOfLimitPercent) / 100.0;
    for metrics in view.all::<PodMetrics>() {
        let Some(pod) = view.get::<Pod>(&metrics.metadata.namespace, &metrics.metadata.name) else { continue };
        let containers = metrics.containers.iter().map(|it| (it.name.as_str(), near(pod, it)));
        for (part, near) in containers.chain([("", whole(pod, metrics))]) {
            if let Some(near) = near.filter(|near| near.share >= most) {
                by_owner.entry((view.owner_of(pod), part)).or_default().push(near);
            }
        }
    }
    by_owner.into_iter().map(|((owner, container), near)| finding(owner, container, &near, view)).collect()
}

fn near<'a>(pod: &'a Pod, metrics: &ContainerMetrics) -> Option<Near<'a>> {
    let name = &metrics.name;
    let sidecars = pod.spec.init_containers.iter().filter(|container| container.is_restartable());
    let lists =
        pod.spec.containers.iter().map(|it| ("containers", it)).chain(sidecars.map(|it| ("initContainers", it)));
    let (list, container) = lists.into_iter().find(|(_, container)| container.name == *name)?;
    let limits = &container.resources.limits;
    let share = amount_of(&metrics.usage, "memory")?.share_of(amount_of(limits, "memory")?)?;
    let fields = [format!("containers[{name}].usage.memory"), format!("spec.{list}[{name}].resources.limits.memory")];
    let used = written_of(&metrics.usage, "memory")?.to_owned();
    Some(Near { pod, fields, used, limit: written_of(limits, "memory")?, share })
}

/// A pod against the limit of all its containers together.
fn whole<'a>(pod: &'a Pod, metrics: &PodMetrics) -> Option<Near<'a>> {
    let limits = &pod.spec.resources.as_ref()?.limits;
    let used: Option<Vec<Amount>> = metrics.containers.iter().map(|it| amount_of(&it.usage, "memory")).collect();
    let used = used?.into_iter().fold(Amount::default(), |sum, one| sum + one);
    let share = used.share_of(amount_of(limits, "memory")?)?;
    let fields = ["containers[].usage.memory".to_owned(), "spec.resources.limits.memory".to_owned()];
    Some(Near { pod, fields, used: used.to_binary_string(), limit: written_of(limits, "memory")?, share })
}

fn finding(owner: ObjectRef, container: &str, near: &[Near<'_>], view: &View<'_>) -> Finding {
    let worst = near.iter().max_by(|a, b| a.share.total_cmp(&b.share)).unwrap_or(&near[0]);
    let (name, namespace) = (&worst.pod.metadata.name, &worst.pod.metadata.namespace);
    let pods = if near.len() == 1 { "1 pod uses".to_owned() } else { format!("{} pods each use up to", near.len()) };
    let whose = if container.is_empty() { String::new() } else { format!("container {container} of ") };
    let title = format!("{whose}{pods} {:.0} % of its memory limit of {}", worst.share * 100.0, worst.limit);
    let pod = ObjectRef::namespaced("Pod", namespace, name);
    let measured = ObjectRef::namespaced("PodMetrics", namespace, name);
    let at = view.get::<PodMetrics>(namespace, name).and_then(|metrics| metrics.timestamp.at());
    let finding = Finding::new("POD-44", Severity::Warning, owner, title)
        .risk()
        .part(container)
        .evidence(&measured, worst.fields[0].as_str(), worst.used.as_str())
        .evidence(&pod, worst.fields[1].as_str(), worst.limit)
        .since(at);
    let finding = near.iter().fold(finding, |finding, it| {
        finding.shows_on(ObjectRef::namespaced("Pod", &it.pod.metadata.namespace, &it.pod.metadata.name))
    });
    finding.look(format!("kubectl top pod {name} -n {namespace} --containers"))
}

const PAGE: &str = "\
metrics.k8s.io measured that a container uses 90 percent or more of its memory limit
(memoryOfLimitPercent of a profile), or a pod of the limit of all its containers together. At the limit
the kernel kills it, and it starts again.

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
    fn a_sidecar_is_a_container_too() {
        let scenario = Scenario::captured("POD-44");
        let pod = scenario.name_of("PodMetrics", "cache-");
        let mut sidecar = scenario.field("Pod", &pod, "/spec/containers/0").clone();
        sidecar["restartPolicy"] = "Always".into();
        let scenario = scenario.set("Pod", &pod, "/spec/initContainers", vec![sidecar]).set(
            "Pod",
            &pod,
            "/spec/containers/0/name",
            "idle",
        );
        let findings = scenario.judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let field = findings[0].evidence[1].field.as_str();
        assert!(field.starts_with("spec.initContainers["), "{field}");
    }

    #[test]
    fn a_limit_of_the_whole_pod_counts_for_all_its_containers() {
        let scenario = Scenario::captured("POD-44");
        let pod = scenario.name_of("PodMetrics", "cache-");
        let limit = serde_json::json!({"limits": {"memory": "200Mi"}});
        let scenario = scenario.unset("Pod", &pod, "/spec/containers/0/resources/limits").set(
            "Pod",
            &pod,
            "/spec/resources",
            limit,
        );
        let findings = scenario.judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].title.starts_with("1 pod uses 95 % of its memory limit of 200Mi"), "{}", findings[0].title);
        assert_eq!(findings[0].evidence[1].field, "spec.resources.limits.memory");
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
