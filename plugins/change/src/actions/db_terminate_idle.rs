//! `change db-terminate-idle`.

use super::database::{self, Database};
use sre_core::plan::{Idle, Note, Sorted, db_terminate_idle, sort_sessions};
use sre_core::postgres::{SESSIONS, sessions, span};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::time::Duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Which sessions do nothing, and which of them would be ended
  kubectl sre change db-terminate-idle statefulset/postgres -n shop --idle-for 10m --dry-run
  # End them: exactly those that are listed
  kubectl sre change db-terminate-idle pod/postgres-0 -n shop --idle-for 10m --confirm postgres-0";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    /// How long a session has done nothing at least
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    idle_for: Duration,
    /// Also sessions that are idle within a transaction: what they did not commit is rolled back
    #[arg(long)]
    in_transaction: bool,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    sre_runtime::flags::duration(text).ok_or_else(|| format!("{text:?} is not a duration; type for example 30s or 10m"))
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let acting = session.act().await?;
    let found = database::found(&acting, &args.database).await?;
    let answer = database::ask(&acting, &found.server.look(SESSIONS)).await?;
    let all = sessions(&answer).map_err(|error| Error::Refused {
        why: format!("the sessions of {} are not known: {error}", found.title()),
        hint: "look at it with kubectl exec".to_owned(),
    })?;
    let seconds = i64::try_from(args.idle_for.as_secs()).unwrap_or(i64::MAX);
    let sorted = sort_sessions(all, Idle { seconds, in_transaction: args.in_transaction });
    refuse_hidden(&sorted, &found.server.user)?;
    let why = format!("idle for {} at least", span(seconds));
    let step = db_terminate_idle(&found.pod, &found.server, &sorted.ended, why);
    let title = format!("end sessions of {} that are idle for {}", found.title(), span(seconds));
    acting.changed(title, step.into_iter().collect(), notes(&sorted), &args.change).await
}

/// Where nothing is seen of others, nothing to do would be a guess.
fn refuse_hidden(sorted: &Sorted, user: &str) -> Result<(), Error> {
    if sorted.hidden == 0 || !sorted.ended.is_empty() {
        return Ok(());
    }
    Err(Error::Refused {
        why: format!("{} sessions of others do not show the role {user} what they do", sorted.hidden),
        hint: "name a role that may see them (pg_read_all_stats): --db-user ROLE".to_owned(),
    })
}

fn notes(sorted: &Sorted) -> Vec<Note> {
    let ended = sorted.ended.iter().map(|session| Note::remark(format!("ends {}", session.words())));
    let kept = sorted.kept.iter().map(|(session, why)| Note::remark(format!("keeps {}: {why}", session.words())));
    let within = sorted.ended.iter().any(|session| session.state.as_deref() != Some("idle"));
    let rolled_back = within.then(|| Note::warning("what these sessions did not commit is rolled back"));
    let hidden = (sorted.hidden > 0)
        .then(|| Note::warning(format!("{} sessions of others do not show what they do", sorted.hidden)));
    let others =
        Note::remark(format!("{} other sessions are at work, not idle for as long, or not of clients", sorted.others));
    ended.chain(kept).chain([others]).chain(rolled_back).chain(hidden).collect()
}
