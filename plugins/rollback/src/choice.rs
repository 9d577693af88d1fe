//! Which revision to go back to.

use crate::revisions::{Revision, Verdict, is_same, is_same_but_restarted};
use sre_core::plan::{Note, Tier};

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The newest revision that is known to have worked.
    LastHealthy,
    /// This one.
    Number(i64),
}

/// The revision to go back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its number.
    pub number: i64,
    /// What is known of it.
    pub verdict: Verdict,
    /// What may be lost by going there, as far as the revision matters.
    pub tier: Tier,
    /// What is to be known of the choice.
    pub notes: Vec<Note>,
}

/// Why there is nowhere to go back to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChoice {
    /// It runs what was asked for.
    #[error("nothing to do: the workload is at revision {number}{}", because(*.is_brought_back, .others))]
    NothingToDo {
        /// The current revision.
        number: i64,
        /// Whether somebody went back to it already.
        is_brought_back: bool,
        /// The numbers of the others, newest first.
        others: Vec<i64>,
    },
    /// Nothing else is kept.
    #[error(
        "no other revision is kept: nothing was changed yet, or spec.revisionHistoryLimit is 0; set the image to \
         the digest of the one that worked (kubectl sre change set-image), or go back in Helm or in Git"
    )]
    NoHistory,
    /// There is no revision of that number.
    #[error("there is no revision {wanted}; there are {}", listed(.there))]
    NoSuchRevision {
        /// What was asked for.
        wanted: i64,
        /// The numbers that there are, newest first.
        there: Vec<i64>,
    },
    /// All others are known not to work.
    #[error("every earlier revision is known not to work: {}; name one with --to-revision", listed(.bad))]
    OnlyBad {
        /// Their numbers, newest first.
        bad: Vec<i64>,
    },
}

/// Chooses among all revisions, newest first.
///
/// # Errors
/// Says why there is nothing to choose.
pub fn choose(revisions: &[Revision], wanted: Wanted) -> Result<Choice, NoChoice> {
    match wanted {
        Wanted::Number(number) => by_number(revisions, number),
        Wanted::LastHealthy => last_healthy(revisions),
    }
}

fn by_number(revisions: &[Revision], number: i64) -> Result<Choice, NoChoice> {
    let Some(target) = revisions.iter().find(|it| it.number == number) else {
        return Err(NoChoice::NoSuchRevision { wanted: number, there: numbers(revisions.iter()) });
    };
    match current(revisions) {
        Some(now) if is_same(&now.template, &target.template) => Err(nothing_to_do(now, revisions)),
        _ => Ok(chosen(target)),
    }
}

fn last_healthy(revisions: &[Revision]) -> Result<Choice, NoChoice> {
    let candidates: Vec<&Revision> = match current(revisions) {
        // What it was brought back from was left for a reason: done again, it would only go to and fro. When it does
        // not work either, the way is further back.
        Some(now) if now.is_brought_back && now.health.verdict != Verdict::Bad => {
            return Err(nothing_to_do(now, revisions));
        }
        Some(now) => revisions.iter().filter(|it| is_candidate(it, now)).collect(),
        None => revisions.iter().collect(),
    };
    let newest = |verdict: Verdict| candidates.iter().find(|it| it.health.verdict == verdict);
    match newest(Verdict::Healthy).or_else(|| newest(Verdict::Unknown)) {
        Some(target) => Ok(chosen(target)),
        None if candidates.is_empty() => Err(NoChoice::NoHistory),
        None => Err(NoChoice::OnlyBad { bad: numbers(candidates.into_iter()) }),
    }
}

fn is_candidate(revision: &Revision, now: &Revision) -> bool {
    let is_other = !is_same_but_restarted(&revision.template, &now.template);
    // Times have no fractions, and scripts are faster.
    is_other && (!now.is_brought_back || revision.created <= now.created)
}

fn current(revisions: &[Revision]) -> Option<&Revision> {
    revisions.iter().find(|it| it.is_current)
}

fn chosen(target: &Revision) -> Choice {
    let number = target.number;
    let (tier, notes) = match target.health.verdict {
        Verdict::Healthy => (Tier::Reversible, Vec::new()),
        Verdict::Unknown => (
            Tier::Disruptive,
            vec![Note::warning(format!("health unknown: nothing shows that revision {number} worked"))],
        ),
        Verdict::Bad => (Tier::Disruptive, vec![Note::warning(format!("revision {number} is known not to work"))]),
    };
    Choice { number, verdict: target.health.verdict, tier, notes }
}

fn nothing_to_do(now: &Revision, revisions: &[Revision]) -> NoChoice {
    let others = numbers(revisions.iter().filter(|it| it.number != now.number));
    NoChoice::NothingToDo { number: now.number, is_brought_back: now.is_brought_back, others }
}

fn numbers<'a>(revisions: impl Iterator<Item = &'a Revision>) -> Vec<i64> {
    revisions.map(|it| it.number).collect()
}

fn because(is_brought_back: bool, others: &[i64]) -> String {
    if is_brought_back {
        format!(
            ", which somebody went back to already; to go elsewhere, name one with --to-revision: {}",
            listed(others)
        )
    } else {
        String::new()
    }
}

fn listed(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
