//! What follows from the times at which a Deployment let its ReplicaSets go.
//!
//! A ReplicaSet at zero shows nothing of how it fared. But a Deployment with the strategy RollingUpdate takes away
//! old pods only while enough others are available: its controller keeps
//!
//! ```text
//! pods of all old ReplicaSets + available pods of the new one >= replicas - maxUnavailable
//! ```
//!
//! whether it cuts old pods that work or, first, old pods that do not. Once **all** old ReplicaSets are at zero, the
//! new one must have had `replicas - maxUnavailable` available pods. When that was is written down: the controller's
//! entry in the `managedFields` of a ReplicaSet has the time of its last write, and nothing writes to one at zero,
//! unless somebody goes back to it.
//!
//! So revision N was available if, before N+1 was made, the last of the ReplicaSets of before N went to zero. It is not
//! enough that N-1 is at zero. When N-1 never worked, and N-2 served meanwhile, then N-1 is cleaned away at once for N,
//! whether N works or not. Hence the conditions, each with a test:
//!
//! - N-1, N and N+1 are kept, by the numbers that they had when they were made, and nobody went back to N-1. All that
//!   are kept of before N went to zero before N+1 was made, by the controller's own hand.
//! - Nothing older that is no longer kept can have served meanwhile: all down to revision 1 are kept and took over
//!   from one another, or we verified N-1 while it was the current one, or N-1 was let go only some time after N was
//!   made. Pods that do not work are taken away at once as long as others serve; pods that do work go oldest
//!   ReplicaSet first.
//! - The pods were wanted: the annotation that the controller leaves on a ReplicaSet when it scales it says how many
//!   replicas the Deployment had then, and how many at most, which tells RollingUpdate from Recreate, where old pods
//!   go before new ones come. It must be the surge of today's strategy; that `maxUnavailable` is still what it was
//!   then is the one thing that is assumed, and the evidence says so.
//! - Being available means something: a readiness probe, or `minReadySeconds`. Without them a container that crashes
//!   every few seconds is available in between, and that suffices for a rollout.

use super::super::fields::{Fields, fact};
use super::super::kept::Kept;
use super::super::{Record, Seen, digest};
use super::{Says, Sign};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sre_core::finding::Evidence;

/// Much longer than the controller takes to clean away pods that do not work.
const HELD_ON: SignedDuration = SignedDuration::from_secs(10);

pub(super) fn signs(seen: &Seen<'_>, kept: &[Kept<'_>], index: usize) -> Vec<Sign> {
    if seen.workload["kind"] != "Deployment"
        || index + 1 == kept.len()
        || kept[index].fields.number("/spec/replicas") > 0
    {
        return Vec::new();
    }
    let revision = &kept[index];
    match took_over(seen, kept, revision) {
        Ok(proof) => proof.into_iter().map(|it| Says::Available.by(it)).collect(),
        Err(why) => vec![Says::Nothing.by(fact(&revision.object, "spec.replicas", format!("0: {}", why.words())))],
    }
}

/// Why nothing follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nothing {
    NotRolling,
    NotInRow,
    NotLetGo,
    OlderMayHaveServed,
    NobodyAsked,
    Untested,
}

impl Nothing {
    fn words(self) -> &'static str {
        match self {
            Self::NotRolling => "the strategy takes old pods away before new ones are available",
            Self::NotInRow => {
                "the revisions right before and after it are not kept, or somebody went back to one of them"
            }
            Self::NotLetGo => "what was there before it still had pods when the next one was made",
            Self::OlderMayHaveServed => "an older revision that is no longer kept may have served meanwhile",
            Self::NobodyAsked => "too few replicas were wanted, or the strategy was another one",
            Self::Untested => "it has no readiness probe and no minReadySeconds that it had to pass",
        }
    }
}

/// The facts that show that a revision was available.
fn took_over(seen: &Seen<'_>, kept: &[Kept<'_>], revision: &Kept<'_>) -> Result<Vec<Evidence>, Nothing> {
    let proof = replaced_all(seen, kept, revision)?;
    if must_prove_itself(revision) { Ok(proof) } else { Err(Nothing::Untested) }
}

/// The facts that show that nothing older had pods any more when the next one was made.
fn replaced_all(seen: &Seen<'_>, kept: &[Kept<'_>], revision: &Kept<'_>) -> Result<Vec<Evidence>, Nothing> {
    let strategy = Strategy::of(seen.workload).ok_or(Nothing::NotRolling)?;
    let (before, after) = neighbours(kept, revision).ok_or(Nothing::NotInRow)?;
    let (began, ended) = (revision.created, after.created);
    let older = || kept.iter().filter(|it| it.first < revision.first);
    if !older().all(|it| at_zero_since(it).is_some_and(|at| at < ended)) {
        return Err(Nothing::NotLetGo);
    }
    let last = at_zero_since(before).filter(|at| *at >= began).ok_or(Nothing::NotLetGo)?;
    let meanwhile = older().filter(|it| at_zero_since(it) >= Some(began));
    let least = meanwhile.map(|it| strategy.kept_available(it)).min().flatten().ok_or(Nothing::NobodyAsked)?;
    if last.duration_since(began) < HELD_ON && !was_alone(seen, kept, before, began) {
        return Err(Nothing::OlderMayHaveServed);
    }
    let (let_go, deployment) = (format!("at 0 replicas since {last}"), Fields(seen.workload).object_ref("Deployment"));
    let assumed = format!("{}: if it was so then too, {least} replicas had to be available", strategy.unavailable);
    Ok(vec![
        fact(&before.object, "metadata.managedFields[kube-controller-manager].time", let_go),
        fact(&after.object, "metadata.creationTimestamp", ended),
        fact(&deployment, "spec.strategy.rollingUpdate.maxUnavailable", assumed),
    ])
}

/// The revisions right before and after one when it was made; what became of the one after it does not matter.
fn neighbours<'a, 'b>(kept: &'b [Kept<'a>], revision: &Kept<'_>) -> Option<(&'b Kept<'a>, &'b Kept<'a>)> {
    let before = kept.iter().find(|it| it.number + 1 == revision.first && !it.is_brought_back)?;
    let after = kept.iter().find(|it| it.first == revision.first + 1)?;
    (before.created <= revision.created && revision.created <= after.created).then_some((before, after))
}

/// When the controller scaled a ReplicaSet to zero; none for one that somebody scaled by hand.
fn at_zero_since(revision: &Kept<'_>) -> Option<Timestamp> {
    let set = revision.fields;
    let is_at_zero = set.number("/spec/replicas") == 0 && set.number("/status/replicas") == 0;
    let entries = set.list("/metadata/managedFields").iter().filter(|_| is_at_zero);
    let by_controller = |it: &&Value| it["manager"] == "kube-controller-manager" && it["subresource"].is_null();
    let scales = |it: &&Value| it.pointer("/fieldsV1/f:spec/f:replicas").is_some();
    entries.filter(by_controller).find(scales).and_then(|it| Fields(it).time("/time"))
}

/// Whether no other revision had pods when the one after it was made.
fn was_alone(seen: &Seen<'_>, kept: &[Kept<'_>], revision: &Kept<'_>, until: Timestamp) -> bool {
    let is_first = revision.first == 1;
    is_first || was_verified(seen.records, revision, until) || replaced_all(seen, kept, revision).is_ok()
}

/// A rollout that we saw complete leaves no pod of another revision.
fn was_verified(records: &[Record], revision: &Kept<'_>, until: Timestamp) -> bool {
    let template = digest(&revision.template);
    records.iter().any(|it| it.is_healthy && it.template == template && revision.created <= it.at && it.at <= until)
}

fn must_prove_itself(revision: &Kept<'_>) -> bool {
    let containers = Fields(&revision.template).list("/spec/containers");
    revision.fields.number("/spec/minReadySeconds") > 0 || containers.iter().any(|it| it["readinessProbe"].is_object())
}

/// How a Deployment replaces its pods.
struct Strategy<'a> {
    surge: &'a Value,
    unavailable: &'a Value,
}

impl<'a> Strategy<'a> {
    fn of(workload: &'a Value) -> Option<Self> {
        let strategy = workload.pointer("/spec/strategy").filter(|it| it["type"] == "RollingUpdate")?;
        let (surge, unavailable) =
            (strategy.pointer("/rollingUpdate/maxSurge")?, strategy.pointer("/rollingUpdate/maxUnavailable")?);
        Some(Self { surge, unavailable })
    }

    /// How many pods had to stay available when a ReplicaSet was scaled last, if any had to, by what the controller
    /// noted on it then.
    fn kept_available(&self, revision: &Kept<'_>) -> Option<i64> {
        let noted = |what: &str| -> Option<i64> {
            revision.fields.annotation(&format!("deployment.kubernetes.io/{what}-replicas"))?.parse().ok()
        };
        let (wanted, most) = (noted("desired")?, noted("max")?);
        let surge = resolved(self.surge, wanted, Round::Up)?;
        // If both round to zero, one may be unavailable, or nothing would move.
        let unavailable = match resolved(self.unavailable, wanted, Round::Down)? {
            0 if surge == 0 => 1,
            some => some,
        };
        let least = wanted - unavailable;
        (surge > 0 && most - wanted == surge && least > 0).then_some(least)
    }
}

#[derive(Clone, Copy)]
enum Round {
    Up,
    Down,
}

/// A number, or a share of all.
fn resolved(value: &Value, all: i64, round: Round) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let hundredths = value.as_str()?.strip_suffix('%')?.parse::<i64>().ok()?.checked_mul(all)?;
    Some(match round {
        Round::Up => hundredths.checked_add(99)?.div_euclid(100),
        Round::Down => hundredths.div_euclid(100),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shares_are_rounded_so_that_something_can_move_and_not_too_much() {
        let of = |value: Value, all: i64| (resolved(&value, all, Round::Up), resolved(&value, all, Round::Down));
        assert_eq!(of(json!("25%"), 2), (Some(1), Some(0)));
        assert_eq!(of(json!("25%"), 4), (Some(1), Some(1)));
        assert_eq!(of(json!(3), 2), (Some(3), Some(3)));
        assert_eq!(of(json!("a quarter"), 2), (None, None));
    }
}
