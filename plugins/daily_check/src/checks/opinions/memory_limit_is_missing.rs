//! A workload's containers have no memory limit.

use super::{Opinion, asked, lacking, own_workloads, stated};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::{Kind, amount_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-40",
    title: "containers have no memory limit",
    section: Section::Opinions,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
    ],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::LimitRange), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let opinions: Vec<Opinion> = own_workloads(view)
        .filter_map(|workload| {
            let containers = lacking(asked(&workload, view)?, |it| amount_of(&it.limits, "memory").is_none());
            let names = containers.join(", ");
            (!containers.is_empty()).then(|| Opinion {
                title: format!("container {names} has no memory limit: a leak takes what its neighbours need"),
                field: format!("{}.containers[{}].resources.limits.memory", workload.pod_spec_field, containers[0]),
                value: "not set".to_owned(),
                object: workload.reference,
            })
        })
        .collect();
    stated("POD-40", "workloads have containers without a memory limit", &opinions, view)
}

const PAGE: &str = "\
Memory cannot be taken back from a process. A container without a limit that leaks takes the memory of
its node, and the kernel or the kubelet then ends whatever it finds, its neighbours among others.

Looked at: the lasting containers of a pod of each workload, or of its template while there is none and
no LimitRange in its namespace. CPU limits are another matter; nothing is said of them.

What to do: give it a limit with some room above its use:
  kubectl sre scale resources deployment/NAME --container CONTAINER --limits memory=256Mi -n NAMESPACE --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_container_is_named() {
        let findings = Scenario::captured("POD-40").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Deployment/fault-pod-40/web");
        assert_eq!(findings[0].severity, Severity::Info);
        let title = "container app has no memory limit: a leak takes what its neighbours need";
        assert_eq!(findings[0].title, title);
    }

    #[test]
    fn a_limit_of_the_container_or_of_the_pod_is_enough() {
        for field in ["/spec/containers/0/resources", "/spec/resources"] {
            let scenario = Scenario::captured("POD-40");
            let limited = scenario.names_of("Pod", "").iter().fold(scenario, |scenario, pod| {
                scenario.set("Pod", pod, field, serde_json::json!({"limits": {"memory": "128Mi"}}))
            });
            assert_eq!(limited.judge(&CHECK), [], "{field}");
        }
    }

    #[test]
    fn what_wants_no_pods_is_not_meant() {
        let retired = Scenario::captured("POD-40").set("Deployment", "web", "/spec/replicas", 0);
        assert_eq!(retired.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-40");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
