//! Whether one request is sent again, and when.

use std::time::Duration;

use super::ListFault;
use super::refusal::Refusal;

/// How often a server that asks to come back later is asked at all.
const THROTTLED_TRIES: u32 = 3;

/// How long to wait when a server is busy but does not say for how long.
const BUSY: Duration = Duration::from_secs(1);

/// How long to wait before the only second try after a failure.
const PAUSE: Duration = Duration::from_millis(100);

/// Why one request got no list.
#[derive(Debug)]
pub enum Trouble {
    /// The connection broke before the first byte of an answer, and may not break again.
    Broken(ListFault),
    Refused(Refusal),
    Final(ListFault),
}

/// Counts the tries of one request.
#[derive(Debug, Default)]
pub struct Tries {
    throttled: u32,
    failed: bool,
    broken: bool,
}

impl Tries {
    /// Says how long to wait before the next try, or nothing when there is none; `left` is the time until the deadline.
    pub fn pause(&mut self, trouble: &Trouble, left: Duration) -> Option<Duration> {
        match trouble {
            Trouble::Broken(_) => self.broken(),
            Trouble::Refused(refusal) => self.refused(refusal.status, refusal.retry_after, left),
            Trouble::Final(_) => None,
        }
    }

    /// The same for a connection that broke.
    pub fn broken(&mut self) -> Option<Duration> {
        once(&mut self.broken)
    }

    /// The same for a refusal by its status and the time that the server named.
    pub fn refused(&mut self, status: u16, retry_after: Option<Duration>, left: Duration) -> Option<Duration> {
        match (status, retry_after) {
            (429, after) => self.throttled(after.unwrap_or(BUSY), left),
            (503, Some(after)) => self.throttled(after, left),
            // Without a time, a 503 is what a dead aggregated API gives: waiting does not revive it.
            (500 | 502 | 503 | 504, _) => once(&mut self.failed),
            _ => None,
        }
    }

    fn throttled(&mut self, wait: Duration, left: Duration) -> Option<Duration> {
        self.throttled += 1;
        (self.throttled < THROTTLED_TRIES && wait < left).then_some(wait)
    }
}

fn once(already: &mut bool) -> Option<Duration> {
    (!std::mem::replace(already, true)).then_some(PAUSE)
}
