//! Containers that were never created or never started.

use super::super::image_pulls::{Refusal, refusal_of};
use super::{Trouble, reported, seen::Seen, words};

/// What keeps a container from being created or started.
pub(super) fn trouble(seen: &Seen<'_>) -> Option<Trouble> {
    match seen.waiting_reason() {
        "InvalidImageName" => Some(Trouble::ReferenceInvalid),
        "ErrImageNeverPull" => Some(Trouble::NeverPull),
        "ImagePullBackOff" | "ErrImagePull" => {
            let foreign = refusal_of(seen.view, seen.pod, seen.status) == Refusal::Architecture;
            foreign.then_some(Trouble::ArchitectureMismatch)
        }
        "CreateContainerError" => words::start_failure(&reported::said(seen), Trouble::RuntimeError),
        "RunContainerError" => words::start_failure(&reported::said(seen), Trouble::CommandInvalid),
        // Hooks of the kubelet itself, which hand out processors and devices: none of the user's.
        "PreCreateHookError" | "PreStartHookError" => Some(Trouble::RuntimeError),
        "PostStartHookError" => Some(Trouble::HookFailed),
        _ => by_last_attempt(seen),
    }
}

/// In the back-off only the last attempt tells that the container was never started.
fn by_last_attempt(seen: &Seen<'_>) -> Option<Trouble> {
    let end = seen.ending().filter(|_| !seen.is_running())?;
    match end.reason.as_str() {
        "StartError" | "ContainerCannotRun" => words::start_failure(&reported::said(seen), Trouble::CommandInvalid),
        "ContainerCreateError" => words::start_failure(&reported::said(seen), Trouble::RuntimeError),
        _ => None,
    }
}
