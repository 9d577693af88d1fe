//! A disk without room, which is a small file system of our own.

use super::*;
use std::process::Command;

const OWN: &str = "archive::tests::full_disk::a_full_disk_is_named_and_nothing_half_stays";
const PLACE: &str = "SRE_TEST_FULL_DISK";

#[test]
fn a_full_disk_is_named_and_nothing_half_stays() {
    match std::env::var_os(PLACE) {
        Some(place) => ["a.tar.zst", "a"].iter().for_each(|name| fill(&PathBuf::from(&place).join(name))),
        None => run_on_a_small_disk(),
    }
}

fn fill(path: &Path) {
    let mut writer = ArchiveWriter::create(path).unwrap();
    let mut noise = 1_u64;
    let mut next = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.to_string()
    };
    let error = loop {
        let text: String = (0..2_000).map(|_| next()).collect();
        if let Err(error) = writer.file(&next(), text.as_bytes()) {
            break error;
        }
    };
    assert!(matches!(&error, ArchiveError::FullDisk { path: named } if named == path), "{error:?}");
    drop(writer);
    assert!(names_in(path.parent().unwrap()).is_empty());
}

/// The test runs itself again where it may mount something, in a namespace of its own.
#[expect(clippy::print_stdout, reason = "a test that cannot run says why")]
fn run_on_a_small_disk() {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=512k tmpfs \"$1\" || exit 99; exec \"$2\" --exact \"$3\" --nocapture";
    let ran = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .args([folder.path().as_os_str(), std::env::current_exe().unwrap().as_os_str(), OWN.as_ref()])
        .env(PLACE, folder.path())
        .output();
    match ran {
        Ok(ran) if ran.status.success() => assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed")),
        Ok(ran) if ran.status.code() == Some(101) => panic!("{}", String::from_utf8_lossy(&ran.stderr)),
        other => println!("not run: no file system may be mounted here ({other:?})"),
    }
}
