//! Round trips, and every kind of damage.

use super::*;
use crate::directory::{FoundObject, ObjectSink};
use serde_json::{Value, json};
use sre_core::slim::Kind;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[derive(Default)]
struct Kept(Vec<(String, Value)>);

impl ObjectSink for Kept {
    fn object(&mut self, found: FoundObject<'_>) {
        self.0.push((found.kind.to_owned(), serde_json::from_slice(found.json).unwrap()));
    }
}

fn written(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut writer = ArchiveWriter::create(&path).unwrap();
    let pod = json!({"metadata": {"name": "web", "namespace": "shop", "managedFields": [{"manager": "x"}]}, "spec": {"a": 1}});
    writer.object(Kind::Pod, "shop", "web", pod.to_string().as_bytes()).unwrap();
    writer.object(Kind::Node, "", "n1", br#"{"metadata":{"name":"n1"}}"#).unwrap();
    writer.file("readyz.txt", b"[+]ping ok\n").unwrap();
    writer.finish(Manifest { format: FORMAT, tool: "kubectl-sre".into(), ..Manifest::default() }, &json!([])).unwrap();
    (folder, path)
}

fn opened(path: &Path) -> Result<(Opened, Kept), ArchiveError> {
    let mut kept = Kept::default();
    open(path, &mut kept).map(|opened| (opened, kept))
}

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
        assert_eq!(opened.manifest.entries.len(), 4);
    }
}

#[test]
fn a_file_has_its_digest_beside_it() {
    let (_folder, path) = written("a.tar.zst");
    let line = fs::read_to_string(path.with_file_name("a.tar.zst.sha256")).unwrap();
    assert_eq!(line, format!("{}  a.tar.zst\n", super::format::digest(&fs::read(&path).unwrap())));
    fs::write(path.with_file_name("a.tar.zst.sha256"), format!("{}  a.tar.zst\n", "0".repeat(64))).unwrap();
    assert!(matches!(opened(&path), Err(ArchiveError::Integrity { .. })));
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
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.tar.zst", "a.tar.zst.sha256"]);
}

#[test]
fn an_archive_cut_at_any_byte_is_damaged() {
    let (folder, path) = written("a.tar.zst");
    let whole = fs::read(&path).unwrap();
    let cut = folder.path().join("cut.tar.zst");
    for length in 0..whole.len() {
        fs::write(&cut, &whole[..length]).unwrap();
        assert!(looks_like_archive(&cut).unwrap());
        assert!(matches!(opened(&cut), Err(ArchiveError::Integrity { .. })), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn an_archive_with_any_flipped_byte_is_damaged() {
    let (folder, path) = written("a.tar.zst");
    let whole = fs::read(&path).unwrap();
    let flipped = folder.path().join("flipped.tar.zst");
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        fs::write(&flipped, &bytes).unwrap();
        assert!(matches!(opened(&flipped), Err(ArchiveError::Integrity { .. })), "byte {at}");
    }
}

#[test]
fn a_directory_with_a_changed_added_or_missing_file_is_damaged() {
    let damage: [fn(&Path); 4] = [
        |path| fs::write(path.join("objects/v1/pods/shop/web.json"), "{}").unwrap(),
        |path| fs::write(path.join("objects/v1/pods/shop/extra.json"), "{}").unwrap(),
        |path| fs::remove_file(path.join("objects/v1/nodes/_cluster/n1.json")).unwrap(),
        |path| std::os::unix::fs::symlink("/etc/hostname", path.join("link")).unwrap(),
    ];
    for (number, damage) in damage.into_iter().enumerate() {
        let (_folder, path) = written("folder");
        damage(&path);
        assert!(matches!(opened(&path), Err(ArchiveError::Integrity { .. })), "damage {number}");
    }
}

/// A tar of one entry, packed, whose name may be anything.
fn packed(name: &[u8], kind: tar::EntryType, body: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_old();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(body.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut tar = tar::Builder::new(Vec::new());
    tar.append(&header, body).unwrap();
    sealed(zstd::encode_all(&tar.into_inner().unwrap()[..], 3).unwrap())
}

fn sealed(bytes: Vec<u8>) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    [&bytes[..], &super::format::SEAL_HEAD, &Sha256::digest(&bytes)].concat()
}

fn refusal(bytes: &[u8]) -> String {
    let error = open_bytes(Path::new("x"), bytes, &mut Kept::default()).unwrap_err();
    assert!(matches!(error, ArchiveError::Integrity { .. }), "{error}");
    error.to_string()
}

#[test]
fn paths_that_climb_and_entries_that_are_no_files_are_refused() {
    for name in [&b"../x.json"[..], b"objects/../../x", b"/etc/passwd"] {
        assert!(refusal(&packed(name, tar::EntryType::Regular, b"{}")).contains("leads out of the archive"));
    }
    assert!(refusal(&packed(b"objects/x", tar::EntryType::Symlink, b"")).contains("no plain file"));
    assert!(refusal(&packed(b"objects/x", tar::EntryType::Link, b"")).contains("no plain file"));
}

#[test]
fn a_bomb_is_refused_before_it_fills_the_memory() {
    let zeros = vec![0_u8; (super::format::LARGEST_ENTRY + 1) as usize];
    let bomb = packed(b"objects/v1/pods/a/a.json", tar::EntryType::Regular, &zeros);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    assert!(refusal(&bomb).contains("larger than any object"));
}

#[test]
fn many_entries_that_unpack_to_too_much_are_refused() {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), 3).unwrap());
    let body = vec![b' '; 1 << 20];
    for number in 0..80 {
        let mut header = tar::Header::new_ustar();
        header.set_size(body.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("f{number}"), &body[..]).unwrap();
    }
    let bytes = sealed(tar.into_inner().unwrap().finish().unwrap());
    assert!(bytes.len() < 30_000, "{}", bytes.len());
    refusal(&bytes);
}

#[test]
fn a_later_format_is_named_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.zst");
    let writer = ArchiveWriter::create(&path).unwrap();
    writer.finish(Manifest { format: FORMAT + 1, ..Manifest::default() }, &json!([])).unwrap();
    assert!(matches!(opened(&path), Err(ArchiveError::Format { .. })));
}

#[test]
fn names_of_objects_cannot_leave_their_folder_nor_meet() {
    let name = |name: &str| super::format::entry_name(Kind::Pod, "shop", name);
    assert_eq!(name("web"), "objects/v1/pods/shop/web.json");
    assert_eq!(name(".."), "objects/v1/pods/shop/%2E%2E.json");
    assert_eq!(name("a/b"), "objects/v1/pods/shop/a%2Fb.json");
    assert_ne!(name("a%2Fb"), name("a/b"));
}

#[test]
fn a_path_without_room_or_rights_is_named() {
    let error = ArchiveWriter::create(Path::new("/proc/nothing/a.tar.zst")).err().unwrap();
    assert!(error.to_string().contains("/proc/nothing/a.tar.zst"), "{error}");
}
