//! The five fields of a schedule, and the minutes that match them.

use super::ScheduleError;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The values that match, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    bits: u64,
    /// Whether it was written as a star without a step; days and weekdays restrict each other only then.
    is_star: bool,
}

/// What a field may hold.
struct Bounds {
    field: &'static str,
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const MINUTES: Bounds = Bounds { field: "minute", low: 0, high: 59, names: &[] };
const HOURS: Bounds = Bounds { field: "hour", low: 0, high: 23, names: &[] };
const DAYS: Bounds = Bounds { field: "day", low: 1, high: 31, names: &[] };
const MONTHS: Bounds = Bounds {
    field: "month",
    low: 1,
    high: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAYS: Bounds =
    Bounds { field: "weekday", low: 0, high: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// How far the controller looks for a match.
const YEARS: i64 = 5;

impl Fields {
    /// Reads five fields, or a word that stands for them.
    pub(super) fn parse(text: &str) -> Result<Self, ScheduleError> {
        let text = if text.starts_with('@') { expanded(text)? } else { text };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(ScheduleError::FieldCount { found: fields.len() });
        };
        Ok(Self {
            minutes: MINUTES.parse(minutes)?,
            hours: HOURS.parse(hours)?,
            days: DAYS.parse(days)?,
            months: MONTHS.parse(months)?,
            weekdays: WEEKDAYS.parse(weekdays)?,
        })
    }

    /// The first match after a point in time.
    pub(super) fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut at = Timestamp::from_second(after.as_second().div_euclid(60) * 60 + 60).ok()?;
        let limit = after.checked_add(SignedDuration::from_hours(YEARS * 366 * 24)).ok()?;
        while at <= limit {
            match self.later(zone.to_datetime(at)) {
                Step::Here => return Some(at),
                Step::By(minutes) => at = at.checked_add(SignedDuration::from_mins(minutes)).ok()?,
                Step::To(date) => at = date.to_zoned(zone.clone()).ok()?.timestamp(),
            }
        }
        None
    }

    /// The last match before a point in time.
    pub(super) fn previous(&self, before: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let second = before.as_second() + i64::from(before.subsec_nanosecond() > 0);
        let mut at = Timestamp::from_second((second - 1).div_euclid(60) * 60).ok()?;
        let limit = before.checked_sub(SignedDuration::from_hours(YEARS * 366 * 24)).ok()?;
        while at >= limit {
            match self.earlier(zone.to_datetime(at)) {
                Step::Here => return Some(at),
                Step::By(minutes) => at = at.checked_sub(SignedDuration::from_mins(minutes)).ok()?,
                Step::To(date) => {
                    let start = date.to_zoned(zone.clone()).ok()?.timestamp();
                    at = start.checked_sub(SignedDuration::from_mins(1)).ok()?;
                }
            }
        }
        None
    }

    fn later(&self, local: DateTime) -> Step {
        let next_month = || local.date().last_of_month().tomorrow().map_or(Step::By(i64::from(u16::MAX)), Step::To);
        let next_day = || local.date().tomorrow().map_or(Step::By(24 * 60), Step::To);
        if !self.months.has(local.month()) {
            return next_month();
        }
        if !self.matches_day(local.date()) {
            return next_day();
        }
        if !self.hours.has(local.hour()) {
            return Step::By(60 - i64::from(local.minute()));
        }
        let following = self.minutes.bits >> local.minute();
        match following.trailing_zeros() {
            0 => Step::Here,
            64 => Step::By(60 - i64::from(local.minute())),
            minutes => Step::By(i64::from(minutes)),
        }
    }

    fn earlier(&self, local: DateTime) -> Step {
        if !self.months.has(local.month()) {
            return Step::To(local.date().first_of_month());
        }
        if !self.matches_day(local.date()) {
            return Step::To(local.date());
        }
        let to_last_hour = Step::By(i64::from(local.minute()) + 1);
        if !self.hours.has(local.hour()) {
            return to_last_hour;
        }
        let preceding = self.minutes.bits << (63 - local.minute());
        match preceding.leading_zeros() {
            0 => Step::Here,
            64 => to_last_hour,
            minutes => Step::By(i64::from(minutes)),
        }
    }

    /// A restricted day and a restricted weekday are alternatives; otherwise both must match.
    fn matches_day(&self, date: Date) -> bool {
        let day = self.days.has(date.day());
        let weekday = self.weekdays.has(date.weekday().to_sunday_zero_offset());
        if self.days.is_star || self.weekdays.is_star { day && weekday } else { day || weekday }
    }
}

/// Where to look next.
enum Step {
    /// This minute matches.
    Here,
    /// So many minutes on.
    By(i64),
    /// At the start of a day; backwards, just before it.
    To(Date),
}

impl Set {
    fn has(self, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|value| self.bits >> value & 1 == 1)
    }
}

fn expanded(word: &str) -> Result<&'static str, ScheduleError> {
    match word {
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        "@monthly" => Ok("0 0 1 * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@hourly" => Ok("0 * * * *"),
        _ => Err(ScheduleError::Word { word: word.to_owned() }),
    }
}

impl Bounds {
    fn parse(&self, text: &str) -> Result<Set, ScheduleError> {
        let mut set = Set { bits: 0, is_star: false };
        for range in text.split(',').filter(|range| !range.is_empty()) {
            let one = self.range(range)?;
            set.bits |= one.bits;
            set.is_star |= one.is_star;
        }
        Ok(set)
    }

    /// `N`, `N-M`, `*` or `?`, each with an optional `/step`; `N/step` goes on to the end.
    fn range(&self, text: &str) -> Result<Set, ScheduleError> {
        let wrong = |problem: String| ScheduleError::Field { field: self.field, text: text.to_owned(), problem };
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => {
                (range, Some(number(step).ok_or_else(|| wrong("has no number as its step".into()))?))
            }
            None => (text, None),
        };
        let (low, high) = range.split_once('-').map_or((range, None), |(low, high)| (low, Some(high)));
        let is_star = matches!(low, "*" | "?");
        let value = |text: &str| self.value(text).ok_or_else(|| wrong(format!("holds {text:?}, which is no value")));
        let (first, last) = match (is_star, high) {
            (true, _) => (self.low, self.high),
            (false, Some(high)) => (value(low)?, value(high)?),
            (false, None) if step.is_some() => (value(low)?, self.high),
            (false, None) => (value(low)?, value(low)?),
        };
        if first < self.low || last > self.high {
            return Err(wrong(format!("is outside of {} to {}", self.low, self.high)));
        }
        if first > last || step == Some(0) {
            return Err(wrong("is an empty range".into()));
        }
        let step = step.unwrap_or(1);
        let bits = (first..=last).step_by(step as usize).fold(0, |bits, value| bits | 1 << value);
        Ok(Set { bits, is_star: is_star && step == 1 })
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| text.eq_ignore_ascii_case(name));
        named.map_or_else(|| number(text), |index| Some(u32::try_from(index).ok()? + self.low))
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}
