//! The lines that a run leaves before and after each step, and what they tell whoever goes on after it.

use super::outcome::{Ended, Happened};
use crate::lines::whole_lines;
use crate::object::ObjectRef;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "camelCase", deny_unknown_fields)]
pub enum Entry {
    /// A run began to carry out the plan of this digest.
    Began {
        /// The digest of the plan.
        plan: String,
        /// The run.
        run: String,
    },
    /// A step is about to be sent.
    Intent {
        /// Which, from 0.
        step: usize,
    },
    /// The server took a step; what must hold is still to be waited for.
    Taken {
        /// Which, from 0.
        step: usize,
    },
    /// The program of a step was started.
    Started {
        /// Which, from 0.
        step: usize,
        /// The process, on the machine that the run is on.
        process: u32,
    },
    /// The program of a step ended, or was ended.
    #[serde(rename_all = "camelCase")]
    Ran {
        /// Which, from 0.
        step: usize,
        /// Its exit code; none when it was ended by a signal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
        /// What it printed last, on both of its ways.
        output: String,
    },
    /// What became of a step.
    Result {
        /// Which, from 0.
        step: usize,
        /// What became of it.
        happened: Happened,
    },
    /// What a workload ran when the run ended, and whether that works.
    Fared(Fared),
    /// What was seen while it was watched when all was done.
    Watched {
        /// A sentence each.
        seen: Vec<String>,
    },
    /// The run ended.
    End {
        /// How.
        ended: Ended,
    },
}

/// What a workload ran when a run ended, and whether that works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fared {
    /// The workload.
    pub object: ObjectRef,
    /// What its pod template means, see [`crate::pod_template::digest`].
    pub template: String,
    /// Whether its rollout came to its end and, where it was watched, it went on working.
    pub works: bool,
    /// When that was found.
    pub at: Timestamp,
}

/// How far a step got, as far as the journal tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It was not begun.
    NotBegun,
    /// It was about to be sent: only the object tells whether it was taken.
    Intended,
    /// The server took it.
    Taken,
    /// It came to an end.
    Ended(Happened),
}

/// What a journal tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How far each step got.
    pub steps: Vec<Reached>,
    /// How the last run ended; none when it was killed, or goes on.
    pub ended: Option<Ended>,
    /// The runs that carried it out, the oldest first.
    pub runs: Vec<String>,
    /// What the programs of its steps printed, the oldest first.
    pub outputs: Vec<Printed>,
    /// The process of a program of which nobody wrote down that it ended.
    pub process: Option<u32>,
    /// How workloads fared that it changed, the oldest first.
    pub fared: Vec<Fared>,
    /// What was seen while the last run watched.
    pub watched: Vec<String>,
}

/// What the program of a step printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Which step, from 0.
    pub step: usize,
    /// Its exit code; none when it was ended by a signal.
    pub code: Option<i32>,
    /// What it printed last.
    pub output: String,
}

/// Why a journal cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A line that is followed by others is no entry.
    #[error("line {line} is no entry: {why}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// It belongs to another plan.
    #[error("it belongs to another plan")]
    OtherPlan,
}

/// Reads a journal of a plan with so many steps and this digest.
///
/// What stands behind the last line's end was being written when the run was killed: it was not promised yet.
///
/// # Errors
/// Says which line is damaged, or that the journal is of another plan.
pub fn replay(journal: &[u8], steps: usize, digest: &str) -> Result<Replayed, Unreadable> {
    let steps = vec![Reached::NotBegun; steps];
    let mut replayed = Replayed { steps, ..Replayed::default() };
    for (index, line) in whole_lines(journal).enumerate() {
        let wrong = |why: String| Unreadable::Line { line: index + 1, why };
        let entry: Entry = serde_json::from_slice(line).map_err(|error| wrong(error.to_string()))?;
        let mut reach = |step: usize, reached: Reached| {
            let place = replayed.steps.get_mut(step).ok_or_else(|| wrong(format!("there is no step {step}")))?;
            *place = reached;
            Ok(())
        };
        match entry {
            Entry::Began { plan, .. } if plan != digest => return Err(Unreadable::OtherPlan),
            Entry::Began { run, .. } => {
                replayed.ended = None;
                replayed.watched = Vec::new();
                replayed.runs.push(run);
            }
            Entry::Intent { step } => reach(step, Reached::Intended)?,
            Entry::Taken { step } => reach(step, Reached::Taken)?,
            Entry::Started { process, .. } => replayed.process = Some(process),
            Entry::Ran { step, code, output } => {
                replayed.process = None;
                replayed.outputs.push(Printed { step, code, output });
            }
            Entry::Result { step, happened } => reach(step, Reached::Ended(happened))?,
            Entry::Fared(fared) => replayed.fared.push(fared),
            Entry::Watched { seen } => replayed.watched = seen,
            Entry::End { ended } => replayed.ended = Some(ended),
        }
    }
    Ok(replayed)
}

impl Replayed {
    /// What became of each step, as far as the journal tells.
    pub fn happened(&self) -> Vec<Happened> {
        let happened = |reached: &Reached| match reached {
            Reached::NotBegun => Happened::NotDone,
            Reached::Intended => Happened::Unknown { why: "the run ended while it was sent".to_owned() },
            Reached::Taken => Happened::Unverified { why: "the run ended while it was waited for".to_owned() },
            Reached::Ended(happened) => happened.clone(),
        };
        self.steps.iter().map(happened).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(entries: &[Entry]) -> Vec<u8> {
        let line = |entry| serde_json::to_string(entry).expect("JSON") + "\n";
        entries.iter().map(line).collect::<String>().into_bytes()
    }

    fn entries() -> Vec<Entry> {
        vec![
            Entry::Began { plan: "d".to_owned(), run: "r".to_owned() },
            Entry::Intent { step: 0 },
            Entry::Taken { step: 0 },
            Entry::Result { step: 0, happened: Happened::Done },
            Entry::Intent { step: 1 },
        ]
    }

    #[test]
    fn a_journal_tells_how_far_each_step_got_wherever_it_was_cut() {
        let whole = journal(&entries());
        let mut last = 0;
        for length in 0..=whole.len() {
            let replayed = replay(&whole[..length], 2, "d").expect("a cut is no damage");
            let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
            let expected = [
                [Reached::NotBegun, Reached::NotBegun],
                [Reached::NotBegun, Reached::NotBegun],
                [Reached::Intended, Reached::NotBegun],
                [Reached::Taken, Reached::NotBegun],
                [Reached::Ended(Happened::Done), Reached::NotBegun],
                [Reached::Ended(Happened::Done), Reached::Intended],
            ];
            assert_eq!(replayed.steps, expected[lines], "{length} bytes");
            last = lines;
        }
        assert_eq!(last, 5);
    }

    #[test]
    fn a_step_that_is_done_again_counts_as_it_went_the_last_time() {
        let mut twice = entries();
        twice.push(Entry::End { ended: Ended::Interrupted });
        twice.push(Entry::Began { plan: "d".to_owned(), run: "s".to_owned() });
        twice.push(Entry::Result { step: 1, happened: Happened::Done });
        let replayed = replay(&journal(&twice), 2, "d").expect("a journal");
        assert_eq!((replayed.happened(), replayed.ended), (vec![Happened::Done, Happened::Done], None));
    }

    #[test]
    fn a_program_that_nobody_saw_end_is_known_by_its_process() {
        let started = vec![
            Entry::Began { plan: "d".to_owned(), run: "r".to_owned() },
            Entry::Intent { step: 0 },
            Entry::Started { step: 0, process: 42 },
        ];
        let told = |entries: &[Entry]| replay(&journal(entries), 2, "d").expect("a journal");
        assert_eq!((told(&started).process, &told(&started).steps[0]), (Some(42), &Reached::Intended));
        let ran = Entry::Ran { step: 0, code: Some(0), output: "done".to_owned() };
        let ended = told(&[started, vec![ran]].concat());
        assert_eq!((ended.process, ended.outputs.len()), (None, 1));
    }

    #[test]
    fn damage_is_told_with_its_line() {
        let mut damaged = journal(&entries());
        let second = damaged.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
        damaged[second] = b'x';
        assert!(matches!(replay(&damaged, 2, "d"), Err(Unreadable::Line { line: 2, .. })));
        assert_eq!(replay(&journal(&entries()), 2, "e"), Err(Unreadable::OtherPlan));
        assert!(matches!(replay(&journal(&entries()), 1, "d"), Err(Unreadable::Line { line: 5, .. })));
    }
}
