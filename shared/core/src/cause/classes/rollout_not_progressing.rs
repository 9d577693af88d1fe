//! The rollout of a Deployment has stopped.

use crate::cause::{Class, Tells};
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::condition::DeploymentCondition;
use crate::slim::{Deployment, Object, ReplicaSet, condition_of};
use crate::view::{View, is_ready};

/// See the module.
pub const CLASS: Class = Class {
    id: "rollout-not-progressing",
    page: PAGE,
    recognise,
    residual: Some(short),
    tells: Tells::That,
    ..Class::SILENT
};

fn recognise(view: &View<'_>) -> Vec<Finding> {
    let deployments = view.all::<Deployment>().iter().filter(|it| !it.spec.paused && it.spec.replicas != Some(0));
    deployments.filter_map(|it| Some(cause(it, stopped(it)?, view))).collect()
}

/// What files hold of workloads that lack pods, where no condition says how their rollout fares.
fn short(view: &View<'_>) -> Vec<Finding> {
    if !view.snapshot.is_of_files() {
        return Vec::new();
    }
    let deployments = view.all::<Deployment>().iter().filter(|it| !it.spec.paused && it.status.conditions.is_empty());
    let deployments = deployments.map(|it| (it.reference(), it.spec.replicas, it.status.available_replicas));
    let sets = view.all::<ReplicaSet>().iter().filter(|it| it.metadata.controller().is_none());
    let sets = sets.map(|it| (it.reference(), it.spec.replicas, it.status.available_replicas));
    let lacking = deployments.chain(sets).filter(|(_, wanted, available)| wanted.unwrap_or(1) > *available);
    lacking.map(|(object, wanted, available)| missing(&object, wanted.unwrap_or(1), available)).collect()
}

fn missing(object: &ObjectRef, wanted: i32, available: i32) -> Finding {
    let severity = if available == 0 { Severity::Critical } else { Severity::Warning };
    let namespace = object.namespace.as_deref().unwrap_or_default();
    Finding::new("", severity, object.clone(), format!("{available} of {wanted} pods are available"))
        .symptom()
        .probable()
        .evidence(object, "status.availableReplicas", format!("{available} of {wanted}"))
        .look(format!("kubectl describe {} {} -n {namespace}", object.kind.to_lowercase(), object.name))
}

fn stopped(deployment: &Deployment) -> Option<&DeploymentCondition> {
    let progressing = condition_of(&deployment.status.conditions, "Progressing")?;
    (progressing.status == "False" && progressing.reason == "ProgressDeadlineExceeded").then_some(progressing)
}

fn cause(deployment: &Deployment, stopped: &DeploymentCondition, view: &View<'_>) -> Finding {
    let object = deployment.reference();
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    let status = &deployment.status;
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let severity = if status.available_replicas == 0 { Severity::Critical } else { Severity::Warning };
    let revision = deployment.metadata.annotation("deployment.kubernetes.io/revision").unwrap_or("1");
    let title = format!(
        "the rollout of revision {revision} has stopped: {} of {wanted} pods updated, {} available",
        status.updated_replicas, status.available_replicas
    );
    let finding = Finding::new("", severity, object.clone(), title)
        .symptom()
        .evidence(&object, "status.conditions[Progressing]", format!("{}: {}", stopped.reason, stopped.message))
        .evidence(&object, "status.availableReplicas", format!("{} of {wanted}", status.available_replicas))
        .since(stopped.last_transition_time.at())
        .look(format!("kubectl describe deployment {name} -n {namespace}"));
    let finding = if revision == "1" {
        finding
    } else {
        finding.change(format!("kubectl sre rollback deployment/{name} -n {namespace} --dry-run"))
    };
    let unready = view.pods_of(&object).iter().filter(|pod| !is_ready(pod));
    unready.fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}

const PAGE: &str = "\
A Deployment has made no progress for longer than its progressDeadlineSeconds (600 by default):
new pods are not created, or do not become available. Pods of the old revision serve meanwhile, as
far as maxUnavailable left them.

This class speaks only when nothing in sight says why the new pods fail. It is a symptom: whatever
is wrong with the pods, their node, their configuration or a quota comes first.

Looked at: the Progressing condition, the counts of the status.

What to do: look at the newest pods; going back costs nothing while the old revision exists:
  kubectl sre rollback deployment/NAME -n NAMESPACE --dry-run";
