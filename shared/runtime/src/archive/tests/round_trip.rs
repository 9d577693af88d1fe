//! What was written comes back.

use super::*;

#[test]
fn both_forms_give_back_what_was_written() {
    for name in ["a.tar.zst", "folder"] {
        let (_folder, path) = written(name);
        assert!(looks_like_archive(&path).unwrap());
        let (opened, mut kept) = opened(&path).unwrap();
        kept.0.sort_by(|a, b| a.0.cmp(&b.0));
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"a": 1}});
        assert_eq!(kept.0[1], ("Pod".to_owned(), pod));
        assert_eq!(kept.0[0].1["kind"], "Node");
        assert_eq!(opened.files["readyz.txt"], b"[+]ping ok\n");
        assert_eq!(opened.manifest.counts["Pod"], 1);
    }
}

#[test]
fn objects_come_in_the_order_in_which_they_were_written_however_large_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.zst");
    let mut writer = ArchiveWriter::create(&path).unwrap();
    // Small ones and some of 3 MiB, which is more than any buffer holds.
    let sizes: Vec<usize> = (0..3_000).map(|number| if number % 700 == 0 { 3 << 20 } else { number }).collect();
    for (number, size) in sizes.iter().enumerate() {
        let json = json!({"metadata": {"name": format!("p{number}"), "namespace": "shop"}, "a": "x".repeat(*size)});
        writer.object(Kind::Pod, "shop", &format!("p{number}"), json.to_string().as_bytes()).unwrap();
    }
    writer.finish(Manifest { format: FORMAT, ..Manifest::default() }, &json!([])).unwrap();
    let (_, kept) = opened(&path).unwrap();
    let of_pod = |pod: &Value| (pod["metadata"]["name"].clone(), pod["a"].as_str().unwrap().len());
    let seen: Vec<(Value, usize)> = kept.0.iter().map(|(_, pod)| of_pod(pod)).collect();
    let told = sizes.iter().enumerate().map(|(number, size)| (json!(format!("p{number}")), *size));
    assert!(seen.into_iter().eq(told));
}

#[test]
fn the_longest_and_the_strangest_names_come_back_in_both_forms() {
    let long = |last: &str| "system:a".repeat(31) + last;
    let names = [
        long("x"),
        long("y"),
        "a".repeat(253),
        "Web".to_owned(),
        "web".to_owned(),
        "..".to_owned(),
        "ü/%2F".to_owned(),
    ];
    for form in ["a.tar.zst", "folder"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(form);
        let mut writer = ArchiveWriter::create(&path).unwrap();
        for name in &names {
            let json = json!({"metadata": {"name": name, "namespace": "n".repeat(63)}}).to_string();
            writer.object(Kind::Pod, &"n".repeat(63), name, json.as_bytes()).unwrap();
        }
        writer.finish(Manifest { format: FORMAT, ..Manifest::default() }, &json!([])).unwrap();
        let (_, kept) = opened(&path).unwrap();
        let mut seen: Vec<_> = kept.0.iter().map(|(_, pod)| pod["metadata"]["name"].as_str().unwrap()).collect();
        seen.sort_unstable();
        let mut told: Vec<_> = names.iter().map(String::as_str).collect();
        told.sort_unstable();
        assert_eq!(seen, told, "{form}");
    }
}

#[test]
fn names_of_objects_cannot_leave_their_folder_nor_meet() {
    let name = |name: &str| super::super::name::entry_name(Kind::Pod, "shop", name);
    assert_eq!(name("web"), "objects/v1/pods/shop/web.json");
    assert_eq!(name(".."), "objects/v1/pods/shop/%2E%2E.json");
    assert_eq!(name("a/b"), "objects/v1/pods/shop/a%2Fb.json");
    assert_ne!(name("a%2Fb"), name("a/b"));
    // Where a file system does not tell capitals from small letters.
    assert_ne!(name("Web").to_lowercase(), name("web").to_lowercase());
}

#[test]
fn of_managed_fields_who_wrote_when_stays_but_of_what_machines_write() {
    let json =
        br#"{"metadata":{"name":"a","managedFields":[{"manager":"kubectl-edit","operation":"Update","apiVersion":"v1",
        "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:key":{}}}},
        {"manager":"x","operation":"Update","subresource":"status","time":"2026-01-01T00:00:00Z"}]}}"#;
    let kept = |kind| String::from_utf8(super::super::object::plain_form(kind, json).unwrap()).unwrap();
    let entry = r#"{"manager":"kubectl-edit","operation":"Update","time":"2026-01-01T00:00:00Z"}"#;
    let whole = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"managedFields":["#.to_owned()
        + entry
        + r#"],"name":"a"}}"#;
    assert_eq!(kept(Kind::ConfigMap), whole);
    assert_eq!(kept(Kind::Pod), r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}"#);
}

#[test]
fn every_value_but_the_managed_fields_stays_byte_for_byte() {
    let json = br#"{"kind":"x","spec":{"n":12345678901234567890123, "f":1.0,"e":"\u00e9"},"metadata":{"managedFields":[],"uid":"u"}}"#;
    let text = super::super::object::plain_form(Kind::Pod, json).unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"uid":"u"},"spec":{"n":12345678901234567890123, "f":1.0,"e":"\u00e9"}}"#
    );
    for odd in ["{}", r#"{"metadata":null}"#, r#"{"metadata":7}"#, r#"{"metadata":{"managedFields":[7]}}"#] {
        assert!(super::super::object::plain_form(Kind::Pod, odd.as_bytes()).is_ok(), "{odd}");
    }
}
