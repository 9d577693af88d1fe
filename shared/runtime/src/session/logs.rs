//! The ends of logs: from the API server, from an archive, from a directory.

use super::After;
use super::record::Unfinished;
use crate::cluster::live::logs::fetch;
use crate::directory::{LogFile, log_files};
use crate::error::Error;
use crate::ui::Bars;
use sre_core::logs::{LogName, LogRead, LogsWanted, Redactor, Tail, Unread, state_of_logs};
use sre_core::snapshot::Snapshot;
use std::path::PathBuf;

/// Where stored logs are.
pub(super) enum StoredLogs {
    /// In an archive, which was read.
    Archive(Vec<LogRead>),
    /// In files of a directory.
    Directory(PathBuf),
    /// In a packed bundle, which was read.
    Bundle(Vec<LogFile>),
}

/// Reads what is wanted, in its order: the numbers of secrets follow it.
pub(super) async fn read(
    after: &mut After,
    snapshot: &mut Snapshot,
    wanted: &LogsWanted,
    bars: &Bars,
) -> Result<(), Error> {
    let (found, is_collected) = match after {
        After::Nothing => return Ok(()),
        After::Stored(_, StoredLogs::Archive(kept)) => (of_archive(kept, wanted), !kept.is_empty()),
        After::Stored(_, StoredLogs::Directory(path)) => {
            let files = log_files(path);
            (of_files(&files, wanted), !files.is_empty())
        }
        After::Stored(_, StoredLogs::Bundle(files)) => (of_files(files, wanted), !files.is_empty()),
        After::Live(live) => (fetch(&live.connection, wanted, live.deadline, bars).await, true),
    };
    let mut own = Redactor::default();
    let redactor = match after {
        // The same secret is the same word in a log and in the objects of its archive.
        After::Live(live) => live.archive.as_mut().map_or(&mut own, Unfinished::redactor),
        _ => &mut own,
    };
    let reads: Vec<LogRead> = found.into_iter().map(|read| read.redacted(redactor)).collect();
    if let After::Live(live) = after
        && let Some(archive) = &mut live.archive
    {
        archive.logs(&reads, &state_of_logs(wanted, &reads, is_collected))?;
    }
    snapshot.take_logs(wanted, reads, is_collected);
    Ok(())
}

fn none() -> Unread {
    Unread::NoLog("it was not collected".to_owned())
}

/// Logs of an archive, as they were read, refusals included.
fn of_archive(kept: &[LogRead], wanted: &LogsWanted) -> Vec<LogRead> {
    let find = |log: &LogName| kept.iter().find(|read| read.log == *log).map(|read| read.tail.clone());
    let read = |log: &LogName| LogRead { log: log.clone(), tail: find(log).unwrap_or_else(|| Err(none())) };
    wanted.logs.iter().map(read).collect()
}

/// Logs of files. Which instance a file is of depends on when it was written, so the other one serves where one is
/// missing.
fn of_files(files: &[LogFile], wanted: &LogsWanted) -> Vec<LogRead> {
    let mut reads = Vec::new();
    for log in &wanted.logs {
        let sibling = Some(log.sibling()).filter(|sibling| !wanted.logs.contains(sibling));
        let mut names = [Some(log.clone()), sibling].into_iter().flatten();
        let found = names.find_map(|log| Some((end_of(files, &log, wanted.is_search)?, log)));
        reads.push(match found {
            Some((tail, log)) => LogRead { log, tail },
            None => LogRead { log: log.clone(), tail: Err(none()) },
        });
    }
    reads
}

fn end_of(files: &[LogFile], log: &LogName, is_search: bool) -> Option<Result<Tail, Unread>> {
    let is_of = |file: &&LogFile| {
        let whole = LogName { container: String::new(), ..log.clone() };
        file.log == *log || file.log == whole
    };
    let file = files.iter().find(is_of)?;
    match file.end_of(&log.container) {
        Ok(text) => text.map(|text| Ok(if is_search { Tail::of_at_most(&text, usize::MAX) } else { Tail::of(&text) })),
        Err(error) => Some(Err(Unread::Unavailable(error.to_string()))),
    }
}
