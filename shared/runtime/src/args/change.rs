//! Flags of commands that change something.

use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// How long a change waits after each step unless somebody says otherwise.
const PATIENCE: &str = "5m";

/// How a change is shown, confirmed and recorded; the same for every command that changes something.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Changing things")]
pub struct ChangeFlags {
    /// Make and print the plan and change nothing; `server` lets the API server try each step, `client` sends it nothing
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "server")]
    pub dry_run: Option<DryRun>,

    /// Answer the question of a reversible change of one object (tier 1) with yes
    #[arg(long, short = 'y')]
    pub yes: bool,

    /// Confirm the plan by the name that it asks for, whatever its tier
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,

    /// Write the plan to a new file, for `kubectl sre change apply`
    #[arg(long, value_name = "FILE")]
    pub plan_out: Option<PathBuf>,

    /// Why, for the record and the Event
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// Incident that the change belongs to
    #[arg(long, value_name = "ID")]
    pub incident: Option<String>,

    /// Refuse a plan that changes more objects
    #[arg(long, value_name = "N")]
    pub max_changes: Option<usize>,

    /// File with a policy in it, as Kubilitics writes it (`safety_policy`); a profile has its own
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,

    /// Approval by a second person, as `kubectl sre change approve` wrote it
    #[arg(long, value_name = "FILE")]
    pub approval: Option<PathBuf>,

    /// In an emergency: override what the policy forbids; wants --reason, and is loud in the record
    #[arg(long, requires = "reason")]
    pub break_glass: bool,

    /// How long to wait after each step for what must hold (30s, 5m)
    #[arg(long, value_name = "DURATION", default_value = PATIENCE, value_parser = patience)]
    pub timeout: Duration,
}

/// What `--dry-run` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// The API server tries each step and keeps nothing
    Server,
    /// Nothing is sent but questions
    Client,
    /// The change is made
    None,
}

impl ChangeFlags {
    /// Whether nothing is to be changed, and how it is tried.
    pub fn only_shows(&self) -> Option<DryRun> {
        self.dry_run.filter(|how| *how != DryRun::None)
    }

    /// The flags that were typed and that only changes take, for commands that do not change something each time they are
    /// called; without `--incident`, and without a `--timeout` that says what it says by default.
    pub fn typed(&self) -> impl Iterator<Item = &'static str> + use<> {
        let Self {
            dry_run,
            yes,
            confirm,
            plan_out,
            reason,
            incident: _,
            max_changes,
            policy,
            approval,
            break_glass,
            timeout,
        } = self;
        let typed = [
            ("--dry-run", dry_run.is_some()),
            ("--yes", *yes),
            ("--confirm", confirm.is_some()),
            ("--plan-out", plan_out.is_some()),
            ("--reason", reason.is_some()),
            ("--max-changes", max_changes.is_some()),
            ("--policy", policy.is_some()),
            ("--approval", approval.is_some()),
            ("--break-glass", *break_glass),
            ("--timeout", patience(PATIENCE).as_ref() != Ok(timeout)),
        ];
        typed.into_iter().filter(|(_, is_typed)| *is_typed).map(|(flag, _)| flag)
    }
}

fn patience(text: &str) -> Result<Duration, String> {
    crate::flags::duration(text).ok_or_else(|| format!("{text:?} is not a duration; type for example 30s or 5m"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Command, FromArgMatches as _};

    fn typed(words: &str) -> Vec<&'static str> {
        let command = ChangeFlags::augment_args(Command::new("change"));
        let matches = command.try_get_matches_from(format!("change {words}").split_whitespace());
        ChangeFlags::from_arg_matches(&matches.expect("flags")).expect("flags").typed().collect()
    }

    #[test]
    fn what_only_changes_take_is_seen_where_it_was_typed() {
        assert_eq!(typed(""), Vec::<&str>::new());
        assert_eq!(typed("--incident inc-1 --timeout 300s"), Vec::<&str>::new());
        assert_eq!(typed("--timeout 60s --dry-run -y"), ["--dry-run", "--yes", "--timeout"]);
        assert_eq!(typed("--reason x --break-glass"), ["--reason", "--break-glass"]);
        assert_eq!(
            typed("--confirm a --plan-out b --max-changes 1 --policy c --approval d"),
            ["--confirm", "--plan-out", "--max-changes", "--policy", "--approval"]
        );
    }
}
