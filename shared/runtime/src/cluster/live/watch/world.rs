//! What all followers share: the way to the cluster, and what is in sight of it. They run on one thread, and nobody waits
//! while it is borrowed.

use super::super::{AT_ONCE, Afterwards, Groups, Job, KindSink, Part, Seen, Store};
use super::sighted::{Clock, Sighted};
use super::stream::Change;
use crate::cluster::connection::Connection;
use crate::cluster::list::{Freshness, ItemSink};
use crate::cluster::stream::Encoding;
use crate::ui;
use jiff::Timestamp;
use sre_core::check::Sight;
use sre_core::slim::Kind;
use sre_core::snapshot::{Gap, ReadState, Reads, Shelves, Snapshot};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// A server that says nothing to the request for a watch, or for its health, for so long is asked again.
const ANSWER: Duration = Duration::from_secs(10);

/// After so many changes what no object holds any more is forgotten.
const SWEEP: usize = 4096;

/// How to reach the cluster, and for how long to wait.
pub(super) struct Way {
    pub(super) connection: Connection,
    pub(super) reads: Reads,
    /// Bound of each list.
    pub(super) deadline: Duration,
    /// Bound of each request, where somebody asked for one.
    pub(super) limit: Option<Duration>,
}

/// What all followers share.
pub(super) struct World {
    way: Way,
    store: Store<'static>,
    groups: RefCell<Option<Groups>>,
    /// Lists under way.
    turns: Semaphore,
    pub(super) sighted: RefCell<Sighted>,
    changes: Cell<usize>,
    /// What may be listed and not watched, as was told.
    unwatchable: RefCell<BTreeSet<Sight>>,
}

impl World {
    pub(super) fn new(way: Way, snapshot: Snapshot, after: Afterwards) -> Self {
        let clock = Clock::new(snapshot.taken_at, after.told_at);
        Self {
            way,
            store: Store::with_pool(after.pool),
            groups: RefCell::new(after.groups),
            turns: Semaphore::new(AT_ONCE),
            sighted: RefCell::new(Sighted::new(snapshot, clock)),
            changes: Cell::new(0),
            unwatchable: RefCell::default(),
        }
    }

    pub(super) fn client(&self) -> &kube::Client {
        &self.way.connection.client
    }

    pub(super) fn namespace(&self) -> Option<&str> {
        self.way.reads.namespaces.one()
    }

    pub(super) fn limit(&self) -> Option<Duration> {
        self.way.limit
    }

    /// How long to wait for the beginning of a watch, and for what takes no longer.
    pub(super) fn patience(&self) -> Duration {
        self.way.deadline.min(ANSWER)
    }

    pub(super) fn state(&self, sight: Sight) -> ReadState {
        self.sighted.borrow().snapshot.coverage.state(sight).clone()
    }

    /// Whether a kind must be installed, and was not when somebody asked last.
    pub(super) fn lacks(&self, kind: Kind) -> bool {
        self.groups.borrow().as_ref().is_some_and(|groups| groups.versions(kind).is_empty())
    }

    /// Asks again what is installed.
    pub(super) async fn look_for_installed(&self) {
        if let Some(groups) = Groups::ask(self.client(), self.way.deadline).await {
            *self.groups.borrow_mut() = Some(groups);
        }
    }

    /// Reads something anew. What was seen before is not older: a cache may be.
    pub(super) async fn read(&self, sight: Sight) -> Seen {
        let _turn = self.turns.acquire().await;
        let Way { connection, reads, .. } = &self.way;
        let deadline = if matches!(sight, Sight::Of(_)) { self.way.deadline } else { self.patience() };
        let (encoding, freshness) = (Encoding::Protobuf, Freshness::Consistent);
        let part = Part { namespace: reads.namespaces.one(), name: None };
        Job { sight, part, connection, encoding, freshness, deadline, groups: None }.run(&self.store).await
    }

    /// Takes what was read.
    pub(super) fn take(&self, sight: Sight, seen: Seen) {
        self.sighted.borrow_mut().read(sight, seen.state, seen.objects, seen.health, Instant::now());
        self.store.forget_unused();
    }

    pub(super) fn is_not_installed(&self, sight: Sight) {
        if self.state(sight) != ReadState::NotInstalled {
            let (objects, health) = (Shelves::default(), Vec::new());
            self.sighted.borrow_mut().read(sight, ReadState::NotInstalled, objects, health, Instant::now());
        }
    }

    /// Takes one change of one object. Fails when the object cannot be read.
    pub(super) fn change(&self, kind: Kind, encoding: Encoding, change: &Change<'_>) -> Result<(), String> {
        let mut sink = KindSink::new(kind, &self.store);
        let (Change::Put(object) | Change::Gone(object)) = change;
        sink.item(encoding, object)?;
        let (mut sighted, now) = (self.sighted.borrow_mut(), Instant::now());
        match change {
            Change::Put(_) => sighted.put(kind, sink.into_objects(), now),
            Change::Gone(_) => sighted.take_away(kind, &sink.into_objects(), now),
        }
        drop(sighted);
        self.changes.set(self.changes.get() + 1);
        if self.changes.get().is_multiple_of(SWEEP) {
            self.store.forget_unused();
        }
        Ok(())
    }

    pub(super) fn fell_behind(&self, sight: Sight, why: Gap) {
        self.sighted.borrow_mut().fell_behind(sight, why, Instant::now());
    }

    pub(super) fn paused(&self, sight: Sight, why: Gap) {
        self.sighted.borrow_mut().paused(sight, why, Instant::now());
    }

    /// It is watched from where it was left; false when it must be read again.
    #[must_use]
    pub(super) fn caught_up(&self, sight: Sight, server_time: Option<Timestamp>) -> bool {
        let (mut sighted, now) = (self.sighted.borrow_mut(), Instant::now());
        if let Some(told) = server_time {
            sighted.heard_time(told, now);
        }
        sighted.caught_up(sight, now)
    }

    /// Says once that something may be listed and not watched.
    pub(super) fn is_read_again_and_again(&self, sight: Sight) {
        if self.unwatchable.borrow_mut().insert(sight) {
            let often = super::pauses::until_read_again(sight).as_secs();
            ui::warn(&format!("{} can be listed and not watched: it is read again every {often} s", sight.word()));
        }
    }
}
