//! What is in sight now: the snapshot, kept up to date, and how far each part of it is behind.

use super::pauses::settling;
use jiff::{SignedDuration, Timestamp};
use sre_core::check::Sight;
use sre_core::slim::Kind;
use sre_core::snapshot::{Gap, HealthLine, ReadState, Shelves, Snapshot};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// For so long nothing is wrong that is not followed: an orderly watch is renewed within it.
const GRACE: Duration = Duration::from_secs(2);

/// What could not be followed for so long is a gap, until it is back.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A clock that runs on between two words of the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    told: Timestamp,
    at: Instant,
}

impl Clock {
    /// The server's word and our own clock may be so far apart; what the server says comes in whole seconds.
    const CLOSE: SignedDuration = SignedDuration::from_secs(2);

    pub(super) fn new(told: Timestamp, at: Instant) -> Self {
        Self { told, at }
    }

    fn now(self, now: Instant) -> Timestamp {
        let passed = SignedDuration::try_from(now.saturating_duration_since(self.at)).unwrap_or_default();
        self.told.saturating_add(passed).unwrap_or(self.told)
    }

    /// Takes the server's word where the clock has gone astray: a machine that slept did not count.
    fn heard(&mut self, told: Timestamp, now: Instant) {
        if told.duration_since(self.now(now)).abs() > Self::CLOSE {
            *self = Self { told, at: now };
        }
    }
}

/// Something that is not, or was not until now, as it is in the cluster.
struct Behind {
    since: Instant,
    /// Why, if it becomes a gap.
    why: Gap,
    /// When it was caught up with; it counts a moment later, when what had happened meanwhile has arrived.
    caught_up: Option<Instant>,
    /// Whether it is a gap by now.
    is_lost: bool,
}

impl Behind {
    /// Whether it is followed again, and what had happened meanwhile may not have come yet.
    fn is_arriving(&self) -> bool {
        self.caught_up.is_some()
    }

    /// Whether it is followed no more, and not given up yet.
    fn is_away(&self, now: Instant) -> bool {
        self.caught_up.is_none() && !self.is_lost && now.saturating_duration_since(self.since) >= GRACE
    }
}

/// The snapshot, and what is known of its parts.
pub(super) struct Sighted {
    pub(super) snapshot: Snapshot,
    behind: BTreeMap<Sight, Behind>,
    /// Since when nothing can be judged.
    held_up: Option<Instant>,
    /// Since when something is there that nobody has judged.
    changed: Option<Instant>,
    clock: Clock,
}

impl Sighted {
    pub(super) fn new(snapshot: Snapshot, clock: Clock) -> Self {
        Self { snapshot, behind: BTreeMap::new(), held_up: None, changed: None, clock }
    }

    /// Whether there is something to judge, for so long that what belongs together is there.
    pub(super) fn is_changed(&self, now: Instant, quiet: Duration) -> bool {
        self.changed.is_some_and(|since| now.saturating_duration_since(since) >= quiet)
    }

    /// Whether everything is as it is in the cluster, or known not to be seen. Judging in between would make
    /// something new, or fixed, out of what merely was not heard.
    pub(super) fn is_settled(&self, now: Instant) -> bool {
        !self.behind.values().any(|behind| behind.is_arriving() || behind.is_away(now))
    }

    /// Gives the snapshot the time of now, to be judged.
    pub(super) fn date(&mut self, now: Instant) {
        self.changed = None;
        self.snapshot.taken_at = self.clock.now(now);
    }

    /// Takes the server's word for the time.
    pub(super) fn heard_time(&mut self, told: Timestamp, now: Instant) {
        self.clock.heard(told, now);
    }

    /// The objects of an event in the places of those with the same names.
    pub(super) fn put(&mut self, kind: Kind, objects: Shelves, now: Instant) {
        self.snapshot.objects.put(kind, objects);
        self.touched(kind, now);
    }

    /// The objects of an event are gone.
    pub(super) fn take_away(&mut self, kind: Kind, objects: &Shelves, now: Instant) {
        if let Some(metadata) = objects.last(kind) {
            self.snapshot.objects.take_away(kind, &metadata.namespace, &metadata.name);
        }
        self.touched(kind, now);
    }

    /// Heartbeats come all the time and mean something only when they stop, which time tells.
    fn touched(&mut self, kind: Kind, now: Instant) {
        let count = self.snapshot.objects.count(kind);
        self.snapshot.coverage.record(Sight::Of(kind), ReadState::Read { count });
        if kind != Kind::Lease {
            self.changed.get_or_insert(now);
        }
    }

    /// A read gave this, whole or not: what was there before is forgotten.
    pub(super) fn read(
        &mut self,
        sight: Sight,
        state: ReadState,
        objects: Shelves,
        health: Vec<HealthLine>,
        now: Instant,
    ) {
        let is_same = matches!(sight, Sight::Readyz | Sight::Livez)
            && self.snapshot.coverage.state(sight) == &state
            && self.snapshot.health.iter().filter(|line| line.endpoint == sight).eq(&health);
        match self.behind.get_mut(&sight) {
            Some(behind) if state_is_read(&state) => {
                behind.caught_up.get_or_insert(now);
                behind.is_lost = false;
            }
            _ => _ = self.behind.remove(&sight),
        }
        if is_same {
            return;
        }
        self.forget(sight);
        if let Sight::Of(_) = sight {
            self.snapshot.objects.append(objects);
            self.snapshot.objects.sort();
        }
        self.snapshot.health.extend(health);
        self.snapshot.health.sort_by(|a, b| (a.endpoint, &a.name).cmp(&(b.endpoint, &b.name)));
        self.snapshot.coverage.record(sight, state);
        self.changed.get_or_insert(now);
    }

    /// It cannot be followed now. What was whole stays so for a while; what was none is known as that.
    pub(super) fn fell_behind(&mut self, sight: Sight, why: Gap, now: Instant) {
        match self.snapshot.coverage.state(sight) {
            ReadState::Read { .. } => {}
            ReadState::Gap(gap) if gap.reason == why.reason => return,
            _ => return self.lose(sight, why, now),
        }
        let behind = self.behind.entry(sight).or_insert(Behind {
            since: now,
            why: why.clone(),
            caught_up: None,
            is_lost: false,
        });
        (behind.why, behind.caught_up) = (why, None);
    }

    /// It ended in order, and is about to be followed again.
    pub(super) fn paused(&mut self, sight: Sight, why: Gap, now: Instant) {
        self.behind.entry(sight).or_insert(Behind { since: now, why, caught_up: None, is_lost: false });
    }

    /// It is followed again, from where it was left; false when it was given up meanwhile, and must be read again.
    #[must_use]
    pub(super) fn caught_up(&mut self, sight: Sight, now: Instant) -> bool {
        if let Some(behind) = self.behind.get_mut(&sight) {
            if behind.is_lost {
                return false;
            }
            behind.caught_up.get_or_insert(now);
        }
        true
    }

    /// Lets time pass: what has settled is in sight, and what was away for too long is not.
    pub(super) fn tick(&mut self, now: Instant) {
        self.behind.retain(|sight, behind| {
            let Some(caught_up) = behind.caught_up else { return true };
            let was_short = caught_up.saturating_duration_since(behind.since) < GRACE;
            !was_short && now.saturating_duration_since(caught_up) < settling(*sight)
        });
        // That a watch has stalled comes out sooner or later: the first one decides for how long nothing is judged.
        self.held_up = if self.is_settled(now) { None } else { self.held_up.or(Some(now)) };
        let is_long = self.held_up.is_some_and(|since| now.saturating_duration_since(since) >= PATIENCE);
        let mut lost = Vec::new();
        for (sight, behind) in self.behind.iter_mut().filter(|(_, behind)| is_long && behind.is_away(now)) {
            behind.is_lost = true;
            lost.push((*sight, behind.why.clone()));
        }
        for (sight, why) in lost {
            self.lose(sight, why, now);
        }
    }

    fn lose(&mut self, sight: Sight, why: Gap, now: Instant) {
        self.forget(sight);
        self.snapshot.coverage.record(sight, ReadState::Gap(why));
        self.changed.get_or_insert(now);
    }

    fn forget(&mut self, sight: Sight) {
        match sight {
            Sight::Of(kind) => self.snapshot.objects.clear(kind),
            endpoint => self.snapshot.health.retain(|line| line.endpoint != endpoint),
        }
    }
}

fn state_is_read(state: &ReadState) -> bool {
    matches!(state, ReadState::Read { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::slim::Pool;
    use sre_core::snapshot::{Encoded, GapReason, decode_into};

    const PODS: Sight = Sight::Of(Kind::Pod);
    const LEASES: Sight = Sight::Of(Kind::Lease);

    fn objects(kind: Kind, names: &[&str]) -> Shelves {
        let mut shelves = Shelves::default();
        for name in names {
            let text = format!(r#"{{"metadata":{{"name":"{name}","namespace":"n"}}}}"#);
            decode_into(kind, Encoded::Json(text.as_bytes()), &mut shelves, &mut Pool::default()).unwrap();
        }
        shelves
    }

    /// Two pods and a Lease, seen at this moment.
    fn seen(start: Instant) -> Sighted {
        let mut sighted = Sighted::new(Snapshot::default(), Clock::new(Timestamp::UNIX_EPOCH, start));
        let read = |count| ReadState::Read { count };
        sighted.read(PODS, read(2), objects(Kind::Pod, &["a", "b"]), Vec::new(), start);
        sighted.read(LEASES, read(1), objects(Kind::Lease, &["l"]), Vec::new(), start);
        sighted.date(start);
        sighted
    }

    fn away() -> Gap {
        Gap { reason: GapReason::Unavailable, detail: "away".to_owned(), seen: 0 }
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    fn count(sighted: &Sighted, sight: Sight) -> Option<usize> {
        match sighted.snapshot.coverage.state(sight) {
            ReadState::Read { count } => Some(*count),
            _ => None,
        }
    }

    #[test]
    fn events_change_what_is_there_and_its_count() {
        let start = Instant::now();
        let mut sighted = seen(start);
        sighted.put(Kind::Pod, objects(Kind::Pod, &["c"]), start);
        sighted.put(Kind::Pod, objects(Kind::Pod, &["a"]), start);
        assert_eq!(count(&sighted, PODS), Some(3));
        sighted.take_away(Kind::Pod, &objects(Kind::Pod, &["b"]), start);
        assert_eq!(count(&sighted, PODS), Some(2));
        assert!(sighted.snapshot.objects.metadata(Kind::Pod, "n", "b").is_none());
    }

    #[test]
    fn a_change_is_judged_when_what_belongs_to_it_has_come_and_a_heartbeat_is_none() {
        let start = Instant::now();
        let mut sighted = seen(start);
        sighted.put(Kind::Lease, objects(Kind::Lease, &["l"]), start);
        assert!(!sighted.is_changed(after(start, 9), Duration::ZERO));
        sighted.put(Kind::Pod, objects(Kind::Pod, &["c"]), start);
        assert!(!sighted.is_changed(start, Duration::from_secs(1)));
        assert!(sighted.is_changed(after(start, 1), Duration::from_secs(1)));
        sighted.date(after(start, 1));
        assert!(!sighted.is_changed(after(start, 9), Duration::ZERO));
        assert_eq!(sighted.snapshot.taken_at, Timestamp::from_second(1).unwrap());
    }

    #[test]
    fn a_watch_that_is_renewed_holds_nothing_up() {
        let start = Instant::now();
        let mut sighted = seen(start);
        sighted.paused(PODS, away(), start);
        assert!(sighted.is_settled(start));
        assert!(sighted.caught_up(PODS, start + Duration::from_millis(20)));
        sighted.tick(start + Duration::from_millis(20));
        assert!(sighted.is_settled(after(start, 40)));
    }

    #[test]
    fn nothing_is_judged_while_something_is_old_and_after_a_while_it_is_a_gap() {
        let start = Instant::now();
        let mut sighted = seen(start);
        sighted.fell_behind(PODS, away(), start);
        sighted.tick(after(start, 2));
        sighted.tick(after(start, 31));
        assert_eq!((sighted.is_settled(after(start, 31)), count(&sighted, PODS)), (false, Some(2)));
        sighted.tick(after(start, 32));
        assert!(sighted.is_settled(after(start, 32)) && sighted.is_changed(after(start, 32), Duration::ZERO));
        assert_eq!(sighted.snapshot.coverage.gap(PODS), Some(&away()));
        assert_eq!(sighted.snapshot.objects.count(Kind::Pod), 0, "what is old is not there");
        assert!(!sighted.caught_up(PODS, after(start, 33)), "what was given up is read anew");
        sighted.date(after(start, 33));
        sighted.fell_behind(PODS, away(), after(start, 40));
        assert!(!sighted.is_changed(after(start, 90), Duration::ZERO), "it is no other gap");
    }

    #[test]
    fn what_is_found_out_one_after_the_other_holds_nothing_up_for_longer() {
        let start = Instant::now();
        let mut sighted = seen(start);
        sighted.fell_behind(PODS, away(), start);
        sighted.tick(after(start, 2));
        sighted.fell_behind(LEASES, away(), after(start, 25));
        sighted.tick(after(start, 32));
        assert!(sighted.is_settled(after(start, 32)));
        assert_eq!((count(&sighted, PODS), count(&sighted, LEASES)), (None, None));
    }

    #[test]
    fn what_comes_back_counts_when_what_it_missed_has_come_and_heartbeats_later() {
        let start = Instant::now();
        let mut sighted = seen(start);
        for sight in [PODS, LEASES] {
            sighted.fell_behind(sight, away(), start);
            assert!(sighted.caught_up(sight, after(start, 10)));
        }
        let settled = |sighted: &mut Sighted, seconds| {
            sighted.tick(after(start, seconds));
            sighted.is_settled(after(start, seconds))
        };
        assert!(!settled(&mut sighted, 10) && !settled(&mut sighted, 21) && settled(&mut sighted, 22));
        assert_eq!((count(&sighted, PODS), count(&sighted, LEASES)), (Some(2), Some(1)));
    }

    #[test]
    fn a_gap_that_is_read_again_is_none() {
        let start = Instant::now();
        let mut sighted = seen(start);
        sighted.fell_behind(PODS, away(), start);
        sighted.tick(after(start, 2));
        sighted.tick(after(start, 32));
        let (state, pods) = (ReadState::Read { count: 1 }, objects(Kind::Pod, &["z"]));
        sighted.read(PODS, state, pods, Vec::new(), after(start, 50));
        assert!(!sighted.is_settled(after(start, 50)));
        sighted.tick(after(start, 51));
        assert!(sighted.is_settled(after(start, 51)) && count(&sighted, PODS) == Some(1));
    }

    #[test]
    fn a_right_that_was_withdrawn_is_a_gap_at_once() {
        let start = Instant::now();
        let mut sighted = seen(start);
        let forbidden = Gap { reason: GapReason::Forbidden, detail: String::new(), seen: 0 };
        sighted.read(PODS, ReadState::Gap(forbidden), Shelves::default(), Vec::new(), start);
        assert!(sighted.is_settled(start) && count(&sighted, PODS).is_none());
        assert!(sighted.snapshot.objects.pods.is_empty());
    }

    #[test]
    fn the_same_health_is_no_change() {
        let start = Instant::now();
        let mut sighted = seen(start);
        let line = |text| HealthLine::parse(Sight::Readyz, text).into_iter().collect::<Vec<_>>();
        let mut read = |text, at| {
            sighted.read(Sight::Readyz, ReadState::Read { count: 1 }, Shelves::default(), line(text), at);
            let is_changed = sighted.is_changed(at, Duration::ZERO);
            sighted.date(at);
            is_changed
        };
        assert_eq!(["[+]etcd ok", "[+]etcd ok", "[-]etcd failed"].map(|text| read(text, start)), [true, false, true]);
        assert_eq!(sighted.snapshot.health.len(), 1);
    }

    #[test]
    fn the_clock_goes_on_and_is_set_when_it_went_astray() {
        let start = Instant::now();
        let mut clock = Clock::new(Timestamp::UNIX_EPOCH, start);
        let at = |clock: Clock, seconds| clock.now(after(start, seconds)).as_second();
        clock.heard(Timestamp::from_second(9).unwrap(), after(start, 10));
        assert_eq!(at(clock, 10), 10, "the server's word is rounded");
        clock.heard(Timestamp::from_second(500).unwrap(), after(start, 11));
        assert_eq!(at(clock, 12), 501, "the machine slept");
    }
}
