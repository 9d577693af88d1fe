//! What is watched after a rollback, by a real API server and a real Prometheus, and what is remembered of it.

use super::monitoring::Monitoring;
use super::person::id;
use super::rig::{Rig, eventually};
use super::rollback::Broken;
use serde_json::Value;
use std::time::Duration;

/// A profile that promises so many percent; half of what it counts is bad.
fn profile(person: &Broken<'_>, monitoring: &Monitoring<'_>, promised: u8) -> String {
    let firing =
        |names: &str| format!("sum(count_over_time(ALERTS{{alertname=~\"{names}\",alertstate=\"firing\"}}[$window]))");
    let text = format!(
        "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nprometheus: {{url: 'http://127.0.0.1:{}'}}\nslos:\n\
         - {{name: checkout, objective: {promised}, errors: '{}', total: '{}'}}\n",
        monitoring.port("prometheus"),
        firing("CheckoutIsDown"),
        firing("CheckoutIsDown|CartIsSlow|Watchdog")
    );
    let name = format!("promises-{promised}.yaml");
    std::fs::write(person.sandbox.path(&name), text).expect("a profile");
    name
}

fn health(broken: &Broken<'_>) -> Vec<(String, String)> {
    let (_, list) = broken.document(&["rollback", "deployment/web", "--list"]);
    let told = |it: &Value| {
        let evidence = it["evidence"].as_array().into_iter().flatten();
        let ours = evidence.filter(|it| it["field"].as_str().is_some_and(|it| it.starts_with("change ")));
        let said: Vec<&str> = ours.filter_map(|it| it["value"].as_str()?.split(' ').next()).collect();
        (it["health"].as_str().unwrap_or_default().to_owned(), said.join(" "))
    };
    list["revisions"].as_array().expect("revisions").iter().map(told).collect()
}

#[test]
fn a_promise_that_is_kept_is_told_and_one_that_is_not_is_a_failure_that_is_remembered() {
    let rig = Rig::shared();
    let (broken, monitoring) = (Broken::new(&rig, "watched"), Monitoring::start(&rig, "127.0.0.1"));
    let (kept, broken_promise) = (profile(&broken, &monitoring, 40), profile(&broken, &monitoring, 99));
    let (_, plan) = broken.document(&["rollback", "deployment/web", "--dry-run", "--profile", &kept]);
    assert!(plan["notes"].to_string().contains("--watch-for 5m does") && plan["watch"].is_null(), "{plan:#}");
    let watched = ["rollback", "deployment/web", "--yes", "--watch-for", "10s", "--profile"];
    let (code, failed) = broken.document(&[&watched[..], &[&broken_promise]].concat());
    assert_eq!(code, 4, "{failed:#}");
    let why = failed["outcome"]["ended"]["why"].as_str().unwrap_or_default();
    assert_eq!(why, "checkout: 50 % of the requests were bad, 50 % before; at most 1 % may be", "{failed:#}");
    assert_eq!(failed["watch"]["promises"][0]["before"], 500_000, "{failed:#}");
    let fared = health(&broken);
    assert_eq!(fared[0], ("bad".to_owned(), "failed".to_owned()), "users were not served: {fared:?}");
    let (_, further) = broken.document(&["rollback", "deployment/web", "--dry-run"]);
    assert!(further["title"].as_str().is_some_and(|it| it.ends_with("revision 1")), "{further:#}");

    let confirmed = ["rollback", "deployment/web", "--confirm", "web", "--watch-for", "10s", "--profile"];
    let (code, done) = broken.document(&[&confirmed[..], &[&kept]].concat());
    assert_eq!((code, &done["outcome"]["ended"]["ended"]), (0, &Value::from("done")), "{done:#}");
    let seen = done["outcome"]["watched"].to_string();
    assert!(seen.contains("no container started anew") && seen.contains("checkout: 50 % of the requests"), "{seen}");
    let shown = broken.run(&["change", "show", &id(&done)]);
    assert!(shown.stdout.contains("watched: checkout: 50 % of the requests were bad"), "{}", shown.stdout);
    let fared = health(&broken);
    assert_eq!(fared[0], ("healthy".to_owned(), "verified".to_owned()), "{fared:?}");
}

#[test]
fn a_container_that_starts_anew_while_it_is_watched_is_a_failure() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "watched-restart");
    let place = broken.namespace.name.as_str();
    let ran = std::thread::scope(|scope| {
        let run = scope.spawn(|| broken.run(&["rollback", "deployment/web", "--yes", "--watch-for", "40s"]));
        eventually(60, || (!broken.images().contains("1.2.0")).then_some(())).expect("the broken pods are gone");
        std::thread::sleep(Duration::from_secs(8));
        let pod = rig.kubectl(&["get", "pods", "-n", place, "-o", "jsonpath={.items[0].metadata.name}"]);
        let patch = r#"[{"op": "replace", "path": "/status/containerStatuses/0/restartCount", "value": 1}]"#;
        rig.kubectl(&["patch", "pod", &pod, "-n", place, "--subresource=status", "--type=json", "-p", patch]);
        run.join().expect("a run")
    });
    assert_eq!(ran.code, 4, "{}{}", ran.stdout, ran.stderr);
    for words in ["container app of pod web-", "was started anew (1 times by now)", "change undo"] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    assert!(ran.stdout.contains("the error rate is not watched: no profile names an objective"), "{}", ran.stdout);
}

#[test]
fn who_cannot_be_asked_how_users_fare_is_told_before() {
    let rig = Rig::shared();
    let broken = Broken::new(&rig, "watched-blind");
    let text = "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nprometheus: {url: 'http://127.0.0.1:9'}\nslos:\n\
                - {name: checkout, objective: 99, errors: 'e[$window]', total: 't[$window]'}\n";
    std::fs::write(broken.sandbox.path("blind.yaml"), text).expect("a profile");
    let typed = ["rollback", "deployment/web", "--dry-run", "--watch-for", "1m", "--profile", "blind.yaml"];
    let (code, plan) = broken.document(&typed);
    assert_eq!((code, &plan["watch"]["promises"]), (0, &Value::Null), "{plan:#}");
    let notes = plan["notes"].to_string();
    assert!(notes.contains("checkout cannot be watched: http://127.0.0.1:9"), "{notes}");
    broken.run(&["rollback", "deployment/web", "--watch-for", "5s"]).fails(2, &["no time from 10s to 1h"]);
}
