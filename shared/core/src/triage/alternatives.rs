//! What else a cause could be: classes whose evidence was there too, and which lost.

use super::Diagnosis;
use crate::cause::{CLASSES, tells_only_that};
use crate::finding::{Effect, Finding, Rival};

/// How many of one cause are told.
const MOST: usize = 3;

/// What else it could be, by evidence that was seen; empty where nothing speaks for anything else.
pub(super) fn of(cause: &Diagnosis) -> Vec<Rival> {
    let own = &cause.judged.finding;
    let outranked = cause.explains.iter().filter_map(|it| rival(own, it));
    let mut rivals: Vec<Rival> = Vec::new();
    for rival in own.rivals.iter().cloned().chain(outranked) {
        let is_known = Some(rival.class) == own.class || rivals.iter().any(|it| it.class == rival.class);
        if !is_known {
            rivals.push(rival);
        }
    }
    rivals.truncate(MOST);
    rivals
}

/// What was said of the same object and lost; what is known to come of a cause is none, nor what the same words say.
fn rival(cause: &Finding, other: &Finding) -> Option<Rival> {
    let (against, class, evidence) = (other.outranked?, other.class?, other.evidence.first()?);
    let brings = CLASSES.iter().any(|it| Some(it.id) == cause.class && it.brings.contains(&class));
    let at = |finding: &Finding| finding.shows_on.iter().chain([&finding.object]).cloned().collect::<Vec<_>>();
    let is_of_the_same = at(cause).iter().any(|object| at(other).contains(object));
    let is_the_same = cause.evidence.iter().any(|it| it.object == evidence.object && it.value == evidence.value);
    let look = other.remedies.iter().find(|it| it.effect == Effect::Looks)?;
    let is_one = is_of_the_same && !is_the_same && !brings && !tells_only_that(other);
    is_one.then(|| Rival {
        class,
        object: other.object.clone(),
        evidence: evidence.clone(),
        against: against.to_owned(),
        apart: "see whether it is still said once the first is mended",
        command: look.command.clone(),
    })
}
