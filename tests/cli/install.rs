//! `install.sh`, with a stand-in for cargo that lays the tested binary where a build would: what it lays works, and all
//! of it goes again.

use super::sandbox::{BINARY, Ran, Sandbox};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs that the script may use besides what a test gives it; no client of packages is among them.
const PROGRAMS: [&str; 16] = [
    "sh", "cat", "chmod", "cp", "dirname", "env", "ln", "mkdir", "mktemp", "mv", "rm", "rmdir", "sed", "sort", "tr",
    "uname",
];

const LAID: [&str; 12] = [
    "bin/kubectl-sre",
    "bin/kubectl-sre-daily_check",
    "bin/kubectl_complete-sre",
    "share/bash-completion/completions/kubectl-sre",
    "share/fish/vendor_completions.d/kubectl-sre.fish",
    "share/kubectl-sre/installed",
    "share/kubectl-sre/made",
    "share/kubectl-sre/runbooks/graphmemory-ide/profile.yaml",
    "share/kubectl-sre/runbooks/kubilitics/profile.yaml",
    "share/kubectl-sre/runbooks/leanvibe/profile.yaml",
    "share/kubectl-sre/runbooks/quizmentor/profile.yaml",
    "share/zsh/site-functions/_kubectl-sre",
];

/// A home, and beside it the only programs that there are.
pub struct Machine {
    pub sandbox: Sandbox,
}

impl Machine {
    /// One without a Rust toolchain.
    fn bare() -> Self {
        let machine = Self { sandbox: Sandbox::new() };
        fs::create_dir_all(machine.sandbox.path("programs")).expect("a folder");
        fs::create_dir_all(machine.home()).expect("a folder");
        for name in PROGRAMS {
            let places = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
            let place = places.iter().find(|place| place.exists()).unwrap_or_else(|| panic!("there is no {name}"));
            symlink(place, machine.sandbox.path("programs").join(name)).expect("a link");
        }
        machine.program("programs/cc", "exit 0");
        machine
    }

    /// One with a toolchain that is new enough.
    pub fn usual() -> Self {
        let machine = Self::bare();
        machine.program("programs/cargo", &cargo("1.90.0"));
        machine
    }

    pub fn home(&self) -> PathBuf {
        self.sandbox.path("home")
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.sandbox.write(name, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("rights");
    }

    /// Runs a program with nothing of the surroundings.
    pub fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Ran {
        let bin = self.home().join(".local/bin");
        let path = format!("{}:{}", self.sandbox.path("programs").display(), bin.display());
        let mut command = self.sandbox.prepared(Command::new(program.as_ref()), arguments);
        command.env("HOME", self.home()).env("PATH", path).current_dir(self.home());
        command.env("CARGO_TARGET_DIR", self.sandbox.path("target"));
        Ran::of(command.output().expect("it runs"))
    }

    pub fn install(&self, arguments: &[&str]) -> Ran {
        self.run(Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh"), arguments)
    }

    /// Everything in the home, empty folders too.
    fn content(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        below(&self.home(), &self.home(), &mut found);
        found
    }
}

fn below(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        found.insert(path.strip_prefix(root).expect("below").to_string_lossy().into_owned());
        if path.is_dir() {
            below(root, &path, found);
        }
    }
}

/// A stand-in that tells a version and "builds" the tested binary.
fn cargo(version: &str) -> String {
    format!(
        "case $1 in\n--version) echo 'cargo {version} (0123abcd 2026-01-01)' ;;\n\
         build) [ \"$2 $3 $4\" = '--release --locked --manifest-path' ] || exit 3\n\
         mkdir -p \"$CARGO_TARGET_DIR/release\" && cp '{BINARY}' \"$CARGO_TARGET_DIR/release/kubectl-sre\" ;;\n\
         *) exit 4 ;;\nesac"
    )
}

fn succeeds(ran: &Ran) {
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_is_laid_works_and_goes_again_with_every_folder_that_was_made() {
    let machine = Machine::usual();
    let before = machine.content();
    let installed = machine.install(&["--demo"]);
    succeeds(&installed);
    assert!(installed.stdout.starts_with("daily-check  demo"), "{}", installed.stdout);
    let local = machine.home().join(".local");
    for name in LAID {
        let size = fs::metadata(local.join(name)).map(|metadata| metadata.len()).unwrap_or_default();
        assert!(size > 0, "{name} is missing or empty");
    }
    let version = machine.run(local.join("bin/kubectl-sre"), &["version"]);
    assert!(version.code == 0 && version.stdout.starts_with("kubectl-sre "), "{}", version.stderr);
    let linked = machine.run(local.join("bin/kubectl-sre-daily_check"), &["--from", "demo"]);
    assert_eq!((linked.code, linked.stdout), (1, installed.stdout));
    // A profile is found by its name, from the link as well.
    for program in ["bin/kubectl-sre", "bin/kubectl-sre-daily_check"] {
        let command: &[&str] = if program.ends_with("daily_check") { &[] } else { &["daily-check"] };
        let typed = |name| [command, &["--from", "demo", "--profile", name]].concat();
        let named = machine.run(local.join(program), &typed("quizmentor"));
        assert!(named.code == 1 && named.stdout.starts_with("daily-check  demo"), "{}", named.stderr);
        let words = ["did you mean quizmentor?", "there are graphmemory-ide, kubilitics, leanvibe, quizmentor;"];
        machine.run(local.join(program), &typed("quizmentr")).fails(2, &words);
    }
    let completed = machine.run(local.join("bin/kubectl_complete-sre"), &["dai"]);
    assert!(completed.stdout.starts_with("daily-check\t"), "{}{}", completed.stdout, completed.stderr);
    succeeds(&machine.install(&["--uninstall"]));
    assert_eq!(machine.content(), before);
}

#[test]
fn a_second_installation_is_removed_as_well_and_what_others_put_beside_it_stays() {
    let machine = Machine::usual();
    machine.sandbox.write("home/tools/bin/other", "mine");
    machine.sandbox.write("home/tools/share/zsh/other", "mine");
    let mut before = machine.content();
    for _ in 0..2 {
        succeeds(&machine.install(&["--prefix", "tools"]));
    }
    let mut laid: BTreeSet<String> = LAID.iter().map(|name| format!("tools/{name}")).collect();
    laid.retain(|name| !machine.content().contains(name));
    assert!(laid.is_empty(), "{laid:?} were not laid");
    machine.sandbox.write("home/tools/share/fish/later", "mine");
    before.extend(["tools/share/fish".to_owned(), "tools/share/fish/later".to_owned()]);
    succeeds(&machine.install(&["--uninstall", "--prefix=tools"]));
    assert_eq!(machine.content(), before);
}

#[test]
fn where_nothing_was_laid_nothing_is_removed_or_made() {
    let machine = Machine::usual();
    machine.install(&["--uninstall", "--prefix", "nowhere"]).fails(2, &["nothing to remove", "nowhere"]);
    machine.install(&["--prefix"]).fails(2, &["--prefix needs a directory"]);
    machine.install(&["--demi"]).fails(2, &["--demi", "--help"]);
    assert_eq!(machine.content(), BTreeSet::new());
}

#[test]
fn an_old_toolchain_is_passed_over_for_a_newer_one() {
    let machine = Machine::bare();
    machine.program("programs/cargo", &cargo("1.85.0"));
    machine.program("home/.cargo/bin/cargo", &cargo("2.0.0"));
    succeeds(&machine.install(&[]));
    machine.program("home/.cargo/bin/cargo", &cargo("1.89.3"));
    machine.install(&[]).fails(2, &["no Rust toolchain of 1.90 or newer", "neither curl nor wget", "rustup.rs"]);
}

#[test]
fn a_machine_without_a_toolchain_gets_one_as_rustup_says() {
    let machine = Machine::bare();
    machine.sandbox.write("new-cargo", format!("#!/bin/sh\n{}\n", cargo("1.95.0")));
    let new = machine.sandbox.path("new-cargo");
    let rustup = format!(
        "[ \"$*\" = '-y --no-modify-path --profile minimal' ] || exit 3\nmkdir -p \"$HOME/.cargo/bin\"\n\
         cp '{}' \"$HOME/.cargo/bin/cargo\"\nchmod 755 \"$HOME/.cargo/bin/cargo\"",
        new.display()
    );
    machine.sandbox.write("rustup.sh", rustup);
    let script = machine.sandbox.path("rustup.sh");
    // curl ... -sSfo FILE URL
    let download = format!(
        "for word; do file=$url; url=$word; done\n[ \"$url\" = https://sh.rustup.rs ] && cp '{}' \"$file\"",
        script.display()
    );
    machine.program("programs/curl", &download);
    let installed = machine.install(&[]);
    succeeds(&installed);
    assert!(installed.stderr.contains("installing one into"), "{}", installed.stderr);
}
