//! Containers that ran and ended.

use super::{
    Trouble,
    reported::{self, Killer},
    seen::{Role, Seen},
    words,
};
use crate::slim::container_status::ContainerStateTerminated;

/// An out-of-memory kill of a container that is ready again is told for so long.
const REMEMBERED_MINUTES: i64 = 7 * 24 * 60;

/// Why a container that ran has ended, if it still hurts.
pub(super) fn trouble(seen: &Seen<'_>) -> Option<Trouble> {
    if seen.is_crashing() { Some(why(seen)?) } else { in_spite_of_running(seen) }
}

/// Memory first, because the kernel's word is certain; then who else stopped it; then its own exit code.
fn why(seen: &Seen<'_>) -> Option<Trouble> {
    let end = seen.ending();
    if end.is_some_and(was_out_of_memory) {
        return Some(Trouble::OomKilled);
    }
    let said = reported::said(seen);
    if words::names_a_foreign_format(&said) {
        return Some(Trouble::ArchitectureMismatch);
    }
    if reported::start_hook_failed(seen) {
        return Some(Trouble::HookFailed);
    }
    if let Some(killer) = reported::killer(seen) {
        return Some(killer.trouble());
    }
    let code = end.map(|end| end.exit_code);
    if matches!(code, Some(126 | 127)) || words::names_a_bad_command(&said) && matches!(code, None | Some(128)) {
        return Some(Trouble::CommandInvalid);
    }
    by_exit(seen, end)
}

fn by_exit(seen: &Seen<'_>, end: Option<&ContainerStateTerminated>) -> Option<Trouble> {
    if seen.role == Role::Init {
        return Some(Trouble::InitFailed);
    }
    match end {
        None => Some(Trouble::Unexplained),
        Some(end) if end.exit_code != 0 || end.reason == "Error" => Some(Trouble::ExitError),
        // A container that is restarted only on failure has done its work.
        Some(_) => (seen.pod.spec.restart_policy != "OnFailure").then_some(Trouble::ExitZero),
    }
}

/// What a running container shows that is not in a crash loop.
fn in_spite_of_running(seen: &Seen<'_>) -> Option<Trouble> {
    if let Some(end) = seen.status.last_state.terminated.as_deref().filter(|end| was_out_of_memory(end)) {
        return after_out_of_memory(seen, end);
    }
    let killer = reported::killer(seen).filter(|_| seen.is_running())?;
    let hurts = !seen.status.ready || reported::kills_again(seen);
    let starting = killer == Killer::StartupProbe && seen.status.started == Some(true);
    (hurts && !starting).then(|| killer.trouble())
}

fn after_out_of_memory(seen: &Seen<'_>, end: &ContainerStateTerminated) -> Option<Trouble> {
    let finished = end.finished_at.at();
    if !seen.status.ready && seen.is_recent(finished) {
        return Some(Trouble::OomKilled);
    }
    (!seen.view.is_older_than_minutes(finished, REMEMBERED_MINUTES)).then_some(Trouble::OomRecovered)
}

fn was_out_of_memory(end: &ContainerStateTerminated) -> bool {
    end.reason == "OOMKilled" || words::says(&end.message, &["oom-killed", "oom killed"])
}
