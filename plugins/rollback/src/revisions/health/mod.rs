//! Whether a revision was ever what it should be, and the facts that say so.

mod pods;
mod status;
mod takeover;
mod told;

use super::Seen;
use super::kept::Kept;
use sre_core::finding::Evidence;

/// How a revision fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What the facts come to.
    pub verdict: Verdict,
    /// The facts, those that the verdict rests on first.
    pub evidence: Vec<Evidence>,
}

/// What is known of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was available.
    Healthy,
    /// It does not work.
    Bad,
    /// Nothing tells.
    Unknown,
}

/// What a fact says of a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// It fails as it is now, or was found failing by us: stronger than that it was available once.
    Fails,
    /// It is or was available.
    Available,
    /// It had trouble, which may have passed.
    HadTrouble,
    /// Nothing by itself.
    Nothing,
}

struct Sign {
    says: Says,
    evidence: Evidence,
}

impl Says {
    fn by(self, evidence: Evidence) -> Sign {
        Sign { says: self, evidence }
    }
}

/// How the revision at an index fared.
pub(super) fn of(seen: &Seen<'_>, kept: &[Kept<'_>], index: usize) -> Health {
    let revision = &kept[index];
    let signs = [
        told::by_records(seen.records, revision),
        pods::signs(seen, revision),
        status::signs(seen, kept, index),
        takeover::signs(seen, kept, index),
        told::by_events(seen.events, revision),
    ];
    weigh(signs.into_iter().flatten().collect())
}

fn weigh(signs: Vec<Sign>) -> Health {
    let order = [(Says::Fails, Verdict::Bad), (Says::Available, Verdict::Healthy), (Says::HadTrouble, Verdict::Bad)];
    let decided = order.into_iter().find(|(says, _)| signs.iter().any(|sign| sign.says == *says));
    let (first, others): (Vec<Sign>, Vec<Sign>) =
        signs.into_iter().partition(|sign| decided.is_some_and(|(says, _)| sign.says == says));
    Health {
        verdict: decided.map_or(Verdict::Unknown, |(_, verdict)| verdict),
        evidence: first.into_iter().chain(others).map(|sign| sign.evidence).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::fact;
    use super::*;
    use sre_core::object::ObjectRef;

    #[test]
    fn what_fails_now_outweighs_what_was_and_that_outweighs_trouble_that_passed() {
        let verdict = |says: &[Says]| {
            let object = ObjectRef::cluster("Node", "n");
            let health = weigh(says.iter().map(|it| it.by(fact(&object, "field", format!("{it:?}")))).collect());
            (health.verdict, health.evidence.first().map(|it| it.value.clone()).unwrap_or_default())
        };
        let (available, trouble) = ("Available".to_owned(), "HadTrouble".to_owned());
        assert_eq!(verdict(&[Says::HadTrouble, Says::Available]), (Verdict::Healthy, available));
        assert_eq!(verdict(&[Says::Available, Says::Fails]), (Verdict::Bad, "Fails".to_owned()));
        assert_eq!(verdict(&[Says::Nothing, Says::HadTrouble]), (Verdict::Bad, trouble));
        assert_eq!(verdict(&[Says::Nothing]).0, Verdict::Unknown);
        assert_eq!(verdict(&[]).0, Verdict::Unknown);
    }
}
