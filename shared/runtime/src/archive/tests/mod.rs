//! Round trips, and every kind of damage.

mod bundle;
mod damage;
mod full_disk;
mod hostile;
mod plain_tools;
mod round_trip;
mod writing;

use super::*;
use crate::directory::{FoundObject, ObjectSink};
use serde_json::{Value, json};
use sre_core::slim::Kind;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[derive(Debug, Default)]
struct Kept(Vec<(String, Value)>);

impl ObjectSink for Kept {
    fn object(&mut self, found: FoundObject<'_>) {
        self.0.push((found.kind.to_owned(), serde_json::from_slice(found.json).unwrap()));
    }
}

const POD: &[u8] =
    br#"{"metadata":{"name":"web","namespace":"shop","managedFields":[{"manager":"x"}]},"spec":{"a":1}}"#;

fn written(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut writer = ArchiveWriter::create(&path).unwrap();
    writer.object(Kind::Pod, "shop", "web", POD).unwrap();
    writer.object(Kind::Node, "", "n1", br#"{"metadata":{"name":"n1"}}"#).unwrap();
    writer.file("readyz.txt", b"[+]ping ok\n").unwrap();
    writer.finish(Manifest { format: FORMAT, tool: "kubectl-sre".into(), ..Manifest::default() }, &json!([])).unwrap();
    (folder, path)
}

fn opened(path: &Path) -> Result<(Opened, Kept), ArchiveError> {
    let mut kept = Kept::default();
    open(path, &mut kept).map(|opened| (opened, kept))
}

fn is_damaged(path: &Path) -> bool {
    matches!(opened(path), Err(ArchiveError::Integrity { .. }))
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
