//! Carrying plans out against an API server in memory, that counts what is written and can fail anywhere.

use super::audit::{AuditLog, verify};
use super::execute::{self, Clock, Execution};
use super::interrupt::Interrupt;
use super::journal::Changes;
use super::lease::{self, Locked};
use super::objects::Objects;
use super::record::Record;
use http::{Request, Response};
use kube::client::Body;
use serde_json::{Value, json};
use sre_core::container_command::{ContainerCommand, Wants};
use sre_core::plan::{
    Action, Address, Call, Checked, Ended, Entry, Expectation, FieldChange, Happened, Health, MemberCheck, Outcome,
    Place, Plan, Step, Target, Tier, Undo, difference, probe, with_changes,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tower::service_fn;

/// Objects by their paths, and how often each was written to.
#[derive(Clone, Default)]
struct World {
    objects: BTreeMap<String, Value>,
    writes: BTreeMap<String, usize>,
    version: u64,
    /// The answer to the next write, in place of what it would be; whether it is carried out all the same.
    next: Vec<(u16, bool)>,
    /// How many dry runs others write before.
    busy: usize,
}

type Shared = Arc<Mutex<World>>;

impl World {
    fn put(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.objects.insert(path.to_owned(), object.clone());
        object
    }

    fn answer(&mut self, method: &str, path: &str, is_dry: bool, body: &Value) -> (u16, Value) {
        if method == "GET" {
            return self.objects.get(path).map_or((404, failure(404)), |object| (200, object.clone()));
        }
        let spoiled = if is_dry { None } else { self.next.pop() };
        if let Some((status, false)) = spoiled {
            return (status, failure(status));
        }
        if is_dry && self.busy > 0 {
            self.busy -= 1;
            let object = self.objects[path].clone();
            self.put(path, object);
        }
        let before = self.clone();
        let answer = self.write(method, path, body);
        if is_dry {
            *self = before;
        } else if answer.0 < 300 {
            *self.writes.entry(path.to_owned()).or_default() += 1;
        }
        spoiled.map_or(answer, |(status, _)| (status, failure(status)))
    }

    fn write(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let named = format!("{path}/{}", body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default());
        let there = self.objects.get(path).cloned();
        match (method, there) {
            ("POST", _) if self.objects.contains_key(&named) => (409, failure(409)),
            ("POST", _) => {
                let mut object = body.clone();
                object["metadata"]["uid"] = json!(format!("uid of {named}"));
                (201, self.put(&named, object))
            }
            (_, None) => (404, failure(404)),
            ("PUT", Some(there)) if version(body) != version(&there) => (409, failure(409)),
            ("PUT", Some(_)) => (200, self.put(path, body.clone())),
            ("DELETE", Some(there)) => {
                let wanted = &body["preconditions"];
                if !wanted["uid"].is_null() && wanted["uid"] != there["metadata"]["uid"]
                    || wanted["resourceVersion"].as_str() != version(&there)
                {
                    return (409, failure(409));
                }
                self.objects.remove(path);
                (200, there)
            }
            ("PATCH", Some(there)) => match patched(&there, body) {
                Ok(object) => (200, self.put(path, object)),
                Err(status) => (status, failure(status)),
            },
            _ => (405, failure(405)),
        }
    }
}

fn version(object: &Value) -> Option<&str> {
    object.pointer("/metadata/resourceVersion").and_then(Value::as_str)
}

/// As the API server patches: another version is a conflict, a test that fails is invalid.
fn patched(object: &Value, patch: &Value) -> Result<Value, u16> {
    let mut changes = Vec::new();
    for operation in patch.as_array().ok_or(400_u16)? {
        let path = operation["path"].as_str().unwrap_or_default();
        match operation["op"].as_str() {
            Some("test") if object.pointer(path) != Some(&operation["value"]) => return Err(422),
            Some("test") => {}
            Some("replace") if path == "/metadata/resourceVersion" => {
                if operation["value"].as_str() != version(object) {
                    return Err(409);
                }
            }
            _ => changes.push(FieldChange {
                pointer: path.to_owned(),
                field: String::new(),
                before: None,
                after: operation.get("value").cloned(),
            }),
        }
    }
    Ok(with_changes(object, &changes))
}

fn failure(status: u16) -> Value {
    json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": status, "message": "spoiled", "reason": "Spoiled"})
}

/// A way to the world in memory.
fn objects(world: &Shared) -> Objects {
    let world = Arc::clone(world);
    let service = service_fn(move |request: Request<Body>| {
        let world = Arc::clone(&world);
        async move {
            let (head, body) = request.into_parts();
            let bytes = body.collect_bytes().await?;
            let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let is_dry = head.uri.query().is_some_and(|query| query.contains("dryRun=All"));
            let (status, answer) =
                world.lock().expect("no panic").answer(head.method.as_str(), head.uri.path(), is_dry, &body);
            let response = Response::builder().status(status).body(Body::from(answer.to_string().into_bytes()));
            response.map_err(Into::<tower::BoxError>::into)
        }
    });
    Objects::new(kube::Client::new(service, "default"))
}

fn address(kind: &str, resource: &str, name: &str) -> Address {
    Address {
        api_version: "apps/v1".to_owned(),
        kind: kind.to_owned(),
        resource: resource.to_owned(),
        namespace: Some("shop".to_owned()),
        name: name.to_owned(),
    }
}

fn object(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Widget",
        "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}")},
        "spec": {"size": 1, "colour": "red"},
    })
}

/// A world with these widgets.
fn world(names: &[&str]) -> Shared {
    let mut world = World::default();
    for name in names {
        let path = address("Widget", "widgets", name).path();
        world.put(&path, object(name));
    }
    Arc::new(Mutex::new(world))
}

/// A plan that paints the widgets `a` and `b`, and deletes `c`.
fn plan(world: &Shared) -> Plan {
    let seen = |name: &str| {
        let path = address("Widget", "widgets", name).path();
        world.lock().expect("no panic").objects[&path].clone()
    };
    let paint = |name: &str| {
        let before = seen(name);
        let mut after = before.clone();
        after["spec"]["colour"] = json!("blue");
        Step {
            action: Action::Rollback,
            object: Target::of(&before, "widgets").expect("an object"),
            why: "asked for".to_owned(),
            tier: Tier::Reversible,
            call: Call::Edit { subresource: None, fields: difference(&before, &after, "/spec") },
            expects: Expectation::Fields,
            undo: Undo::Reverse,
            health: None,
            checked: Checked::NotAsked,
        }
    };
    let delete = Step {
        action: Action::DeletePod,
        object: Target::of(&seen("c"), "widgets").expect("an object"),
        call: Call::Delete {},
        expects: Expectation::Gone,
        undo: Undo::None { why: "it is gone".to_owned() },
        ..paint("c")
    };
    Plan {
        id: "c-1".to_owned(),
        title: "paint".to_owned(),
        made_at: "2026-01-15T08:00:00Z".parse().expect("a time"),
        cluster: Place { uid: "u".to_owned(), context: None, server: "https://a".to_owned(), user: "jane".to_owned() },
        requester: None,
        reason: None,
        incident: None,
        undoes: None,
        redoes: false,
        due_back: None,
        steps: vec![paint("a"), paint("b"), delete],
        afterwards: None,
        watch: None,
        notes: Vec::new(),
    }
}

/// Carries a plan out, or goes on with it, with the journal and the audit log in a folder.
async fn run(world: &Shared, plan: &Plan, folder: &Path) -> Outcome {
    run_until(world, plan, folder, &Interrupt::default()).await
}

async fn run_until(world: &Shared, plan: &Plan, folder: &Path, interrupt: &Interrupt) -> Outcome {
    let (changes, objects) = (Changes::at(folder.join("changes")), objects(world));
    let record = Record::new(AuditLog::at(folder.join("audit")), "run", "jane");
    let mut journal = changes.open(plan).expect("a journal");
    let replayed = changes.replayed(plan).expect("a journal that can be read");
    let began = Entry::Began { plan: plan.digest(), run: record.run().to_owned() };
    journal.write(&began).expect("written");
    let execution = Execution {
        objects: &objects,
        plan,
        journal,
        record: &record,
        lock: None,
        clock: Clock::new("2026-01-15T08:00:00Z".parse().expect("a time")),
        interrupt,
        patience: Duration::from_millis(50),
        renewed_at: Instant::now(),
        left: None,
        connection: None,
        look: None,
        clears_up: false,
    };
    execution.run(&replayed).await.expect("a record").0
}

fn writes(world: &Shared) -> Vec<usize> {
    world.lock().expect("no panic").writes.values().copied().collect()
}

fn colours(world: &Shared) -> Vec<Value> {
    world.lock().expect("no panic").objects.values().map(|object| object["spec"]["colour"].clone()).collect()
}

const JOURNAL: &str = "changes/c-1/journal.jsonl";

#[tokio::test]
async fn a_plan_is_carried_out_and_recorded() {
    let (world, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a directory"));
    let outcome = run(&world, &plan(&world), folder.path()).await;
    assert_eq!((&outcome.ended, colours(&world)), (&Ended::Done, vec![json!("blue"), json!("blue")]));
    assert_eq!(outcome.steps, vec![Happened::Done; 3]);
    let log = AuditLog::at(folder.path().join("audit"));
    let (head, bytes) = log.read().expect("a log");
    assert_eq!(outcome.head.as_ref(), Some(&head.hash));
    // It began and ended, and each of three steps was about to be sent, was taken, and came to an end.
    assert_eq!(verify(&bytes, &head).map(|it| it.lines), Ok(11));
}

#[tokio::test]
async fn whichever_byte_of_the_journal_a_run_was_killed_at_nothing_is_lost_or_done_twice() {
    let (world_before, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a directory"));
    let plan = plan(&world_before);
    let start = world_before.lock().expect("no panic").clone();
    run(&world_before, &plan, folder.path()).await;
    let whole = std::fs::read(folder.path().join(JOURNAL)).expect("a journal");
    for length in 0..=whole.len() {
        let lines: Vec<&[u8]> = whole[..length].split_inclusive(|byte| *byte == b'\n').collect();
        let written = lines.iter().filter(|line| line.ends_with(b"\n"));
        let entries: Vec<Value> = written.map(|line| serde_json::from_slice(line).expect("JSON")).collect();
        let taken = entries.iter().filter(|entry| entry["entry"] == "taken").count();
        let is_intended = entries.last().is_some_and(|entry| entry["entry"] == "intent");
        // It was sent before the next line was begun, or it was not.
        for sent in taken..=taken + usize::from(is_intended) {
            let world = Arc::new(Mutex::new(start.clone()));
            let again = tempfile::tempdir().expect("a directory");
            for step in &plan.steps[..sent] {
                objects(&world).send(&step.call.request(&step.object).expect("a request"), false).await.expect("sent");
            }
            std::fs::create_dir_all(again.path().join("changes/c-1")).expect("a folder");
            std::fs::write(again.path().join(JOURNAL), &whole[..length]).expect("a cut journal");
            let outcome = run(&world, &plan, again.path()).await;
            assert_eq!(outcome.ended, Ended::Done, "cut at {length}, {sent} sent");
            assert_eq!(writes(&world), [1, 1, 1], "cut at {length}, {sent} sent");
            assert_eq!(colours(&world), [json!("blue"), json!("blue")], "cut at {length}, {sent} sent");
        }
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_asked_of_the_object() {
    for is_carried_out in [false, true] {
        let (world, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a directory"));
        let plan = plan(&world);
        world.lock().expect("no panic").next = vec![(500, is_carried_out), (504, is_carried_out)];
        let outcome = run(&world, &plan, folder.path()).await;
        assert_eq!((outcome.ended, writes(&world)), (Ended::Done, vec![1, 1, 1]), "{is_carried_out}");
    }
}

#[tokio::test]
async fn what_the_server_refuses_ends_the_run_and_says_how_far_it_got() {
    let (world, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a directory"));
    let plan = plan(&world);
    // The first is put off and sent again, the second refused.
    world.lock().expect("no panic").next = vec![(403, false)];
    let outcome = run(&world, &plan, folder.path()).await;
    assert!(matches!(outcome.ended, Ended::Failed { .. }), "{outcome:?}");
    assert!(matches!(outcome.steps[0], Happened::Failed { .. }) && outcome.steps[1] == Happened::NotDone);
    let again = run(&world, &plan, folder.path()).await;
    assert_eq!((again.ended, writes(&world)), (Ended::Done, vec![1, 1, 1]), "what failed is tried again");
}

#[tokio::test]
async fn an_object_that_moved_is_not_touched_and_its_difference_is_told() {
    let (world, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a directory"));
    let plan = plan(&world);
    let path = address("Widget", "widgets", "b").path();
    let mut other = object("b");
    other["spec"]["colour"] = json!("green");
    other["metadata"]["managedFields"] = json!([{"manager": "helm", "time": "2026-01-15T08:00:01Z"}]);
    world.lock().expect("no panic").put(&path, other);
    let outcome = run(&world, &plan, folder.path()).await;
    let Ended::Stale { why } = &outcome.ended else { panic!("{outcome:?}") };
    assert!(why.contains("by helm at 2026-01-15T08:00:01Z"), "{why}");
    assert!(why.contains(r#"spec.colour was "red" and is "green""#), "{why}");
    assert_eq!(outcome.steps, [Happened::Done, Happened::NotDone, Happened::NotDone]);
    assert_eq!(colours(&world), [json!("blue"), json!("green"), json!("red")]);
}

#[tokio::test]
async fn a_status_that_moved_is_no_obstacle_and_another_object_of_the_name_is_one() {
    let (world, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a directory"));
    let plan = plan(&world);
    let path = address("Widget", "widgets", "a").path();
    let mut ready = object("a");
    ready["status"] = json!({"ready": true});
    world.lock().expect("no panic").put(&path, ready);
    let path = address("Widget", "widgets", "b").path();
    let mut other = object("b");
    other["metadata"]["uid"] = json!("another");
    world.lock().expect("no panic").put(&path, other);
    let outcome = run(&world, &plan, folder.path()).await;
    let Ended::Stale { why } = &outcome.ended else { panic!("{outcome:?}") };
    assert!(why.contains("another object of the same name"), "{why}");
    assert_eq!(outcome.steps[0], Happened::Done);
}

#[tokio::test]
async fn the_server_tries_a_plan_and_nothing_is_written() {
    let world = world(&["a", "b", "c"]);
    let mut plan = plan(&world);
    let before = world.lock().expect("no panic").objects.clone();
    assert_eq!(execute::check(&objects(&world), &mut plan, true).await, Ok(None));
    assert!(plan.steps.iter().all(|step| step.checked == Checked::Accepted));
    assert!(writes(&world).is_empty());
    assert_eq!(world.lock().expect("no panic").objects, before);
}

#[tokio::test]
async fn what_others_write_while_the_server_tries_a_plan_is_looked_at_anew() {
    let world = world(&["a", "b", "c"]);
    let mut plan = plan(&world);
    world.lock().expect("no panic").busy = 2;
    assert_eq!(execute::check(&objects(&world), &mut plan, true).await, Ok(None));
    assert!(plan.steps.iter().all(|step| step.checked == Checked::Accepted));
    world.lock().expect("no panic").busy = 1_000;
    assert_eq!(execute::check(&objects(&world), &mut plan, true).await, Ok(None));
    assert!(plan.steps.iter().all(|step| matches!(step.checked, Checked::Unknown { .. })), "{:?}", plan.steps);
    assert!(writes(&world).is_empty());
}

#[tokio::test]
async fn an_interrupt_ends_the_run_before_the_next_step() {
    let (world, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a directory"));
    let plan = plan(&world);
    let interrupt = Interrupt::default();
    interrupt.changing(true);
    interrupt.raise();
    let outcome = run_until(&world, &plan, folder.path(), &interrupt).await;
    assert_eq!((outcome.ended, outcome.steps), (Ended::Interrupted, vec![Happened::NotDone; 3]));
    assert_eq!(run(&world, &plan, folder.path()).await.ended, Ended::Done, "and it is gone on with");
}

#[tokio::test]
async fn only_one_holds_the_lock_and_a_stale_one_is_taken_over() {
    let world = world(&[]);
    let objects = objects(&world);
    let at = |text: &str| text.parse().expect("a time");
    let main = address("Deployment", "deployments", "web");
    let taken = lease::take(&objects, &main, "jane", &[], at("2026-01-15T08:00:00Z")).await.expect("free");
    let refused = lease::take(&objects, &main, "joe", &[], at("2026-01-15T08:00:30Z")).await.expect_err("held");
    assert!(matches!(&refused, Locked::By { holder, .. } if holder == "jane"), "{refused:?}");
    let mut mine = lease::take(&objects, &main, "joe", &[], at("2026-01-15T08:01:30Z")).await.expect("stale");
    let mut lost = taken;
    assert!(lost.renew(&objects, "jane", at("2026-01-15T08:01:31Z")).await.is_err(), "it was taken over");
    mine.renew(&objects, "joe", at("2026-01-15T08:01:40Z")).await.expect("renewed");
    mine.release(&objects).await.expect("given back");
    lease::take(&objects, &main, "jane@laptop/run-1", &[], at("2026-01-15T08:02:00Z")).await.expect("free");
    let (own, now) = (["run-0".to_owned(), "run-1".to_owned()], at("2026-01-15T08:02:01Z"));
    let other = lease::take(&objects, &main, "jane@laptop/run-2", &own[..1], now).await;
    assert!(other.is_err(), "another change of the same person");
    let again = lease::take(&objects, &main, "jane@laptop/run-2", &own, now).await.expect("that of a dead run");
    again.release(&objects).await.expect("given back");
    assert!(world.lock().expect("no panic").objects.is_empty());
}

#[tokio::test]
async fn of_many_who_are_fast_one_takes_the_lock() {
    let world = world(&[]);
    let main = address("Deployment", "deployments", "web");
    let holders: Rc<RefCell<Vec<usize>>> = Rc::default();
    let all = (0..10).map(|number| {
        let (objects, main, holders) = (objects(&world), main.clone(), Rc::clone(&holders));
        async move {
            let now = "2026-01-15T08:00:00Z".parse().expect("a time");
            if lease::take(&objects, &main, &number.to_string(), &[], now).await.is_ok() {
                holders.borrow_mut().push(number);
            }
        }
    });
    futures::future::join_all(all).await;
    assert_eq!(holders.borrow().len(), 1);
}

#[tokio::test]
async fn the_next_step_waits_until_members_are_well() {
    let (world, folder) = (world(&["a", "b", "c"]), tempfile::tempdir().expect("a folder"));
    let mut plan = plan(&world);
    let command = ContainerCommand {
        namespace: "shop".to_owned(),
        pod: "a-0".to_owned(),
        container: None,
        words: vec!["lag".to_owned()],
        input: None,
    };
    let check = MemberCheck { command, wants: Wants::AtMost(10) };
    plan.steps[0].health = Some(Box::new(Health { after: vec![check], back: Vec::new() }));
    let outcome = run(&world, &plan, folder.path()).await;
    let Happened::Unverified { why } = &outcome.steps[0] else { panic!("{outcome:?}") };
    assert!(why.starts_with("a-0 could not be asked: "), "{why}");
    assert_eq!(outcome.steps[1..], [Happened::NotDone, Happened::NotDone]);
    assert_eq!(writes(&world), [1], "nothing else was begun");
}

/// A plan that makes a pod for itself and takes it away; the pod runs at once, or never.
fn errand(runs: bool) -> Plan {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "sre-probe-1", "namespace": "shop"}});
    if runs {
        pod["status"] = json!({"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]});
    }
    let steps = probe(&pod, "asked for".to_owned()).expect("steps").to_vec();
    Plan { steps, ..plan(&world(&["a", "b", "c"])) }
}

#[tokio::test]
async fn what_a_plan_makes_for_itself_goes_again_however_it_went() {
    for (runs, interrupts) in [(true, false), (false, false), (false, true)] {
        let (world, folder) = (world(&[]), tempfile::tempdir().expect("a folder"));
        let (plan, interrupt) = (errand(runs), Interrupt::default());
        interrupt.changing(true);
        let raised = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            if interrupts {
                interrupt.raise();
            }
        };
        let (outcome, ()) = tokio::join!(run_until(&world, &plan, folder.path(), &interrupt), raised);
        let ended = match (runs, interrupts) {
            (true, _) => matches!(outcome.ended, Ended::Done),
            (_, true) => matches!(outcome.ended, Ended::Interrupted),
            _ => matches!(outcome.ended, Ended::Failed { .. }),
        };
        assert!(ended && outcome.steps[1] == Happened::Done, "{outcome:#?}");
        assert!(world.lock().expect("no panic").objects.is_empty(), "{outcome:#?}");
    }
}

#[tokio::test]
async fn what_was_not_made_is_not_taken_away() {
    let (world, folder) = (world(&[]), tempfile::tempdir().expect("a folder"));
    world.lock().expect("no panic").next.push((403, false));
    let outcome = run(&world, &errand(true), folder.path()).await;
    assert!(matches!(outcome.ended, Ended::Failed { .. }), "{outcome:#?}");
    assert_eq!(outcome.steps[1], Happened::NotDone, "{outcome:#?}");
    assert_eq!(writes(&world), Vec::<usize>::new());
}
