use super::*;
use serde_json::json;
use sre_core::check::Sight;
use sre_core::plan::Call;
use sre_core::resource::Resource;
use sre_core::slim::{KINDS, LimitRange, from_json};
use sre_core::snapshot::{ReadState, Snapshot};
use sre_core::view::View;

struct World {
    object: Value,
    vertical: Vec<Value>,
    autoscalers: Vec<Value>,
    limit_ranges: Vec<Value>,
}

impl World {
    fn new() -> Self {
        let requests = json!({"requests": {"cpu": "1", "memory": "1Gi"}});
        Self {
            object: json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
                "spec": {"template": {"spec": {"containers": [{"name": "app", "resources": requests}]}}},
            }),
            vertical: Vec::new(),
            autoscalers: Vec::new(),
            limit_ranges: Vec::new(),
        }
    }

    fn plan(&self, container: &str, requests: &[(&str, &str)], limits: &[(&str, &str)]) -> Result<Planned, Refused> {
        let mut snapshot = Snapshot::default();
        for row in KINDS {
            snapshot.coverage.record(Sight::Of(row.kind), ReadState::Read { count: 0 });
        }
        let view = View::new(&snapshot);
        let read = |it: &Value| from_json(it.to_string().as_bytes()).expect("a limit range");
        let limit_ranges: Vec<LimitRange> = self.limit_ranges.iter().map(read).collect();
        let seen = Seen {
            object: &self.object,
            scale: &json!({"spec": {"replicas": 2}, "status": {"replicas": 2}}),
            resource: &Resource::named("deployments").expect("a resource"),
            owners: &[],
            autoscalers: Some(&self.autoscalers),
            scaled_objects: Some(&[]),
            vertical: Some(&self.vertical),
            quotas: Some(&[]),
            limit_ranges: Some(&limit_ranges),
            budgets: Some(&[]),
            services: Some(&[]),
            ingresses: Some(&[]),
            claims: Some(&[]),
            view: &view,
        };
        let pairs =
            |list: &[(&str, &str)]| list.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect();
        let wanted = Wanted { container: container.to_owned(), requests: pairs(requests), limits: pairs(limits) };
        plan(&seen, &wanted)
    }

    fn notes(&self, requests: &[(&str, &str)], limits: &[(&str, &str)]) -> String {
        let (_, notes) = self.plan("app", requests, limits).expect("a plan");
        notes.into_iter().map(|it| it.text).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn only_what_was_named_is_set_and_the_rollout_waited_for() {
    let (steps, _) = World::new().plan("app", &[("cpu", "2")], &[]).expect("a plan");
    let Call::Edit { fields, subresource: None } = &steps[0].call else { panic!("an edit") };
    let changed: Vec<_> = fields.iter().map(|it| (it.field.as_str(), it.after.clone())).collect();
    assert_eq!(changed, [("spec.template.spec.containers[app].resources.requests.cpu", Some(json!("2")))]);
    assert_eq!((steps[0].expects, u8::from(steps[0].tier)), (Expectation::RolledOut, 1));
    assert_eq!(World::new().plan("app", &[("cpu", "1")], &[]), Ok((Vec::new(), Vec::new())));
    let mut recreated = World::new();
    recreated.object["spec"]["strategy"] = json!({"type": "Recreate"});
    assert_eq!(u8::from(recreated.plan("app", &[("cpu", "2")], &[]).expect("a plan").0[0].tier), 2);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refused = World::new().plan("web", &[("cpu", "2")], &[]).expect_err("a refusal");
    assert_eq!(
        (refused.why.as_str(), refused.hint.as_str()),
        ("web has no container web", "name one of its own: --container app")
    );
    let mut paused = World::new();
    paused.object["spec"]["paused"] = json!(true);
    assert!(paused.plan("app", &[("cpu", "2")], &[]).expect_err("a refusal").hint.contains("rollout resume"));
    let mut bounded = World::new();
    let most = json!([{"type": "Container", "max": {"memory": "2Gi"}}]);
    bounded.limit_ranges = vec![json!({"metadata": {"name": "bounds"}, "spec": {"limits": most}})];
    let refused = bounded.plan("app", &[], &[("memory", "4Gi")]).expect_err("a refusal");
    assert!(refused.why.contains("LimitRange bounds allows no such pod"), "{refused}");
}

#[test]
fn a_change_of_the_class_of_service_is_told() {
    let notes = World::new().notes(&[], &[("cpu", "1"), ("memory", "1Gi")]);
    assert!(notes.contains("changes from Burstable to Guaranteed"), "{notes}");
    assert!(!World::new().notes(&[], &[("cpu", "2")]).contains("class of service"));
}

#[test]
fn autoscalers_that_are_concerned_are_told() {
    let mut world = World::new();
    let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"});
    let recommended = json!([{"containerName": "app", "target": {"cpu": "350m", "memory": "700Mi"}}]);
    world.vertical = vec![json!({
        "metadata": {"name": "vpa"}, "spec": {"targetRef": target, "updatePolicy": {"updateMode": "Off"}},
        "status": {"recommendation": {"containerRecommendations": recommended}},
    })];
    let cpu = json!({"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}});
    world.autoscalers = vec![json!({
        "metadata": {"name": "hpa"},
        "spec": {"scaleTargetRef": target, "metrics": [{"type": "Resource", "resource": cpu}]},
    })];
    let notes = world.notes(&[("cpu", "2")], &[]);
    assert!(notes.contains("VerticalPodAutoscaler vpa recommends cpu=350m,memory=700Mi"), "{notes}");
    assert!(notes.contains("HorizontalPodAutoscaler hpa measures use by what is requested"), "{notes}");
    assert!(!notes.contains("sets what new pods ask for") && !world.notes(&[("memory", "2Gi")], &[]).contains("hpa"));
    world.vertical[0]["spec"]["updatePolicy"] = json!({});
    assert!(world.notes(&[("cpu", "2")], &[]).contains("vpa (Recreate) sets what new pods ask for"));
}
