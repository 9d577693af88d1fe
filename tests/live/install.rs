//! What `install.sh` lays, as the real kubectl finds it.

use super::rig::programs;
use crate::cli::Machine;
use std::os::unix::fs::symlink;

#[test]
fn kubectl_finds_what_was_laid() {
    let machine = Machine::usual();
    let kubectl = machine.sandbox.path("programs/kubectl");
    symlink(programs().join("kubectl"), &kubectl).expect("a link");
    let installed = machine.install(&["--demo"]);
    assert_eq!(installed.code, 0, "{}", installed.stderr);
    assert!(installed.stderr.contains("running: kubectl sre daily-check"), "{}", installed.stderr);
    assert!(installed.stdout.starts_with("daily-check  demo"), "{}", installed.stdout);
    let plugins = machine.run(&kubectl, &["plugin", "list"]);
    for name in ["kubectl-sre", "kubectl-sre-daily_check"] {
        let line = machine.home().join(".local/bin").join(name).display().to_string();
        assert!(plugins.stdout.lines().any(|plugin| plugin == line), "{}{}", plugins.stdout, plugins.stderr);
    }
    let version = machine.run(&kubectl, &["sre", "version"]);
    assert!(version.code == 0 && version.stdout.starts_with("kubectl-sre "), "{}", version.stderr);
}
