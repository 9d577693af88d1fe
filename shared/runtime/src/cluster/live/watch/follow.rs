//! One part of the cluster, followed for ever: read, watched from there on, read again when that is not enough.

use super::super::{ListEnd, gap_reason};
use super::pauses::{Backoff, UNTIL_ASKED_AGAIN, lasting, until_read_again, well};
use super::stream::{Change, End, Watch, WatchRequest};
use super::world::World;
use crate::cluster::list::{ListFault, Setback};
use crate::cluster::stream::Encoding;
use sre_core::check::Sight;
use sre_core::slim::{Kind, KindOrigin};
use sre_core::snapshot::{Gap, GapReason, ReadState};
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

/// So many refusals of a watch are meant: an API server that has just started knows nobody's rights yet.
const MEANT: u32 = 5;

/// So many requests for a watch that come to nothing take longer than anything is allowed to be behind: then lists are
/// tried, for there are ways to a server that let no watch through.
const VAIN: u32 = 12;

/// Follows one part.
pub(super) struct Follower {
    world: Rc<World>,
    sight: Sight,
    /// What a watch goes on from; without it, it is read first.
    from: Option<ListEnd>,
    /// Whether it was watched since it was read: then what was read is old once the watch has ended.
    was_watched: bool,
    backoff: Backoff,
    /// Requests for a watch since one was agreed to.
    in_vain: u32,
}

impl Follower {
    pub(super) fn new(world: Rc<World>, sight: Sight, from: Option<ListEnd>) -> Self {
        Self { world, sight, from, was_watched: false, backoff: Backoff::default(), in_vain: 0 }
    }

    /// Goes on for as long as somebody polls it.
    pub(super) async fn run(mut self) -> Infallible {
        let mut pause = self.first_pause();
        loop {
            tokio::time::sleep(pause).await;
            pause = match (self.sight, self.from.take()) {
                (Sight::Of(kind), Some(from)) => self.watch(kind, from).await,
                _ => self.read().await,
            };
        }
    }

    /// What was read just now need not be read at once again.
    fn first_pause(&mut self) -> Duration {
        let state = self.world.state(self.sight);
        match (&self.from, state) {
            (Some(_), _) => Duration::ZERO,
            (None, ReadState::Gap(gap)) if is_passing(gap.reason) => self.backoff.next(),
            (None, ReadState::Gap(_) | ReadState::NotInstalled) => UNTIL_ASKED_AGAIN,
            (None, _) => until_read_again(self.sight),
        }
    }

    async fn read(&mut self) -> Duration {
        if let Sight::Of(kind) = self.sight
            && self.world.lacks(kind)
        {
            self.world.is_not_installed(self.sight);
            return UNTIL_ASKED_AGAIN;
        }
        let mut seen = self.world.read(self.sight).await;
        match seen.state {
            ReadState::Gap(why) if is_passing(why.reason) || self.was_allowed(why.reason) => {
                self.world.fell_behind(self.sight, why);
                self.backoff.next()
            }
            ReadState::Read { .. } => {
                let from = seen.end.take().filter(|_| self.can_be_watched());
                self.world.take(self.sight, seen);
                (self.from, self.was_watched) = (from, false);
                if self.from.is_some() {
                    return Duration::ZERO;
                }
                self.backoff.reset();
                until_read_again(self.sight)
            }
            _ => {
                self.world.take(self.sight, seen);
                UNTIL_ASKED_AGAIN
            }
        }
    }

    /// An API server that has just started knows nobody's rights yet: what was seen is not withdrawn at its first word.
    fn was_allowed(&self, reason: GapReason) -> bool {
        reason == GapReason::Forbidden && matches!(self.world.state(self.sight), ReadState::Read { .. })
    }

    /// What is measured is no object that is stored, and has no history to watch.
    fn can_be_watched(&self) -> bool {
        matches!(self.sight, Sight::Of(kind) if kind.info().origin != KindOrigin::Aggregated)
    }

    async fn watch(&mut self, kind: Kind, from: ListEnd) -> Duration {
        let lasting = lasting(kind, self.world.limit());
        let request = WatchRequest { kind, namespace: self.world.namespace(), from: &from, lasting };
        match request.open(self.world.client(), self.world.patience()).await {
            Ok(watch) => self.listen(kind, from, watch).await,
            Err(setback) => self.refused(from, setback),
        }
    }

    async fn listen(&mut self, kind: Kind, mut from: ListEnd, mut watch: Watch) -> Duration {
        if !self.world.caught_up(self.sight, watch.server_time) {
            return Duration::ZERO;
        }
        (self.was_watched, self.in_vain) = (true, 0);
        let world = Rc::clone(&self.world);
        let mut take = |encoding: Encoding, change: &Change<'_>| world.change(kind, encoding, change);
        let end = watch.read(&mut from.version, &mut take).await;
        let went_well = watch.age() >= well(watch.lasting);
        if went_well {
            self.backoff.reset();
        }
        match end {
            End::Over => {
                self.from = Some(from);
                self.world.paused(self.sight, unfollowed("the server ended the watch"));
                if went_well { Duration::ZERO } else { self.backoff.next() }
            }
            End::Broken(fault) => {
                self.from = Some(from);
                self.world.fell_behind(self.sight, gap(&fault));
                self.backoff.next()
            }
            End::Expired | End::Unreadable => {
                self.world.fell_behind(self.sight, gap(&ListFault::Expired));
                self.backoff.next()
            }
        }
    }

    fn refused(&mut self, from: ListEnd, setback: Setback) -> Duration {
        let fault = match setback {
            Setback::Gone => {
                self.world.fell_behind(self.sight, gap(&ListFault::Expired));
                return self.backoff.next();
            }
            Setback::Final(fault) => fault,
            Setback::Cut { why } => ListFault::CutShort { items: 0, why },
            Setback::EncodingRefused { status, message } => ListFault::Unavailable { status, message },
        };
        // It may be listed and not watched, or is not there any more: a list tells.
        let is_refusal = matches!(
            fault,
            ListFault::Forbidden { .. } | ListFault::NotFound | ListFault::Unavailable { status: 405, .. }
        );
        if self.in_vain >= if is_refusal { MEANT } else { VAIN } {
            return self.unwatchable();
        }
        self.in_vain += 1;
        let wait = if let ListFault::TooMany { retry_after } = &fault { *retry_after } else { None };
        self.from = Some(from);
        self.world.fell_behind(self.sight, gap(&fault));
        self.backoff.next().max(wait.unwrap_or_default())
    }

    fn unwatchable(&mut self) -> Duration {
        if self.was_watched || !self.world.caught_up(self.sight, None) {
            return Duration::ZERO;
        }
        self.world.is_read_again_and_again(self.sight);
        until_read_again(self.sight)
    }
}

fn gap(fault: &ListFault) -> Gap {
    match fault {
        ListFault::CutShort { why, .. } => unfollowed(&format!("the watch broke: {why}")),
        ListFault::Expired => unfollowed("what happened meanwhile is forgotten, and it is not read again yet"),
        _ => Gap { reason: gap_reason(fault), detail: fault.to_string(), seen: 0 },
    }
}

fn unfollowed(why: &str) -> Gap {
    Gap { reason: GapReason::Unavailable, detail: why.to_owned(), seen: 0 }
}

/// Whether it may be over in a moment.
fn is_passing(reason: GapReason) -> bool {
    !matches!(reason, GapReason::Forbidden | GapReason::Undecodable)
}
