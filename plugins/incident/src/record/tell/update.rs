//! People are told how it stands.

use super::super::words::text;
use super::{TellArgs, fresh};
use clap::Args;
use sre_core::incident::OURS;
use sre_core::report::Report;
use sre_runtime::error::Error;
use sre_runtime::incident::Incidents;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  kubectl sre incident update 'rolled back, half of the logins work again'
  kubectl sre incident update inc-20261129-3f2a --item executives 'back in 20 minutes' --dry-run";

/// Who is told what.
#[derive(Args, Clone, Debug)]
pub(crate) struct UpdateArgs {
    /// What to say, the id of the incident before it
    #[arg(value_name = "[ID] TEXT", required = true, num_args = 1..)]
    pub(crate) words: Vec<String>,
    /// What is done by it, as status lists it
    #[arg(long, value_name = "ITEM", default_value = "update")]
    item: String,
    #[command(flatten)]
    tell: TellArgs,
}

impl UpdateArgs {
    /// Whether it is only shown.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.tell.sure.dry_run
    }
}

pub(crate) async fn report(session: &mut Session, incidents: &Incidents, args: UpdateArgs) -> Result<Report, Error> {
    let (id, words) = text(args.words, "how it stands")?;
    let item = args.item.as_str();
    if OURS.contains(&item) {
        let hint = format!("{item} means something to a service; name another one, which status lists");
        return Err(Error::Usage { message: format!("--item {item} is no update"), hint });
    }
    let incident = incidents.meant(id.as_deref())?;
    fresh(session, incidents, &incident, item, &words, &args.tell).await
}
