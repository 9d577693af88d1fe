//! A rollout is paused.

use crate::cause::Class;
use crate::finding::{Finding, Severity};
use crate::slim::{Deployment, Object, condition_of};
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "rollout-paused",
    page: PAGE,
    recognise: |view| view.all::<Deployment>().iter().filter_map(|it| judge(it, view)).collect(),
    ..Class::SILENT
};

/// A pause within a release is work; a day later it was forgotten.
const WORK_MINUTES: i64 = 60;
const DAY_MINUTES: i64 = 24 * 60;

fn judge(deployment: &Deployment, view: &View<'_>) -> Option<Finding> {
    let paused =
        condition_of(&deployment.status.conditions, "Progressing").filter(|it| it.reason == "DeploymentPaused")?;
    let since = paused.last_transition_time.at();
    let is_meant =
        deployment.spec.paused && deployment.spec.replicas != Some(0) && !view.is_going(&deployment.metadata);
    if !is_meant || !view.is_older_than_minutes(since, WORK_MINUTES) {
        return None;
    }
    let object = deployment.reference();
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    let severity = if view.is_older_than_minutes(since, DAY_MINUTES) { Severity::Warning } else { Severity::Info };
    let title = "its rollouts are paused: changes of the template reach no pod";
    Some(
        Finding::new("", severity, object.clone(), title)
            .risk()
            .evidence(&object, "spec.paused", "true")
            .evidence(&object, "status.updatedReplicas", deployment.status.updated_replicas.to_string())
            .since(since)
            .look(format!("kubectl rollout history deployment/{name} -n {namespace}"))
            .change(format!(
                "kubectl patch deployment {name} -n {namespace} --type=merge -p '{{\"spec\":{{\"paused\":false}}}}' --dry-run=server"
            )),
    )
}

const PAGE: &str = "\
A paused Deployment keeps and scales the pods that it has, and does nothing about changes of its
template: a new image, also one with a security fix, is accepted and reaches no pod. kubectl says
nothing about it.

It is information for a day, then a warning. A pause of less than an hour, within a release, is not
meant, nor are Deployments scaled to zero.

Looked at: spec.paused, and since when by the condition Progressing (DeploymentPaused).

What to do: see what is waiting, and let it go on:
  kubectl rollout history deployment/NAME -n NAMESPACE
  kubectl patch deployment NAME -n NAMESPACE -p '{\"spec\":{\"paused\":false}}' --dry-run=server";
