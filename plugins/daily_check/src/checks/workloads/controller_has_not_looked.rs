//! A workload was made, and no controller has taken note of it.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{DaemonSet, Deployment, Kind, Object, ReplicaSet, StatefulSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-04",
    title: "no controller has taken note of a workload",
    section: Section::Workloads,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
    ],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Lease)],
    page: PAGE,
    run,
};

/// Controllers act within seconds.
const NOTICE_MINUTES: i64 = 1;

fn run(view: &View<'_>) -> Vec<Finding> {
    let deployments = view.all::<Deployment>().iter().map(|it| judge(it, it.status.observed_generation, view));
    let replica_sets = view.all::<ReplicaSet>().iter().map(|it| judge(it, it.status.observed_generation, view));
    let stateful_sets = view.all::<StatefulSet>().iter().map(|it| judge(it, it.status.observed_generation, view));
    let daemon_sets = view.all::<DaemonSet>().iter().map(|it| judge(it, it.status.observed_generation, view));
    deployments.chain(replica_sets).chain(stateful_sets).chain(daemon_sets).flatten().collect()
}

/// When a later change was made the object does not say, so that only what was never looked at is certain.
fn judge(workload: &impl Object, observed: i64, view: &View<'_>) -> Option<Finding> {
    let metadata = workload.metadata();
    let made = metadata.creation_timestamp.at();
    let is_ignored = observed == 0 && metadata.generation > 0 && view.is_older_than_minutes(made, NOTICE_MINUTES);
    (is_ignored && !view.is_going(metadata)).then(|| finding(workload).since(made))
}

fn finding(workload: &impl Object) -> Finding {
    let object = workload.reference();
    let metadata = workload.metadata();
    let manager = ObjectRef::namespaced("Lease", "kube-system", "kube-controller-manager");
    Finding::new("WRK-04", Severity::Warning, object.clone(), "no controller has taken note of it since it was made")
        .symptom()
        .evidence(&object, "metadata.generation", metadata.generation.to_string())
        .evidence(&object, "status.observedGeneration", "0")
        .shows_on(manager)
        .look("kubectl get lease kube-controller-manager -n kube-system -o yaml")
        .look(format!("kubectl get {} {} -n {} -o yaml", object.kind.to_lowercase(), object.name, metadata.namespace))
}

const PAGE: &str = "\
A Deployment, ReplicaSet, StatefulSet or DaemonSet was made more than a minute ago, and its controller
has never written a status: no pod of it will appear. The controller manager is down, hangs, or may not
read the kind.

It is a symptom: a controller manager that does not renew its Lease (GAP-11) comes first and explains it.

Looked at: status.observedGeneration, when the object was made. Changes of what a controller has seen
before are not judged: objects do not say when they were changed.

What to do: see whether the controller manager runs and what it writes:
  kubectl get lease kube-controller-manager -n kube-system -o yaml";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn later() -> Scenario {
        Scenario::captured("WRK-04").later(2)
    }

    #[test]
    fn a_deployment_that_nobody_looked_at_is_told() {
        let findings = later().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-wrk-04/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "no controller has taken note of it since it was made");
    }

    #[test]
    fn a_controller_manager_that_is_gone_explains_it() {
        let dead = later().with(serde_json::json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": "kube-controller-manager", "namespace": "kube-system"},
            "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.000000Z"}
        }));
        let snapshot = dead.snapshot();
        let view = View::new(&snapshot);
        let leader = crate::checks::control_plane::leader_is_gone::CHECK;
        let judged = sre_core::cause::fold([(CHECK.run)(&view), (leader.run)(&view)].concat(), &view);
        assert_eq!((judged.len(), judged[0].finding.check), (2, "GAP-11"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn what_was_looked_at_or_made_just_now_is_not_meant() {
        assert_eq!(later().set("Deployment", "web", "/status/observedGeneration", 1).judge(&CHECK), []);
        assert_eq!(Scenario::captured("WRK-04").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-04");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
