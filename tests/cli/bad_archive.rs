//! Damaged archives (exit 8), directories without objects (exit 6), objects that are none (named, the rest is read).

use super::sandbox::{Sandbox, objects};
use std::fs;

#[test]
fn a_damaged_archive_is_refused_whole() {
    let sandbox = Sandbox::new();
    let whole = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/shared/runtime/demo/demo.tar.zst")).expect("the demo");
    assert!(whole.len() > 1_000, "the demo is an archive");
    let steps = (0..whole.len()).step_by((whole.len() / 23).max(1));
    for at in steps {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        sandbox.write("flipped.tar.zst", &flipped);
        sandbox.run(&["daily-check", "--from", "flipped.tar.zst"]).fails(8, &["flipped.tar.zst", "damaged"]);
        sandbox.write("cut.tar.zst", &whole[..at]);
        sandbox.run(&["daily-check", "--from", "cut.tar.zst"]).fails(8, &["cut.tar.zst", "damaged"]);
    }
}

#[test]
fn a_directory_without_objects_is_no_healthy_cluster() {
    let sandbox = Sandbox::new();
    sandbox.write("empty/readme.txt", "nothing");
    let ran = sandbox.run(&["daily-check", "--from", "empty"]);
    assert_eq!(ran.code, 6, "{}", ran.stderr);
    assert!(ran.stdout.contains("Nothing was seen"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Nothing found"), "{}", ran.stdout);
}

#[test]
fn an_object_with_a_field_of_a_wrong_type_is_named_and_the_rest_is_read() {
    let sandbox = Sandbox::new();
    sandbox.write("o.json", objects());
    sandbox.write(
        "bad.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: odd, namespace: shop}\nspec: {containers: 7}\n",
    );
    fs::create_dir(sandbox.path("d")).expect("a folder");
    fs::rename(sandbox.path("o.json"), sandbox.path("d/o.json")).expect("moved");
    fs::rename(sandbox.path("bad.yaml"), sandbox.path("d/bad.yaml")).expect("moved");
    let ran = sandbox.run(&["daily-check", "--from", "d"]);
    assert!(ran.stdout.contains("shop/odd in d/bad.yaml: spec.containers: expected a sequence"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Pod undecodable, "), "{}", ran.stdout);
    assert!([1, 6].contains(&ran.code), "{}", ran.code);
}

#[test]
fn a_broken_file_among_good_ones_is_a_gap() {
    let sandbox = Sandbox::new();
    sandbox.write("d/a.json", r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"#);
    sandbox.write("d/b.json", "{ oops");
    let ran = sandbox.run(&["daily-check", "--from", "d"]);
    assert_eq!(ran.code, 6, "{}", ran.stdout);
    assert!(ran.stdout.contains("d/b.json: line 1, column 3: is no JSON"), "{}", ran.stdout);
}

#[test]
fn repeated_keys_are_read_as_kubectl_reads_them() {
    let sandbox = Sandbox::new();
    let text = r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","name":"shop"}}"#;
    sandbox.write("a.json", text);
    let ran = sandbox.run(&["daily-check", "--from", "a.json", "-o", "json"]);
    assert!([0, 1].contains(&ran.code), "{}", ran.stderr);
    assert!(ran.stdout.contains("\"objects\": 1"), "{}", ran.stdout);
}
