//! Reading the log against its head.

use super::GENESIS;
use super::append::Head;
use serde::Deserialize;
use sre_core::plan::sha256;
use thiserror::Error;

/// What a log that is whole comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many lines it has.
    pub lines: u64,
    /// How many bytes behind the head a killed run left.
    pub residue: usize,
}

/// What is wrong with a log; every one names the first bad record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// A line is no record.
    #[error("record {line} cannot be read")]
    Unreadable {
        /// Which, from 1.
        line: u64,
    },
    /// A line does not follow the one before it: one of the two was altered, or others stood between them.
    #[error("record {line} does not follow record {}: one of them was altered, added or removed", line - 1)]
    Broken {
        /// Which, from 1.
        line: u64,
    },
    /// The last line is not the one that the head vouches for.
    #[error("record {line}, the last one, is not what the head vouches for")]
    Head {
        /// Which, from 1.
        line: u64,
    },
    /// More stands behind the head than one run that was killed can have left: the head was lost, or is an old one.
    #[error("record {line} and those after it are not vouched for: the head was lost, or is an old one")]
    Beyond {
        /// The first of them, from 1.
        line: u64,
    },
    /// Lines are missing at the end.
    #[error("the log ends before record {line}, for which the head vouches")]
    Cut {
        /// The first that is missing, from 1.
        line: u64,
    },
}

impl Fault {
    /// The first bad record, from 1.
    pub fn line(&self) -> u64 {
        match self {
            Self::Unreadable { line }
            | Self::Broken { line }
            | Self::Head { line }
            | Self::Beyond { line }
            | Self::Cut { line } => *line,
        }
    }
}

#[derive(Deserialize)]
struct Link {
    seq: u64,
    prev: String,
}

/// Reads a log against its head.
///
/// # Errors
/// Names the first bad record.
pub fn verify(log: &[u8], head: &Head) -> Result<Verified, Fault> {
    let end = usize::try_from(head.bytes).unwrap_or(usize::MAX);
    let vouched = log.get(..end).unwrap_or(log);
    let mut last = (0, GENESIS.to_owned());
    for line in vouched.split_inclusive(|byte| *byte == b'\n') {
        let number = last.0 + 1;
        let Some(text) = line.strip_suffix(b"\n") else {
            return Err(if log.len() < end { Fault::Cut { line: number } } else { Fault::Unreadable { line: number } });
        };
        let link: Link = serde_json::from_slice(text).map_err(|_| Fault::Unreadable { line: number })?;
        if link.seq != number || link.prev != last.1 {
            return Err(Fault::Broken { line: number });
        }
        last = (number, sha256(text));
    }
    match last {
        (lines, _) if lines < head.seq => Err(Fault::Cut { line: lines + 1 }),
        (lines, hash) if lines > head.seq || hash != head.hash => Err(Fault::Head { line: lines.max(1) }),
        (lines, _) if is_more_than_one_line(&log[vouched.len()..]) => Err(Fault::Beyond { line: lines + 1 }),
        (lines, _) => Ok(Verified { lines, residue: log.len() - vouched.len() }),
    }
}

/// A run that is killed leaves one line at most behind the head.
pub(super) fn is_more_than_one_line(residue: &[u8]) -> bool {
    let first = residue.iter().position(|byte| *byte == b'\n').map_or(residue.len(), |at| at + 1);
    residue.len() > first
}
