//! How long to wait for what.

use sre_core::check::Sight;
use sre_core::slim::Kind;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// What cannot be watched, and what was forbidden or not installed, is read again so often.
const AGAIN: Duration = Duration::from_secs(60);

/// The health of the API server is asked for so often.
const HEALTH: Duration = Duration::from_secs(30);

/// What a node's heartbeat means depends on seconds: where it cannot be watched it is read often.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long the next read of something waits that is not watched.
pub(super) fn until_read_again(sight: Sight) -> Duration {
    match sight {
        Sight::Of(Kind::Lease) => HEARTBEAT,
        Sight::Of(_) => AGAIN,
        Sight::Readyz | Sight::Livez => HEALTH,
        // What others say is not followed.
        Sight::Prometheus
        | Sight::Alertmanager
        | Sight::Endpoints
        | Sight::Kubelets
        | Sight::Databases
        | Sight::Logs => AGAIN,
    }
}

/// How long something is left alone that is not there or not for us.
pub(super) const UNTIL_ASKED_AGAIN: Duration = AGAIN;

/// How long after an interruption what had happened meanwhile has arrived. Kubelets renew their Leases every ten
/// seconds: before that, an API server that was away makes every node look silent.
pub(super) fn settling(sight: Sight) -> Duration {
    Duration::from_secs(if sight == Sight::Of(Kind::Lease) { 12 } else { 1 })
}

/// How long a watch is asked to last. A stalled one looks like one that has nothing to say, until its time is over; so
/// the time is short, below the silence that a connection bears, and of heartbeats still shorter.
pub(super) fn lasting(kind: Kind, limit: Option<Duration>) -> Duration {
    let (least, spread) = if kind == Kind::Lease { (12, 4) } else { (20, 8) };
    let wanted = Duration::from_secs(least + random() % spread);
    let bound = limit.map_or(wanted, |limit| limit.saturating_sub(Duration::from_secs(1)));
    wanted.min(bound).max(Duration::from_secs(1))
}

/// How long a watch must have lasted to have gone well, whatever ended it.
pub(super) fn well(lasting: Duration) -> Duration {
    Duration::from_secs(5).min(lasting / 2)
}

/// Pauses that become longer, none the same for two that fail together.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(10);

    /// The pause after one more failure: between half of what is due and all of it.
    pub(super) fn next(&mut self) -> Duration {
        let due = Self::FIRST.saturating_mul(1 << self.failures.min(16)).min(Self::LONGEST);
        self.failures += 1;
        due / 2 + due.mul_f64((random() % 1000) as f64 / 2000.0)
    }

    /// It went well.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A number that nobody can foresee; the standard library seeds its hashes so.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0_u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound_and_start_again_when_it_went_well() {
        let mut backoff = Backoff::default();
        let pauses: Vec<Duration> = (0..40).map(|_| backoff.next()).collect();
        for (pause, due) in pauses.iter().zip([200, 400, 800, 1600, 3200, 6400, 10_000]) {
            let due = Duration::from_millis(due);
            assert!((due / 2..=due).contains(pause), "{pause:?} of {due:?}");
        }
        assert!(pauses[7..].iter().all(|pause| (Backoff::LONGEST / 2..=Backoff::LONGEST).contains(pause)));
        assert!(pauses[7..].iter().any(|pause| *pause != pauses[7]), "all are alike");
        backoff.reset();
        assert!(backoff.next() <= Backoff::FIRST);
    }

    #[test]
    fn a_watch_ends_before_a_request_must() {
        let seconds = |kind, limit: Option<u64>| lasting(kind, limit.map(Duration::from_secs)).as_secs();
        for _ in 0..50 {
            assert!((20..28).contains(&seconds(Kind::Pod, None)) && (12..16).contains(&seconds(Kind::Lease, None)));
        }
        assert_eq!([1, 2, 6].map(|limit| seconds(Kind::Pod, Some(limit))), [1, 1, 5]);
        assert!(seconds(Kind::Pod, Some(300)) < 28);
        assert!(well(Duration::from_secs(1)) < Duration::from_secs(1), "a short one can go well, too");
    }
}
