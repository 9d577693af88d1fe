//! What a severity demands of people, and by when.

use super::level::Level;
use crate::strict::Cursor;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Something that a severity demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Demand {
    /// The word that it is ticked by.
    pub item: String,
    /// What is to be done.
    pub text: String,
    /// From when on it is counted.
    #[serde(default, skip_serializing_if = "Since::is_declared")]
    pub since: Since,
    /// So many minutes later it is due.
    pub after_minutes: u32,
    /// So many minutes after it was done it is due again, while the incident is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_minutes: Option<u32>,
}

/// From when on the time to something is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Since {
    /// Since the severity demands it.
    #[default]
    Declared,
    /// Since the incident is resolved.
    Resolved,
}

impl Since {
    fn is_declared(&self) -> bool {
        *self == Self::Declared
    }
}

/// What each severity demands. An incident keeps the one that it was declared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Procedure {
    sev1: Vec<Demand>,
    sev2: Vec<Demand>,
    sev3: Vec<Demand>,
    sev4: Vec<Demand>,
    sev5: Vec<Demand>,
}

impl Default for Procedure {
    /// What the guides demand of SEV-1 to SEV-3, with the hourly updates of the one that names any, and a review
    /// afterwards: three days for the worst, a week for the next.
    fn default() -> Self {
        let page = || demand("page", "page the engineer on call", 0);
        let update = || Demand { every_minutes: Some(60), ..demand("update", "tell how it stands", 60) };
        let review = |days: u32| Demand {
            since: Since::Resolved,
            ..demand("review", "write the post-mortem, and review it", days * DAY)
        };
        Self {
            sev1: vec![
                page(),
                demand("bridge", "open a bridge call", 5),
                demand("executives", "notify the executives", 30),
                update(),
                review(3),
            ],
            sev2: vec![
                page(),
                demand("channel", "open an incident channel", 10),
                demand("status-page", "update the status page", 30),
                update(),
                review(7),
            ],
            sev3: vec![
                demand("ticket", "create a ticket", 60),
                demand("team", "notify the team", 60),
                demand("fix", "schedule the fix", DAY),
            ],
            sev4: vec![demand("ticket", "create a ticket", DAY)],
            sev5: Vec::new(),
        }
    }
}

/// The minutes of a day.
const DAY: u32 = 24 * 60;
/// The longest time that a demand may have: a year.
const LONGEST: u32 = 366 * DAY;

fn demand(item: &str, text: &str, after_minutes: u32) -> Demand {
    Demand { item: item.to_owned(), text: text.to_owned(), since: Since::Declared, after_minutes, every_minutes: None }
}

impl Procedure {
    /// What a severity demands.
    pub fn of(&self, level: Level) -> &[Demand] {
        match level.number() {
            1 => &self.sev1,
            2 => &self.sev2,
            3 => &self.sev3,
            4 => &self.sev4,
            _ => &self.sev5,
        }
    }

    /// Reads the severities of a profile; what it says nothing about stays as it is without one.
    pub fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&Level::ALL.map(Level::word))?;
        let usual = Self::default();
        let of = |level: Level| {
            let usual = || Some(usual.of(level).to_vec());
            fields.optional(level.word()).map_or_else(usual, |list| demands(&list))
        };
        let [sev1, sev2, sev3, sev4, sev5] = Level::ALL.map(of);
        Some(Self { sev1: sev1?, sev2: sev2?, sev3: sev3?, sev4: sev4?, sev5: sev5? })
    }
}

fn demands(list: &Cursor<'_>) -> Option<Vec<Demand>> {
    let seen = RefCell::new(BTreeSet::new());
    list.each(|one| {
        let demand = read(one)?;
        if !seen.borrow_mut().insert(demand.item.clone()) {
            one.wrong(format!("another one is called {} too; it is ticked by that word", demand.item));
        }
        Some(demand)
    })
}

fn read(cursor: &Cursor<'_>) -> Option<Demand> {
    let fields = cursor.fields(&["item", "text", "after", "afterResolved", "every"])?;
    let item = fields.required("item").and_then(|it| it.parsed(word));
    let text = fields.required("text").and_then(|it| it.text());
    let time = |name| fields.optional(name).map_or(Some(None), |it| it.parsed(minutes).map(Some));
    let (after, resolved) = (time("after"), time("afterResolved"));
    let every = fields.optional("every").map_or(Some(None), |it| {
        it.parsed(|text| minutes(text).and_then(|it| if it == 0 { Err("0 is no pause".to_owned()) } else { Ok(it) }))
            .map(Some)
    });
    let (after, resolved, every_minutes) = (after?, resolved?, every?);
    let (since, after_minutes) = match (after, resolved) {
        (Some(_), Some(_)) => {
            fields.wrong("either after or afterResolved, not both");
            return None;
        }
        (None, Some(minutes)) if every_minutes.is_none() => (Since::Resolved, minutes),
        (None, Some(_)) => {
            fields.wrong("what is due after the incident is due once: leave every out");
            return None;
        }
        (minutes, None) => (Since::Declared, minutes.or(every_minutes).unwrap_or(0)),
    };
    Some(Demand { item: item?, text: text?, since, after_minutes, every_minutes })
}

/// A word that can be typed as it is.
pub(super) fn word(text: &str) -> Result<String, String> {
    let is_word = text.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-')
        && text.starts_with(|letter: char| letter.is_ascii_lowercase());
    let help = || format!("{text} is no word of small letters, digits and dashes, which it is ticked by");
    if is_word { Ok(text.to_owned()) } else { Err(help()) }
}

/// Minutes of `15m`, `1h`, `3d`.
pub(super) fn minutes(text: &str) -> Result<u32, String> {
    let help = || format!("{text} is no time; write for example 15m, 1h or 3d, a year at the most");
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(help)?;
    let factor = match unit {
        "m" => 1,
        "h" => 60,
        "d" => DAY,
        _ => return Err(help()),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = is_number.then(|| digits.parse::<u32>().ok()).flatten();
    number.and_then(|it| it.checked_mul(factor)).filter(|it| *it <= LONGEST).ok_or_else(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict;

    fn severities<'n>(document: &Cursor<'n>) -> Option<Cursor<'n>> {
        document.fields(&["severities"])?.required("severities")
    }

    fn procedure(text: &str) -> Result<Procedure, Vec<String>> {
        let read = strict::read(text, |document| Procedure::read(&severities(document)?));
        read.map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn items(procedure: &Procedure, level: usize) -> Vec<(&str, u32, Option<u32>)> {
        let demands = procedure.of(Level::ALL[level - 1]).iter();
        demands.map(|it| (it.item.as_str(), it.after_minutes, it.every_minutes)).collect()
    }

    #[test]
    fn the_guides_say_what_is_demanded_without_a_profile() {
        let usual = Procedure::default();
        let words = |level| items(&usual, level).into_iter().map(|(item, ..)| item).collect::<Vec<_>>();
        assert_eq!(words(1), ["page", "bridge", "executives", "update", "review"]);
        assert_eq!(words(2), ["page", "channel", "status-page", "update", "review"]);
        assert_eq!(words(3), ["ticket", "team", "fix"]);
        assert_eq!((words(4), words(5).len()), (vec!["ticket"], 0));
    }

    #[test]
    fn a_profile_replaces_the_severities_that_it_names() {
        let text = "severities:\n  sev1:\n  - {item: page, text: page them, after: 0m}\n  \
                    - {item: manager, text: tell the manager, after: 15m}\n  \
                    - {item: update, text: tell customers, every: 1h}\n  \
                    - {item: review, text: review it, afterResolved: 2d}\n  sev5: []\n";
        let read = procedure(text).expect("a right part");
        let wanted = [("page", 0, None), ("manager", 15, None), ("update", 60, Some(60)), ("review", 2880, None)];
        assert_eq!(items(&read, 1), wanted);
        assert_eq!(read.of(Level::ALL[0])[3].since, Since::Resolved);
        assert_eq!(items(&read, 2), items(&Procedure::default(), 2));
    }

    #[test]
    fn every_problem_is_told_with_its_line() {
        let text = "severities:\n  sev1:\n  - {item: Page on call, text: a, after: 5}\n  \
                    - {item: a, text: b, after: 1h, afterResolved: 1h}\n  - {item: x, text: y, every: 0m}\n  \
                    - {item: z, text: y, after: 9999d}\n  sev6: []\n";
        let problems = procedure(text).expect_err("wrong");
        for (line, words) in [
            (3, "is no word of small letters"),
            (3, "a text is wanted, not a number"),
            (4, "either after or afterResolved"),
            (5, "0 is no pause"),
            (6, "9999d is no time"),
            (7, "unknown field; did you mean sev1?"),
        ] {
            let is_told = |it: &&String| it.starts_with(&format!("line {line},")) && it.contains(words);
            assert!(problems.iter().any(|it| is_told(&it)), "{line} {words}: {problems:?}");
        }
        let twice = "severities: {sev2: [{item: a, text: b}, {item: a, text: c}]}\n";
        assert!(procedure(twice).expect_err("twice")[0].contains("another one is called a too"));
        assert!(procedure("{}\n").expect_err("nothing")[0].contains("severities is missing"));
    }
}
