//! When a CronJob runs: schedules as the CronJob controller reads them.
//!
//! General cron libraries read more, and less, than the controller does: it takes five fields, `N/step` from N on,
//! `@every`, and neither seconds nor 7 for Sunday; what a clock change skips is not run, what it repeats is run twice.

mod error;
mod fields;
mod interval;

pub use error::ScheduleError;

use fields::Fields;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

/// How long a run may take before its success is missed.
const PATIENCE: SignedDuration = SignedDuration::from_hours(4);

/// When something runs again and again.
#[derive(Clone, Debug)]
pub struct Schedule {
    rule: Rule,
    zone: TimeZone,
}

#[derive(Clone, Debug)]
enum Rule {
    /// At the minutes that match.
    Matching(Fields),
    /// So long after the last run.
    Every(SignedDuration),
}

impl Schedule {
    /// Reads `spec.schedule` and `spec.timeZone` of a CronJob.
    ///
    /// Without a time zone the controller manager's own one counts, which is UTC nearly everywhere, and here. Time
    /// zones come from the database that is built in, so that the answer does not depend on the machine.
    ///
    /// # Errors
    /// Fails for what the controller could not read either.
    pub fn parse(text: &str, zone: Option<&str>) -> Result<Self, ScheduleError> {
        let zone = zone.map_or(Ok(TimeZone::UTC), named_zone)?;
        if text.contains("TZ=") {
            return Err(ScheduleError::ZoneInSchedule);
        }
        let rule = match text.strip_prefix("@every ") {
            Some(interval) => Rule::Every(interval::parse(interval)?),
            None => Rule::Matching(Fields::parse(text)?),
        };
        Ok(Self { rule, zone })
    }

    /// The first run after a point in time; none when no run follows within five years, where the controller gives up.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Matching(fields) => fields.next(after, &self.zone),
            Rule::Every(interval) => Timestamp::from_second(after.as_second()).ok()?.checked_add(*interval).ok(),
        }
    }

    /// The last run before a point in time; none for `@every`, which counts from the run before.
    pub fn previous(&self, before: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Matching(fields) => fields.previous(before, &self.zone),
            Rule::Every(_) => None,
        }
    }

    /// The last run that must have succeeded by now: each has four hours, or the time until the next one where that is
    /// shorter. `@every` counts from a point in time, the last success or the making.
    pub fn due(&self, now: Timestamp, from: Option<Timestamp>) -> Option<Timestamp> {
        match &self.rule {
            Rule::Matching(fields) => {
                let last = fields.previous(now, &self.zone)?;
                let next = fields.next(last, &self.zone);
                let patience = next.map_or(PATIENCE, |next| next.duration_since(last).min(PATIENCE));
                fields.previous(now.checked_sub(patience).ok()?, &self.zone)
            }
            Rule::Every(interval) => {
                let (from, patience) = (from?, *interval.min(&PATIENCE));
                let due = from.checked_add(*interval).ok()?;
                let is_over = due.checked_add(patience).is_ok_and(|end| end < now);
                Some(if is_over { due } else { from })
            }
        }
    }

    /// The runs after a point in time, in order, up to and including another.
    pub fn runs(&self, after: Timestamp, until: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next(after), |run| self.next(*run)).take_while(move |run| *run <= until)
    }
}

/// A time zone by its IANA name; the controller's look-up distinguishes capitals, and has no local zone.
///
/// # Errors
/// Fails for a name that the database that is built in does not hold.
pub fn named_zone(name: &str) -> Result<TimeZone, ScheduleError> {
    let unknown = || ScheduleError::Zone { name: name.to_owned() };
    let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| unknown())?;
    if zone.iana_name() == Some(name) { Ok(zone) } else { Err(unknown()) }
}

#[cfg(test)]
mod tests;
