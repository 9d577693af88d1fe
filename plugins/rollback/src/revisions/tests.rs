use super::*;
use serde_json::json;

/// A history that was brought about on a real API server, to be changed in memory.
#[derive(Clone)]
pub(crate) struct Captured {
    pub(crate) workload: Value,
    pub(crate) owned: Vec<Value>,
    pub(crate) pods: Vec<Value>,
    pub(crate) events: Vec<Value>,
    pub(crate) records: Vec<Record>,
    taken_at: Timestamp,
}

impl Captured {
    /// Opens `tests/fixtures/rollback/NAME.json`, see `tests/cluster/rollback.py`.
    pub(crate) fn named(name: &str) -> Self {
        let path = format!("{}/../../tests/fixtures/rollback/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read(&path).expect(&path);
        let mut seen: Value = serde_json::from_slice(&text).expect(&path);
        let mut list = |field: &str| seen[field].take().as_array().cloned().expect("a list");
        let (owned, pods, events) = (list("owned"), list("pods"), list("events"));
        let taken_at = time(seen["takenAt"].as_str().expect("a time"));
        Self { workload: seen["workload"].take(), owned, pods, events, records: Vec::new(), taken_at }
    }

    pub(crate) fn history(&self) -> Vec<Revision> {
        history(&Seen {
            workload: &self.workload,
            owned: &self.owned,
            pods: &self.pods,
            events: &self.events,
            records: &self.records,
            taken_at: self.taken_at,
        })
    }

    /// Verdicts by number, newest first.
    fn verdicts(&self) -> Vec<(i64, Verdict)> {
        self.history().iter().map(|it| (it.number, it.health.verdict)).collect()
    }

    fn verdict(&self, number: i64) -> Verdict {
        self.revision(number).health.verdict
    }

    fn revision(&self, number: i64) -> Revision {
        self.history().into_iter().find(|it| it.number == number).expect("a revision of that number")
    }

    /// The object that a revision is kept in.
    fn kept(&mut self, number: i64) -> &mut Value {
        let name = self.revision(number).object.name;
        self.owned.iter_mut().find(|it| it["metadata"]["name"] == name.as_str()).expect("an object")
    }

    /// Changes a field of the object that a revision is kept in.
    fn with(mut self, number: i64, pointer: &str, value: impl Into<Value>) -> Self {
        *self.kept(number).pointer_mut(pointer).expect(pointer) = value.into();
        self
    }

    /// What the controller wrote last on the ReplicaSet of a revision, at another time.
    fn scaled(mut self, number: i64, at: &str) -> Self {
        let entries = self.kept(number).pointer_mut("/metadata/managedFields").and_then(Value::as_array_mut);
        let entry = entries.and_then(|it| it.iter_mut().find(|it| it["subresource"].is_null())).expect("an entry");
        entry["time"] = json!(at);
        self
    }

    fn created(self, number: i64, at: &str) -> Self {
        self.with(number, "/metadata/creationTimestamp", at)
    }

    fn without(mut self, number: i64) -> Self {
        let name = self.revision(number).object.name;
        self.owned.retain(|it| it["metadata"]["name"] != name.as_str());
        self
    }

    fn without_events(mut self) -> Self {
        self.events.clear();
        self
    }

    fn with_record(mut self, number: i64, is_healthy: bool, at: &str) -> Self {
        let template = digest(&self.revision(number).template);
        self.records.push(Record { template, is_healthy, change: "c-7".to_owned(), at: time(at) });
        self
    }

    fn says(&self, number: i64) -> String {
        let evidence = self.revision(number).health.evidence;
        evidence.iter().map(|it| format!("{} {}: {}\n", it.object, it.field, it.value)).collect()
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

use Verdict::{Bad, Healthy, Unknown};

#[test]
fn revisions_are_listed_newest_first_with_what_they_run_and_why() {
    let history = Captured::named("broken-image").history();
    let lines: Vec<_> = history
        .iter()
        .map(|it| {
            (it.number, it.images[0].named.as_str(), it.change_cause.as_deref(), it.is_current, it.is_brought_back)
        })
        .collect();
    let expected = [
        (4, "registry.example/web:4", None, true, false),
        (3, "registry.example/web:3", Some("release 3"), false, false),
        (2, "registry.example/web:2", None, false, false),
        (1, "registry.example/web:1", Some("release 1"), false, false),
    ];
    assert_eq!(lines, expected);
    assert_eq!(history[0].object.to_string(), "ReplicaSet/rollback/web-7c674dfd85");
    assert_eq!(history[0].by, ["kubectl-client-side-apply"]);
    assert_eq!(history[1].by, [""; 0], "who applied then has applied again since");
    assert!(history.iter().all(|it| it.template.pointer("/metadata/labels/pod-template-hash").is_none()));
}

#[test]
fn whoever_wrote_the_template_just_before_made_the_revision() {
    let mut seen = Captured::named("broken-image");
    let mut wrote = |manager: &str, at: &str, fields: Value| {
        let entry = json!({"manager": manager, "operation": "Update", "time": at, "fieldsV1": {"f:spec": fields}});
        seen.workload["metadata"]["managedFields"].as_array_mut().expect("entries").push(entry);
    };
    let template = json!({"f:template": {}});
    wrote("kubectl-set", "2026-11-28T14:06:44Z", template.clone());
    wrote("kubectl-edit", "2026-11-28T14:06:44Z", json!({"f:paused": {}}));
    wrote("kubectl-patch", "2026-11-28T14:06:35Z", template.clone());
    wrote("kube-controller-manager", "2026-11-28T14:06:44Z", template);
    let by: Vec<_> = seen.history().into_iter().map(|it| it.by).collect();
    assert_eq!(by, [vec!["kubectl-client-side-apply"], vec!["kubectl-set"], vec![], vec!["kubectl-patch"]]);
}

#[test]
fn a_broken_image_is_bad_and_what_still_serves_is_healthy() {
    let seen = Captured::named("broken-image");
    assert_eq!(seen.verdicts(), [(4, Bad), (3, Healthy), (2, Healthy), (1, Unknown)]);
    let bad = seen.says(4);
    assert!(bad.contains("status.containerStatuses[app].state.waiting.reason: ImagePullBackOff"), "{bad}");
    assert!(
        bad.contains("ProgressDeadlineExceeded: ReplicaSet \"web-7c674dfd85\" has timed out progressing."),
        "{bad}"
    );
    assert!(seen.says(3).starts_with("ReplicaSet/rollback/web-9cdc99bcc status.availableReplicas: 2 of 2\n"));
    let inferred = seen.says(2);
    assert!(
        inferred
            .contains("ReplicaSet/rollback/web-9ff676c45 metadata.managedFields[kube-controller-manager].time: at 0")
    );
    assert!(
        inferred.contains("spec.strategy.rollingUpdate.maxUnavailable: \"25%\": if it was so then too, 2 replicas")
    );
}

#[test]
fn the_condition_of_a_rollout_that_succeeded_names_the_one_that_did() {
    let mut seen = Captured::named("three-good");
    assert_eq!(seen.verdicts(), [(3, Healthy), (2, Healthy), (1, Unknown)]);
    seen.pods.clear();
    let no_replicas = seen.clone().with(3, "/status/availableReplicas", 1);
    assert_eq!(no_replicas.verdict(3), Healthy, "the condition stays when pods go later");
    assert!(no_replicas.says(3).contains("NewReplicaSetAvailable"));
    let mut other = no_replicas;
    let conditions =
        other.workload.pointer_mut("/status/conditions").and_then(Value::as_array_mut).expect("conditions");
    let progress = conditions.iter_mut().find(|it| it["type"] == "Progressing").expect("it");
    progress["message"] = json!("ReplicaSet \"web-other\" has successfully progressed.");
    assert_eq!(other.verdict(3), Unknown);
}

#[test]
fn the_one_that_a_broken_one_was_cleaned_away_for_is_not_healthy_by_that() {
    let seen = Captured::named("broken-twice");
    assert_eq!(seen.verdicts(), [(4, Healthy), (3, Bad), (2, Bad), (1, Unknown)]);
    assert!(seen.says(3).contains("event BackOff: Back-off restarting failed container"));
    let quiet = seen.without_events();
    assert_eq!(
        quiet.verdicts(),
        [(4, Healthy), (3, Unknown), (2, Unknown), (1, Unknown)],
        "revision 1 served all along"
    );
    assert!(
        quiet.says(3).contains("spec.replicas: 0: what was there before it still had pods when the next one was made")
    );
    let forgotten = quiet.without(1);
    assert_eq!(forgotten.verdict(3), Unknown, "2 was at zero before 4 was made, and says nothing of 3");
    assert!(forgotten.says(3).contains("an older revision that is no longer kept may have served meanwhile"));
}

/// Three revisions of which the second was available, by what is written down of the first one.
fn in_row() -> Captured {
    Captured::named("three-good").without_events()
}

#[test]
fn being_let_go_too_late_says_nothing() {
    assert_eq!(in_row().scaled(1, "2026-11-28T14:06:45Z").verdict(2), Unknown, "when revision 3 was made");
    assert_eq!(in_row().scaled(1, "2026-11-28T14:06:44Z").verdict(2), Healthy);
    assert_eq!(in_row().scaled(1, "2026-11-28T14:06:40Z").verdict(2), Unknown, "before revision 2 was made");
}

#[test]
fn only_the_controller_lets_go_of_pods_by_the_rules() {
    let mut by_hand = in_row();
    let entries =
        by_hand.kept(1).pointer_mut("/metadata/managedFields").and_then(Value::as_array_mut).expect("entries");
    entries.iter_mut().for_each(|it| it["manager"] = json!("kubectl"));
    assert_eq!(by_hand.verdict(2), Unknown);
}

#[test]
fn a_deployment_that_wanted_no_replicas_let_go_of_all() {
    let desired = "/metadata/annotations/deployment.kubernetes.io~1desired-replicas";
    let most = "/metadata/annotations/deployment.kubernetes.io~1max-replicas";
    let none = in_row().with(1, desired, "0").with(1, most, "0");
    assert_eq!(none.verdict(2), Unknown);
    assert!(none.says(2).contains("too few replicas were wanted, or the strategy was another one"));
    assert_eq!(in_row().with(1, most, "2").verdict(2), Unknown, "a Recreate has no surge");
    let mut all_may_go = in_row();
    all_may_go.workload["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] = json!(2);
    assert_eq!(all_may_go.verdict(2), Unknown);
    let mut recreate = in_row();
    recreate.workload["spec"]["strategy"] = json!({"type": "Recreate"});
    assert_eq!(recreate.verdict(2), Unknown);
}

#[test]
fn what_need_not_prove_itself_is_not_known_to_work() {
    let unprobed = |seen: Captured| {
        let mut seen = seen;
        let containers = seen.kept(2).pointer_mut("/spec/template/spec/containers/0").and_then(Value::as_object_mut);
        containers.expect("a container").remove("readinessProbe");
        seen
    };
    assert_eq!(unprobed(in_row()).verdict(2), Healthy, "it had to be ready for a second");
    let untested = unprobed(in_row()).with(2, "/spec/minReadySeconds", 0);
    assert_eq!(untested.verdict(2), Unknown);
    assert!(untested.says(2).contains("no readiness probe and no minReadySeconds"), "{}", untested.says(2));
}

/// The same with revision 1 as number 5 and so on: older ones are not kept any more.
fn renumbered() -> Captured {
    let number = "/metadata/annotations/deployment.kubernetes.io~1revision";
    in_row().with(3, number, "7").with(2, number, "6").with(1, number, "5")
}

#[test]
fn an_older_one_that_is_not_kept_may_have_served_unless_something_rules_it_out() {
    assert_eq!(renumbered().verdicts(), [(7, Healthy), (6, Unknown), (5, Unknown)]);
    let held_on = renumbered().created(6, "2026-11-28T14:06:33Z").created(5, "2026-11-28T14:06:20Z");
    assert_eq!(held_on.verdict(6), Healthy, "revision 5 was let go 10 s after 6 was made");
    let verified = renumbered().with_record(5, true, "2026-11-28T14:06:40Z");
    assert_eq!(verified.verdicts(), [(7, Healthy), (6, Healthy), (5, Healthy)]);
    let too_late = renumbered().with_record(5, true, "2026-11-28T14:06:42Z");
    assert_eq!(too_late.verdict(6), Unknown, "6 was there already");
}

#[test]
fn a_gap_in_the_numbers_says_nothing() {
    let number = "/metadata/annotations/deployment.kubernetes.io~1revision";
    assert_eq!(in_row().with(3, number, "4").verdict(2), Unknown);
}

#[test]
fn recreated_pods_say_nothing_of_those_before() {
    let seen = Captured::named("recreate");
    assert_eq!(seen.verdicts(), [(3, Healthy), (2, Unknown), (1, Unknown)]);
    assert!(seen.says(2).contains("the strategy takes old pods away before new ones are available"));
}

#[test]
fn one_that_was_brought_back_is_known_as_such() {
    let of = |name: &str| -> Vec<(i64, String, bool, bool)> {
        let history = Captured::named(name).history();
        history.iter().map(|it| (it.number, it.images[0].named.clone(), it.is_current, it.is_brought_back)).collect()
    };
    let image = |version: u8| format!("registry.example/web:{version}");
    let once = [
        (5, image(3), true, true),
        (4, image(4), false, false),
        (2, image(2), false, false),
        (1, image(1), false, false),
    ];
    assert_eq!(of("rolled-back"), once);
    let twice = [
        (6, image(2), true, true),
        (5, image(3), false, true),
        (4, image(4), false, false),
        (1, image(1), false, false),
    ];
    assert_eq!(of("rolled-back-twice"), twice);
    assert_eq!(Captured::named("rolled-back").verdicts(), [(5, Healthy), (4, Bad), (2, Healthy), (1, Unknown)]);
    assert_eq!(Captured::named("rolled-back-twice").verdicts(), [(6, Healthy), (5, Unknown), (4, Bad), (1, Unknown)]);
}

#[test]
fn our_own_record_outweighs_that_pods_are_available() {
    let failed = in_row().with_record(3, false, "2026-11-28T14:06:48Z");
    assert_eq!(failed.verdict(3), Bad);
    assert!(
        failed.says(3).starts_with("ReplicaSet/rollback/web-9cdc99bcc change c-7: failed at 2026-11-28T14:06:48Z\n")
    );
    let mended = failed.with_record(3, true, "2026-11-28T14:06:49Z");
    assert_eq!(mended.verdict(3), Healthy, "the last one counts");
    assert_eq!(in_row().with_record(1, true, "2026-11-28T14:06:40Z").verdict(1), Healthy);
}

#[test]
fn pods_that_crash_again_and_again_are_available_in_between() {
    let mut seen = Captured::named("three-good").without_events();
    for pod in &mut seen.pods {
        let status = &mut pod["status"]["containerStatuses"][0];
        status["restartCount"] = json!(4);
        status["lastState"] = json!({"terminated": {"reason": "Error", "exitCode": 1}});
    }
    assert_eq!(seen.verdict(3), Bad);
    assert!(seen.says(3).contains("status.containerStatuses.restartCount: 4"));
    seen.taken_at = time("2026-11-28T15:06:00Z");
    assert_eq!(seen.verdict(3), Healthy, "they have not crashed for an hour");
    seen.taken_at = time("2026-11-28T14:07:00Z");
    let pods = seen.pods.clone();
    seen.pods.extend(pods.iter().map(|pod| {
        let mut calm = pod.clone();
        calm["status"]["containerStatuses"][0]["restartCount"] = json!(0);
        calm["metadata"]["name"] = json!(format!("{}-calm", pod["metadata"]["name"]));
        calm
    }));
    let mut mostly_calm = seen.clone();
    mostly_calm.pods.remove(0);
    assert_eq!((seen.verdict(3), mostly_calm.verdict(3)), (Bad, Healthy));
}

#[test]
fn the_broken_pod_of_a_stateful_set_is_of_the_new_revision_and_the_others_vouch_for_theirs() {
    let mut seen = Captured::named("stuck-stateful-set");
    assert_eq!(seen.verdicts(), [(3, Bad), (2, Healthy), (1, Unknown)]);
    let history = seen.history();
    assert_eq!(history.iter().map(|it| it.is_current).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(history[1].change_cause.as_deref(), Some("release 2"));
    assert_eq!(history[1].object.kind, "ControllerRevision");
    assert!(history[1].template.get("$patch").is_none());
    assert!(seen.says(2).contains("status.conditions[Ready]: True since"));
    seen.pods.retain(|pod| pod["metadata"]["name"] == "web-2");
    assert_eq!(seen.verdict(2), Healthy, "it is what the StatefulSet calls current");
    assert!(seen.says(2).contains("status.currentRevision: web-"), "{}", seen.says(2));
    let first = seen.clone().without(1);
    assert_eq!(first.verdict(2), Unknown, "a StatefulSet calls its first revision current from the start");
    let mut scaled = seen.clone();
    let entries = scaled.workload["metadata"]["managedFields"].as_array_mut().expect("entries");
    entries.push(json!({"manager": "kubectl", "subresource": "scale"}));
    assert_eq!(scaled.verdict(2), Unknown, "there may have been no replicas when it came");
}

#[test]
fn a_daemon_set_is_judged_by_its_pods() {
    let mut seen = Captured::named("daemon-set");
    assert_eq!(seen.verdicts(), [(3, Bad), (2, Healthy), (1, Unknown)]);
    seen.workload["spec"]["minReadySeconds"] = json!(3600);
    assert_eq!(seen.verdict(2), Unknown, "they have not been ready for an hour");
}

#[test]
fn what_others_own_is_none_of_its_revisions_and_pods() {
    let mut seen = Captured::named("broken-image");
    let owned = seen.owned.clone();
    seen.owned.extend(owned.into_iter().map(|mut it| {
        it["metadata"]["ownerReferences"][0]["uid"] = json!("another");
        it
    }));
    seen.owned.push(json!({"metadata": {"name": "loose"}}));
    let pods = seen.pods.clone();
    seen.pods.extend(pods.into_iter().map(|mut it| {
        it["metadata"]["ownerReferences"] = Value::Null;
        it
    }));
    assert_eq!(seen.verdicts(), Captured::named("broken-image").verdicts());
}

#[test]
fn no_object_breaks_it() {
    for workload in [json!({}), json!({"kind": "Deployment"}), json!({"kind": "Deployment", "metadata": {"uid": "u"}})]
    {
        let mut seen = Captured::named("broken-image");
        seen.workload = workload;
        assert_eq!(seen.verdicts(), []);
    }
    let mut seen = Captured::named("broken-image");
    for object in &mut seen.owned {
        object["metadata"]["managedFields"] = Value::Null;
        object["status"] = Value::Null;
    }
    assert_eq!(seen.verdicts(), [(4, Bad), (3, Unknown), (2, Unknown), (1, Unknown)]);
}
