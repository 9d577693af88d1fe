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
    let lease = r#"{"kind":"Lease","apiVersion":"v1","metadata":{"name":"a","creationTimestamp":"2026-01-01T00:00:00Z",
        "deletionTimestamp":"2036-01-01T00:00:00Z","annotations":{"time":"2036-01-01T00:00:00Z"}},
        "spec":{"renewTime":"2026-01-01T00:10:00.123456Z","notAfter":"2036-01-01T00:00:00Z","renewalTime":"2036-01-01T00:00:00Z"},
        "status":{"nextScheduleTime":"2036-01-01T00:00:00Z","conditions":[{"lastTransitionTime":"2026-01-01T00:01:00Z"}]}}"#;
    let config =
        r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"startTime":"2036-01-01T00:00:00Z"}}"#;
    let (facts, _) = read(&[("a.json", lease), ("b.json", config)]);
    assert_eq!(facts.newest_timestamp.unwrap().to_string(), "2026-01-01T00:10:00.123456Z");
}

#[test]
fn of_repeated_keys_of_the_object_itself_the_last_counts_too() {
    let twice = r#"{"kind":"Node","kind":"Pod","apiVersion":"x","apiVersion":"v1","metadata":{"name":"a"}}"#;
    let lists = format!(r#"{{"kind":"List","apiVersion":"v1","items":[7],"items":[{POD}]}}"#);
    let (facts, names) = read(&[("a.json", twice), ("b.json", &lists)]);
    assert_eq!((names, facts.problems), (vec!["v1 Pod a".to_owned(); 2], vec![]));
}

#[test]
fn a_list_that_is_cut_gives_what_is_whole_of_it() {
    let whole = format!(r#"{{"kind":"List","apiVersion":"v1","items":[{POD},{POD}]}}"#);
    let typed = r#"{"kind":"NodeList","apiVersion":"v1","items":[{"metadata":{"name":"n"}},{"metadata":{"na"#;
    let (facts, names) = read(&[("a.json", &whole[..whole.len() - 4]), ("b.json", typed)]);
    assert_eq!(names, ["v1 Pod a", "v1 Node n"]);
    assert_eq!(facts.problems.len(), 2, "{:?}", facts.problems);
    assert!(facts.problems[0].ends_with(&format!("a.json: line 1, column {}: ends too early", whole.len() - 4)));
    assert!(facts.problems[1].contains("b.json: line 1, column"), "{}", facts.problems[1]);
}

#[test]
fn a_broken_item_is_named_with_its_number_and_its_place_in_the_file() {
    let list =
        format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\n\"items\":[\n{POD},\n {{\"kind\": oops}},\n{POD}]}}");
    let (facts, names) = read(&[("a.json", &list)]);
    assert_eq!(names, ["v1 Pod a", "v1 Pod a"]);
    assert!(facts.problems[0].ends_with("a.json, item 2: is no JSON"), "{:?}", facts.problems);
    assert!(facts.problems[1].ends_with("a.json: line 4, column 11: is no JSON"), "{:?}", facts.problems);
}

#[test]
fn a_broken_document_does_not_hide_those_around_it() {
    let yaml = "kind: Pod\napiVersion: v1\nmetadata: {name: a}\n---\nkind: Pod\nmetadata:\n  name: [b\n--- # third\nkind: Pod\napiVersion: v1\nmetadata:\n  name: |-\n    ---\n";
    let (facts, names) = read(&[("a.json", &format!("{POD}\n oops\n{POD}")), ("b.yaml", yaml)]);
    assert_eq!(names, ["v1 Pod a", "v1 Pod a", "v1 Pod a", "v1 Pod ---"]);
    assert_eq!(facts.problems.len(), 2, "{:?}", facts.problems);
    assert!(facts.problems[0].contains("a.json: line 2, column 2: is no JSON"), "{}", facts.problems[0]);
    assert!(facts.problems[1].ends_with("b.yaml: line 7, column 9: is no YAML"), "{}", facts.problems[1]);
}

#[test]
fn arrays_and_lists_without_a_kind_are_walked_and_other_json_is_passed_over() {
    let (facts, names) = read(&[
        ("a.json", &format!("[{POD},[{POD}],7,\"x\",null]")),
        ("b.json", &format!(r#"{{"items":[{POD}]}}"#)),
        ("c.json", "[]"),
        ("errors.json", r#"["forbidden"]"#),
        ("package.json", r#"{"name":"x","items":3}"#),
    ]);
    assert_eq!(names, vec!["v1 Pod a"; 3]);
    assert_eq!(facts.problems.len(), 1, "{:?}", facts.problems);
}

#[test]
fn lists_nested_beyond_all_measure_are_named() {
    let nested = |depth: usize| {
        (0..depth).fold(POD.to_owned(), |inner, _| format!(r#"{{"kind":"List","apiVersion":"v1","items":[{inner}]}}"#))
    };
    let (facts, names) = read(&[("a.json", &nested(20)), ("b.json", &nested(100))]);
    assert_eq!(names, ["v1 Pod a"]);
    assert!(facts.problems[0].contains("b.json, item 1: lists in lists without end"), "{:?}", facts.problems);
}

#[test]
fn files_that_only_lie_around_are_no_problem() {
    let (facts, names) = read(&[
        ("README", "Hello: this: is\n\tno yaml: [\n"),
        ("Makefile", "all:\n\techo $(X)\n"),
        (".git/objects/ab", "\u{1}\u{2}: [x"),
        ("._pods.json", "\u{0}\u{5}"),
        ("..2026_01_01/pod", POD),
    ]);
    assert_eq!((names, facts.problems), (vec!["v1 Pod a".to_owned()], vec![]));
}

#[test]
fn a_file_that_is_something_else_is_told_what_it_is() {
    let folder = TempDir::new().unwrap();
    for (bytes, word) in [(&b"\xff\xfe{\0"[..], "UTF-16"), (b"\x1f\x8b\x08", "gzip"), (b"\x80\x81", "no text")] {
        let path = folder.path().join("a.json");
        fs::write(&path, bytes).unwrap();
        let facts = read_directory(&path, &mut Names::default()).unwrap();
        assert!(facts.problems[0].contains(word), "{:?}", facts.problems);
    }
}

#[test]
fn a_file_without_any_json_does_not_fill_the_report() {
    let (facts, _) = read(&[("a.json", &format!("{{}} {}", "oops ".repeat(500)))]);
    assert_eq!(facts.problems.len(), MOST_PROBLEMS + 1);
    assert!(facts.problems[MOST_PROBLEMS].ends_with("a.json: and 490 more"), "{:?}", facts.problems);
}

#[test]
fn octal_file_modes_are_read_as_kubectl_reads_them() {
    struct Mode(i64);
    impl ObjectSink for Mode {
        fn object(&mut self, found: FoundObject<'_>) {
            self.0 = serde_json::from_slice::<serde_json::Value>(found.json).unwrap()["spec"]["mode"].as_i64().unwrap();
        }
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.yaml");
    fs::write(&path, "kind: Pod\napiVersion: v1\nspec: {mode: 0644}\n").unwrap();
    let mut mode = Mode(0);
    read_directory(&path, &mut mode).unwrap();
    assert_eq!(mode.0, 0o644);
}

#[test]
fn the_layout_of_cluster_info_dump_is_read() {
    let (facts, names) = read(&[
        ("nodes.json", r#"{"kind":"NodeList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"n1"}}]}"#),
        ("shop/pods.json", r#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"web"}}]}"#),
        ("shop/replicasets.json", r#"{"kind":"ReplicaSetList","apiVersion":"apps/v1","items":[]}"#),
        ("shop/web/logs.txt", "{ not json"),
    ]);
    assert_eq!(names, ["v1 Node n1", "v1 Pod web"]);
    assert_eq!((facts.files, facts.problems), (3, vec![]));
}

#[test]
fn what_comes_through_a_pipe_is_read_like_a_file() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let (pipe, list) =
            (pipe.clone(), r#"{"items":[{"metadata":{"name":"n"}}],"kind":"NodeList","apiVersion":"v1"}"#);
        move || fs::write(pipe, list).unwrap()
    });
    let mut names = Names::default();
    let facts = read_directory(&pipe, &mut names).unwrap();
    writer.join().unwrap();
    assert_eq!((names.0, facts.problems), (vec!["v1 Node n".to_owned()], vec![]));
}

#[test]
fn a_list_larger_than_any_object_is_read_item_by_item() {
    let item = format!(r#"{{"metadata":{{"name":"n"}},"text":"{}"}}"#, "x".repeat(1 << 20));
    let list = format!(r#"{{"items":[{}],"kind":"NodeList","apiVersion":"v1"}}"#, vec![item; 65].join(","));
    let (facts, names) = read(&[("a.json", &format!("{POD}\n{list}"))]);
    assert_eq!((names.len(), names[65].as_str(), facts.problems), (66, "v1 Node n", vec![]));
    let object = list.replacen("items", "lines", 1);
    let (facts, names) = read(&[("a.json", &object)]);
    assert!(names.is_empty() && facts.problems[0].contains("larger than any object"), "{:?}", facts.problems);
}

#[test]
fn an_empty_directory_holds_nothing() {
    let (facts, names) = read(&[]);
    assert_eq!((facts, names.len()), (DirectoryFacts::default(), 0));
}

#[test]
fn what_is_not_there_is_said() {
    let error = read_directory(Path::new("/nonexistent/x"), &mut Names::default()).unwrap_err();
    assert_eq!(error.to_string(), "there is no /nonexistent/x");
}
