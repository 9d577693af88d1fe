//! The record of an incident: what was written down, and what follows from it.
//!
//! Nothing is ever altered: an [`Incident`] is the fold of its [`Entry`]s, of which two machines' lists are [`merged`] by
//! their ids. What is due when says [`Incident::due`]; the [`postmortem()`] is the page that remains.

mod delivery;
mod due;
mod entry;
mod level;
mod message;
mod notify;
mod postmortem;
mod procedure;
pub mod shared;
mod silence;

pub use delivery::{Answered, Delivery, DeliveryState, answered, routed, said};
pub use due::{DueItem, DueState};
pub use entry::{Declaration, Entry, Role, Section, Unreadable, What, entries, merged};
pub use level::{Level, Said};
pub use message::{EXPIRE, HIDDEN, Message, OURS, RESOLVE, SILENCE};
pub use notify::{AlertmanagerPlace, Channel, Mail, MailTls, NotifyTarget, SecretPlace, origin_and_path};
pub use postmortem::{Joined, TODO, moment, postmortem, timeline};
pub use procedure::{Demand, Procedure, Since};
pub use silence::{SilenceCall, SilenceLimits, SilenceMatcher};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// An incident, as its entries tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// What it is known by.
    pub id: String,
    /// How it began.
    pub declaration: Declaration,
    /// When it was declared.
    pub declared_at: Timestamp,
    /// Who declared it.
    pub declared_by: String,
    /// How bad it is.
    pub level: Level,
    /// Since when it is over, and who said so.
    pub resolved: Option<Mark>,
    /// Who answers for what.
    pub roles: BTreeMap<Role, String>,
    /// What is to be done so that it does not happen again, in the order of writing.
    pub actions: Vec<ActionItem>,
    /// What was sent to whom, in the order of sending.
    pub deliveries: Vec<Delivery>,
    /// The parts of the post-mortem that somebody wrote.
    pub sections: BTreeMap<Section, Vec<String>>,
    /// How bad it was from when to when.
    pub periods: Vec<Period>,
    /// All that was written down, in the order of time.
    pub entries: Vec<Entry>,
    demanded: Vec<Demanded>,
    done: BTreeMap<String, Mark>,
}

/// When something was, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

impl Mark {
    fn of(entry: &Entry) -> Self {
        Self { at: entry.at, by: entry.by.clone() }
    }
}

/// How bad it was for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// How bad.
    pub level: Level,
    /// From when.
    pub from: Timestamp,
    /// To when; absent while it lasts.
    pub to: Option<Timestamp>,
}

/// Something to be done so that it does not happen again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionItem {
    /// What it is known by.
    pub id: String,
    /// What is to be done.
    pub text: String,
    /// By whom.
    pub owner: Option<String>,
    /// The last day for it, in UTC.
    pub due: Option<Date>,
    /// That it was done.
    pub done: Option<Mark>,
}

impl ActionItem {
    /// Whether its last day is over and it is not done.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.done.is_none() && self.due.is_some_and(|due| TimeZone::UTC.to_datetime(now).date() > due)
    }
}

/// Something that the severity demands, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Demanded {
    demand: Demand,
    since: Timestamp,
}

impl Incident {
    /// What entries tell, in whichever order they come; nothing where none of them declares an incident.
    pub fn of(id: &str, entries: &[Entry]) -> Option<Self> {
        let entries = merged(entries, &[]);
        let mut declared = entries.iter();
        let (entry, declaration) = declared.find_map(|entry| match &entry.what {
            What::Declared(declaration) => Some((entry, declaration.clone())),
            _ => None,
        })?;
        let mut incident = Self {
            id: id.to_owned(),
            declared_at: entry.at,
            declared_by: entry.by.clone(),
            level: declaration.severity,
            resolved: None,
            roles: BTreeMap::new(),
            actions: Vec::new(),
            deliveries: Vec::new(),
            sections: BTreeMap::new(),
            periods: Vec::new(),
            entries: Vec::new(),
            demanded: Vec::new(),
            done: BTreeMap::new(),
            declaration,
        };
        incident.becomes(incident.level, entry.at);
        entries.iter().for_each(|entry| incident.takes(entry));
        incident.entries = entries;
        Some(incident)
    }

    /// The order of lists: what was declared last comes first.
    pub fn newest_first(&self, other: &Self) -> Ordering {
        (other.declared_at, &other.id).cmp(&(self.declared_at, &self.id))
    }

    /// Whether it goes on.
    pub fn is_open(&self) -> bool {
        self.resolved.is_none()
    }

    /// Whether it is about a cluster, as far as its declaration says: by the address of the API server, else by the name
    /// of the context. One that was declared without any cluster is about each.
    pub fn is_about(&self, context: Option<&str>, server: Option<&str>) -> bool {
        let declared = &self.declaration;
        match (declared.server.as_deref(), server, declared.context.as_deref()) {
            (Some(declared), Some(server), _) => declared == server,
            (_, _, Some(declared)) => Some(declared) == context,
            (Some(_), None, None) => false,
            (None, _, None) => true,
        }
    }

    /// The newest moment of its record: before that it is for nobody.
    pub fn newest(&self) -> Timestamp {
        self.entries.iter().map(|entry| entry.at).max().unwrap_or(self.declared_at)
    }

    fn takes(&mut self, entry: &Entry) {
        match &entry.what {
            What::Declared(_) => {}
            What::Severity { severity, .. } => self.becomes(*severity, entry.at),
            What::Role { role, person } => drop(self.roles.insert(*role, person.clone())),
            What::Note { section: None, .. } => {}
            What::Note { text, section: Some(section), .. } => {
                self.sections.entry(*section).or_default().push(text.clone());
            }
            What::Evidence { file, sha256, .. } => {
                let said = format!("{file} (SHA-256 {sha256}), taken at {}", moment(entry.at));
                self.sections.entry(Section::Evidence).or_default().push(said);
            }
            What::Dump { of, file, sha256, .. } => {
                let said = format!("memory of {of}: {file} (SHA-256 {sha256}), taken at {}", moment(entry.at));
                self.sections.entry(Section::Evidence).or_default().push(said);
            }
            What::Done { item, .. } => drop(self.done.insert(item.clone(), Mark::of(entry))),
            What::NotDone { item, .. } => drop(self.done.remove(item)),
            What::Action { action, text, owner, due } => self.actions.push(ActionItem {
                id: action.clone(),
                text: text.clone(),
                owner: owner.clone(),
                due: *due,
                done: None,
            }),
            What::ActionDone { action } => {
                let named = self.actions.iter_mut().filter(|it| it.id == *action && it.done.is_none());
                named.for_each(|it| it.done = Some(Mark::of(entry)));
            }
            What::Sending { .. } | What::Sent { .. } | What::NotSent { .. } | What::GivenUp { .. } => {
                self.delivers(entry)
            }
            What::Resolved if self.is_open() => self.resolves(entry),
            What::Reopened { .. } if !self.is_open() => self.opens_again(entry.at),
            // Two machines said the same.
            What::Resolved | What::Reopened { .. } => {}
        }
    }

    /// What was demanded before is demanded since then; what is new, from now on.
    fn becomes(&mut self, level: Level, at: Timestamp) {
        let before = std::mem::take(&mut self.demanded);
        let since = |item: &str| before.iter().find(|it| it.demand.item == item).map_or(at, |it| it.since);
        let demands = self.declaration.procedure.of(level).iter();
        self.demanded = demands.map(|it| Demanded { demand: it.clone(), since: since(&it.item) }).collect();
        self.level = level;
        if self.is_open() {
            self.ends_period(at);
            self.periods.push(Period { level, from: at, to: None });
        }
    }

    fn resolves(&mut self, entry: &Entry) {
        self.resolved = Some(Mark::of(entry));
        self.ends_period(entry.at);
    }

    /// What was not done before it was over, and what is done again and again, is counted from now on.
    fn opens_again(&mut self, at: Timestamp) {
        self.resolved = None;
        let done = &self.done;
        for it in &mut self.demanded {
            if it.demand.every_minutes.is_some() || !done.contains_key(&it.demand.item) {
                it.since = at;
            }
        }
        self.periods.push(Period { level: self.level, from: at, to: None });
    }

    fn ends_period(&mut self, at: Timestamp) {
        for period in self.periods.iter_mut().filter(|it| it.to.is_none()) {
            period.to = Some(at);
        }
    }
}

#[cfg(test)]
mod tests;
