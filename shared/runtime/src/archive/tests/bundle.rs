//! Packed bundles: what is in them, and what is refused.

use crate::archive::{ArchiveError, Bundle, is_bundle, open_bundle};
use crate::directory::{FoundObject, ObjectSink};
use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Default)]
struct Names(Vec<String>);

impl ObjectSink for Names {
    fn object(&mut self, found: FoundObject<'_>) {
        let object: serde_json::Value = serde_json::from_slice(found.json).unwrap();
        self.0.push(format!("{} {}", found.kind, object["metadata"]["name"].as_str().unwrap()));
    }
}

type Builder = tar::Builder<GzEncoder<Vec<u8>>>;

fn add(builder: &mut Builder, name: &str, text: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, name, text).unwrap();
}

/// An entry whose name nobody checks.
fn add_raw(builder: &mut Builder, name: &[u8], kind: tar::EntryType, text: &[u8]) {
    let mut header = tar::Header::new_old();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(text.len() as u64);
    header.set_cksum();
    builder.append(&header, text).unwrap();
}

fn packed(folder: &Path, fill: impl FnOnce(&mut Builder)) -> PathBuf {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    fill(&mut builder);
    let path = folder.join("bundle.tar.gz");
    fs::write(&path, builder.into_inner().unwrap().finish().unwrap()).unwrap();
    path
}

fn opened(path: &Path) -> Result<(Bundle, Vec<String>), ArchiveError> {
    let mut names = Names::default();
    Ok((open_bundle(path, &mut names)?, names.0))
}

const POD: &[u8] =
    br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","creationTimestamp":"2026-01-02T03:04:05Z"}}"#;

#[test]
fn objects_and_logs_are_found_where_an_unpacked_bundle_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("b/{}/pods.json", "n".repeat(120));
    let path = packed(folder.path(), |tar| {
        add(tar, "b/cluster-resources/pods/shop.json", POD);
        add(tar, &long, br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"far"}}"#);
        add_raw(tar, b"b/pax", tar::EntryType::XHeader, b"20 path=b/told.json\n");
        add_raw(
            tar,
            b"b/short",
            tar::EntryType::Regular,
            br#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}}"#,
        );
        add_raw(tar, b"./b/dot.yaml", tar::EntryType::Regular, b"apiVersion: v1\nkind: Node\nmetadata: {name: m}\n");
        add(tar, "b/cluster-resources/pods/logs/shop/web/app.log", b"one\n");
        add(tar, "b/cluster-resources/pods/logs/shop/web/app-previous.log", b"two\n");
        add(tar, "b/notes.md", b"no object");
        add_raw(tar, b"b/link.json", tar::EntryType::Symlink, b"");
        add(tar, "b/broken.json", b"{");
    });
    assert!(is_bundle(&path).unwrap() && !is_bundle(folder.path()).unwrap());
    let (bundle, names) = opened(&path).unwrap();
    assert_eq!(names, ["Pod web", "Pod far", "Node n", "Node m"]);
    assert_eq!(bundle.facts.newest_timestamp, Some("2026-01-02T03:04:05Z".parse().unwrap()));
    assert_eq!(bundle.facts.problems.len(), 1, "{:?}", bundle.facts.problems);
    assert!(bundle.facts.problems[0].contains("bundle.tar.gz/b/broken.json"), "{:?}", bundle.facts.problems);
    let ends: Vec<_> = bundle.logs.iter().map(|it| (it.log.previous, it.end_of("app").unwrap().unwrap())).collect();
    assert_eq!(ends, [(false, "one\n".to_owned()), (true, "two\n".to_owned())]);
}

#[test]
fn what_leads_out_is_cut_or_unpacks_to_too_much_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &Path| opened(path).unwrap_err().to_string();
    for name in [&b"../out.json"[..], b"/etc/out.json", b"b/../../out.json"] {
        let path = packed(folder.path(), |tar| add_raw(tar, name, tar::EntryType::Regular, POD));
        assert!(said(&path).contains("leads out of the archive"), "{}", said(&path));
    }
    let path = packed(folder.path(), |tar| {
        let mut header = tar::Header::new_ustar();
        header.set_path("b/pods.json").unwrap();
        header.set_size(65 << 20);
        header.set_cksum();
        tar.append(&header, POD).unwrap();
    });
    assert!(said(&path).contains("unpacks to far more"), "{}", said(&path));
    let path = packed(folder.path(), |tar| add(tar, "b/pods.json", POD));
    let bytes = fs::read(&path).unwrap();
    for length in [bytes.len() - 1, bytes.len() / 2, 12] {
        fs::write(&path, &bytes[..length]).unwrap();
        assert!(said(&path).contains("is damaged"), "{length}: {}", said(&path));
    }
    fs::write(&path, [&bytes[..20], b"\xff\xff\xff\xff", &bytes[24..]].concat()).unwrap();
    assert!(said(&path).contains("is damaged"), "{}", said(&path));
}
