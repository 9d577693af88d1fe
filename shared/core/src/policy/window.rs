//! When changes are made, and when not.

use super::placed::Placed;
use super::verdict::{Reason, Rule};
use crate::schedule::named_zone;
use crate::strict::Cursor;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// The days of the week, as policies write them.
pub const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// When changes are made, and when not.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Windows {
    only_production: bool,
    /// There are changes only while one of them is open, if there is any.
    allow: Vec<Placed<Window>>,
    /// There are no changes while one of them is open.
    blackout: Vec<Placed<Window>>,
}

/// A span of time that comes again, by the clock on the wall of a time zone.
///
/// A clock change moves nothing: an hour that comes twice is in the window twice, one that is skipped is not there.
#[derive(Clone, Debug, PartialEq)]
struct Window {
    name: String,
    /// On which days it begins.
    days: Vec<Weekday>,
    /// On which dates it may begin.
    first: Option<Date>,
    last: Option<Date>,
    /// Minutes of the day; when the end is before the beginning, it is one of the next day.
    from: u16,
    to: u16,
    zone: TimeZone,
}

impl Windows {
    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["onlyProduction", "allow", "blackout"])?;
        let only_production = fields.optional("onlyProduction").map_or(Some(false), |it| it.truth());
        let list = |name| fields.optional(name).map_or(Some(Vec::new()), |it| it.each(placed));
        let (allow, blackout) = (list("allow"), list("blackout"));
        Some(Self { only_production: only_production?, allow: allow?, blackout: blackout? })
    }

    /// Why nothing is changed now.
    pub(super) fn refusal(&self, now: Timestamp, is_production: bool) -> Option<Reason> {
        if self.only_production && !is_production {
            return None;
        }
        if let Some(shut) = self.blackout.iter().find(|window| window.value.is_open(now)) {
            let says = format!("there are no changes during {}", shut.value.name);
            return Some(Reason::new(Rule::ChangeWindows, shut.line, says));
        }
        let first = self.allow.first().filter(|_| !self.allow.iter().any(|window| window.value.is_open(now)))?;
        let names: Vec<&str> = self.allow.iter().map(|window| window.value.name.as_str()).collect();
        let says = format!("there are changes only during {}", names.join(", "));
        Some(Reason::new(Rule::ChangeWindows, first.line, says))
    }
}

fn placed(cursor: &Cursor<'_>) -> Option<Placed<Window>> {
    Some(Placed::at(cursor, Window::read(cursor)?))
}

impl Window {
    fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["name", "days", "firstDay", "lastDay", "from", "to", "timeZone"])?;
        let name = fields.required("name").and_then(|it| it.text());
        let all = || Some(DAYS.map(|(_, day)| day).to_vec());
        let days = fields.optional("days").map_or_else(all, |it| it.each(|day| day.choice(&DAYS)));
        let date = |name| fields.optional(name).map_or(Some(None), |it| it.parsed(date).map(Some));
        let (first, last) = (date("firstDay"), date("lastDay"));
        let time = |name, usual| fields.optional(name).map_or(Some(usual), |it| it.parsed(minutes));
        let (from, to) = (time("from", 0), time("to", DAY));
        let zone = fields.required("timeZone").and_then(|it| it.parsed(zone));
        if from.is_some_and(|from| to == Some(from) || from == DAY) {
            fields.wrong("it begins and ends at the same time; leave out from and to for whole days");
        }
        if days.as_ref().is_some_and(Vec::is_empty) {
            fields.wrong("days names none; leave it out for all");
        }
        if let (Some(Some(first)), Some(Some(last))) = (first, last)
            && first > last
        {
            fields.wrong("lastDay is before firstDay");
        }
        Some(Self { name: name?, days: days?, first: first?, last: last?, from: from?, to: to?, zone: zone? })
    }

    fn is_open(&self, now: Timestamp) -> bool {
        let local = self.zone.to_datetime(now);
        let minute = u16::try_from(local.hour()).unwrap_or(0) * 60 + u16::try_from(local.minute()).unwrap_or(0);
        let has_begun = minute >= self.from && self.begins_on(local.date());
        if self.from < self.to {
            return has_begun && minute < self.to;
        }
        has_begun || minute < self.to && local.date().yesterday().is_ok_and(|day| self.begins_on(day))
    }

    fn begins_on(&self, day: Date) -> bool {
        let is_within = self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last);
        is_within && self.days.contains(&day.weekday())
    }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text} is no date; write for example 2026-12-24"))
}

/// Minutes since midnight, 24:00 too.
fn minutes(text: &str) -> Result<u16, String> {
    let number = |digits: &str| {
        let is_short = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| is_short)
    };
    let both = text.split_once(':').and_then(|(hour, minute)| Some((number(hour)?, number(minute)?)));
    let minutes = both.filter(|(_, minute)| *minute < 60).map(|(hour, minute)| hour * 60 + minute);
    minutes.filter(|minutes| *minutes <= DAY).ok_or_else(|| format!("{text} is no time; write for example 09:30"))
}

fn zone(text: &str) -> Result<TimeZone, String> {
    named_zone(text).map_err(|error| format!("{error}; write for example Europe/Berlin"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict;

    fn read(text: &str) -> Result<Windows, Vec<String>> {
        strict::read(text, Windows::read).map_err(|all| all.iter().map(ToString::to_string).collect())
    }

    /// Whether there are changes at each of the times.
    fn open<const N: usize>(text: &str, times: [&str; N]) -> [bool; N] {
        let windows = read(text).expect("windows");
        times.map(|time| windows.refusal(time.parse().expect("a time"), true).is_none())
    }

    #[test]
    fn changes_are_made_while_a_window_is_open_by_the_clock_of_its_zone() {
        let text = "allow:\n- {name: office, days: [mon, tue, wed, thu, fri], from: 09:00, to: 17:00, timeZone: Europe/Berlin}\n";
        // Berlin is one hour before UTC in January, two in July; 2026-01-12 is a Monday.
        let winter = ["2026-01-12T07:59:59Z", "2026-01-12T08:00:00Z", "2026-01-12T15:59:59Z", "2026-01-12T16:00:00Z"];
        assert_eq!(open(text, winter), [false, true, true, false]);
        assert_eq!(open(text, ["2026-07-13T07:00:00Z", "2026-07-13T15:00:00Z"]), [true, false]);
        assert_eq!(open(text, ["2026-01-10T10:00:00Z", "2026-01-11T10:00:00Z"]), [false, false], "the weekend");
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_that_it_begins_on() {
        let text = "allow:\n- {name: night, days: [fri], from: '22:00', to: '04:00', timeZone: UTC}\n";
        // 2026-01-16 is a Friday.
        let times = ["2026-01-16T21:59:00Z", "2026-01-16T22:00:00Z", "2026-01-17T03:59:00Z", "2026-01-17T04:00:00Z"];
        assert_eq!(open(text, times), [false, true, true, false]);
        assert_eq!(open(text, ["2026-01-16T03:00:00Z", "2026-01-17T23:00:00Z"]), [false, false], "of other days");
    }

    #[test]
    fn an_hour_that_comes_twice_is_in_the_window_twice_and_a_skipped_one_is_not_there() {
        let text = "blackout:\n- {name: batch, from: '02:00', to: '03:00', timeZone: Europe/Berlin}\n";
        let autumn = ["2026-10-24T23:59:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"];
        assert_eq!(open(text, autumn), [true, false, false, true]);
        assert_eq!(open(text, ["2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z"]), [true, true]);
    }

    #[test]
    fn a_blackout_wins_over_a_window_and_is_named() {
        let text = "allow:\n- {name: always, timeZone: UTC}\nblackout:\n- name: peak season\n  firstDay: 2026-11-26\n  lastDay: 2026-11-30\n  timeZone: America/New_York\n";
        let times = ["2026-11-26T04:59:00Z", "2026-11-26T05:00:00Z", "2026-12-01T04:59:00Z", "2026-12-01T05:00:00Z"];
        assert_eq!(open(text, times), [true, false, false, true]);
        let now = "2026-11-28T12:00:00Z".parse().expect("a time");
        let reason = read(text).expect("windows").refusal(now, true).expect("a reason");
        assert_eq!(reason.to_string(), "changeWindows (line 4): there are no changes during peak season");
    }

    #[test]
    fn windows_may_hold_for_production_only() {
        let text =
            "onlyProduction: true\nallow:\n- {name: never, firstDay: 2020-01-01, lastDay: 2020-01-01, timeZone: UTC}\n";
        let (windows, now) = (read(text).expect("windows"), "2026-01-15T08:00:00Z".parse().expect("a time"));
        let said = windows.refusal(now, true).map(|reason| reason.to_string());
        assert_eq!(said.as_deref(), Some("changeWindows (line 3): there are changes only during never"));
        assert_eq!(windows.refusal(now, false), None);
    }

    #[test]
    fn what_is_no_window_is_told() {
        let text = "allow:\n- {name: a, days: [mno], from: '9:00', to: '24:01', timeZone: Europe/Berln}\n\
                    - {name: b, from: '10:00', to: '10:00', timeZone: UTC}\n\
                    - {name: c, days: [], firstDay: 2026-02-30}\n\
                    - {name: d, firstDay: 2026-02-02, lastDay: 2026-02-01, timeZone: local}\n";
        let problems = read(text).expect_err("problems");
        let expected = [
            "mno is none of mon, tue, wed, thu, fri, sat, sun; did you mean mon?",
            "9:00 is no time; write for example 09:30",
            "24:01 is no time",
            "there is no time zone \"Europe/Berln\"; write for example Europe/Berlin",
            "allow[1]: it begins and ends at the same time",
            "timeZone is missing",
            "days names none",
            "2026-02-30 is no date",
            "lastDay is before firstDay",
            "there is no time zone \"local\"",
        ];
        for words in expected {
            assert!(problems.iter().any(|it| it.contains(words)), "{words}: {problems:#?}");
        }
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    }
}
