//! Who is on call is paged.

use super::super::words::{must_be_open, said, split};
use super::{TellArgs, fresh};
use clap::Args;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # what would be sent, and to whom
  kubectl sre incident page --dry-run
  kubectl sre incident page
  kubectl sre incident page inc-20261129-3f2a --to oncall 'please join the bridge' --yes";

/// Who is paged, and what is said.
#[derive(Args, Clone, Debug)]
pub(crate) struct PageArgs {
    /// What to say besides the title, the id of the incident before it
    #[arg(value_name = "[ID] [TEXT]", num_args = 0..)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    tell: TellArgs,
}

impl PageArgs {
    /// Whether it is only shown.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.tell.sure.dry_run
    }
}

pub(crate) async fn report(session: &mut Session, incidents: &Incidents, args: PageArgs) -> Result<Report, Error> {
    let (id, rest) = split(args.words);
    let incident = incidents.meant(id.as_deref())?;
    must_be_open(&incident, "nobody is paged")?;
    let typed = rest.join(" ");
    let words = if typed.trim().is_empty() { incident.declaration.title.clone() } else { said(&typed, "a text")? };
    fresh(session, incidents, &incident, "page", &words, &args.tell).await
}
