//! `change db-slow-log`.

use super::database::{self, Database, Found};
use super::db_terminate_idle::duration;
use jiff::SignedDuration;
use sre_core::plan::{Note, SlowLog, db_slow_log, slow_log_question};
use sre_core::postgres::read;
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::time::Duration;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Log statements of a second and more for half an hour; what is set now, and what takes it back
  kubectl sre change db-slow-log statefulset/postgres -n shop --over 1s --for 30m --dry-run
  kubectl sre change db-slow-log statefulset/postgres -n shop --over 1s --for 30m --yes";

/// The longest that the server takes for a limit, in milliseconds.
const MOST: i64 = i32::MAX as i64;

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    database: Database,
    /// Statements that take as long are logged
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = limit)]
    over: i64,
    /// When it is due back; nothing sets it back by itself
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    period: Option<Duration>,
    #[command(flatten)]
    change: ChangeFlags,
}

/// A limit in milliseconds.
fn limit(text: &str) -> Result<i64, String> {
    let milliseconds = i64::try_from(duration(text)?.as_millis()).unwrap_or(i64::MAX);
    if milliseconds <= MOST { Ok(milliseconds) } else { Err(format!("{text:?} is longer than PostgreSQL takes")) }
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let acting = session.act().await?;
    let found = database::found(&acting, &args.database).await?;
    let answer = database::ask(&acting, &found.server.look(&slow_log_question())).await?;
    let now: SlowLog = read(&answer).map_err(|error| Error::Refused {
        why: format!("what {} logs is not known: {error}", found.title()),
        hint: "look at it with kubectl exec".to_owned(),
    })?;
    let step = db_slow_log(&found.pod, &found.server, &now, args.over, "asked for".to_owned());
    if step.is_some() {
        refuse_outranked(&now, &found)?;
    }
    let due = args.period.and_then(|period| acting.now().checked_add(SignedDuration::try_from(period).ok()?).ok());
    let back = match due {
        Some(due) => format!("due back at {due:.0}: kubectl sre change undo {}", session.run_id()),
        None => format!("it stays until it is taken back: kubectl sre change undo {}", session.run_id()),
    };
    let mut notes = vec![Note::remark(format!("now {} ({})", now.words(), now.source))];
    if step.is_some() {
        notes.push(Note::remark(format!("nothing sets it back by itself; {back}")));
        notes.push(Note::warning("what is logged holds the text of statements, with the values that stand in it"));
    }
    let title = format!("log statements of {} that take {} ms", found.title(), args.over);
    acting.changed(title, step.into_iter().collect(), notes, &args.change).await
}

fn refuse_outranked(now: &SlowLog, found: &Found) -> Result<(), Error> {
    let Some(source) = now.outranked_by() else { return Ok(()) };
    Err(Error::Refused {
        why: format!(
            "log_min_duration_statement of {} is set by: {source}, which outranks ALTER SYSTEM",
            found.title()
        ),
        hint: "change it where it is set".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_milliseconds_that_the_server_takes() {
        assert_eq!([limit("1s"), limit("250ms"), limit("0")], [Ok(1000), Ok(250), Ok(0)]);
        assert!(limit("1000h").is_err() && limit("soon").is_err());
    }
}
