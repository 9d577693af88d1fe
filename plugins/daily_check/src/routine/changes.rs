//! What changed in the last 24 hours: rollouts, new objects that matter, scaling, restarts, edits of configuration.

use super::{Row, Source};
use crate::history::Comparison;
use jiff::{SignedDuration, Timestamp};
use sre_core::check::Sight;
use sre_core::object::ObjectRef;
use sre_core::slim::{
    ClusterRole, ClusterRoleBinding, CronJob, CustomResourceDefinition, DaemonSet, Deployment, HorizontalPodAutoscaler,
    Ingress, Kind, MutatingWebhookConfiguration, Namespace, Object, Pod, ReplicaSet, Role, RoleBinding, Service,
    StatefulSet, ValidatingWebhookConfiguration,
};
use sre_core::snapshot::Shelved;
use sre_core::view::View;
use std::collections::BTreeMap;

const REVISION: &str = "deployment.kubernetes.io/revision";

pub(super) const SOURCE: Source = Source {
    id: "changes",
    title: "Changed in the last 24 hours",
    sights: &[
        Sight::Of(Kind::Namespace),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
        Sight::Of(Kind::Service),
        Sight::Of(Kind::Ingress),
        Sight::Of(Kind::HorizontalPodAutoscaler),
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::CustomResourceDefinition),
        Sight::Of(Kind::ValidatingWebhookConfiguration),
        Sight::Of(Kind::MutatingWebhookConfiguration),
        Sight::Of(Kind::Role),
        Sight::Of(Kind::ClusterRole),
        Sight::Of(Kind::RoleBinding),
        Sight::Of(Kind::ClusterRoleBinding),
        Sight::Of(Kind::ConfigMap),
        Sight::Of(Kind::Secret),
    ],
    queries: &[],
    section: None,
    rows: |view, comparison| Some(rows(view, comparison)),
};

fn rows(view: &View<'_>, comparison: Option<&Comparison>) -> Vec<Row> {
    let mut rows = rollouts(view);
    rows.extend(made::<Namespace>(view));
    rows.extend(made::<Deployment>(view));
    rows.extend(made::<StatefulSet>(view));
    rows.extend(made::<DaemonSet>(view));
    rows.extend(made::<CronJob>(view));
    rows.extend(made::<Service>(view));
    rows.extend(made::<Ingress>(view));
    rows.extend(made::<CustomResourceDefinition>(view));
    rows.extend(made::<ValidatingWebhookConfiguration>(view));
    rows.extend(made::<MutatingWebhookConfiguration>(view));
    rows.extend(made::<Role>(view));
    rows.extend(made::<ClusterRole>(view));
    rows.extend(made::<RoleBinding>(view));
    rows.extend(made::<ClusterRoleBinding>(view));
    rows.extend(scaled(view));
    rows.extend(restarted(view));
    rows.sort();
    rows.extend(edited(comparison));
    rows
}

/// Whether a time lies within the day before the look.
fn is_recent(view: &View<'_>, at: Timestamp) -> bool {
    at <= view.now() && view.now().duration_since(at) <= SignedDuration::from_hours(24)
}

/// A ReplicaSet is made when the template of its Deployment changes; the first one belongs to a new Deployment.
fn rollouts(view: &View<'_>) -> Vec<Row> {
    let rollout = |set: &ReplicaSet| {
        let at = set.metadata.creation_timestamp.at().filter(|at| is_recent(view, *at))?;
        let owner = set.metadata.controller().filter(|owner| owner.kind == "Deployment")?;
        let revision = set.metadata.annotation(REVISION).filter(|revision| *revision != "1")?;
        let object = ObjectRef::namespaced("Deployment", &set.metadata.namespace, &owner.name);
        Some(Row::of(Some(at), object, format!("rolled out as revision {revision}")))
    };
    view.all::<ReplicaSet>().iter().filter_map(rollout).collect()
}

fn made<T: Shelved + Object>(view: &View<'_>) -> Vec<Row> {
    let made = |object: &T| {
        let at = object.metadata().creation_timestamp.at().filter(|at| is_recent(view, *at))?;
        Some(Row::of(Some(at), object.reference(), "is new"))
    };
    view.all::<T>().iter().filter_map(made).collect()
}

fn scaled(view: &View<'_>) -> Vec<Row> {
    let scaled = |autoscaler: &HorizontalPodAutoscaler| {
        let status = &autoscaler.status;
        let at = status.last_scale_time.as_ref().and_then(|time| time.at()).filter(|at| is_recent(view, *at))?;
        let target = &autoscaler.spec.scale_target_ref;
        let text =
            format!("scaled {} {}, which has {} replicas now", target.kind, target.name, status.current_replicas);
        Some(Row::of(Some(at), autoscaler.reference(), text))
    };
    view.all::<HorizontalPodAutoscaler>().iter().filter_map(scaled).collect()
}

/// Containers that ended and were started again, by who is accountable for the pod.
fn restarted(view: &View<'_>) -> Vec<Row> {
    let mut owners: BTreeMap<ObjectRef, (Timestamp, usize)> = BTreeMap::new();
    for pod in view.all::<Pod>() {
        let ends =
            pod.container_statuses().filter_map(|status| status.last_state.terminated.as_ref()?.finished_at.at());
        for end in ends.filter(|end| is_recent(view, *end)) {
            let entry = owners.entry(view.owner_of(pod)).or_insert((end, 0));
            *entry = (entry.0.max(end), entry.1 + 1);
        }
    }
    let row = |(owner, (last, count))| {
        let containers = if count == 1 { "1 container was".to_owned() } else { format!("{count} containers were") };
        Row::of(Some(last), owner, format!("{containers} restarted"))
    };
    owners.into_iter().map(row).collect()
}

/// When configuration was edited stands in no field that is kept: it is known against an earlier run.
fn edited(comparison: Option<&Comparison>) -> Vec<Row> {
    let Some(comparison) = comparison else {
        return vec![Row::fact("edits of ConfigMaps, Secrets and workloads are known only against an earlier run")];
    };
    let row = |object: &ObjectRef| {
        Row::of(None, object.clone(), format!("was edited since the run of {}", comparison.baseline))
    };
    comparison.edited.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_testkit::Scenario;

    fn told(scenario: &Scenario) -> Vec<String> {
        let snapshot = scenario.snapshot();
        let rows = rows(&View::new(&snapshot), None);
        rows.into_iter().filter_map(|row| Some(format!("{} {}", row.object?, row.text))).collect()
    }

    #[test]
    fn what_was_made_today_is_new_and_what_was_made_before_is_not() {
        let today = Scenario::captured("POD-02");
        assert!(told(&today).contains(&"Deployment/fault-pod-02/web is new".to_owned()), "{:?}", told(&today));
        assert_eq!(told(&today.later(60 * 25)), Vec::<String>::new());
    }

    #[test]
    fn a_second_revision_is_a_rollout() {
        let scenario = Scenario::captured("POD-02");
        let set = scenario.name_of("ReplicaSet", "web-");
        let second = scenario.set("ReplicaSet", &set, "/metadata/annotations/deployment.kubernetes.io~1revision", "2");
        assert!(told(&second).contains(&"Deployment/fault-pod-02/web rolled out as revision 2".to_owned()));
    }

    #[test]
    fn restarts_are_counted_by_owner() {
        let told = told(&Scenario::captured("GAP-48"));
        assert!(told.iter().any(|row| row.ends_with("restarted")), "{told:?}");
    }
}
