//! Alerts that are kept quiet for an incident: which, until when, and that it is neither all of them nor for ever.
//!
//! What Alertmanager takes: <https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>.

use crate::strict::Cursor;
use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// What is asked of an Alertmanager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum SilenceCall {
    /// To keep alerts quiet.
    Make {
        /// Which: those that all of these match.
        matchers: Vec<SilenceMatcher>,
        /// Until when.
        until: Timestamp,
    },
    /// To let alerts be heard again.
    Expire {
        /// What Alertmanager calls the silence.
        id: String,
    },
}

/// What a label must be, or must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SilenceMatcher {
    /// The label.
    pub name: String,
    /// What it is compared with.
    pub value: String,
    /// Whether that is a pattern for the whole of it.
    pub is_regex: bool,
    /// Whether it must be so, and not otherwise.
    pub is_equal: bool,
}

/// How far silences go without more being said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilenceLimits {
    /// The longest that one may last.
    pub longest: SignedDuration,
    /// One that hides more alerts than so many is confirmed by the id of the incident.
    pub alerts: u32,
}

impl Default for SilenceLimits {
    fn default() -> Self {
        Self { longest: SignedDuration::from_hours(2), alerts: 10 }
    }
}

impl SilenceLimits {
    /// Reads the part of a profile.
    pub fn read(cursor: &Cursor<'_>) -> Option<Self> {
        const MOST_HOURS: i64 = 7 * 24;
        let usual = Self::default();
        let fields = cursor.fields(&["longest", "alerts"])?;
        let longest = |text: &str| {
            let wanted = || format!("{text} is no time; write for example 30m, 4h or 2d, a week at the most");
            let minutes = super::procedure::minutes(text).map_err(|_| wanted())?;
            let longest = SignedDuration::from_mins(i64::from(minutes));
            let is_right = minutes > 0 && longest <= SignedDuration::from_hours(MOST_HOURS);
            is_right.then_some(longest).ok_or_else(wanted)
        };
        let longest = fields.optional("longest").map_or(Some(usual.longest), |it| it.parsed(longest));
        let alerts = fields.optional("alerts").map_or(Some(usual.alerts), |it| it.count(0..=10_000));
        Some(Self { longest: longest?, alerts: alerts? })
    }
}

impl SilenceMatcher {
    /// Reads alerts as they are typed: the name of one, with labels where there are several of it (`NAME{label=value,...}`), or
    /// matchers alone (`label=value`, `label!=value`, `label=~pattern`, `label!~pattern`). All words together are one silence.
    ///
    /// # Errors
    /// Says what is wrong, or that they leave no alert out.
    pub fn read_all(words: &[String]) -> Result<Vec<Self>, String> {
        let mut matchers = Vec::new();
        for word in words {
            let (name, rest) = match word.split_once('{') {
                Some((name, rest)) if !name.contains(['=', '!']) => {
                    let inner = rest.trim_end().strip_suffix('}');
                    (name.trim(), parts(inner.ok_or_else(|| format!("{word:?} has no }} at its end"))?))
                }
                _ if word.contains(['=', '!']) => ("", parts(word)),
                _ => (word.trim(), Vec::new()),
            };
            if !name.is_empty() {
                let value = name.to_owned();
                matchers.push(Self { name: "alertname".to_owned(), value, is_regex: false, is_equal: true });
            }
            for part in rest {
                matchers.push(Self::read(part)?);
            }
        }
        guarded(&matchers)?;
        Ok(matchers)
    }

    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no matcher: label=value, label!=value, label=~pattern or label!~pattern");
        let at = text.find(['=', '!']).ok_or_else(wrong)?;
        let (name, rest) = (text[..at].trim(), &text[at..]);
        let ways = [("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true)];
        let (value, is_regex, is_equal) = ways
            .into_iter()
            .find_map(|(sign, is_regex, is_equal)| Some((rest.strip_prefix(sign)?, is_regex, is_equal)))
            .ok_or_else(wrong)?;
        let is_label = name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
            && name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
        if !is_label {
            return Err(wrong());
        }
        let value = value.trim();
        let inner = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let value = inner.map_or_else(|| value.to_owned(), |inner| inner.replace("\\\"", "\"").replace("\\\\", "\\"));
        if value.bytes().any(|it| it.is_ascii_control()) {
            return Err(wrong());
        }
        Ok(Self { name: name.to_owned(), value, is_regex, is_equal })
    }

    /// Whether it leaves alerts out by saying what they must be.
    ///
    /// # Errors
    /// Says that its pattern is none.
    fn narrows(&self) -> Result<bool, String> {
        /// Words that nobody has for a label: a pattern for all of them is one for everything.
        const MADE_UP: [&str; 3] = ["kq7zx", "Vw-3.pj_9", "/\u{e4} 0:;@"];
        if !self.is_regex {
            return Ok(self.is_equal && !self.value.is_empty());
        }
        let pattern = Regex::new(&format!("^(?s:{})$", self.value))
            .map_err(|_| format!("{:?} is no pattern that can be judged here", self.value))?;
        let is_everything = pattern.is_match("") || MADE_UP.iter().all(|word| pattern.is_match(word));
        Ok(self.is_equal && !is_everything)
    }

    /// As the filter of a list of alerts has it.
    pub fn filter(&self) -> String {
        let value = self.value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("{}{}\"{value}\"", self.name, self.sign())
    }

    fn sign(&self) -> &'static str {
        match (self.is_regex, self.is_equal) {
            (false, true) => "=",
            (false, false) => "!=",
            (true, true) => "=~",
            (true, false) => "!~",
        }
    }
}

/// What stands between commas, of which those in quotes are letters.
fn parts(text: &str) -> Vec<&str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let is_end = |letter: char| {
        let ends = letter == ',' && !is_quoted;
        is_quoted ^= letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    };
    text.split(is_end).map(str::trim).filter(|it| !it.is_empty()).collect()
}

/// Nobody silences everything by mistake.
fn guarded(matchers: &[SilenceMatcher]) -> Result<(), String> {
    if matchers.is_empty() {
        return Err("no alert is named, and a silence of nothing would be one of everything".to_owned());
    }
    let narrow: Vec<bool> = matchers.iter().map(SilenceMatcher::narrows).collect::<Result<_, _>>()?;
    if narrow.contains(&true) {
        return Ok(());
    }
    let all = matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    Err(format!("{{{all}}} leaves hardly an alert out: at least one label must be something, and not just anything"))
}

impl fmt::Display for SilenceMatcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.filter())
    }
}

impl fmt::Display for SilenceCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Make { matchers, until } => {
                let all = matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                write!(formatter, "{{{all}}} until {}", super::moment(*until))
            }
            Self::Expire { id } => write!(formatter, "the end of {id}"),
        }
    }
}

impl SilenceCall {
    /// The document for it: of a message, said by somebody at a time.
    pub(super) fn payload(&self, comment: &str, by: &str, at: Timestamp) -> Value {
        match self {
            Self::Make { matchers, until } => {
                json!({"matchers": matchers, "startsAt": at, "endsAt": until, "createdBy": by, "comment": comment})
            }
            Self::Expire { id } => json!({"silenceID": id}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict;

    fn read(words: &[&str]) -> Result<String, String> {
        let words: Vec<String> = words.iter().map(|it| (*it).to_owned()).collect();
        let all = SilenceMatcher::read_all(&words)?;
        Ok(all.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn alerts_are_named_as_people_type_them() {
        let right = |text: &str| Ok(text.to_owned());
        assert_eq!(read(&["CheckoutIsDown"]), right(r#"alertname="CheckoutIsDown""#));
        let labels = read(&["PodCrashes{namespace=shop, pod=~\"web-[0-9]{1,2}\", team!=x}"]);
        assert_eq!(labels, right(r#"alertname="PodCrashes",namespace="shop",pod=~"web-[0-9]{1,2}",team!="x""#));
        assert_eq!(read(&["namespace=shop", "pod!~web-.*"]), right(r#"namespace="shop",pod!~"web-.*""#));
        assert_eq!(read(&[r#"a="b\"c,d""#]), right(r#"a="b\"c,d""#));
        assert_eq!(read(&["{namespace=shop}"]), right(r#"namespace="shop""#));
    }

    #[test]
    fn nothing_silences_everything() {
        for wide in [
            &[][..],
            &["alertname=~.*"],
            &["alertname=~.+"],
            &["alertname=~(.|\n)*"],
            &["alertname=~\"a|.*\""],
            &["alertname=~|x"],
            &["alertname=~\\S.*|\\s*"],
            &["alertname=~.{2,}"],
            &["alertname="],
            &["alertname!=x"],
            &["alertname!~x.*", "namespace=~.*"],
            &["{}"],
            &["a=~("],
            &["1a=b"],
            &["X{a"],
            &["a~b!"],
        ] {
            assert!(read(wide).is_err(), "{wide:?}");
        }
        assert!(read(&["alertname=~.*", "namespace=shop"]).is_ok(), "one of them narrows");
        assert!(read(&["alertname=~Kube.*"]).is_ok());
    }

    #[test]
    fn a_team_says_how_far_they_go() {
        let limits = |text: &str| strict::read(text, SilenceLimits::read).map_err(|all| all[0].to_string());
        assert_eq!(limits("{}\n"), Ok(SilenceLimits::default()));
        let four = SilenceLimits { longest: SignedDuration::from_hours(4), alerts: 3 };
        assert_eq!(limits("{longest: 4h, alerts: 3}\n"), Ok(four));
        assert!(limits("{longest: 8d}\n").expect_err("too long").contains("a week at the most"));
        assert!(limits("{longest: 0m}\n").is_err());
    }

    #[test]
    fn a_silence_is_written_as_alertmanager_takes_it() {
        let matchers = SilenceMatcher::read_all(&["A{pod=~web.*}".to_owned()]).expect("right");
        let until: Timestamp = "2026-11-29T12:00:00Z".parse().expect("a time");
        let call = SilenceCall::Make { matchers, until };
        assert_eq!(call.to_string(), "{alertname=\"A\",pod=~\"web.*\"} until 2026-11-29 12:00:00 UTC");
        let payload = call.payload("inc-1: known", "jane@host", Timestamp::UNIX_EPOCH);
        assert_eq!(payload["matchers"][1], json!({"name": "pod", "value": "web.*", "isRegex": true, "isEqual": true}));
        assert_eq!((&payload["comment"], &payload["endsAt"]), (&json!("inc-1: known"), &json!("2026-11-29T12:00:00Z")));
        let written = serde_json::to_string(&call).expect("JSON");
        assert_eq!(serde_json::from_str::<SilenceCall>(&written).expect("read again"), call);
    }
}
