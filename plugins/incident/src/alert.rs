//! Alerts to start from: `NAME`, or `NAME{label=value,...}` as Prometheus writes them.

use sre_core::check::Sight;
use sre_core::finding::quoted;
use sre_core::inquiry::{Alert, named_by, subject_among};
use sre_core::object::ObjectRef;
use sre_core::report::{Block, Span};
use sre_core::slim::KINDS;
use sre_core::snapshot::ReadState;
use sre_core::view::View;
use sre_runtime::error::Error;
use std::collections::BTreeSet;

/// Which alerts are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertNamed {
    /// What they are called.
    pub name: String,
    /// Labels that they must have.
    labels: Vec<(String, String)>,
}

/// An alert that fires, and what it is about.
#[derive(Clone, Debug)]
pub struct Firing {
    /// The alert.
    pub alert: Alert,
    /// What it is about, as far as its labels name something that is there.
    pub subject: Option<ObjectRef>,
    /// The closest object that its labels name, where that was not seen.
    pub missing: Option<Missing>,
}

/// An object that an alert names and that was not seen.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The object.
    pub object: ObjectRef,
    /// Whether its kind was looked at, so that it is not there.
    pub was_looked_for: bool,
}

/// Names that are listed where another was typed.
const LISTED: usize = 20;

impl AlertNamed {
    /// Reads what was typed.
    ///
    /// # Errors
    /// Says what is wanted.
    pub fn of(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no alert: NAME or NAME{{label=value,...}} is wanted");
        let (name, rest) = text.split_once('{').map_or((text, None), |(name, rest)| (name, Some(rest)));
        let inner = rest.map(|rest| rest.trim_end().strip_suffix('}').ok_or_else(wrong)).transpose()?;
        let labels = pairs(inner.unwrap_or_default()).ok_or_else(wrong)?;
        let name = name.trim().to_owned();
        if name.is_empty() { Err(wrong()) } else { Ok(Self { name, labels }) }
    }

    fn means(&self, alert: &Alert) -> bool {
        alert.name() == self.name && self.labels.iter().all(|(label, value)| alert.label(label) == value)
    }

    /// The alerts that fire, with what they are about; none where Alertmanager could not be asked, which is a gap.
    ///
    /// # Errors
    /// Fails when there is no Alertmanager, or no such alert fires.
    pub fn firing(&self, view: &View<'_>) -> Result<Vec<Firing>, Error> {
        let Some(alerts) = view.snapshot.answers.alerts() else {
            return match view.snapshot.coverage.state(Sight::Alertmanager) {
                ReadState::Gap(_) => Ok(Vec::new()),
                _ => Err(nobody_to_ask(view)),
            };
        };
        let meant: Vec<&Alert> = alerts.iter().filter(|alert| self.means(alert)).collect();
        if meant.is_empty() {
            return Err(self.fires_not(&alerts));
        }
        let meant = within(view, meant)?;
        let firing = |alert: &&Alert| Firing {
            alert: (*alert).clone(),
            subject: subject_among(view, &alert.labels),
            missing: missing(view, alert),
        };
        Ok(meant.iter().map(firing).collect())
    }

    fn fires_not(&self, alerts: &[Alert]) -> Error {
        let typed = |alert: &Alert| quoted(&written(alert));
        let of_name: Vec<String> = alerts.iter().filter(|it| it.name() == self.name).map(typed).collect();
        let names: BTreeSet<String> = alerts.iter().map(|alert| alert.name().to_owned()).collect();
        let listed = |all: Vec<String>| all.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
        let hint = match (of_name.is_empty(), names.is_empty()) {
            (false, _) => format!("of that name these fire: {}", listed(of_name)),
            (true, false) => format!("these fire: {}", listed(names.into_iter().collect())),
            (true, true) => "no alert fires; without --alert everything in scope is looked at".to_owned(),
        };
        let pairs: Vec<String> = self.labels.iter().map(|(label, value)| format!("{label}={value}")).collect();
        let labels = if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) };
        Error::Usage { message: format!("no alert {}{labels} fires", self.name), hint }
    }
}

/// Pairs as PromQL writes them, `label=value` or `label="value"`; none where something else than equality is asked for.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (label, after) = rest.split_once('=')?;
        let label = label.trim_end();
        if !is_plain(label) || after.starts_with('~') {
            return None;
        }
        let (value, after) = value(after.trim_start())?;
        found.push((label.to_owned(), value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(found)
}

/// Whether a word needs no quotes.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_.:/-".contains(c))
}

/// A value, and what stands behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(inner) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return Some((text[..end].trim_end().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &inner[at + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

/// The alerts that are about what was looked at; about other namespaces nothing is known.
fn within<'a>(view: &View<'_>, alerts: Vec<&'a Alert>) -> Result<Vec<&'a Alert>, Error> {
    let Some(one) = view.snapshot.namespaces.one() else { return Ok(alerts) };
    let is_elsewhere = |alert: &&Alert| !["", one].contains(&alert.label("namespace"));
    let (elsewhere, here): (Vec<&Alert>, Vec<&Alert>) = alerts.into_iter().partition(is_elsewhere);
    match elsewhere.first() {
        Some(first) if here.is_empty() => {
            let namespace = first.label("namespace");
            let message = format!("{} is about namespace {namespace}, and only {one} was looked at", written(first));
            Err(Error::Unseen { message, hint: format!("look there: -n {}", quoted(namespace)) })
        }
        _ => Ok(here),
    }
}

/// The closest object that an alert names, where it was not seen.
fn missing(view: &View<'_>, alert: &Alert) -> Option<Missing> {
    let first = named_by(&alert.labels).next()?;
    let is_there = view.metadata_of(&first).is_some();
    let row = KINDS.iter().find(|row| row.name == first.kind)?;
    let was_looked_for = view.snapshot.coverage.is_whole(Sight::Of(row.kind));
    (!is_there).then_some(Missing { object: first, was_looked_for })
}

fn nobody_to_ask(view: &View<'_>) -> Error {
    let message = match view.snapshot.namespaces.one() {
        Some(one) => format!("with only namespace {one} to look at, no Alertmanager is looked for"),
        None => "no Alertmanager was found to ask for alerts".to_owned(),
    };
    let hint = "name it in a profile (alertmanager, see kubectl sre profile) and type --profile, or name an object: \
                kubectl sre incident triage TYPE/NAME";
    Error::Usage { message, hint: hint.to_owned() }
}

/// An alert as it may be typed.
pub fn written(alert: &Alert) -> String {
    const LEFT_OUT: [&str; 3] = ["alertname", "severity", "prometheus"];
    let labels = alert.labels.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    let value = |value: &str| match is_plain(value) {
        true => value.to_owned(),
        false => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")),
    };
    let labels: Vec<String> = labels.map(|(name, it)| format!("{name}={}", value(it))).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    format!("{}{labels}", alert.name())
}

/// The lines of alerts: of many the first, and how many more there are. A document has all of them.
pub fn listed(lines: impl ExactSizeIterator<Item = Block>) -> Vec<Block> {
    const MOST: usize = 20;
    let more = lines.len().saturating_sub(MOST);
    let rest = (more > 0).then(|| Block::line(1, [Span::faint(format!("and {more} more (-o json has all)"))]));
    lines.take(MOST).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_alerts_some_are_listed_and_the_others_counted() {
        let lines = |count: usize| listed((0..count).map(|number| Block::line(1, [Span::plain(number.to_string())])));
        assert_eq!(lines(20).len(), 20);
        let many = lines(10_000);
        assert_eq!(many.len(), 21);
        assert_eq!(many[20], Block::line(1, [Span::faint("and 9980 more (-o json has all)")]));
    }

    #[test]
    fn an_alert_is_typed_as_prometheus_writes_it() {
        let labels = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let named =
            |name: &str, pairs: &[(&str, &str)]| Ok(AlertNamed { name: name.to_owned(), labels: labels(pairs) });
        assert_eq!(AlertNamed::of("PodCrashes"), named("PodCrashes", &[]));
        let both = [("namespace", "shop"), ("pod", "web-1")];
        assert_eq!(AlertNamed::of(r#"PodCrashes{namespace="shop", pod=web-1}"#), named("PodCrashes", &both));
        let lists = [("list", "a,b=c}"), ("say", "\"hi\"")];
        assert_eq!(AlertNamed::of(r#"A{list="a,b=c}",say="\"hi\""}"#), named("A", &lists));
        for wrong in
            ["", "{a=b}", "A{a}", "A{a=b", "A{pod!=\"a\"}", "A{pod=~\"a.*\"}", "A{pod!~a}", "A{=b}", "A{a=\"b}"]
        {
            assert!(AlertNamed::of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_written_can_be_typed() {
        let mut alert = Alert::default();
        for (label, value) in [("alertname", "A"), ("severity", "page"), ("pod", "web-1")] {
            alert.labels.insert(label.to_owned(), value.to_owned());
        }
        assert_eq!(written(&alert), "A{pod=web-1}");
        assert!(AlertNamed::of(&written(&alert)).is_ok_and(|named| named.means(&alert)));
        for value in ["a,b=c}", "\"quoted\" \\ and \n lines", "", "{}"] {
            alert.labels.insert("list".to_owned(), value.to_owned());
            assert!(AlertNamed::of(&written(&alert)).is_ok_and(|named| named.means(&alert)), "{}", written(&alert));
        }
        assert!(AlertNamed::of("A{pod=web-2}").is_ok_and(|named| !named.means(&alert)));
    }
}
