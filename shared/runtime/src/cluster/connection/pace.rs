//! How fast requests may follow each other, whoever sends them: a run must not be what hurts an API server that is ill.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Requests that may begin at once. A look at one object has some 60 of them, all of a few milliseconds, and one more for each
/// kind that is installed besides, for logs and for reviews: it does not wait. kubectl lets 300 begin at once as it asks what a
/// server has (<https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/kubectl/pkg/cmd/cmd.go>).
const BURST: u32 = 100;

/// After that one may begin each time: 50 within a second, as with kubectl there.
const EVERY: Duration = Duration::from_millis(20);

/// Gives each request its turn.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When all that began would have ended, had they come one by one.
    even: Mutex<Option<Instant>>,
}

impl Pace {
    /// Waits until one more request may begin.
    pub(crate) async fn turn(&self) {
        tokio::time::sleep_until(self.book(Instant::now())).await;
    }

    /// Says when a request may begin that is ready now.
    fn book(&self, now: Instant) -> Instant {
        // Nothing that can panic happens while it is held.
        let mut even = self.even.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = even.map_or(now, |even| even.max(now));
        *even = Some(begins + EVERY);
        begins.checked_sub(EVERY * (BURST - 1)).map_or(now, |turn| turn.max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_begin_at_once_and_then_fifty_in_each_second() {
        let (pace, start) = (Pace::default(), Instant::now());
        let turns: Vec<Duration> = (0..201).map(|_| pace.book(start) - start).collect();
        assert!(turns[..100].iter().all(Duration::is_zero), "{turns:?}");
        assert_eq!((turns[100], turns[149], turns[200]), (EVERY, EVERY * 50, EVERY * 101), "{turns:?}");
    }

    #[test]
    fn who_was_still_for_two_seconds_may_begin_a_hundred_again() {
        let (pace, start) = (Pace::default(), Instant::now());
        let last = (0..100).map(|_| pace.book(start)).last();
        assert_eq!(last, Some(start));
        let later = start + Duration::from_secs(1);
        let turns: Vec<Duration> = (0..51).map(|_| pace.book(later) - later).collect();
        assert_eq!((turns[49], turns[50]), (Duration::ZERO, EVERY), "{turns:?}");
        let again = later + EVERY + Duration::from_secs(2);
        let turns: Vec<Duration> = (0..101).map(|_| pace.book(again) - again).collect();
        assert_eq!((turns[99], turns[100]), (Duration::ZERO, EVERY), "{turns:?}");
    }

    #[test]
    fn requests_that_are_seldom_never_wait() {
        let (pace, start) = (Pace::default(), Instant::now());
        for number in 0..200 {
            let now = start + number * EVERY;
            assert_eq!(pace.book(now), now);
        }
    }
}
