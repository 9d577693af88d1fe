//! What changed in the last 24 hours: rollouts, new objects that matter, scaling, restarts, edits of configuration.

use super::{Row, Source};
use crate::history::{Comparison, Edits};
use jiff::{SignedDuration, Timestamp};
use sre_core::check::Sight;
use sre_core::object::ObjectRef;
use sre_core::slim::{
    ClusterRole, ClusterRoleBinding, CronJob, CustomResourceDefinition, DaemonSet, Deployment, HorizontalPodAutoscaler,
    Ingress, Kind, MutatingWebhookConfiguration, Namespace, Object, Pod, ReplicaSet, Role, RoleBinding, Service,
    StatefulSet, ValidatingWebhookConfiguration, condition_of,
};
use sre_core::snapshot::Shelved;
use sre_core::view::View;
use std::cmp::Reverse;
use std::collections::BTreeMap;

const REVISION: &str = "deployment.kubernetes.io/revision";

/// The revisions that a ReplicaSet was before.
const HISTORY: &str = "deployment.kubernetes.io/revision-history";

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
        Sight::Of(Kind::NetworkPolicy),
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
    newest_first(&mut rows);
    let edits = comparison.and_then(|comparison| comparison.edits.as_ref());
    let (facts, edited) = (known(edits), edited(edits, &rows));
    let (first, rest) = first_of_each_kind([edited, rows].concat());
    [facts, first, rest].concat()
}

/// Objects of a kind that are named before others have had their turn.
const NAMED: usize = 8;

fn newest_first(rows: &mut [Row]) {
    rows.sort_by(|a, b| (Reverse(a.at), &a.object, &a.text).cmp(&(Reverse(b.at), &b.object, &b.text)));
}

/// What Kubernetes makes for itself comes after what people made, and the many of a kind after the few of others.
fn first_of_each_kind(rows: Vec<Row>) -> (Vec<Row>, Vec<Row>) {
    let mut counts: BTreeMap<(String, bool), usize> = BTreeMap::new();
    rows.into_iter().partition(|row| {
        let Some(object) = &row.object else { return true };
        let count = counts.entry((object.kind.clone(), row.at.is_some())).or_default();
        *count += 1;
        *count <= NAMED && !object.name.starts_with("system:")
    })
}

/// Whether a time lies within the day before the look.
fn is_recent(view: &View<'_>, at: Timestamp) -> bool {
    at <= view.now() && view.now().duration_since(at) <= SignedDuration::from_hours(24)
}

/// A ReplicaSet is made when the template of its Deployment changes; the first one belongs to a new Deployment. A
/// template that was there before takes its old ReplicaSet again: then the Deployment says when.
fn rollouts(view: &View<'_>) -> Vec<Row> {
    let rollout = |set: &ReplicaSet| {
        let at = set.metadata.creation_timestamp.at().filter(|at| is_recent(view, *at))?;
        let owner = set.metadata.controller().filter(|owner| owner.kind == "Deployment")?;
        let revision = set.metadata.annotation(REVISION).filter(|revision| *revision != "1")?;
        let object = ObjectRef::namespaced("Deployment", &set.metadata.namespace, &owner.name);
        Some(Row::of(Some(at), object, format!("rolled out as revision {revision}")))
    };
    let again = view.all::<Deployment>().iter().filter_map(|it| taken_again(it, view));
    view.all::<ReplicaSet>().iter().filter_map(rollout).chain(again).collect()
}

fn taken_again(deployment: &Deployment, view: &View<'_>) -> Option<Row> {
    let metadata = &deployment.metadata;
    let progress = condition_of(&deployment.status.conditions, "Progressing")?;
    let at = progress.last_update_time.at().filter(|at| is_recent(view, *at))?;
    let revision = metadata.annotation(REVISION)?;
    let is_own = |set: &&ReplicaSet| {
        let owner = set.metadata.controller();
        set.metadata.namespace == metadata.namespace
            && owner.is_some_and(|owner| owner.kind == "Deployment" && owner.name == metadata.name)
    };
    let mut own = view.all::<ReplicaSet>().iter().filter(is_own);
    let set = own.find(|set| set.metadata.annotation(REVISION) == Some(revision))?;
    // What was made today is told as a rollout of its own.
    set.metadata.creation_timestamp.at().filter(|made| !is_recent(view, *made))?;
    let before = set.metadata.annotation(HISTORY)?.rsplit(',').next()?;
    let text = format!("rolled out as revision {revision}, with the template of revision {before} again");
    Some(Row::of(Some(at), deployment.reference(), text))
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

/// Since when edits are known.
fn known(edits: Option<&Edits>) -> Vec<Row> {
    let text = match edits {
        Some(edits) => format!(
            "edits are known since {}, the run {}; rollouts of StatefulSets and DaemonSets are told as edits",
            edits.since.strftime("%Y-%m-%d %H:%M UTC"),
            edits.run
        ),
        None => {
            "edits of configuration, workloads and rights are known only against an earlier run that was kept, and \
                 so are rollouts of StatefulSets and DaemonSets"
                .to_owned()
        }
    };
    vec![Row::fact(text)]
}

/// What was edited and is not told as rolled out.
fn edited(edits: Option<&Edits>, others: &[Row]) -> Vec<Row> {
    let Some(edits) = edits else { return Vec::new() };
    let since = edits.since.strftime("%Y-%m-%d %H:%M UTC");
    let is_told = |object: &ObjectRef| {
        others.iter().any(|row| row.object.as_ref() == Some(object) && row.text.starts_with("rolled out"))
    };
    let row = |object: &ObjectRef| Row::of(None, object.clone(), format!("was edited since {since}"));
    edits.objects.iter().filter(|object| !is_told(object)).map(row).collect()
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
    fn against(edits: Option<Edits>) -> Vec<String> {
        let scenario = Scenario::captured("POD-02");
        let snapshot = scenario.snapshot();
        let edits = edits.as_ref();
        let rows = edited(edits, &rollouts(&View::new(&snapshot)));
        known(edits).into_iter().chain(rows).map(|row| row.text).collect()
    }

    #[test]
    fn since_when_edits_are_known_is_always_said() {
        let objects = vec![ObjectRef::namespaced("ConfigMap", "shop", "a")];
        let since = "2026-11-27T07:00:00Z".parse().expect("a time");
        let told = against(Some(Edits { since, run: "20261127T070000Z-1".to_owned(), objects }));
        assert!(
            told[0].starts_with("edits are known since 2026-11-27 07:00 UTC, the run 20261127T070000Z-1"),
            "{told:?}"
        );
        assert_eq!(told[1..], ["was edited since 2026-11-27 07:00 UTC"]);
        let told = against(None);
        assert!(told.len() == 1 && told[0].contains("known only against an earlier run that was kept"), "{told:?}");
    }

    #[test]
    fn a_template_that_is_taken_again_is_a_rollout() {
        let later = Scenario::captured("POD-02").later(60 * 24 * 3);
        let set = later.name_of("ReplicaSet", "web-");
        let at = (later.snapshot().taken_at - SignedDuration::from_hours(2)).to_string();
        let progress = serde_json::json!([{
            "type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastUpdateTime": at,
        }]);
        let revision = "/metadata/annotations/deployment.kubernetes.io~1revision";
        let again = later.set("ReplicaSet", &set, revision, "3").set("Deployment", "web", revision, "3").set(
            "Deployment",
            "web",
            "/status/conditions",
            progress,
        );
        assert_eq!(told(&again), Vec::<String>::new(), "it has no earlier revisions");
        let again = again.set("ReplicaSet", &set, &format!("{revision}-history"), "1");
        assert_eq!(
            told(&again),
            ["Deployment/fault-pod-02/web rolled out as revision 3, with the template of revision 1 again"]
        );
    }

    #[test]
    fn the_newest_come_first_and_no_kind_takes_all_the_room() {
        let at = |hour: i8| jiff::civil::date(2026, 11, 28).at(hour, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        let at = |hour: i8| at(hour).ok().map(|it| it.timestamp());
        let row = |hour, kind: &str, name: &str| Row::of(at(hour), ObjectRef::cluster(kind, name), "is new");
        let mut rows: Vec<Row> = (0..12).map(|hour| row(hour, "Service", &format!("s{hour}"))).collect();
        rows.extend([row(3, "Deployment", "web"), row(13, "ClusterRole", "system:node")]);
        newest_first(&mut rows);
        let (first, rest) = first_of_each_kind(rows);
        let names = |rows: &[Row]| -> Vec<String> {
            rows.iter().filter_map(|row| Some(row.object.as_ref()?.name.clone())).collect()
        };
        assert_eq!(names(&first), ["s11", "s10", "s9", "s8", "s7", "s6", "s5", "s4", "web"]);
        assert_eq!(names(&rest), ["system:node", "s3", "s2", "s1", "s0"]);
    }
}
