use super::*;
use serde_json::json;

struct World {
    claim: Value,
    classes: Vec<Value>,
    quotas: Vec<Value>,
    stateful_sets: Vec<Value>,
}

impl World {
    fn new() -> Self {
        Self {
            claim: json!({
                "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                "metadata": {"name": "data-db-0", "namespace": "shop", "uid": "u"},
                "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "10Gi"}}},
                "status": {"phase": "Bound"},
            }),
            classes: vec![json!({"metadata": {"name": "fast"}, "allowVolumeExpansion": true})],
            quotas: Vec::new(),
            stateful_sets: Vec::new(),
        }
    }

    fn plan(&self, size: &str) -> Result<Planned, Refused> {
        let read = |it: &Value| sre_core::slim::from_json(it.to_string().as_bytes()).expect("a quota");
        let quotas: Vec<ResourceQuota> = self.quotas.iter().map(read).collect();
        plan(
            &Seen {
                claim: &self.claim,
                owners: &[],
                classes: Some(&self.classes),
                quotas: Some(&quotas),
                stateful_sets: Some(&self.stateful_sets),
                pods: Some(&[]),
            },
            size,
        )
    }

    fn refusal(&self, size: &str) -> String {
        self.plan(size).expect_err("a refusal").why
    }
}

#[test]
fn a_larger_size_is_a_step_without_an_undo() {
    let (steps, _) = World::new().plan("20Gi").expect("a plan");
    let sre_core::plan::Call::Edit { fields, .. } = &steps[0].call else { panic!("an edit") };
    assert_eq!((fields.len(), &fields[0].after), (1, &Some(json!("20Gi"))));
    assert_eq!((u8::from(steps[0].tier), matches!(steps[0].undo, Undo::None { .. })), (2, true));
    assert_eq!(World::new().plan("10240Mi"), Ok((Vec::new(), Vec::new())), "the same, written otherwise");
}

#[test]
fn what_cannot_grow_is_refused() {
    let mut world = World::new();
    assert!(world.refusal("5Gi").contains("never gets smaller"));
    assert!(world.refusal("much").contains("is no size"));
    world.classes[0]["allowVolumeExpansion"] = json!(false);
    assert!(world.refusal("20Gi").contains("does not let volumes grow"));
    world.classes.clear();
    assert!(world.refusal("20Gi").contains("is not there"));
    let mut world = World::new();
    world.claim["status"]["conditions"] = json!([{"type": "Resizing", "status": "True"}]);
    assert!(world.refusal("20Gi").contains("is under way"));
    world.claim["status"] = json!({"phase": "Pending"});
    assert!(world.refusal("20Gi").contains("has no volume yet (Pending)"));
}

#[test]
fn a_quota_without_room_refuses() {
    let mut world = World::new();
    let (hard, used) = (json!({"requests.storage": "15Gi"}), json!({"requests.storage": "10Gi"}));
    world.quotas = vec![json!({"metadata": {"name": "q"}, "status": {"hard": hard, "used": used}})];
    assert_eq!(world.refusal("20Gi"), "ResourceQuota q leaves 5Gi of requests.storage, and 10Gi more are asked for");
    assert!(world.plan("15Gi").is_ok());
}

#[test]
fn the_template_of_a_stateful_set_is_told() {
    let mut world = World::new();
    world.stateful_sets =
        vec![json!({"metadata": {"name": "db"}, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}})];
    let (_, notes) = world.plan("20Gi").expect("a plan");
    assert!(notes.iter().any(|it| it.warns && it.text.contains("StatefulSet db stays as it is")), "{notes:?}");
    world.claim["metadata"]["name"] = json!("data-db-x-0");
    assert!(!world.plan("20Gi").expect("a plan").1.iter().any(|it| it.text.contains("StatefulSet")));
}
