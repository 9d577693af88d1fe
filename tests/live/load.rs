//! What more load would need, of a real API server with its metrics server.

use super::person::Person;
use super::rig::{Rig, eventually};
use serde_json::Value;

#[test]
fn what_more_load_needs_is_told_from_what_is_used_and_nothing_is_written() {
    let rig = Rig::shared();
    let namespace = rig.namespace("scale-plan");
    let person = Person::new(&rig, &namespace.name);
    let workload = |name: &str, replicas: u8| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  replicas: {replicas}\n  \
             selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
             spec: {{containers: [{{name: app, image: 'registry.example/shop/{name}:1', \
             resources: {{requests: {{cpu: 1m, memory: 1Mi}}}}}}]}}\n"
        )
    };
    rig.apply(&namespace.name, &workload("web", 2));
    rig.kubectl(&["rollout", "status", "deployment/web", "-n", &namespace.name, "--timeout=120s"]);
    // At its most already, so that it does not scale in the middle of the test as soon as it is measured.
    rig.kubectl(&["autoscale", "deployment", "web", "--min", "2", "--max", "2", "--cpu", "50%", "-n", &namespace.name]);
    let measured = || {
        let (code, plan) = person.document(&["scale", "plan", "--load", "x1.5"]);
        let web = plan["groups"][0]["workloads"][0].clone();
        (!web["uses"].is_null()).then_some((code, plan, web))
    };
    let (code, plan, web) = eventually(180, measured).expect("the metrics server measures new pods");
    assert_eq!((code, &plan["unknown"]), (0, &Value::Array(Vec::new())), "{plan:#}");
    assert_eq!(
        (&plan["usage"], &web["uses"]["source"]),
        (&"metrics.k8s.io".into(), &"metrics.k8s.io".into()),
        "{plan:#}"
    );
    assert_eq!((&web["object"]["name"], &web["replicas"], &web["ready"]), (&"web".into(), &2.into(), &2.into()));
    let needed = web["needed"].as_i64().expect("a number");
    assert_eq!(
        (needed > 2, web["autoscaler"]["capped"] == true),
        (true, true),
        "a core is more than a request of 1m: {plan:#}"
    );
    let command = web["command"].as_str().expect("a command");
    assert!(
        command.contains(&format!("kubectl sre scale hpa web --max {needed} -n {} --dry-run", namespace.name)),
        "{command}"
    );
    assert_eq!(plan["nodes"]["wanted"], needed - 2, "{plan:#}");
    assert!(plan["nodes"]["shape"]["count"].as_u64() > Some(0) && plan["nodes"]["oneLess"].is_object(), "{plan:#}");
    let text = person.run(&["scale", "plan", "--load", "+50%"]);
    assert!(text.code == 0 && text.stdout.contains("now, by metrics.k8s.io"), "{}", text.stdout);
    let profile = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n\
                   - {name: front, workloads: [Deployment/*/web], vital: critical}\n";
    person.sandbox.write("shop.yaml", profile);
    let (_, plan) = person.document(&["scale", "plan", "--load", "x1.5", "--profile", "./shop.yaml"]);
    let front = &plan["groups"][0];
    assert_eq!((&front["component"], &front["vital"]), (&"front".into(), &"critical".into()), "{plan:#}");
    assert!(front["wanted"].as_i64() > Some(0) && front["held"].is_number(), "{plan:#}");
    let wrong = person.run(&["scale", "plan", "--load", "more"]);
    wrong.fails(2, &["--load \"more\" says no load", "--load x1.5"]);
}
