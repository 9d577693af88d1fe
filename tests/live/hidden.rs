//! Confidential variables that stand in pod templates: they go back with a rollback, and are shown nowhere.

use super::helm::stands_in;
use super::person::{Person, id};
use super::rig::{Rig, eventually};
use serde_json::json;

const PLANTED: [&str; 2] = ["planted-swordfish", "planted-open-sesame"];

fn deployment(image: &str, password: &str, more: &str, mode: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: 1\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template:\n    metadata: {{labels: {{app: web{mode}}}}}\n    \
         spec:\n      containers:\n      - name: app\n        image: registry.example/shop/web:{image}\n        \
         env: [{{name: MODE, value: fast}}, {more}{{name: DB_PASSWORD, value: {password}}}]\n"
    )
}

#[test]
fn a_confidential_variable_goes_back_and_is_shown_nowhere() {
    let rig = Rig::shared();
    let namespace = rig.namespace("rollback-hidden");
    let (place, person) = (namespace.name.as_str(), Person::new(&rig, &namespace.name));
    let get = |path: &str| rig.kubectl(&["get", "deployment", "web", "-n", place, "-o", &format!("jsonpath={path}")]);
    let password = || get("{.spec.template.spec.containers[0].env[?(@.name==\"DB_PASSWORD\")].value}");
    rig.apply(place, &deployment("1.0.0", PLANTED[0], "", ""));
    rig.kubectl(&["rollout", "status", "deployment/web", "-n", place, "--timeout=120s"]);
    // A variable in the middle has the whole list replaced.
    rig.apply(place, &deployment("1.1.0", PLANTED[1], "{name: NEW, value: a}, ", ", rig.test/mode: imagepull"));
    let pods = || rig.kubectl(&["get", "pods", "-n", place, "-o", "jsonpath={.items[*].spec.containers[0].image}"]);
    eventually(60, || pods().contains("1.1.0").then_some(())).expect("a pod of the broken revision");
    let (code, plan) = person.document(&["rollback", "deploy/web", "--dry-run", "--plan-out", "plan.json"]);
    let step = &plan["steps"][0];
    assert_eq!(
        (code, &step["call"]["verb"], &step["checked"]["answer"]),
        (0, &json!("restore"), &json!("accepted")),
        "{plan:#}"
    );
    let text = person.run(&["rollback", "deploy/web", "--dry-run", "-o", "text"]);
    assert!(text.stdout.contains("(hidden: value 2 of DB_PASSWORD)"), "{}{}", text.stdout, text.stderr);
    let (code, done) = person.document(&["change", "apply", "plan.json", "--yes"]);
    assert_eq!((code, password().as_str()), (0, PLANTED[0]), "{done:#}");
    assert!(get("{.spec.template.spec.containers[0].image}").ends_with(":1.0.0"));
    let (code, undone) = person.document(&["change", "undo", &id(&done), "--yes", "--timeout", "3s"]);
    assert_eq!((code, password().as_str()), (4, PLANTED[1]), "what was broken is broken again: {undone:#}");
    let (code, back) = person.document(&["change", "undo", &id(&undone), "--yes"]);
    assert_eq!((code, password().as_str()), (0, PLANTED[0]), "{back:#}");
    // Where the old revision is gone, so is the value; nothing is written in its place.
    rig.kubectl(&["delete", "replicasets", "-n", place, "-l", "app=web,rig.test/mode=imagepull"]);
    let ran = person.run(&["change", "undo", &id(&back), "--yes"]);
    assert!(
        ran.code != 0 && format!("{}{}", ran.stdout, ran.stderr).contains("is gone"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    assert_eq!(password(), PLANTED[0]);
    let printed =
        [plan, done, undone, back].map(|it| it.to_string()).concat() + &text.stdout + &ran.stdout + &ran.stderr;
    for value in PLANTED {
        assert!(!printed.contains(value), "{value} is printed");
        assert!(!stands_in(person.sandbox.path("").as_path(), value), "{value} stands in a file");
    }
}
