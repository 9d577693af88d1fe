//! Never over something, never half.

use super::*;

#[test]
fn a_file_has_its_digest_beside_it() {
    let (_folder, path) = written("a.tar.zst");
    let line = fs::read_to_string(path.with_file_name("a.tar.zst.sha256")).unwrap();
    assert_eq!(line, format!("{}  a.tar.zst\n", super::super::format::digest(&fs::read(&path).unwrap())));
}

#[test]
fn nothing_is_overwritten_and_nothing_half_stays() {
    let (folder, path) = written("a.tar.zst");
    assert!(matches!(ArchiveWriter::create(&path), Err(ArchiveError::Exists { .. })));
    for name in ["b.tar.zst", "b"] {
        let mut writer = ArchiveWriter::create(&folder.path().join(name)).unwrap();
        writer.file("x", b"y").unwrap();
        drop(writer);
    }
    assert_eq!(names_in(folder.path()), ["a.tar.zst", "a.tar.zst.sha256"]);
}

#[test]
fn a_digest_of_something_else_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let beside = folder.path().join("a.tar.zst.sha256");
    fs::write(&beside, "mine").unwrap();
    let error = ArchiveWriter::create(&folder.path().join("a.tar.zst")).err().unwrap();
    assert_eq!(error.to_string(), format!("{} exists already", beside.display()));
    assert_eq!(fs::read_to_string(&beside).unwrap(), "mine");
}

#[test]
fn what_appears_in_the_meantime_is_not_overwritten_either() {
    for (name, appears) in [("a.tar.zst", "a.tar.zst"), ("a.tar.zst", "a.tar.zst.sha256"), ("a", "a")] {
        let folder = tempfile::tempdir().unwrap();
        let writer = ArchiveWriter::create(&folder.path().join(name)).unwrap();
        fs::write(folder.path().join(appears), "mine").unwrap();
        let finished = writer.finish(Manifest::default(), &json!([]));
        assert!(matches!(finished, Err(ArchiveError::Exists { .. })), "{appears}");
        assert_eq!(names_in(folder.path()), [appears]);
        assert_eq!(fs::read_to_string(folder.path().join(appears)).unwrap(), "mine");
    }
}

#[test]
fn of_an_object_that_comes_again_the_first_word_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.zst");
    let mut writer = ArchiveWriter::create(&path).unwrap();
    for word in ["first", "again"] {
        let json = json!({"metadata": {"name": "web"}, "word": word}).to_string();
        writer.object(Kind::Pod, "shop", "web", json.as_bytes()).unwrap();
    }
    writer.file("readyz.txt", b"ok").unwrap();
    assert!(writer.file("readyz.txt", b"ok").is_err());
    writer.finish(Manifest { format: FORMAT, ..Manifest::default() }, &json!([])).unwrap();
    let (opened, kept) = opened(&path).unwrap();
    assert_eq!((opened.manifest.counts["Pod"], kept.0[0].1["word"].as_str()), (1, Some("first")));
}

#[test]
fn a_place_that_cannot_be_written_is_named_and_our_own_names_are_not() {
    for name in ["a.tar.zst", "a"] {
        let error = ArchiveWriter::create(&Path::new("/proc/nothing").join(name)).err().unwrap();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(error.to_string(), format!("cannot write /proc/nothing/{name}"));
        assert!(!source.contains(".kubectl-sre-"), "{source}");
    }
}

#[test]
fn an_object_keeps_the_version_that_it_was_served_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.zst");
    let mut writer = ArchiveWriter::create(&path).unwrap();
    let (usual, other) = ("external-secrets.io/v1", "external-secrets.io/v1beta1");
    for (name, version) in [("a", other), ("b", usual), ("c", "meta.k8s.io/v1")] {
        let json = json!({"apiVersion": version, "metadata": {"name": name}}).to_string();
        writer.object(Kind::ExternalSecret, "shop", name, json.as_bytes()).unwrap();
    }
    writer.finish(Manifest { format: FORMAT, ..Manifest::default() }, &json!([])).unwrap();
    let (_, kept) = opened(&path).unwrap();
    let versions: Vec<_> = kept.0.iter().map(|(_, object)| object["apiVersion"].as_str().unwrap()).collect();
    assert_eq!(versions, [other, usual, usual]);
}

#[test]
fn no_secret_of_an_object_is_in_any_byte_and_what_has_none_stays_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("folder");
    let mut writer = ArchiveWriter::create(&path).unwrap();
    let env =
        json!([{"name": "DB_PASSWORD", "value": "Planted1"}, {"name": "URL", "value": "amqp://u:Planted1@queue:5672"}]);
    let web = json!({"metadata": {"name": "web"}, "spec": {"containers": [{"name": "app", "env": env}]}}).to_string();
    writer.object(Kind::Pod, "shop", "web", web.as_bytes()).unwrap();
    let odd = br#"{"spec":{"f":1.0,"n":12345678901234567890123,"e":"\u00e9"},"metadata":{"name":"odd"}}"#;
    writer.object(Kind::Pod, "shop", "odd", odd).unwrap();
    let in_log = writer.redactor().redacted("PASSWORD=Planted1", &mut false);
    writer.finish(Manifest { format: FORMAT, ..Manifest::default() }, &json!([])).unwrap();
    let read = |name: &str| fs::read_to_string(path.join("objects/v1/pods/shop").join(name)).unwrap();
    assert!(!read("web.json").contains("Planted"), "{}", read("web.json"));
    assert!(read("web.json").contains("amqp://u:<secret-1>@queue:5672"), "{}", read("web.json"));
    assert_eq!(in_log, "PASSWORD=<secret-1>", "the same secret is the same word in a log");
    assert!(read("odd.json").contains(r#"{"f":1.0,"n":12345678901234567890123,"e":"\u00e9"}"#), "{}", read("odd.json"));
}

#[test]
fn an_object_of_any_depth_is_kept_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("folder");
    let mut writer = ArchiveWriter::create(&path).unwrap();
    let deep = format!(
        r#"{{"metadata":{{"name":"deep"}},"spec":{{"password":"Planted1","a":{}"}}]",{{"password":"Planted2"}}{},"mode":"fast"}}}}"#,
        "[".repeat(300),
        "]".repeat(300)
    );
    writer.object(Kind::Pod, "shop", "deep", deep.as_bytes()).unwrap();
    writer.object(Kind::Pod, "shop", "web", br#"{"metadata":{"name":"web"}}"#).unwrap();
    writer.finish(Manifest { format: FORMAT, ..Manifest::default() }, &json!([])).unwrap();
    let (opened, kept) = opened(&path).unwrap();
    assert_eq!(opened.manifest.counts["Pod"], 2);
    let deep = &kept.0.iter().find(|(_, object)| object["metadata"]["name"] == "deep").unwrap().1;
    let text = deep.to_string();
    assert!(!text.contains("Planted") && text.contains("(left out: nested deeper than 100 levels)"), "{text}");
    assert_eq!((&deep["spec"]["password"], &deep["spec"]["mode"]), (&json!("<secret-1>"), &json!("fast")));
}
