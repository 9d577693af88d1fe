//! What is wrong with one container: exactly one trouble or none, so that the classes of containers exclude each other.

mod awaited;
mod case;
mod ended;
mod failed_pod;
mod not_started;
mod reported;
mod seen;
mod words;

pub(super) use case::{Case, causes};
pub use failed_pod::is_made_good;

use seen::Seen;

/// What is wrong with a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The image string cannot be parsed.
    ReferenceInvalid,
    /// The image is not on the node and must not be pulled.
    NeverPull,
    /// The image has no variant for the node's platform.
    ArchitectureMismatch,
    /// The command cannot be executed.
    CommandInvalid,
    /// The runtime fails to create or start it.
    RuntimeError,
    /// A postStart or preStop hook fails.
    HookFailed,
    /// It was killed at its memory limit, and that still hurts.
    OomKilled,
    /// It was killed at its memory limit, and is ready again.
    OomRecovered,
    /// The kubelet kills it because its liveness probe fails.
    LivenessKill,
    /// Its startup probe does not succeed in time.
    StartupProbe,
    /// An init container ends with an error.
    InitFailed,
    /// An init container runs and runs.
    InitWaiting,
    /// The process ends with an error, and nothing says more.
    ExitError,
    /// The process ends without an error, and is restarted for ever.
    ExitZero,
    /// It is restarted again and again, and nothing says how it ended.
    Unexplained,
}

/// The order is that of a container's life: what keeps it from its next step is what is wrong.
fn trouble_of(seen: &Seen<'_>) -> Option<Trouble> {
    if seen.is_being_deleted() {
        return reported::stop_hook_failed(seen).then_some(Trouble::HookFailed);
    }
    if !seen.deserves_a_look() {
        return None;
    }
    not_started::trouble(seen)
        .or_else(|| ended::trouble(seen))
        .or_else(|| awaited::is_hanging(seen).then_some(Trouble::InitWaiting))
        .or_else(|| reported::stop_hook_failed(seen).then_some(Trouble::HookFailed))
}
