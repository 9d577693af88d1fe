//! What was typed.

use crate::actions::Doing;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use sre_runtime::args::ChangeFlags;
use std::path::PathBuf;

pub(crate) const ABOUT: &str = "Single changes (restart, delete-pod ...), and every recorded one: list, show, approve, apply, resume, undo, verify";

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Change one thing: look first, then do it
  kubectl sre change restart deployment/web -n shop --dry-run
  kubectl sre change restart deployment/web -n shop
  # What was changed, by you and, from Events, by colleagues
  kubectl sre change list
  # What was changed in the cluster only, and the source to edit so that it lasts
  kubectl sre change list --unpersisted
  # Take a change back: look first, then do it
  kubectl sre change undo 65a3f0c1-1b2c --dry-run
  kubectl sre change undo 65a3f0c1-1b2c
  # Go on with a change that was interrupted
  kubectl sre change resume 65a3f0c1-1b2c
  # Carry out a plan that was saved with --plan-out
  kubectl sre change apply plan.json
  # Approve a colleague's plan, where the policy wants a second person; they apply it then
  kubectl sre change approve plan.json --key ~/.ssh/id_ed25519 --out approval.json
  kubectl sre change apply plan.json --approval approval.json --confirm web
  # The same without a file that has to be sent back
  kubectl sre change approve plan.json --key ~/.ssh/id_ed25519 --in-cluster
  # Whether the audit log is as it was written
  kubectl sre change verify";

/// What was typed.
#[derive(ClapArgs, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) asked: Asked,
}

/// What is asked for.
#[derive(Subcommand, Debug)]
pub(crate) enum Asked {
    #[command(flatten)]
    Do(Doing),
    /// List changes, the newest first: those of this machine, and those of colleagues from their Events
    List {
        /// Ask no cluster: only what is recorded on this machine
        #[arg(long)]
        local: bool,
        /// Only changes of objects that Helm, Argo CD or Flux keeps, until their source says the same
        #[arg(long, conflicts_with = "local")]
        unpersisted: bool,
    },
    /// Show a change: its plan, and what became of each step
    Show {
        /// Id of the change
        id: String,
    },
    /// Approve somebody else's plan with your SSH key, where the policy wants a second person
    Approve {
        /// File of the plan
        file: PathBuf,
        /// Private SSH key to sign with, or the public one of a key that your agent holds
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// New file for the approval
        #[arg(long, value_name = "FILE", default_value = "approval.json")]
        out: PathBuf,
        /// Keep the approval in the cluster instead, as a ConfigMap beside the main object: whoever applies the plan needs no file
        #[arg(long, conflicts_with = "out")]
        in_cluster: bool,
    },
    /// Carry out a plan that --plan-out saved; it is refused when its objects are not as they were
    Apply {
        /// File of the plan
        file: PathBuf,
        #[command(flatten)]
        flags: ChangeFlags,
    },
    /// Go on with a change that was interrupted: nothing is done twice
    Resume {
        /// Id of the change
        id: String,
        #[command(flatten)]
        flags: ChangeFlags,
    },
    /// Take back what a change did, the last step first
    Undo {
        /// Id of the change
        id: String,
        #[command(flatten)]
        flags: ChangeFlags,
    },
    /// Check the audit log against its head, and name the first bad record
    Verify,
    /// Print the audit log
    Export {
        /// How
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: ExportFormat,
    },
}

/// What `--format` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// The records as they are written, one a line
    #[default]
    Jsonl,
    /// OCSF API Activity (class 6003), one a line
    Ocsf,
}
