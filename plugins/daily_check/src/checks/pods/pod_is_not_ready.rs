//! A pod has not been ready for a quarter of an hour, and no workload that counts its pods says so.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Pod, condition_of};
use sre_core::view::{Group, View, unready_since};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-14",
    title: "a pod has not been ready for a quarter of an hour",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

const PATIENCE_MINUTES: i64 = 15;

/// What they lack is told of themselves; pods of Jobs need not be ready for anybody.
const COUNTING: [&str; 5] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];

fn run(view: &View<'_>) -> Vec<Finding> {
    let unready = view.all::<Pod>().iter().filter(|pod| is_meant(pod, view));
    view.grouped(unready.map(|pod| (pod, String::new()))).iter().map(statement).collect()
}

fn is_meant(pod: &Pod, view: &View<'_>) -> bool {
    let ready = condition_of(&pod.status.conditions, "Ready");
    let lasts = view.is_older_than_minutes(unready_since(pod), PATIENCE_MINUTES);
    let is_unready = pod.status.phase == "Running" && ready.is_some_and(|it| it.status != "True");
    is_unready && lasts && !view.is_going(&pod.metadata) && !COUNTING.contains(&view.owner_of(pod).kind.as_str())
}

fn statement(group: &Group<'_>) -> Finding {
    let pod = group.first();
    let waiting: Vec<&str> =
        pod.container_statuses().filter(|it| !it.ready && it.state.terminated.is_none()).map(|it| &*it.name).collect();
    let said = condition_of(&pod.status.conditions, "Ready")
        .map_or_else(String::new, |it| format!("{} {} {}", it.status, it.reason, it.message).trim().to_owned());
    let title = format!("{} running and not ready", group.are());
    let finding = Finding::new("POD-14", Severity::Warning, group.owner.clone(), title)
        .symptom()
        .evidence(&pod.reference(), "status.conditions[Ready]", said)
        .evidence(&pod.reference(), "containers that are not ready", waiting.join(", "))
        .since(group.pods.iter().filter_map(|pod| unready_since(pod)).min())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()));
    group.show(finding)
}

const PAGE: &str = "\
A pod runs and has not been ready for fifteen minutes. No Service sends to it.

It is a symptom: a failing probe, a crash or a node that is not ready comes first and explains it.
Deployments, StatefulSets and DaemonSets say themselves what they lack (WRK-01, WRK-15, WRK-16);
this is about pods that stand alone and those of other controllers.

Looked at: the condition Ready of the pods. Not meant: pods of Jobs, and pods that are being deleted.

What to do: the conditions and events of the pod say why:
  kubectl describe pod NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_pod_that_stands_alone_is_told() {
        let findings = Scenario::captured("POD-14").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Pod/fault-pod-14/worker");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "1 pod is running and not ready");
        assert_eq!(finding.evidence[1].value, "app");
        assert_eq!(finding.since.map(|it| it.to_string()).as_deref(), Some("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn a_pod_that_is_ready_is_not_meant() {
        let ready = Scenario::captured("POD-14").set("Pod", "worker", "/status/conditions/2/status", "True");
        assert_eq!(ready.judge(&CHECK), []);
    }

    #[test]
    fn a_pod_of_a_job_need_not_be_ready() {
        let owner = serde_json::json!([{"kind": "Job", "name": "import", "controller": true}]);
        let owned = Scenario::captured("POD-14").set("Pod", "worker", "/metadata/ownerReferences", owner);
        assert_eq!(owned.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-14");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
