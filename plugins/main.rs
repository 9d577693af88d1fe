//! The front door: the table of the family, and one call.

use sre_runtime::plugin::Plugin;
use std::process::ExitCode;

/// Every command of the family. A command appears in help when it stands here.
const PLUGINS: &[&dyn Plugin] = &[
    &kubectl_sre_daily_check::DailyCheck,
    &kubectl_sre_incident::Incident,
    &kubectl_sre_rollback::Rollback,
    &kubectl_sre_scale::Scale,
    &kubectl_sre_change::Change,
];

fn main() -> ExitCode {
    sre_runtime::completion::answer_shell(|| sre_runtime::entry::family(PLUGINS));
    sre_runtime::entry::run(PLUGINS).into()
}
