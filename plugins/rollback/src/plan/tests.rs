use super::*;
use crate::choice::{Wanted, choose};
use crate::revisions::tests::Captured;
use crate::revisions::{Verdict, is_same};
use serde_json::json;
use sre_core::object::ObjectRef;
use sre_core::plan::Undo;
use sre_core::plan::with_changes;

type Planned = Result<(Vec<Step>, Vec<Note>), Refused>;

fn planned(seen: &Captured, wanted: Wanted, surroundings: &Surroundings<'_>) -> Planned {
    let history = seen.history();
    let choice = choose(&history, wanted).expect("a choice");
    steps(&seen.workload, &history, &choice, &seen.pods, surroundings)
}

fn steps_of(seen: &Captured) -> Vec<Step> {
    planned(seen, Wanted::LastHealthy, &Surroundings::default()).expect("a plan").0
}

/// The notes of a plan in which all that was not given was not there.
fn notes_of(seen: &Captured, surroundings: &Surroundings<'_>) -> Vec<String> {
    let mut surroundings = surroundings.clone();
    for known in [
        &mut surroundings.config_maps,
        &mut surroundings.secrets,
        &mut surroundings.service_accounts,
        &mut surroundings.claims,
        &mut surroundings.priority_classes,
    ] {
        if !known.is_seen() {
            *known = Known::of(&[]);
        }
    }
    let (_, notes) = planned(seen, Wanted::LastHealthy, &surroundings).expect("a plan");
    notes.into_iter().map(|it| if it.warns { format!("warning: {}", it.text) } else { it.text }).collect()
}

fn fields(step: &Step) -> &[FieldChange] {
    let Call::Edit { fields, subresource: None } = &step.call else { panic!("an edit of the object itself") };
    fields
}

/// Changes the container of the revision with this number, and that of the workload too if it is the current one.
fn set_in_template(seen: &mut Captured, version: u8, pointer: &str, value: &Value) {
    let image = format!("registry.example/web:{version}");
    let templates = seen.owned.iter_mut().chain([&mut seen.workload]).filter_map(|it| it.pointer_mut("/spec/template"));
    for template in templates.filter(|it| it["spec"]["containers"][0]["image"] == image.as_str()) {
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        template.pointer_mut(parent).expect(parent)[field] = value.clone();
    }
}

#[test]
fn the_template_goes_back_field_by_field() {
    let seen = Captured::named("broken-image");
    let steps = steps_of(&seen);
    assert_eq!(steps.len(), 1);
    let changed: Vec<_> = fields(&steps[0]).iter().map(|it| (it.field.as_str(), it.after.clone())).collect();
    let expected = [
        ("metadata.annotations[kubernetes.io/change-cause]", Some(json!("release 3"))),
        ("spec.template.metadata.labels[rig.test/mode]", None),
        ("spec.template.spec.containers[app].env[VERSION].value", Some(json!("3"))),
        ("spec.template.spec.containers[app].image", Some(json!("registry.example/web:3"))),
    ];
    assert_eq!(changed, expected);
    assert_eq!((steps[0].action, steps[0].tier), (Action::Rollback, Tier::Reversible));
    assert_eq!((steps[0].expects, &steps[0].undo), (Expectation::RolledOut, &Undo::Reverse));
    assert_eq!(steps[0].object.address.path(), "/apis/apps/v1/namespaces/rollback/deployments/web");
    assert_eq!(steps[0].why, "goes back to revision 3");
    let after = with_changes(&seen.workload, fields(&steps[0]));
    assert!(is_same(&after["spec"]["template"], &seen.history()[1].template));
    let reversed: Vec<_> = fields(&steps[0]).iter().map(FieldChange::reversed).collect();
    assert_eq!(with_changes(&after, &reversed), seen.workload, "undo after do is nothing done");
}

#[test]
fn any_revision_can_be_gone_to_of_every_kind() {
    for name in ["broken-image", "rolled-back", "rolled-back-twice", "recreate", "daemon-set", "stuck-stateful-set"] {
        let seen = Captured::named(name);
        for target in seen.history().iter().filter(|it| !it.is_current) {
            let wanted = Wanted::Number(target.number);
            let (steps, _) = planned(&seen, wanted, &Surroundings::default()).expect("a plan");
            let after = with_changes(&seen.workload, fields(&steps[0]));
            assert!(is_same(&after["spec"]["template"], &target.template), "{name} {}", target.number);
            let cause = after.pointer("/metadata/annotations/kubernetes.io~1change-cause").and_then(Value::as_str);
            assert_eq!(cause, target.change_cause.as_deref(), "{name} {}", target.number);
        }
    }
}

#[test]
fn the_cause_of_the_change_goes_with_it() {
    let seen = Captured::named("three-good");
    let steps = steps_of(&seen);
    let cause = fields(&steps[0]).iter().find(|it| it.field.contains("change-cause")).expect("it");
    assert_eq!((cause.before.clone(), cause.after.clone()), (Some(json!("release 3")), None));
    let mut bare = Captured::named("broken-image");
    bare.workload["metadata"].as_object_mut().expect("metadata").remove("annotations");
    let steps = steps_of(&bare);
    assert_eq!(fields(&steps[0])[0].after, Some(json!({"kubernetes.io/change-cause": "release 3"})));
}

#[test]
fn what_an_older_server_shows_as_null_is_no_change() {
    let mut seen = Captured::named("broken-image");
    seen.workload["spec"]["template"]["metadata"]["creationTimestamp"] = Value::Null;
    assert!(fields(&steps_of(&seen)[0]).iter().all(|it| !it.field.contains("creationTimestamp")));
}

#[test]
fn one_that_is_not_known_to_work_needs_more_than_a_yes() {
    let seen = Captured::named("broken-image");
    for (number, verdict) in [(1, Verdict::Unknown), (3, Verdict::Bad)] {
        let mut history = seen.history();
        history.iter_mut().filter(|it| it.number == number).for_each(|it| it.health.verdict = verdict);
        let choice = choose(&history, Wanted::Number(number)).expect("a choice");
        let (steps, notes) =
            steps(&seen.workload, &history, &choice, &seen.pods, &Surroundings::default()).expect("a plan");
        assert_eq!(steps[0].tier, Tier::Disruptive);
        assert_eq!(notes[0], choice.notes[0]);
        assert!(notes[0].warns);
    }
}

#[test]
fn a_stuck_stateful_set_is_freed() {
    let seen = Captured::named("stuck-stateful-set");
    let steps = steps_of(&seen);
    let done: Vec<_> = steps.iter().map(|it| (it.action, it.object.address.name.as_str(), it.expects)).collect();
    let expected = [(Action::Rollback, "web", Expectation::Observed), (Action::DeletePod, "web-2", Expectation::Gone)];
    assert_eq!(done, expected, "the rollout does not end before the pod is gone");
    assert_eq!((&steps[1].call, steps[1].tier), (&Call::Delete {}, Tier::Disruptive));
    assert!(matches!(steps[1].undo, Undo::None { .. }));
    assert_eq!(steps[1].object.address.path(), "/api/v1/namespaces/rollback/pods/web-2");
    assert_eq!(
        steps[1].object.uid.as_deref(),
        seen.pods.iter().find_map(|it| (it["metadata"]["name"] == "web-2").then(|| it["metadata"]["uid"].as_str())?)
    );
}

#[test]
fn all_pods_that_block_are_deleted_highest_first_and_no_other() {
    let mut seen = Captured::named("stuck-stateful-set");
    let broken = seen.pods.iter().find(|it| it["metadata"]["name"] == "web-2").expect("it").clone();
    let copy = |name: &str, change: fn(&mut Value)| {
        let mut pod = broken.clone();
        pod["metadata"]["name"] = json!(name);
        change(&mut pod);
        pod
    };
    seen.pods.push(copy("web-10", |_| {}));
    seen.pods.push(copy("web-11", |it| it["metadata"]["deletionTimestamp"] = json!("2026-01-15T08:00:00Z")));
    seen.pods.push(copy("web-12", |it| it["metadata"]["ownerReferences"] = Value::Null));
    let names =
        |seen: &Captured| steps_of(seen)[1..].iter().map(|it| it.object.address.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&seen), ["web-10", "web-2"]);
    let mut partitioned = seen.clone();
    partitioned.workload["spec"]["updateStrategy"]["rollingUpdate"]["partition"] = json!(3);
    assert_eq!(names(&partitioned), ["web-10"], "below the partition it would come back as it is");
    for (pointer, value) in
        [("/spec/podManagementPolicy", json!("Parallel")), ("/spec/updateStrategy", json!({"type": "OnDelete"}))]
    {
        let mut other = seen.clone();
        *other.workload.pointer_mut(pointer).expect(pointer) = value;
        assert_eq!(names(&other), [""; 0], "{pointer}");
    }
}

#[test]
fn one_that_went_back_otherwise_and_is_stuck_still_is_freed() {
    let mut seen = Captured::named("stuck-stateful-set");
    let history = seen.history();
    assert_eq!(
        unblock(&seen.workload, &history, &seen.pods),
        [],
        "nothing stands in the way of the revision that is wanted"
    );
    let good = history.iter().find(|it| it.number == 2).expect("it");
    seen.workload["spec"]["template"] = good.template.clone();
    let kept = seen.owned.iter_mut().find(|it| it["metadata"]["name"] == good.object.name.as_str()).expect("it");
    kept["revision"] = json!(4);
    let history = seen.history();
    assert!(choose(&history, Wanted::LastHealthy).is_err(), "it is where it should be");
    let steps = unblock(&seen.workload, &history, &seen.pods);
    let done: Vec<_> = steps.iter().map(|it| (it.action, it.object.address.name.as_str(), it.why.as_str())).collect();
    let why = "it is not ready, and keeps its StatefulSet from going to revision 4";
    assert_eq!(done, [(Action::DeletePod, "web-2", why)]);
}

#[test]
fn a_paused_rollout_is_refused_with_what_ends_the_pause() {
    let mut seen = Captured::named("broken-image");
    seen.workload["spec"]["paused"] = json!(true);
    let refused = planned(&seen, Wanted::LastHealthy, &Surroundings::default()).expect_err("paused");
    assert_eq!(
        refused.to_string(),
        "the rollout of Deployment/rollback/web is paused, and going back would wait with it: kubectl rollout resume \
         deployment/web -n rollback"
    );
}

#[test]
fn what_has_no_revisions_or_no_change_is_refused() {
    let mut seen = Captured::named("broken-image");
    let history = seen.history();
    let choice = choose(&history, Wanted::LastHealthy).expect("a choice");
    let nowhere = Surroundings::default();
    let pod = json!({"kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}});
    let refused = steps(&pod, &history, &choice, &[], &nowhere).expect_err("a pod");
    assert_eq!(refused.to_string(), "Pod/shop/web has no revisions to go back to");
    seen.workload["spec"]["template"] = history[1].template.clone();
    let refused = steps(&seen.workload, &history, &choice, &[], &nowhere).expect_err("the same");
    assert_eq!(refused, Refused::Unchanged { number: 3 });
}

#[test]
fn pods_that_only_follow_by_hand_or_in_part_are_told() {
    let mut seen = Captured::named("stuck-stateful-set");
    seen.workload["spec"]["updateStrategy"] = json!({"type": "OnDelete"});
    let steps = steps_of(&seen);
    assert_eq!(steps[0].expects, Expectation::Fields, "nothing rolls by itself");
    let notes = notes_of(&seen, &Surroundings::default());
    let told = "warning: its strategy is OnDelete: pods stay as they are until somebody deletes them: kubectl delete \
                pod -n rollback web-2";
    assert!(notes.iter().any(|it| it == told), "{notes:#?}");
    seen.workload["spec"]["updateStrategy"] = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}});
    let notes = notes_of(&seen, &Surroundings::default());
    assert!(notes.iter().any(|it| it.contains("only pods with the ordinal 1 or higher go back")), "{notes:#?}");
}

#[test]
fn ending_all_pods_at_once_needs_more_than_a_yes() {
    let tier = |pointer: &str, value: Value| {
        let mut seen = Captured::named("broken-image");
        *seen.workload.pointer_mut(pointer).expect(pointer) = value;
        let notes = notes_of(&seen, &Surroundings::default());
        let is_told = notes.iter().any(|it| it == "warning: all pods end before those that follow are available");
        (steps_of(&seen)[0].tier, is_told)
    };
    assert_eq!(tier("/spec/strategy", json!({"type": "Recreate"})), (Tier::Disruptive, true));
    assert_eq!(tier("/spec/strategy/rollingUpdate/maxUnavailable", json!("100%")), (Tier::Disruptive, true));
    assert_eq!(tier("/spec/strategy/rollingUpdate/maxUnavailable", json!("50%")), (Tier::Reversible, false));
}

#[test]
fn what_does_not_go_back_is_told() {
    let mut seen = Captured::named("broken-image");
    let volumes =
        json!([{"name": "s", "configMap": {"name": "settings"}}, {"name": "k", "secret": {"secretName": "keys"}}]);
    set_in_template(&mut seen, 3, "/spec/volumes", &volumes);
    let autoscalers =
        [json!({"metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}})];
    let written =
        |at: &str| Known::named([("settings".to_owned(), at.parse().ok()), ("keys".to_owned(), at.parse().ok())]);
    let surroundings = Surroundings {
        config_maps: written("2026-11-28T14:06:50Z"),
        secrets: written("2026-11-28T14:06:30Z"),
        autoscalers: &autoscalers,
        ..Surroundings::default()
    };
    let notes = notes_of(&seen, &surroundings);
    let expected = [
        "written after revision 3 was made, and not brought back: ConfigMap settings",
        "only the pod template goes back: replicas (2), HorizontalPodAutoscaler web, ConfigMaps, Secrets, custom \
         resource definitions and data stay as they are",
        "the next kubectl apply of the manifest as it is brings back what is left now: change the manifest too",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn what_the_revision_needs_and_is_gone_is_told() {
    let mut seen = Captured::named("broken-image");
    set_in_template(&mut seen, 3, "/spec/serviceAccountName", &json!("web"));
    set_in_template(&mut seen, 3, "/spec/volumes", &json!([{"name": "s", "configMap": {"name": "settings-7h2k"}}]));
    let notes = notes_of(&seen, &Surroundings::default());
    assert_eq!(notes[0], "warning: ConfigMap settings-7h2k, which revision 3 needs, does not exist");
    assert_eq!(notes[1], "warning: ServiceAccount web, which revision 3 needs, does not exist");
    let (_, unseen) = planned(&seen, Wanted::LastHealthy, &Surroundings::default()).expect("a plan");
    let told = "whether what revision 3 needs exists was not seen: ConfigMap settings-7h2k, ServiceAccount web";
    assert_eq!(unseen[0], Note::warning(told));
}

#[test]
fn a_name_that_moves_may_bring_back_the_same_image_and_its_digest_is_offered() {
    let mut seen = Captured::named("broken-image");
    let latest = json!("registry.example/web:latest");
    set_in_template(&mut seen, 3, "/spec/containers/0/image", &latest);
    let notes = notes_of(&seen, &Surroundings::default());
    let told = "warning: the image registry.example/web:latest of container app may be another one by now; each node \
                runs the one that it pulled first; pods do not tell which one revision 3 ran";
    assert_eq!(notes[0], told);
    set_in_template(&mut seen, 4, "/spec/containers/0/image", &latest);
    for pod in seen.pods.iter_mut().filter(|it| it["metadata"]["labels"]["rig.test/mode"].is_null()) {
        pod["status"]["containerStatuses"][0]["imageID"] = json!("docker-pullable://registry.example/web@sha256:ab");
    }
    let notes = notes_of(&seen, &Surroundings::default());
    assert!(notes[0].contains("the current revision names it too: it may bring back the same image"), "{notes:#?}");
    let offer = "pods of revision 3 run registry.example/web@sha256:ab: kubectl sre change set-image deployment/web \
                 app=registry.example/web@sha256:ab -n rollback --dry-run";
    assert!(notes[0].ends_with(offer), "{notes:#?}");
}

#[test]
fn migrations_that_ran_since_are_told() {
    let mut seen = Captured::named("broken-image");
    let migrate = |version: u8| json!([{"name": "migrate", "image": format!("migrate:{version}")}]);
    set_in_template(&mut seen, 3, "/spec/initContainers", &migrate(3));
    set_in_template(&mut seen, 4, "/spec/initContainers", &migrate(4));
    let job = |name: &str, created: &str, owners: Value| {
        let metadata = json!({"name": name, "creationTimestamp": created, "ownerReferences": owners});
        json!({ "metadata": metadata })
    };
    let cron = json!([{"kind": "CronJob", "uid": "c", "controller": true}]);
    let jobs = [
        job("web-migrate-4", "2026-11-28T14:06:50Z", Value::Null),
        job("web-migrate-3", "2026-11-28T14:06:44Z", Value::Null),
        job("web-nightly-1", "2026-11-28T14:06:51Z", cron),
        job("other-migrate", "2026-11-28T14:06:51Z", Value::Null),
    ];
    let notes = notes_of(&seen, &Surroundings { jobs: &jobs, ..Surroundings::default() });
    let told = "warning: ran since, and what it changed stays, such as the schema of a database: Job web-migrate-4, \
                init container migrate of revision 4";
    assert_eq!(notes[0], told);
    set_in_template(&mut seen, 4, "/spec/initContainers", &migrate(3));
    assert!(!notes_of(&seen, &Surroundings::default())[0].contains("ran since"), "it ran for revision 3 as well");
}

#[test]
fn whoever_owns_it_or_applies_it_is_told() {
    let mut seen = Captured::named("broken-image");
    seen.workload["metadata"]["managedFields"].as_array_mut().expect("entries").push(json!({
        "manager": "deployer", "operation": "Apply", "fieldsV1": {"f:spec": {"f:template": {}}},
    }));
    let helm = Owner::Helm { release: "web".to_owned(), namespace: "shop".to_owned() };
    let flux = Owner::Flux { object: ObjectRef::namespaced("Kustomization", "flux-system", "apps") };
    let notes = notes_of(&seen, &Surroundings { owners: vec![flux, helm], ..Surroundings::default() });
    let first =
        "warning: this will be set back unless it is changed in the source of Flux's Kustomization/flux-system/apps";
    let second =
        "warning: the next upgrade sets this back unless it is changed in the values of the Helm release web in shop";
    assert_eq!(notes[..2], [first, second]);
    let last = "the next server-side apply by deployer conflicts with this, or brings back what is left now";
    assert_eq!(notes.last().map(String::as_str), Some(last));
}
