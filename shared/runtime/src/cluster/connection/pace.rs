//! How fast requests may follow each other, whoever sends them: a run must not be what hurts an API server that is ill.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Requests that may begin within any [`WINDOW`]. A run over a middling cluster has fewer in all, and never waits.
const MOST: usize = 50;

const WINDOW: Duration = Duration::from_secs(1);

/// Gives each request its turn.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When the last requests began or will begin, the oldest first.
    begun: Mutex<VecDeque<Instant>>,
}

impl Pace {
    /// Waits until one more request may begin.
    pub(crate) async fn turn(&self) {
        tokio::time::sleep_until(self.book(Instant::now())).await;
    }

    /// Says when a request may begin that is ready now.
    fn book(&self, now: Instant) -> Instant {
        // Nothing that can panic happens while it is held.
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = if begun.len() < MOST { None } else { begun.pop_front() };
        let turn = oldest.map_or(now, |oldest| now.max(oldest + WINDOW));
        begun.push_back(turn);
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_than_fifty_beginnings() {
        let (pace, start) = (Pace::default(), Instant::now());
        let turns: Vec<Duration> = (0..120).map(|_| pace.book(start) - start).collect();
        assert!(turns[..50].iter().all(Duration::is_zero), "{turns:?}");
        assert!(turns[50..100].iter().all(|turn| *turn == WINDOW), "{turns:?}");
        assert!(turns[100..].iter().all(|turn| *turn == 2 * WINDOW), "{turns:?}");
    }

    #[test]
    fn requests_that_are_seldom_never_wait() {
        let (pace, start) = (Pace::default(), Instant::now());
        for number in 0..200 {
            let now = start + number * WINDOW / 50;
            assert_eq!(pace.book(now), now);
        }
    }
}
