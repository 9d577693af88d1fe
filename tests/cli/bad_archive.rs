//! Damaged archives (exit 8), directories without objects (exit 6), objects that are none (named, the rest is read).

use super::sandbox::{Sandbox, objects};
use sha2::{Digest, Sha256};
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
    let json = r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","name":"shop"}}"#;
    let yaml = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  name: shop\n";
    for (name, text) in [("a.json", json), ("a.yaml", yaml)] {
        sandbox.write(name, text);
        let ran = sandbox.run(&["daily-check", "--from", name, "-n", "shop", "-o", "json"]);
        assert!(ran.stdout.contains("\"objects\": 1"), "{name}: {}{}", ran.stdout, ran.stderr);
        sandbox.run(&["daily-check", "--from", name, "-n", "a"]).fails(2, &["there is no namespace \"a\""]);
    }
}

/// An archive of these entries, whose end vouches for all its bytes as that of a real one does.
fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).expect("an encoder"));
    for (name, body) in entries {
        let mut header = tar::Header::new_old();
        // The writer's own way refuses names that climb.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(body.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, *body).expect("an entry");
    }
    let mut bytes = tar.into_inner().and_then(zstd::Encoder::finish).expect("an end");
    let digest = Sha256::digest(&bytes);
    bytes.extend([0x50, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);
    bytes.extend(digest);
    bytes
}

/// Runs with a hostile archive in a folder of the home; nothing may appear anywhere.
fn is_refused(archive: &[u8], words: &str) {
    let sandbox = Sandbox::new();
    sandbox.write("d/x.tar.zst", archive);
    sandbox.run(&["daily-check", "--from", "d/x.tar.zst"]).fails(8, &["d/x.tar.zst", words, "next: "]);
    for (folder, only) in [(".", "d"), ("d", "x.tar.zst")] {
        let there =
            fs::read_dir(sandbox.path(folder)).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        assert_eq!(there.collect::<Vec<_>>(), [only]);
    }
}

#[test]
fn an_archive_whose_entries_climb_is_refused_whole() {
    let node: &[u8] = br#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}"#;
    for name in ["../climbed.json", "objects/../../climbed.json", "/tmp/climbed.json"] {
        is_refused(&packed(&[("objects/v1/nodes/n.json", node), (name, node)]), "leads out of the archive");
    }
}

#[test]
fn an_archive_that_unpacks_without_end_is_refused_whole() {
    let spaces = [&b"{}"[..], &vec![b' '; 1 << 20]].concat();
    let names: Vec<String> = (0..80).map(|number| format!("objects/{number}")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &spaces[..])).collect();
    let bomb = packed(&entries);
    assert!(bomb.len() < 30_000, "{}", bomb.len());
    is_refused(&bomb, "damaged");
}
