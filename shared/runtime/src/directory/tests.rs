//! Everything that people's files look like.

use super::*;
use std::fs;
use tempfile::TempDir;

#[derive(Default)]
struct Names(Vec<String>);

impl ObjectSink for Names {
    fn object(&mut self, found: FoundObject<'_>) {
        let value: serde_json::Value = serde_json::from_slice(found.json).unwrap();
        self.0.push(format!(
            "{} {} {}",
            found.api_version,
            found.kind,
            value["metadata"]["name"].as_str().unwrap_or("?")
        ));
    }
}

fn read(files: &[(&str, &str)]) -> (DirectoryFacts, Vec<String>) {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut names = Names::default();
    let facts = read_directory(folder.path(), &mut names).unwrap();
    (facts, names.0)
}

const POD: &str =
    r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","creationTimestamp":"2026-01-02T03:04:05Z"}}"#;

#[test]
fn single_objects_lists_and_lists_in_lists_are_read() {
    let list = format!(
        r#"{{"kind":"List","apiVersion":"v1","items":[{POD},{{"kind":"List","apiVersion":"v1","items":[{POD}]}}]}}"#
    );
    let (facts, names) = read(&[("one.json", POD), ("two.json", &list), ("three.json", &format!("{POD}\n{POD}"))]);
    assert_eq!(names, vec!["v1 Pod a"; 5]);
    assert_eq!((facts.files, facts.problems.len()), (3, 0));
    assert_eq!(facts.newest_timestamp.unwrap().to_string(), "2026-01-02T03:04:05Z");
}

#[test]
fn items_take_kind_and_version_from_their_list_wherever_it_says_so() {
    let before =
        r#"{"kind":"DeploymentList","apiVersion":"apps/v1","metadata":{},"items":[{"metadata":{"name":"a"}}]}"#;
    let behind = r#"{"items":[{"metadata":{"name":"b"}}],"kind":"NodeList","apiVersion":"v1"}"#;
    let (_, names) = read(&[("ns/a.json", before), ("b.json", behind)]);
    assert_eq!(names, ["v1 Node b", "apps/v1 Deployment a"]);
}

#[test]
fn yaml_is_read_in_one_or_several_documents() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: List\nitems:\n- kind: Node\n  apiVersion: v1\n  metadata: {name: n1}\n";
    let (facts, names) = read(&[("a.yaml", text), ("b", "kind: Pod\napiVersion: v1\nmetadata: {name: b}\n")]);
    assert_eq!(names, ["v1 Pod a", "v1 Node n1", "v1 Pod b"]);
    assert!(facts.problems.is_empty());
}

#[test]
fn a_broken_file_is_named_by_line_and_column_and_the_rest_is_read() {
    let broken = "{\n  \"kind\": \"Pod\",\n  oops\n}";
    let yaml = "kind: Pod\nmetadata:\n  name: [a\n";
    let (facts, names) = read(&[("a.json", POD), ("b.json", broken), ("c.yaml", yaml), ("d.json", &POD[..40])]);
    assert_eq!(names, ["v1 Pod a"]);
    assert_eq!(facts.problems.len(), 3, "{:?}", facts.problems);
    assert!(facts.problems[0].contains("b.json: line 3, column 3: is no JSON"), "{}", facts.problems[0]);
    assert!(facts.problems[1].contains("c.yaml: line "), "{}", facts.problems[1]);
    assert!(facts.problems[2].contains("d.json: line 1, column 40: ends too early"), "{}", facts.problems[2]);
}

#[test]
fn logs_links_and_empty_files_are_passed_over() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("pod.log"), "not {json").unwrap();
    fs::write(folder.path().join("empty.json"), "").unwrap();
    std::os::unix::fs::symlink("/etc", folder.path().join("etc")).unwrap();
    let mut names = Names::default();
    let facts = read_directory(folder.path(), &mut names).unwrap();
    assert_eq!((names.0.len(), facts.problems.len(), facts.newest_timestamp), (0, 0, None));
}

#[test]
fn of_repeated_keys_the_last_counts_in_both_formats() {
    let json = r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"first","name":"last"}}"#;
    let yaml = "kind: Pod\napiVersion: v1\nmetadata:\n  name: first\n  name: last\n";
    let (facts, names) = read(&[("a.json", json), ("b.yaml", yaml)]);
    assert_eq!((names, facts.problems), (vec!["v1 Pod last".to_owned(); 2], vec![]));
}

#[test]
fn times_that_lie_ahead_are_not_the_clock() {
    let secret = r#"{"kind":"Lease","apiVersion":"v1","metadata":{"name":"a","creationTimestamp":"2026-01-01T00:00:00Z"},
        "spec":{"renewTime":"2026-01-01T00:10:00.123456Z","notAfter":"2036-01-01T00:00:00Z"}}"#;
    let (facts, _) = read(&[("a.json", secret)]);
    assert_eq!(facts.newest_timestamp.unwrap().to_string(), "2026-01-01T00:10:00.123456Z");
}

#[test]
fn what_is_not_there_is_said() {
    let error = read_directory(Path::new("/nonexistent/x"), &mut Names::default()).unwrap_err();
    assert_eq!(error.to_string(), "there is no /nonexistent/x");
}
