//! What runtimes say when a container cannot be started, by families of words.

use super::Trouble;

/// Whether a message says that a file is not for this machine.
pub(super) fn names_a_foreign_format(message: &str) -> bool {
    says(message, &["exec format error", "no matching manifest", "no match for platform"])
}

/// Whether a message says that the command cannot be executed.
///
/// Runtimes wrap that into words about their own work, so only what stands after the word `exec` decides.
pub(super) fn names_a_bad_command(message: &str) -> bool {
    let lower = message.to_lowercase();
    let executed =
        ["exec: \"", "exec: `", "exec /", "open executable"].iter().filter_map(|word| lower.split_once(word));
    let refused = ["no such file or directory", "permission denied", "is a directory", "not a directory"];
    says(&lower, &["executable file", "no command specified", "executable not found", "command not found"])
        || executed.map(|(_, rest)| rest).any(|rest| says(rest, &refused))
}

/// Whether a message speaks of the runtime's own work: its helpers, names, mounts, confinement.
fn names_the_runtime(message: &str) -> bool {
    let own = [
        "shim",
        "ttrpc",
        "is reserved",
        "name is already in use",
        "deadline exceeded",
        "timed out",
        "timeout",
        "apparmor",
        "seccomp",
        "selinux",
        "cgroup",
        "mounting",
        "mount ",
        "device or resource busy",
        "transport is closing",
        "connection refused",
        "runtime handler",
        "failed to create task",
        "rootfs",
    ];
    says(message, &own)
}

/// What keeps a container from starting, by the message; `unsaid` when it says nothing that is known.
///
/// A full disk is the node's trouble and none of the container's.
pub(super) fn start_failure(message: &str, unsaid: Trouble) -> Option<Trouble> {
    if says(message, &["no space left on device"]) {
        None
    } else if names_a_foreign_format(message) {
        Some(Trouble::ArchitectureMismatch)
    } else if says(message, &["oom-killed", "oom killed"]) {
        Some(Trouble::OomKilled)
    } else if names_a_bad_command(message) {
        Some(Trouble::CommandInvalid)
    } else if names_the_runtime(message) {
        Some(Trouble::RuntimeError)
    } else {
        Some(unsaid)
    }
}

/// Whether a message holds one of these, in whatever case; they are given in lower case.
pub(super) fn says(message: &str, words: &[&str]) -> bool {
    let message = message.to_lowercase();
    words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_several_runtimes_fall_into_their_families() {
        let families = [
            ("exec: \"serve\": executable file not found in $PATH: unknown", Some(Trouble::CommandInvalid)),
            (
                "container create failed: executable file `/srv/run` not found: No such file or directory: exec",
                Some(Trouble::CommandInvalid),
            ),
            (
                "runc create failed: unable to start container process: exec: \"/srv/run\": permission denied",
                Some(Trouble::CommandInvalid),
            ),
            ("Error response from daemon: No command specified", Some(Trouble::CommandInvalid)),
            (
                "failed to create shim task: runc create failed: exec: \"/srv/run\": stat /srv/run: no such file or directory",
                Some(Trouble::CommandInvalid),
            ),
            ("failed to create shim task: context deadline exceeded", Some(Trouble::RuntimeError)),
            (
                "failed to reserve container name \"web_0\": name \"web_0\" is reserved for \"5b1\"",
                Some(Trouble::RuntimeError),
            ),
            (
                "unable to apply apparmor profile: write /proc/thread-self/attr/exec: no such file or directory",
                Some(Trouble::RuntimeError),
            ),
            ("container init was OOM-killed (memory limit too low?)", Some(Trouble::OomKilled)),
            (
                "standard_init_linux.go: exec user process caused: exec format error",
                Some(Trouble::ArchitectureMismatch),
            ),
            ("write /var/lib/containerd/tmp: no space left on device", None),
            ("something else", Some(Trouble::ExitError)),
        ];
        for (message, family) in families {
            assert_eq!(start_failure(message, Trouble::ExitError), family, "{message}");
        }
    }
}
