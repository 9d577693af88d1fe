//! What was looked at, and what could not be seen.

use crate::check::Sight;
use std::collections::{BTreeMap, BTreeSet};

/// What became of each thing that a run could have looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    states: BTreeMap<Sight, ReadState>,
    /// What could not be read and belongs to no kind: a broken file among others.
    pub problems: Vec<String>,
}

/// What became of one read.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadState {
    /// Read whole; so many objects.
    Read {
        /// Objects seen.
        count: usize,
    },
    /// Outside of what was asked for (`--only`, `--skip`, a namespace).
    NotAsked,
    /// The API server does not serve the kind.
    NotInstalled,
    /// A directory or bundle that does not hold the kind; nothing follows from that.
    NotCollected,
    /// Could not be looked at, or not whole.
    Gap(Gap),
}

/// A read that failed, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// What kind of failure.
    pub reason: GapReason,
    /// The failure in words, for example the server's message; never an object's content.
    pub detail: String,
    /// Objects that were seen nevertheless.
    pub seen: usize,
}

/// Why something could not be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// The caller may not list it.
    Forbidden,
    /// No answer within the deadline.
    TimedOut,
    /// The answer ended early or was damaged.
    CutShort,
    /// Objects were there that could not be read.
    Undecodable,
    /// The API that serves it does not answer.
    Unavailable,
}

impl GapReason {
    /// Every reason.
    const ALL: [Self; 5] = [Self::Forbidden, Self::TimedOut, Self::CutShort, Self::Undecodable, Self::Unavailable];

    /// Finds a reason by its word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// The word that reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::TimedOut => "timed out",
            Self::CutShort => "cut short",
            Self::Undecodable => "undecodable",
            Self::Unavailable => "API unavailable",
        }
    }
}

impl ReadState {
    /// The word for what became of a read.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::NotAsked => "not asked for",
            Self::NotInstalled => "not installed",
            Self::NotCollected => "not collected",
            Self::Gap(gap) => gap.reason.word(),
        }
    }
}

impl Coverage {
    /// Records what became of a read; the last word counts.
    pub fn record(&mut self, sight: Sight, state: ReadState) {
        self.states.insert(sight, state);
    }

    /// Forgets every read but these.
    pub fn keep_only(&mut self, sights: &BTreeSet<Sight>) {
        self.states.retain(|sight, _| sights.contains(sight));
    }

    /// What became of a read; what was never recorded was not asked for.
    pub fn state(&self, sight: Sight) -> &ReadState {
        self.states.get(&sight).unwrap_or(&ReadState::NotAsked)
    }

    /// Whether it was read whole, so that absence proves something.
    pub fn is_whole(&self, sight: Sight) -> bool {
        matches!(self.state(sight), ReadState::Read { .. })
    }

    /// The gap, if there is one.
    pub fn gap(&self, sight: Sight) -> Option<&Gap> {
        match self.state(sight) {
            ReadState::Gap(gap) => Some(gap),
            _ => None,
        }
    }

    /// Every recorded read, in the order of the kinds.
    pub fn iter(&self) -> impl Iterator<Item = (Sight, &ReadState)> {
        self.states.iter().map(|(sight, state)| (*sight, state))
    }

    /// Every gap, in the order of the kinds.
    pub fn gaps(&self) -> impl Iterator<Item = (Sight, &Gap)> {
        self.states.iter().filter_map(|(sight, state)| match state {
            ReadState::Gap(gap) => Some((*sight, gap)),
            _ => None,
        })
    }

    /// Whether anything could not be looked at.
    pub fn has_gaps(&self) -> bool {
        self.gaps().next().is_some() || !self.problems.is_empty()
    }

    /// Objects seen in all; what the API server says of its own health is none.
    pub fn objects_seen(&self) -> usize {
        let lists = self.states.iter().filter(|(sight, _)| matches!(sight, Sight::Of(_)));
        let seen = lists.map(|(_, state)| match state {
            ReadState::Read { count } => *count,
            ReadState::Gap(gap) => gap.seen,
            _ => 0,
        });
        seen.sum()
    }
}
