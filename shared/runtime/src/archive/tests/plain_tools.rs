//! Readable without us.

use super::*;
use std::process::Command;

/// What a shell prints, or nothing where a tool is missing, which is said.
#[expect(clippy::print_stdout, reason = "a test that cannot run says why")]
fn shell(folder: &Path, tools: &[&str], script: &str) -> Option<String> {
    let is_missing = |tool: &&&str| Command::new(tool).arg("--version").output().is_err();
    if let Some(missing) = tools.iter().find(is_missing) {
        println!("not run: there is no {missing} here");
        return None;
    }
    let ran = Command::new("sh").args(["-ec", script]).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(String::from_utf8(ran.stdout).unwrap())
}

#[test]
fn zstd_tar_and_jq_read_a_file() {
    let (folder, _) = written("a.tar.zst");
    let script = "zstd -qdc a.tar.zst | tar -x
        jq -r '.kind + \" \" + .metadata.name' objects/v1/pods/shop/web.json
        jq -r '.counts.Pod' manifest.json";
    if let Some(printed) = shell(folder.path(), &["zstd", "tar", "jq"], script) {
        assert_eq!(printed, "Pod web\n1\n");
    }
}

#[test]
fn what_tar_unpacks_is_an_archive_again() {
    let (folder, path) = written("a.tar.zst");
    let script = "mkdir unpacked; zstd -qdc a.tar.zst | tar -xC unpacked";
    if shell(folder.path(), &["zstd", "tar"], script).is_some() {
        let unpacked = folder.path().join("unpacked");
        assert!(looks_like_archive(&unpacked).unwrap());
        assert_eq!(opened(&unpacked).unwrap().0.manifest, opened(&path).unwrap().0.manifest);
    }
}

#[test]
fn sha256sum_checks_the_file_and_the_manifest() {
    let (folder, _) = written("a.tar.zst");
    let script = "sha256sum -c --quiet a.tar.zst.sha256; zstd -qdc a.tar.zst | tar -x
        own=$(jq -r .sha256 manifest.json); sed \"s/$own/$(printf '%064d' 0)/\" manifest.json | sha256sum | grep -c $own
        jq -r '.entries | to_entries[] | .value + \"  \" + .key' manifest.json | sha256sum -c --quiet";
    if let Some(printed) = shell(folder.path(), &["zstd", "tar", "jq", "sha256sum"], script) {
        assert_eq!(printed, "1\n");
    }
}
