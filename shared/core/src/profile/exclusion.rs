//! Findings that a team knows and accepts for a time.

use crate::finding::Finding;
use crate::object_pattern::ObjectPattern;
use crate::scheduling::nearest_word;
use crate::slim::LabelSelector;
use crate::strict::Cursor;
use crate::view::View;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What is known and accepted, by whom, why, and until when.
#[derive(Clone, Debug)]
pub struct Exclusion {
    check: Option<String>,
    objects: Vec<ObjectPattern>,
    selector: Option<LabelSelector>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day, in UTC, on which it holds.
    pub expires: Date,
}

/// What an exclusion does to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluded {
    /// It hides it.
    Yes,
    /// It would, but its time is over.
    Expired,
    /// It does not speak of it.
    No,
}

impl Exclusion {
    pub(super) fn read(cursor: &Cursor<'_>, checks: &[&str]) -> Option<Self> {
        let fields = cursor.fields(&["check", "objects", "selector", "reason", "owner", "expires"])?;
        let check = fields.optional("check").map(|it| it.parsed(|id| known(id, checks)));
        let objects = fields.optional("objects").map(|it| objects(&it));
        let selector = fields
            .optional("selector")
            .map(|it| it.parsed(|text| LabelSelector::parse(text).map_err(|error| error.to_string())));
        if check.is_none() && objects.is_none() && selector.is_none() {
            fields.wrong("without check, objects or selector it would hide everything");
        }
        let reason = fields.required("reason").and_then(|it| it.text());
        let owner = fields.required("owner").and_then(|it| it.text());
        let expires = fields.required("expires").and_then(|it| it.parsed(date));
        Some(Self {
            check: check.map_or(Some(None), |check| check.map(Some))?,
            objects: objects.map_or(Some(Vec::new()), |objects| objects)?,
            selector: selector.map_or(Some(None), |selector| selector.map(Some))?,
            reason: reason?,
            owner: owner?,
            expires: expires?,
        })
    }

    /// Whether it hides a finding at the time of the view.
    pub fn judges(&self, finding: &Finding, view: &View<'_>) -> Excluded {
        let is_of_check = self.check.as_ref().is_none_or(|check| check.eq_ignore_ascii_case(finding.check));
        let is_of_object =
            self.objects.is_empty() || self.objects.iter().any(|pattern| pattern.matches(&finding.object));
        let has_labels = self
            .selector
            .as_ref()
            .is_none_or(|selector| view.labels_of(&finding.object).is_some_and(|labels| selector.matches(labels)));
        match is_of_check && is_of_object && has_labels {
            true if self.is_over(view.now()) => Excluded::Expired,
            true => Excluded::Yes,
            false => Excluded::No,
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        TimeZone::UTC.to_datetime(now).date() > self.expires
    }
}

/// The check that tells what could not be looked at, which is nobody's to accept.
const NOT_SEEN: &str = "GAP-01";

fn known(id: &str, checks: &[&str]) -> Result<String, String> {
    if id.eq_ignore_ascii_case(NOT_SEEN) {
        return Err(format!("{NOT_SEEN} cannot be excluded: it tells what could not be looked at"));
    }
    if checks.is_empty() || checks.iter().any(|check| check.eq_ignore_ascii_case(id)) {
        return Ok(id.to_owned());
    }
    let near = nearest_word(id, checks.iter().copied()).map_or(String::new(), |near| format!("; did you mean {near}?"));
    Err(format!("{id} is no check{near}"))
}

/// An empty list would match every object, though it names none.
fn objects(cursor: &Cursor<'_>) -> Option<Vec<ObjectPattern>> {
    let patterns = cursor.each(|one| one.parsed(ObjectPattern::parse))?;
    if patterns.is_empty() {
        cursor.wrong("must not be empty; leave it out where every object is meant");
        return None;
    }
    Some(patterns)
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text} is no date; write for example 2026-12-31"))
}
