//! A live cluster, followed: read once, and then kept up to date by a watch for each kind.
//!
//! A watch is asked to last for seconds only and is renewed from the last version that was heard, so that one that has
//! stalled is found out. What cannot be watched is read again and again. What cannot be followed for too long is a gap,
//! and is read anew when it is back: the snapshot is never silently old.

mod event;
mod follow;
mod frames;
mod pauses;
mod sighted;
mod stream;
mod world;

use super::{Observed, wants_installed};
use crate::cluster::connection::Connection;
use follow::Follower;
use futures::future::{FutureExt, LocalBoxFuture};
use futures::stream::{FuturesUnordered, StreamExt};
use pauses::UNTIL_ASKED_AGAIN;
use sre_core::check::Sight;
use sre_core::snapshot::{Reads, Snapshot};
use std::cell::Ref;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};
use world::{Way, World};

/// What belongs together has come within so long after its first change.
const QUIET: Duration = Duration::from_secs(1);

/// What depends on time alone is judged again so often.
const OFTEN: Duration = Duration::from_secs(30);

/// Judging takes at most one part in so many of the time.
const SHARE: u32 = 10;

/// How often it is looked whether there is something to judge.
const TICK: Duration = Duration::from_millis(200);

/// A cluster that is being followed, as long as somebody waits for what changes.
pub struct Following {
    world: Rc<World>,
    followers: FuturesUnordered<LocalBoxFuture<'static, Infallible>>,
    /// When the last snapshot was handed over.
    handed_over: Instant,
}

impl Following {
    /// Goes on from what was observed; `limit` bounds each request, where somebody asked for that.
    pub fn start(
        connection: Connection,
        reads: &Reads,
        deadline: Duration,
        limit: Option<Duration>,
        observed: Observed,
    ) -> Self {
        let mut after = observed.after;
        let mut ends = std::mem::take(&mut after.ends);
        let way = Way { connection, reads: reads.clone(), deadline, limit };
        let world = Rc::new(World::new(way, observed.snapshot, after));
        let followers = FuturesUnordered::new();
        for &sight in &reads.sights {
            let end = if let Sight::Of(kind) = sight { ends.remove(&kind) } else { None };
            followers.push(Follower::new(Rc::clone(&world), sight, end).run().boxed_local());
        }
        if wants_installed(reads) {
            followers.push(look_for_installed(Rc::clone(&world)).boxed_local());
        }
        Self { world, followers, handed_over: Instant::now() }
    }

    /// What is in sight.
    pub fn snapshot(&self) -> Ref<'_, Snapshot> {
        Ref::map(self.world.sighted.borrow(), |sighted| &sighted.snapshot)
    }

    /// Waits until there is something to judge: what changed, or that time has passed.
    pub async fn changed(&mut self) {
        let began = Instant::now();
        let judging = began - self.handed_over;
        let earliest = began + (judging * (SHARE - 1)).min(OFTEN);
        loop {
            tokio::select! {
                Some(never) = self.followers.next() => match never {},
                () = tokio::time::sleep(TICK) => {}
            }
            let now = Instant::now();
            let mut sighted = self.world.sighted.borrow_mut();
            sighted.tick(now);
            let is_due = now >= began + OFTEN || (now >= earliest && sighted.is_changed(now, QUIET));
            if is_due && sighted.is_settled(now) {
                sighted.date(now);
                self.handed_over = now;
                return;
            }
        }
    }
}

async fn look_for_installed(world: Rc<World>) -> Infallible {
    loop {
        tokio::time::sleep(UNTIL_ASKED_AGAIN).await;
        world.look_for_installed().await;
    }
}
