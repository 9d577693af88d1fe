//! What is due of an incident, and when.

use super::procedure::Since;
use super::{Demanded, Incident, Mark};
use jiff::{SignedDuration, Timestamp};

/// Something that the severity demands, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem {
    /// The word that it is ticked by.
    pub item: String,
    /// What is to be done.
    pub text: String,
    /// How it stands.
    pub state: DueState,
    /// When it is due, or was, where it is still to be done.
    pub due_at: Option<Timestamp>,
    /// The minutes after which it is due again, where it is done again and again.
    pub every_minutes: Option<u32>,
    /// When it was done last.
    pub done: Option<Mark>,
}

/// How something stands that is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueState {
    /// It should have been done.
    Overdue,
    /// It is to be done.
    Pending,
    /// It was done.
    Done,
    /// It was not done, and the incident is over.
    Lapsed,
    /// It is counted from the end of the incident, which is not there yet.
    Later,
}

impl DueState {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Lapsed => "lapsed",
            Self::Later => "later",
        }
    }
}

impl Incident {
    /// What its severity demands, in the order in which it does.
    pub fn due(&self, now: Timestamp) -> Vec<DueItem> {
        self.demanded.iter().map(|demanded| self.item(demanded, now)).collect()
    }

    /// How many things should have been done and were not, action items and messages that did not arrive among them.
    pub fn overdue(&self, now: Timestamp) -> usize {
        let demanded = self.due(now).iter().filter(|it| it.state == DueState::Overdue).count();
        demanded + self.actions.iter().filter(|it| it.is_overdue(now)).count() + self.undelivered().count()
    }

    fn item(&self, demanded: &Demanded, now: Timestamp) -> DueItem {
        let demand = &demanded.demand;
        let done = self.done.get(&demand.item);
        let (state, due_at) = match demand.since {
            Since::Declared => self.during(demanded, done, now),
            Since::Resolved => self.afterwards(demand.after_minutes, done, now),
        };
        DueItem {
            item: demand.item.clone(),
            text: demand.text.clone(),
            state,
            due_at,
            every_minutes: demand.every_minutes,
            done: done.cloned(),
        }
    }

    fn during(&self, demanded: &Demanded, done: Option<&Mark>, now: Timestamp) -> (DueState, Option<Timestamp>) {
        let demand = &demanded.demand;
        if !self.is_open() {
            return (if done.is_some() { DueState::Done } else { DueState::Lapsed }, None);
        }
        let first = after(demanded.since, demand.after_minutes);
        match (done, demand.every_minutes) {
            (Some(_), None) => (DueState::Done, None),
            (Some(done), Some(minutes)) if done.at >= demanded.since => awaited(after(done.at, minutes), now),
            _ => awaited(first, now),
        }
    }

    fn afterwards(&self, minutes: u32, done: Option<&Mark>, now: Timestamp) -> (DueState, Option<Timestamp>) {
        match (&self.resolved, done) {
            (None, _) => (DueState::Later, None),
            (Some(resolved), Some(done)) if done.at >= resolved.at => (DueState::Done, None),
            (Some(resolved), _) => awaited(after(resolved.at, minutes), now),
        }
    }
}

fn awaited(due: Timestamp, now: Timestamp) -> (DueState, Option<Timestamp>) {
    (if due <= now { DueState::Overdue } else { DueState::Pending }, Some(due))
}

/// So many minutes later; the end of time, where there is no such moment.
fn after(since: Timestamp, minutes: u32) -> Timestamp {
    since.checked_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX)
}
