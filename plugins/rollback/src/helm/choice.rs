//! Which revision of a release to go back to.

use super::health::Fared;
use crate::choice::Wanted;
use crate::revisions::Verdict;
use sre_core::plan::{Note, Tier};

/// The revision to go back to.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<'a> {
    /// The revision.
    pub target: &'a Fared,
    /// What may be lost by going there, as far as the revision matters.
    pub tier: Tier,
    /// What is to be known of the choice.
    pub notes: Vec<Note>,
}

/// Why there is nowhere to go back to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChoice {
    /// It is there already.
    #[error("nothing to do: the release is at revision {0}")]
    NothingToDo(i64),
    /// Another operation of Helm is under way, or died on its way.
    #[error("revision {revision} is {status}: another operation of Helm is under way, or died on its way{since}{by}")]
    Pending {
        /// The revision.
        revision: i64,
        /// As Helm says it.
        status: String,
        /// When it began.
        since: String,
        /// Who wrote it.
        by: String,
    },
    /// There is no revision of that number.
    #[error("there is no revision {wanted}; there are {there}")]
    NoSuchRevision {
        /// What was asked for.
        wanted: i64,
        /// Those that there are, newest first.
        there: String,
    },
    /// Nothing else is kept.
    #[error("no other revision is kept that differs")]
    NoHistory,
    /// All others are known not to work.
    #[error("every other revision is known not to work: {0}; name one with --to-revision")]
    OnlyBad(String),
}

/// Chooses among all revisions, newest first.
///
/// # Errors
/// Says why there is nothing to choose.
pub fn choose(revisions: &[Fared], wanted: Wanted) -> Result<Choice<'_>, NoChoice> {
    let newest = revisions.first().ok_or(NoChoice::NoHistory)?;
    if newest.release.is_pending() {
        return Err(pending(newest));
    }
    match wanted {
        Wanted::Number(number) => by_number(revisions, newest, number),
        Wanted::LastHealthy => last_healthy(revisions, newest),
    }
}

fn pending(newest: &Fared) -> NoChoice {
    let release = &newest.release;
    let since = release.deployed.map_or_else(String::new, |at| format!(", since {at:.0}"));
    let by = release.written.as_ref();
    let by = by.map_or_else(String::new, |(manager, at)| format!("; its record was written by {manager} at {at:.0}"));
    NoChoice::Pending { revision: release.revision, status: release.status.clone(), since, by }
}

fn by_number<'a>(revisions: &'a [Fared], newest: &Fared, wanted: i64) -> Result<Choice<'a>, NoChoice> {
    let target = revisions.iter().find(|it| it.release.revision == wanted);
    let target = target.ok_or_else(|| NoChoice::NoSuchRevision { wanted, there: numbers(revisions.iter()) })?;
    let is_same = wanted == newest.release.revision || newest.release.same_as.contains(&wanted);
    if is_same && newest.release.status == "deployed" {
        return Err(NoChoice::NothingToDo(newest.release.revision));
    }
    Ok(chosen(target))
}

fn last_healthy<'a>(revisions: &'a [Fared], newest: &Fared) -> Result<Choice<'a>, NoChoice> {
    let brought_back = newest.release.rolled_back_to();
    // What it was brought back from was left for a reason: done again, it would only go to and fro.
    if brought_back.is_some() && newest.verdict != Verdict::Bad {
        return Err(NoChoice::NothingToDo(newest.release.revision));
    }
    let is_candidate = |it: &&Fared| {
        let number = it.release.revision;
        let differs = number != newest.release.revision && !newest.release.same_as.contains(&number);
        // What is pending never ended, and what was uninstalled was taken away on purpose.
        differs && !it.release.is_pending() && brought_back.is_none_or(|back| number < back)
    };
    let candidates: Vec<&Fared> = revisions.iter().filter(is_candidate).collect();
    let first = |verdict: Verdict| candidates.iter().find(|it| it.verdict == verdict);
    match first(Verdict::Healthy).or_else(|| first(Verdict::Unknown)) {
        Some(target) => Ok(chosen(target)),
        None if candidates.is_empty() => Err(NoChoice::NoHistory),
        None => Err(NoChoice::OnlyBad(numbers(candidates.into_iter()))),
    }
}

fn chosen(target: &Fared) -> Choice<'_> {
    let number = target.release.revision;
    let (tier, notes) = match target.verdict {
        Verdict::Healthy => (Tier::Reversible, Vec::new()),
        Verdict::Unknown => {
            let text = format!("health unknown: nothing shows that revision {number} worked");
            (Tier::Disruptive, vec![Note::warning(text)])
        }
        Verdict::Bad => (Tier::Disruptive, vec![Note::warning(format!("revision {number} is known not to work"))]),
    };
    Choice { target, tier, notes }
}

fn numbers<'a>(revisions: impl Iterator<Item = &'a Fared>) -> String {
    revisions.map(|it| it.release.revision.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::health::tests::release;
    use super::*;

    fn fared(revision: i64, status: &str, verdict: Verdict) -> Fared {
        Fared { release: release(revision, status, &format!("web:{revision}")), verdict, evidence: Vec::new() }
    }

    fn chosen(revisions: &[Fared], wanted: Wanted) -> Result<(i64, Tier), NoChoice> {
        choose(revisions, wanted).map(|it| (it.target.release.revision, it.tier))
    }

    use Verdict::{Bad, Healthy, Unknown};
    use Wanted::{LastHealthy, Number};

    #[test]
    fn the_newest_that_is_known_to_have_worked_is_meant_and_never_the_one_before_it_as_such() {
        let mut all = vec![
            fared(5, "deployed", Bad),
            fared(4, "failed", Bad),
            fared(3, "superseded", Unknown),
            fared(2, "superseded", Healthy),
        ];
        assert_eq!(chosen(&all, LastHealthy), Ok((2, Tier::Reversible)));
        all.pop();
        assert_eq!(chosen(&all, LastHealthy), Ok((3, Tier::Disruptive)), "health unknown");
        assert_eq!(chosen(&all, Number(4)), Ok((4, Tier::Disruptive)));
        all.pop();
        assert_eq!(chosen(&all, LastHealthy), Err(NoChoice::OnlyBad("4".to_owned())));
        all.pop();
        assert_eq!(chosen(&all, LastHealthy), Err(NoChoice::NoHistory));
        assert!(matches!(chosen(&all, Number(9)), Err(NoChoice::NoSuchRevision { wanted: 9, .. })));
        assert_eq!(chosen(&all, Number(5)), Err(NoChoice::NothingToDo(5)));
    }

    #[test]
    fn it_does_not_go_to_and_fro() {
        let mut all = vec![
            fared(4, "deployed", Healthy),
            fared(3, "superseded", Bad),
            fared(2, "superseded", Healthy),
            fared(1, "superseded", Healthy),
        ];
        all[0].release.description = "Rollback to 2".to_owned();
        all[0].release.same_as = vec![2];
        assert_eq!(chosen(&all, LastHealthy), Err(NoChoice::NothingToDo(4)));
        assert_eq!(chosen(&all, Number(2)), Err(NoChoice::NothingToDo(4)), "it is the same");
        all[0].verdict = Bad;
        assert_eq!(chosen(&all, LastHealthy), Ok((1, Tier::Reversible)), "when it does not work either: further back");
    }

    #[test]
    fn what_is_pending_is_diagnosed() {
        let mut all = vec![fared(2, "pending-upgrade", Bad), fared(1, "deployed", Healthy)];
        let at = "2026-01-15T08:00:00Z".parse().expect("a time");
        (all[0].release.deployed, all[0].release.written) = (Some(at), Some(("helm".to_owned(), at)));
        let said = choose(&all, LastHealthy).expect_err("pending").to_string();
        assert!(
            said.contains("revision 2 is pending-upgrade") && said.contains("since 2026-01-15T08:00:00Z"),
            "{said}"
        );
        assert!(said.ends_with("its record was written by helm at 2026-01-15T08:00:00Z"), "{said}");
    }
}
