//! What was changed before a cause showed first: suspects, and never causes themselves.

use super::rights::Rights;
use super::{Diagnosis, Triage};
use crate::cause::Upstream;
use crate::changes::{Change, Sort, changes};
use crate::finding::{Effect, Remedy, Role, Severity, quoted};
use crate::object::ObjectRef;
use crate::slim::{Deployment, HorizontalPodAutoscaler, Object, Pod};
use crate::view::{Layer, View, layer, unready_since};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How long before the first symptom a change is suspected: a bad setting shows at the next start, a leak within hours.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(2);

/// Suspects of one cause that are kept.
const MOST: usize = 10;

/// A change that may have to do with a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// What was changed.
    pub change: Change,
    /// How it reaches the cause.
    pub reach: Reach,
    /// How long before the first symptom.
    pub before: SignedDuration,
}

/// How a change reaches a cause, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It is of the object that is at fault, of one that shows it, or of who made that.
    Itself,
    /// It is of something that those need.
    Needed,
    /// It gives the account that they use its rights.
    Rights,
    /// It is of a node that they are on, or that their pods wait for.
    Node,
    /// It limits everything in their namespace.
    Namespace,
    /// It gives rights where they were refused one, and may have given them to that account.
    RightsBeside,
}

impl Reach {
    /// The word of documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Needed => "needed",
            Self::Rights => "rights",
            Self::Node => "node",
            Self::Namespace => "namespace",
            Self::RightsBeside => "rights-beside",
        }
    }
}

/// Gives every cause that hurts the changes that it may come from, and the way back where that is a rollout of the
/// workload itself.
pub fn suspect(triage: &mut Triage, view: &View<'_>, window: SignedDuration) {
    let hurts = |cause: &&mut Diagnosis| {
        cause.judged.finding.severity != Severity::Info && cause.judged.finding.role != Role::Risk
    };
    let mut causes: Vec<&mut Diagnosis> = triage.causes.iter_mut().filter(hurts).collect();
    if causes.is_empty() {
        return;
    }
    let changes = changes(view);
    let mut upstream = Upstream::of(view);
    for cause in &mut causes {
        cause.first_symptom = first_symptom(view, cause);
        let Some(first) = cause.first_symptom else { continue };
        let near = Near::of(view, cause, &mut upstream);
        let begin = first.checked_sub(window).unwrap_or(first);
        let in_time = changes.iter().filter(|change| change.at <= first && change.at >= begin);
        let suspect = |change: &Change| {
            let (reach, before) = (near.reach(change)?, first.duration_since(change.at));
            Some(Suspect { change: change.clone(), reach, before })
        };
        cause.suspects = in_time.filter_map(suspect).collect();
        cause.suspects.sort_by_key(|suspect| (!near.lacks(suspect), weight(suspect)));
        cause.suspects_left_out = cause.suspects.len().saturating_sub(MOST);
        cause.suspects.truncate(MOST);
        lead_back(cause);
    }
}

/// What reaches first, then what is nearest; what changed no container stands behind what they need.
fn weight(suspect: &Suspect) -> (Reach, bool, SignedDuration, ObjectRef) {
    let is_weak = matches!(suspect.change.sort, Sort::Restart | Sort::Creation);
    let reach = if is_weak && suspect.reach == Reach::Itself { Reach::Needed } else { suspect.reach };
    (reach, is_weak, suspect.before, suspect.change.object.clone())
}

/// The earliest moment that the cause and its pods tell of; of what it explains, and of other Events, only where those
/// tell none. What a cause explains may have begun for another reason, long before it.
fn first_symptom(view: &View<'_>, cause: &Diagnosis) -> Option<Timestamp> {
    let objects = cause.objects();
    let pods: Vec<&Pod> = objects.iter().filter_map(|object| pod(view, object)).collect();
    let told = [cause.judged.finding.since].into_iter().flatten().map(|since| before_deadline(view, cause, since));
    let unready = pods.iter().copied().filter_map(unready_since);
    let looping = pods.iter().filter_map(|pod| first_back_off(view, pod));
    let explained = || cause.explains.iter().filter_map(|finding| finding.since).min();
    let events = || {
        let about =
            objects.iter().flat_map(|object| view.events_about(object)).filter(|event| event.type_ == "Warning");
        about.filter_map(|event| event.first_seen()).min()
    };
    told.chain(unready).chain(looping).min().or_else(explained).or_else(events)
}

/// When a container that crashes again and again began to: its conditions tell of the last crash only.
fn first_back_off(view: &View<'_>, pod: &Pod) -> Option<Timestamp> {
    let crashes = pod.container_statuses().any(|status| status.restart_count > 0);
    let events = view.events_about(&pod.reference()).iter();
    let told = events.filter(|event| crashes && event.reason == "BackOff");
    told.filter_map(|event| event.first_seen()).min()
}

/// A rollout is said to have stopped when its deadline is over, and stood still all that time.
fn before_deadline(view: &View<'_>, cause: &Diagnosis, since: Timestamp) -> Timestamp {
    let finding = &cause.judged.finding;
    let namespace = finding.object.namespace.as_deref().unwrap_or_default();
    let stopped = (finding.class == Some("rollout-not-progressing"))
        .then(|| view.get::<Deployment>(namespace, &finding.object.name))
        .flatten();
    let seconds = stopped.map(|it| it.spec.progress_deadline_seconds.unwrap_or(600));
    seconds.map_or(since, |it| since.checked_sub(SignedDuration::from_secs(it.into())).unwrap_or(since))
}

fn pod<'a>(view: &View<'a>, object: &ObjectRef) -> Option<&'a Pod> {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    (object.kind == "Pod").then(|| view.get::<Pod>(namespace, &object.name)).flatten()
}

/// What stands close to a cause.
struct Near {
    itself: BTreeSet<ObjectRef>,
    needed: BTreeSet<ObjectRef>,
    namespaces: BTreeSet<String>,
    /// Whether a pod of it waits for a node.
    waits: bool,
    rights: Rights,
}

impl Near {
    fn of(view: &View<'_>, cause: &Diagnosis, upstream: &mut Upstream<'_, '_>) -> Self {
        let finding = &cause.judged.finding;
        // What a node or the control plane brings is not the fault of those that it shows on.
        let is_below = layer(&finding.object) <= Layer::Node;
        let showing = finding.shows_on.iter().filter(|_| !is_below);
        let mut itself: BTreeSet<ObjectRef> = showing.chain([&finding.object]).cloned().collect();
        let pods: Vec<&Pod> = itself.iter().filter_map(|object| pod(view, object)).collect();
        let waits = pods.iter().any(|pod| pod.node_name.is_empty());
        let owners: Vec<ObjectRef> = itself.iter().filter_map(|object| view.accountable_of(object)).collect();
        itself.extend(owners);
        let mut needed: BTreeSet<ObjectRef> = itself.iter().flat_map(|object| upstream.needs(object)).collect();
        let scaled = |it: &&HorizontalPodAutoscaler| {
            let target = &it.spec.scale_target_ref;
            itself.contains(&ObjectRef::namespaced(&target.kind, &it.metadata.namespace, &target.name))
        };
        needed.extend(view.all::<HorizontalPodAutoscaler>().iter().filter(scaled).map(Object::reference));
        needed.extend(itself.iter().flat_map(|object| delivered_by(view, object)));
        let namespaces = itself.iter().filter_map(|object| object.namespace.clone()).collect();
        let rights = Rights::of(view, cause, &itself);
        Self { itself, needed, namespaces, waits, rights }
    }

    fn reach(&self, change: &Change) -> Option<Reach> {
        const LIMITS: [&str; 3] = ["ResourceQuota", "LimitRange", "NetworkPolicy"];
        let object = &change.object;
        if self.itself.contains(object) {
            return Some(Reach::Itself);
        }
        if object.kind == "Node" && (self.waits || self.needed.contains(object)) {
            return Some(Reach::Node);
        }
        if self.needed.contains(object) {
            return Some(Reach::Needed);
        }
        if self.rights.come_of(change) {
            return Some(Reach::Rights);
        }
        if self.rights.may_have_come_of(change) {
            return Some(Reach::RightsBeside);
        }
        let limits = LIMITS.contains(&object.kind.as_str());
        let is_beside = object.namespace.as_ref().is_some_and(|namespace| self.namespaces.contains(namespace));
        (limits && is_beside).then_some(Reach::Namespace)
    }

    /// Whether a suspect is of the rights of an account that was refused one.
    fn lacks(&self, suspect: &Suspect) -> bool {
        self.rights.are_refused && suspect.reach == Reach::Rights
    }
}

/// The release of Helm and the application of Argo CD that an object says it is of.
fn delivered_by(view: &View<'_>, object: &ObjectRef) -> Vec<ObjectRef> {
    let Some(metadata) = view.metadata_of(object) else { return Vec::new() };
    let release = metadata.annotation("meta.helm.sh/release-name").map(|name| {
        let namespace = metadata.annotation("meta.helm.sh/release-namespace").unwrap_or(&metadata.namespace);
        ObjectRef::namespaced("HelmRelease", namespace, name)
    });
    let tracked = metadata.annotation("argocd.argoproj.io/tracking-id").and_then(|id| id.split(':').next());
    let applications = tracked.map_or_else(Vec::new, |name| view.named("Application", name));
    release.into_iter().chain(applications).collect()
}

/// The way back of the workload whose own rollout is the first suspect.
fn lead_back(cause: &mut Diagnosis) {
    let finding = &mut cause.judged.finding;
    let Some(first) = cause.suspects.first().filter(|it| it.change.sort == Sort::Rollout) else { return };
    let object = &first.change.object;
    let is_known = finding.remedies.iter().any(|it| it.command.starts_with("kubectl sre rollback"));
    if is_known || first.reach != Reach::Itself {
        return;
    }
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let name = quoted(&format!("{}/{}", object.kind.to_lowercase(), object.name));
    let command = format!("kubectl sre rollback {name} -n {} --dry-run", quoted(namespace));
    finding.remedies.push(Remedy { command, effect: Effect::Changes });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::{Kind, Pool};
    use crate::snapshot::{Encoded, Snapshot, decode_into};
    use crate::triage::triage;
    use serde_json::{Value, json};

    /// A snapshot of these objects, taken an hour after the pods of [`crashing`] crashed.
    fn seen(objects: &[Value]) -> Snapshot {
        let mut snapshot =
            Snapshot { taken_at: "2026-01-01T11:00:00Z".parse().expect("a time"), ..Snapshot::default() };
        for object in objects {
            let word = |path: &str| object.pointer(path).and_then(Value::as_str).expect("a word");
            let kind = Kind::of(word("/apiVersion"), word("/kind")).expect("a kind");
            let text = object.to_string();
            let pool = &mut Pool::default();
            decode_into(kind, Encoded::Json(text.as_bytes()), &mut snapshot.objects, pool).expect("an object");
            let count = snapshot.objects.count(kind);
            snapshot.coverage.record(crate::check::Sight::Of(kind), crate::snapshot::ReadState::Read { count });
        }
        snapshot.objects.sort();
        snapshot
    }

    fn template(host: &str) -> Value {
        json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "web:1",
            "env": [{"name": "DB_HOST", "value": host}], "envFrom": [{"configMapRef": {"name": "settings"}}]}]}})
    }

    fn set(number: u32, made: &str, replicas: u32, host: &str) -> Value {
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": format!("web-{number}"),
            "namespace": "shop", "creationTimestamp": made,
            "annotations": {"deployment.kubernetes.io/revision": number.to_string()},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": true}]},
            "spec": {"replicas": replicas, "template": template(host)}, "status": {"replicas": replicas}})
    }

    /// A Deployment whose pod of revision 2 has crashed since 10:00:40, and a ConfigMap that it reads.
    fn crashing(rolled_out: &str, edited: &str) -> Vec<Value> {
        let old = "2025-12-01T00:00:00Z";
        let written = |at: &str, by: &str| json!([{"manager": by, "operation": "Update", "time": at}]);
        vec![
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop",
                "creationTimestamp": old, "managedFields": written(rolled_out, "kubectl-set")},
                "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template("db2")},
                "status": {"replicas": 1}}),
            set(1, old, 0, "db"),
            set(2, rolled_out, 1, "db2"),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop",
                "creationTimestamp": old, "managedFields": written(edited, "kubectl-edit")}, "data": {"A": "b"}}),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other", "namespace": "shop",
                "creationTimestamp": old, "managedFields": written("2026-01-01T10:00:30Z", "helm")}}),
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-2-a", "namespace": "shop",
                "labels": {"app": "web"}, "creationTimestamp": "2026-01-01T10:00:01Z",
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-2", "controller": true}]},
                "spec": {"nodeName": "n1", "containers": template("db2")["spec"]["containers"]},
                "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False",
                    "lastTransitionTime": "2026-01-01T10:00:40Z"}],
                    "containerStatuses": [{"name": "app", "ready": false, "restartCount": 9, "image": "", "imageID": "",
                        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                        "lastState": {"terminated": {"exitCode": 1, "reason": "Error",
                            "startedAt": "2026-01-01T10:55:00Z", "finishedAt": "2026-01-01T10:55:01Z"}}}]}}),
        ]
    }

    fn suspected(objects: &[Value], window: SignedDuration) -> Vec<String> {
        let snapshot = seen(objects);
        let view = View::new(&snapshot);
        let mut triage = triage(&view, &[], None);
        suspect(&mut triage, &view, window);
        let cause = triage.causes.first().expect("a cause");
        let line = |it: &Suspect| {
            let fields = it.change.fields.iter().map(|it| it.field.as_str()).collect::<Vec<_>>().join(" ");
            let by = it.change.by.as_deref().unwrap_or_default();
            format!("{} {} {} {by} {fields}", it.change.object, it.change.sort.word(), it.before.as_secs())
        };
        cause.suspects.iter().map(line).collect()
    }

    #[test]
    fn a_rollout_just_before_the_crash_is_suspected_first_with_its_fields() {
        let objects = crashing("2026-01-01T10:00:00Z", "2026-01-01T09:30:40Z");
        let expected = [
            "Deployment/shop/web rollout 40 kubectl-set containers[app].env[DB_HOST]",
            "ConfigMap/shop/settings edit 1800 kubectl-edit ",
        ];
        assert_eq!(suspected(&objects, WINDOW), expected, "a ConfigMap that nobody reads is not suspected");
        assert_eq!(suspected(&objects, SignedDuration::from_mins(5)), expected[..1]);
    }

    #[test]
    fn what_was_done_about_a_crash_loop_came_after_its_first_symptom() {
        let mut objects = crashing("2026-01-01T10:00:00Z", "2026-01-01T10:20:00Z");
        let pod = objects.last_mut().expect("a pod");
        pod["status"]["conditions"][0]["lastTransitionTime"] = json!("2026-01-01T10:50:00Z");
        objects.push(
            json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "web-2-a.1", "namespace": "shop"},
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-2-a"}, "reason": "BackOff",
            "type": "Warning", "message": "Back-off restarting failed container app in pod web-2-a", "count": 80,
            "firstTimestamp": "2026-01-01T10:00:40Z", "lastTimestamp": "2026-01-01T10:59:00Z"}),
        );
        let expected = ["Deployment/shop/web rollout 40 kubectl-set containers[app].env[DB_HOST]"];
        assert_eq!(suspected(&objects, WINDOW), expected, "the edit of 10:20 is an answer to the crash");
    }

    #[test]
    fn who_made_the_second_of_two_rollouts_is_not_told_of_the_first() {
        let mut objects = crashing("2026-01-01T10:00:20Z", "2025-12-20T00:00:00Z");
        objects[1] = set(1, "2025-12-01T00:00:00Z", 0, "db0");
        objects.insert(2, set(2, "2026-01-01T10:00:00Z", 0, "db"));
        objects[3] = set(3, "2026-01-01T10:00:20Z", 1, "db2");
        let last = objects.len() - 1;
        objects[last]["metadata"]["ownerReferences"][0]["name"] = json!("web-3");
        let found = suspected(&objects, WINDOW);
        assert_eq!(found[0], "Deployment/shop/web rollout 20 kubectl-set containers[app].env[DB_HOST]");
        assert!(found[1].starts_with("Deployment/shop/web rollout 40  "), "{found:?}");
    }

    /// A StatefulSet whose pod of its second revision has crashed since 10:00:40.
    fn crashing_member() -> Vec<Value> {
        let mut objects = crashing("2025-12-01T00:00:00Z", "2025-12-20T00:00:00Z");
        let mut pod = objects.remove(5);
        pod["metadata"]["ownerReferences"] =
            json!([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": true}]);
        let revision = |number: u32, made: &str, host: &str| {
            json!({"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": format!("db-{number}"),
                "namespace": "shop", "creationTimestamp": made, "ownerReferences":
                [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": true}]},
                "revision": number, "data": {"spec": {"template": template(host)}}})
        };
        vec![
            pod,
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "shop",
                "creationTimestamp": "2025-12-01T00:00:00Z", "managedFields":
                [{"manager": "helm", "operation": "Update", "time": "2026-01-01T10:00:00Z"}]},
                "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template("db2")},
                "status": {"replicas": 1}}),
            revision(1, "2025-12-01T00:00:00Z", "db"),
            revision(2, "2026-01-01T10:00:01Z", "db2"),
        ]
    }

    #[test]
    fn a_rollout_of_a_stateful_set_is_told_with_its_fields_and_its_author() {
        let expected = ["StatefulSet/shop/db rollout 39 helm containers[app].env[DB_HOST]"];
        assert_eq!(suspected(&crashing_member(), WINDOW), expected);
    }

    #[test]
    fn what_was_changed_after_the_first_symptom_or_long_before_is_not_suspected() {
        let objects = crashing("2025-12-20T00:00:00Z", "2026-01-01T10:30:00Z");
        assert_eq!(suspected(&objects, WINDOW), [""; 0]);
    }

    #[test]
    fn what_limits_the_namespace_is_suspected_last_and_others_never() {
        let mut objects = crashing("2026-01-01T09:00:00Z", "2025-12-20T00:00:00Z");
        for (kind, version, namespace) in
            [("NetworkPolicy", "networking.k8s.io/v1", "shop"), ("NetworkPolicy", "networking.k8s.io/v1", "other")]
        {
            objects
                .push(json!({"apiVersion": version, "kind": kind, "metadata": {"name": "deny", "namespace": namespace,
                "creationTimestamp": "2026-01-01T10:00:30Z"}, "spec": {}}));
        }
        let expected = [
            "Deployment/shop/web rollout 3640 kubectl-set containers[app].env[DB_HOST]",
            "NetworkPolicy/shop/deny creation 10  ",
        ];
        assert_eq!(suspected(&objects, WINDOW), expected);
    }

    fn binding(name: &str, account: &str, edited: &str) -> Value {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name,
            "namespace": "shop", "creationTimestamp": "2025-12-01T00:00:00Z",
            "managedFields": [{"manager": "hand", "operation": "Update", "time": edited}]},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "shop"}],
            "roleRef": {"kind": "Role", "name": format!("{name}s")}})
    }

    fn role(name: &str, edited: &str) -> Value {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name, "namespace": "shop",
            "creationTimestamp": "2025-12-01T00:00:00Z",
            "managedFields": [{"manager": "hand", "operation": "Update", "time": edited}]}, "rules": []})
    }

    /// A crash of a pod that uses an account, the bindings of which were edited.
    fn crashing_with_rights() -> Vec<Value> {
        let mut objects = crashing("2026-01-01T10:00:00Z", "2025-12-20T00:00:00Z");
        let pod = objects.last_mut().expect("a pod");
        pod["spec"]["serviceAccountName"] = json!("web");
        objects.extend([
            binding("reader", "web", "2026-01-01T10:00:20Z"),
            role("readers", "2026-01-01T09:50:40Z"),
            binding("other", "api", "2026-01-01T10:00:30Z"),
            role("others", "2026-01-01T10:00:30Z"),
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:node",
                "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}, "creationTimestamp": "2026-01-01T10:00:30Z"}}),
        ]);
        objects
    }

    #[test]
    fn what_gives_the_account_of_a_crashing_pod_its_rights_stands_behind_what_it_needs() {
        let expected = [
            "Deployment/shop/web rollout 40 kubectl-set containers[app].env[DB_HOST]",
            "RoleBinding/shop/reader edit 20 hand ",
            "Role/shop/readers edit 600 hand ",
        ];
        assert_eq!(suspected(&crashing_with_rights(), WINDOW), expected, "others give it nothing");
    }

    #[test]
    fn where_a_right_was_refused_what_gives_the_account_rights_comes_first_and_what_may_have_given_them_last() {
        let mut objects = crashing_with_rights();
        let line = "pods is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"pods\" in API group \
                    \"\" in the namespace \"shop\"";
        objects[5]["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] = json!(line);
        let expected = [
            "RoleBinding/shop/reader edit 20 hand ",
            "Role/shop/readers edit 600 hand ",
            "Deployment/shop/web rollout 40 kubectl-set containers[app].env[DB_HOST]",
            "Role/shop/others edit 10 hand ",
            "RoleBinding/shop/other edit 10 hand ",
        ];
        assert_eq!(suspected(&objects, WINDOW), expected, "a binding of today may have had another subject before");
    }

    #[test]
    fn groups_and_users_are_accounts_too_and_a_role_gathers_others() {
        let subjects = [
            json!({"kind": "Group", "name": "system:serviceaccounts:shop"}),
            json!({"kind": "Group", "name": "system:serviceaccounts"}),
            json!({"kind": "User", "name": "system:serviceaccount:shop:web"}),
        ];
        let others = [
            json!({"kind": "Group", "name": "system:serviceaccounts:shopping"}),
            json!({"kind": "User", "name": "web"}),
            json!({"kind": "ServiceAccount", "name": "web", "namespace": "other"}),
        ];
        let told = |subject: &Value| {
            let mut objects = crashing("2025-12-01T00:00:00Z", "2025-12-20T00:00:00Z");
            objects[5]["spec"]["serviceAccountName"] = json!("web");
            let mut binding = binding("reader", "web", "2026-01-01T10:00:20Z");
            binding["subjects"] = json!([subject]);
            binding["roleRef"] = json!({"kind": "ClusterRole", "name": "view"});
            let gathered = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata":
                {"name": "more", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"},
                "creationTimestamp": "2026-01-01T10:00:00Z"}});
            objects.extend([binding, gathered]);
            suspected(&objects, WINDOW)
        };
        for subject in subjects {
            let expected = ["RoleBinding/shop/reader edit 20 hand ", "ClusterRole/more creation 40  "];
            assert_eq!(told(&subject), expected, "{subject}");
        }
        for subject in others {
            assert_eq!(told(&subject), [""; 0], "{subject}");
        }
    }

    #[test]
    fn how_many_suspects_are_left_out_is_counted() {
        let mut objects = crashing("2026-01-01T10:00:00Z", "2025-12-20T00:00:00Z");
        objects[5]["spec"]["serviceAccountName"] = json!("web");
        objects.extend((10..25).map(|number| binding(&format!("b{number}"), "web", "2026-01-01T10:00:20Z")));
        let snapshot = seen(&objects);
        let view = View::new(&snapshot);
        let mut triage = triage(&view, &[], None);
        suspect(&mut triage, &view, WINDOW);
        assert_eq!((triage.causes[0].suspects.len(), triage.causes[0].suspects_left_out), (MOST, 6));
    }

    #[test]
    fn a_restart_stands_behind_the_edit_that_it_brings_into_effect() {
        let mut objects = crashing("2026-01-01T10:00:00Z", "2026-01-01T09:59:00Z");
        objects[1] = set(1, "2025-12-01T00:00:00Z", 0, "db2");
        let found = suspected(&objects, WINDOW);
        let sorts: Vec<&str> = found.iter().filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(sorts, ["edit", "restart"], "{found:?}");
    }

    #[test]
    fn the_way_back_is_named_where_a_rollout_is_suspected_first() {
        let snapshot = seen(&crashing("2026-01-01T10:00:00Z", "2025-12-20T00:00:00Z"));
        let view = View::new(&snapshot);
        let mut triage = triage(&view, &[], None);
        suspect(&mut triage, &view, WINDOW);
        let commands: Vec<&str> =
            triage.causes[0].judged.finding.remedies.iter().map(|it| it.command.as_str()).collect();
        assert!(commands.contains(&"kubectl sre rollback deployment/web -n shop --dry-run"), "{commands:?}");
    }
}
