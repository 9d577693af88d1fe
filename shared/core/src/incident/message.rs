//! What is sent to people, as each way of telling wants it.

use super::notify::{Channel, Mail};
use super::silence::SilenceCall;
use super::{Incident, Level};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The longest text of a section of Slack, in letters.
const SECTION: usize = 3000;
/// The longest summary of PagerDuty, in letters.
const SUMMARY: usize = 1024;
/// The longest subject of a mail, in letters: more is cut off wherever it is read.
const SUBJECT: usize = 200;
/// What stands for a secret where it is not to be seen.
pub const HIDDEN: &str = "<hidden>";

/// The item of a message that says that an alert is over.
pub const RESOLVE: &str = "resolve";
/// The item of a message that keeps alerts quiet.
pub const SILENCE: &str = "silence";
/// The item of a message that lets alerts be heard again.
pub const EXPIRE: &str = "expire";
/// The items that mean something to a service, which nobody gives to a message of another meaning.
pub const OURS: [&str; 3] = [RESOLVE, SILENCE, EXPIRE];

/// A message about an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The incident; the same key is one alert in PagerDuty.
    pub incident: String,
    /// What this message is known by.
    pub id: String,
    /// The word of what it does: `page`, `update`.
    pub item: String,
    /// How bad it is.
    pub level: Level,
    /// What the incident is called.
    pub title: String,
    /// Where it is: a context and a namespace.
    pub place: String,
    /// What is said.
    pub text: String,
    /// What is asked of an Alertmanager, where it goes to one.
    pub silence: Option<SilenceCall>,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Incident {
    /// The place that it was declared for.
    pub fn place(&self) -> String {
        let declared = &self.declaration;
        let parts = [("context", &declared.context), ("namespace", &declared.namespace)];
        let words = parts.into_iter().filter_map(|(word, name)| Some(format!("{word} {}", name.as_ref()?)));
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Message {
    /// The document for a way of telling; in that of PagerDuty [`HIDDEN`] stands for the routing key.
    pub fn payload(&self, channel: &Channel) -> Value {
        match channel {
            Channel::Slack => self.slack(),
            Channel::Pagerduty { .. } => self.pagerduty(),
            Channel::Webhook => self.webhook(),
            Channel::Mail(mail) => self.mail(mail),
            Channel::Alertmanager(_) => {
                self.silence.as_ref().map_or(Value::Null, |it| it.payload(&self.comment(), &self.by, self.at))
            }
        }
    }

    /// What a silence says of itself; by the incident people find it, by the message it is found again.
    pub fn comment(&self) -> String {
        format!("{}: {} ({})", self.incident, self.text, self.id)
    }

    fn mail(&self, mail: &Mail) -> Value {
        json!({"from": mail.from, "to": mail.to, "subject": self.subject(), "text": self.body()})
    }

    /// The subject of a mail: one line, whatever was typed.
    pub fn subject(&self) -> String {
        let line = format!("[{}] {}: {}", self.incident, self.item, self.headline());
        let clean = line.chars().map(|it| if it.is_control() { ' ' } else { it }).collect::<String>();
        shortened(&clean, SUBJECT)
    }

    /// The text of a mail.
    pub fn body(&self) -> String {
        let place = if self.place.is_empty() { String::new() } else { format!(", {}", self.place) };
        let clean = |it: char| if it.is_control() && it != '\n' { '\u{fffd}' } else { it };
        let text: String = self.text.chars().map(clean).collect();
        let foot = format!("{}{place}, {} by {}, {}", self.incident, self.item, self.by, super::moment(self.at));
        format!("{}\n\n{text}\n\n-- \n{foot}\n", self.subject())
    }

    fn headline(&self) -> String {
        format!("{} {}", self.level, self.title)
    }

    fn slack(&self) -> Value {
        let section =
            |text: String| json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}});
        let headline = pieces(&self.headline(), SECTION - 2).into_iter().next().unwrap_or_default();
        let mut blocks = vec![section(format!("*{headline}*"))];
        blocks.extend(pieces(&self.text, SECTION).into_iter().map(section));
        let place = if self.place.is_empty() { String::new() } else { format!(", {}", self.place) };
        let foot = pieces(&format!("{}{place}, {} by {}", self.incident, self.item, self.by), SECTION);
        let foot = foot.into_iter().next().unwrap_or_default();
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": foot, "verbatim": true}]}));
        let fallback = pieces(&format!("{}: {}", self.headline(), self.text), SECTION);
        json!({
            "text": fallback.into_iter().next().unwrap_or_default(),
            "blocks": blocks,
            "unfurl_links": false,
            "unfurl_media": false,
        })
    }

    fn pagerduty(&self) -> Value {
        if self.item == RESOLVE {
            return json!({"routing_key": HIDDEN, "event_action": "resolve", "dedup_key": self.incident});
        }
        let severity = match self.level.number() {
            1 => "critical",
            2 => "error",
            3 => "warning",
            _ => "info",
        };
        let source = if self.place.is_empty() { "kubectl sre" } else { &self.place };
        json!({
            "routing_key": HIDDEN,
            "event_action": "trigger",
            "dedup_key": self.incident,
            "client": "kubectl sre",
            "payload": {
                "summary": shortened(&self.headline(), SUMMARY),
                "source": source,
                "severity": severity,
                "timestamp": self.at,
                "custom_details": {"incident": self.incident, "said": self.text, "by": self.by, "item": self.item},
            },
        })
    }

    fn webhook(&self) -> Value {
        json!({
            "apiVersion": crate::plan::API_VERSION,
            "kind": "IncidentMessage",
            "id": self.id,
            "incident": self.incident,
            "item": self.item,
            "severity": self.level,
            "title": self.title,
            "place": self.place,
            "text": self.text,
            "by": self.by,
            "time": self.at,
        })
    }
}

/// A text of so many letters at the most.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// A text as Slack takes it, in pieces of so many letters at the most: no markup of its own mentions anybody.
fn pieces(text: &str, most: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let (mut piece, mut length) = (String::new(), 0);
    for letter in text.chars() {
        let escaped = match letter {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            // Those that steer a terminal or turn a line around steer nothing here either.
            it if it.is_control() && it != '\n' => '\u{fffd}'.to_string(),
            it => it.to_string(),
        };
        let more = escaped.chars().count();
        if length + more > most {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        piece.push_str(&escaped);
        length += more;
    }
    pieces.push(piece);
    pieces.retain(|it| !it.trim().is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::notify::PAGERDUTY;
    use super::*;

    fn message(title: &str, text: &str) -> Message {
        Message {
            incident: "inc-20261129-3f2a".to_owned(),
            id: "m-1".to_owned(),
            item: "page".to_owned(),
            level: Level::try_from(1).expect("a severity"),
            title: title.to_owned(),
            place: "context prod, namespace shop".to_owned(),
            text: text.to_owned(),
            silence: None,
            by: "jane@host".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn slack_takes_the_longest_text_whole_within_its_limits_and_nobody_is_mentioned() {
        let text = "<!channel> & ".repeat(1300);
        let payload = message("<@U1> is \u{1b}[31mdown", &text).payload(&Channel::Slack);
        let blocks = payload["blocks"].as_array().expect("blocks");
        assert!(blocks.len() <= 50, "{}", blocks.len());
        let texts: Vec<&str> = blocks.iter().filter_map(|it| it["text"]["text"].as_str()).collect();
        assert!(texts.iter().all(|it| it.chars().count() <= 3000 && !it.contains('<') && !it.contains('\u{1b}')));
        let back = texts[1..].concat().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert_eq!(back, text, "whole, and no escape is cut");
        let fallback = payload["text"].as_str().expect("a text");
        assert!(fallback.starts_with("SEV-1 &lt;@U1&gt; is ") && fallback.chars().count() <= 3000, "{fallback}");
        assert_eq!((&payload["unfurl_links"], &payload["unfurl_media"]), (&false.into(), &false.into()));
    }

    #[test]
    fn pagerduty_gets_one_key_for_an_incident_and_a_short_summary() {
        let channel = Channel::Pagerduty { address: PAGERDUTY.to_owned() };
        let payload = message(&"ä".repeat(3000), &"\u{1}".repeat(16 << 10)).payload(&channel);
        let summary = payload["payload"]["summary"].as_str().expect("a summary");
        assert!(summary.chars().count() == 1024 && summary.ends_with('…'));
        assert!(payload.to_string().len() < 512_000, "{}", payload.to_string().len());
        assert_eq!(payload["dedup_key"], "inc-20261129-3f2a");
        assert_eq!((&payload["routing_key"], &payload["payload"]["severity"]), (&HIDDEN.into(), &"critical".into()));
        let again = message("other", "other").payload(&channel);
        assert_eq!(again["dedup_key"], payload["dedup_key"]);
    }

    #[test]
    fn the_alert_that_was_triggered_is_the_one_that_is_resolved() {
        let channel = Channel::Pagerduty { address: PAGERDUTY.to_owned() };
        let over = Message { item: RESOLVE.to_owned(), ..message("down", "over") }.payload(&channel);
        let triggered = message("down", "text").payload(&channel);
        assert_eq!((&over["event_action"], &over["dedup_key"]), (&"resolve".into(), &triggered["dedup_key"]));
        assert_eq!(over.as_object().map(|it| it.len()), Some(3), "nothing else is wanted: {over}");
    }

    #[test]
    fn nothing_that_was_typed_makes_another_line_of_a_subject() {
        let odd = message("down\r\nBcc: all@example.com\u{85}", "a\r\n.\r\n\u{1b}[31mb");
        assert_eq!(odd.subject(), "[inc-20261129-3f2a] page: SEV-1 down  Bcc: all@example.com ");
        assert!(odd.body().contains("a\u{fffd}\n.\u{fffd}\n\u{fffd}[31mb"), "{}", odd.body());
        assert_eq!(message(&"\u{e4}".repeat(500), "").subject().chars().count(), 200);
    }

    #[test]
    fn any_other_service_gets_what_the_message_is_known_by() {
        let payload = message("down", "text").payload(&Channel::Webhook);
        assert_eq!(
            (&payload["id"], &payload["severity"], &payload["text"]),
            (&"m-1".into(), &1.into(), &"text".into())
        );
    }
}
