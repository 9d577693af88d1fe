//! A workload keeps no revision that a rollback could return to.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{DaemonSet, Deployment, Kind, Object, ObjectMeta, ReplicaSet, StatefulSet};
use sre_core::view::View;
use std::collections::HashMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-31",
    title: "a workload keeps no revision to return to",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet), Sight::Of(Kind::DaemonSet)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let kept = revisions_kept(view);
    let deployments = view.all::<Deployment>().iter();
    let deployments = deployments.filter(|it| it.spec.replicas != Some(0));
    let of_deployments = deployments.filter_map(|it| match it.spec.revision_history_limit {
        Some(0) => Some(keeps_none(it.reference(), &it.metadata)),
        _ => pruned(it, kept.get(&it.reference())?, view),
    });
    let stateful_sets = view.all::<StatefulSet>().iter();
    let stateful_sets =
        stateful_sets.filter(|it| it.spec.revision_history_limit == Some(0) && it.spec.replicas != Some(0));
    let daemon_sets = view.all::<DaemonSet>().iter().filter(|it| it.spec.revision_history_limit == Some(0));
    of_deployments
        .chain(stateful_sets.map(|it| keeps_none(it.reference(), &it.metadata)))
        .chain(daemon_sets.map(|it| keeps_none(it.reference(), &it.metadata)))
        .collect()
}

/// The ReplicaSets that each Deployment has.
fn revisions_kept<'a>(view: &View<'a>) -> HashMap<ObjectRef, Vec<&'a ReplicaSet>> {
    let mut kept: HashMap<ObjectRef, Vec<&ReplicaSet>> = HashMap::new();
    for set in view.all::<ReplicaSet>() {
        if let Some(owner) = set.metadata.controller() {
            let owner = ObjectRef::namespaced(&owner.kind, &set.metadata.namespace, &owner.name);
            kept.entry(owner).or_default().push(set);
        }
    }
    kept
}

fn keeps_none(object: ObjectRef, metadata: &ObjectMeta) -> Finding {
    let kind = object.kind.to_lowercase();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    Finding::new("GAP-31", Severity::Warning, object.clone(), "it keeps no old revision: a rollout cannot be undone")
        .risk()
        .evidence(&object, "spec.revisionHistoryLimit", "0")
        .since(metadata.creation_timestamp.at())
        .look(format!("kubectl rollout history {kind}/{name} -n {namespace}"))
        .change(format!(
            "kubectl patch {kind} {name} -n {namespace} --type=merge -p '{{\"spec\":{{\"revisionHistoryLimit\":3}}}}' --dry-run=server"
        ))
}

/// A Deployment that was rolled out more than once, and of whose revisions only the present one is left.
fn pruned(deployment: &Deployment, kept: &[&ReplicaSet], view: &View<'_>) -> Option<Finding> {
    let [only] = kept else { return None };
    let object = deployment.reference();
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    let revision: u64 = deployment.metadata.annotation("deployment.kubernetes.io/revision")?.parse().ok()?;
    if revision < 2 || !view.knows(Kind::ReplicaSet, namespace) {
        return None;
    }
    let title = format!("of {revision} revisions only the present one is left: a rollout cannot be undone");
    Some(
        Finding::new("GAP-31", Severity::Info, object.clone(), title)
            .risk()
            .evidence(&object, "metadata.annotations[deployment.kubernetes.io/revision]", revision.to_string())
            .since(only.metadata.creation_timestamp.at())
            .look(format!("kubectl rollout history deployment/{name} -n {namespace}")),
    )
}

const PAGE: &str = "\
kubectl rollout undo, and every other rollback, needs the old revision: a ReplicaSet of the
Deployment, a ControllerRevision of the StatefulSet or DaemonSet. With revisionHistoryLimit 0 none
is kept. When the next release is bad, the old one must be built from the sources.

Also said, as information: a Deployment that was rolled out several times, and whose old ReplicaSets
were deleted. A Deployment that was never changed has nothing to return to, and is not meant.

Looked at: spec.revisionHistoryLimit (10 when not set), the ReplicaSets of the Deployment.

What to do: keep a few revisions; they cost nothing:
  kubectl rollout history deployment/NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_deployment_that_keeps_nothing_is_found() {
        let findings = Scenario::captured("GAP-31").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-gap-31/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Risk));
        assert_eq!(finding.evidence[0].field, "spec.revisionHistoryLimit");
        assert!(finding.remedies[1].command.contains(r#"{"revisionHistoryLimit":3}"#));
    }

    #[test]
    fn one_that_keeps_some_is_let_be() {
        let kept = Scenario::captured("GAP-31").set("Deployment", "web", "/spec/revisionHistoryLimit", 1);
        assert_eq!(kept.judge(&CHECK), []);
    }

    #[test]
    fn revisions_that_are_gone_are_worth_knowing() {
        let field = "/metadata/annotations/deployment.kubernetes.io~1revision";
        let scenario = Scenario::captured("GAP-31").set("Deployment", "web", "/spec/revisionHistoryLimit", 10);
        let findings = scenario.set("Deployment", "web", field, "4").judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Info));
        assert!(findings[0].title.starts_with("of 4 revisions only the present one is left"));
    }

    #[test]
    fn two_revisions_are_enough() {
        assert_eq!(Scenario::captured("WRK-02").judge(&CHECK), []);
    }

    #[test]
    fn deployments_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("GAP-31").gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
