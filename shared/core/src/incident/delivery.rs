//! What was sent to whom, and whether it arrived.

use super::{Channel, EXPIRE, Entry, Incident, Level, Mark, NotifyTarget, RESOLVE, SILENCE, SilenceCall, What};
use jiff::Timestamp;

/// A message to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What it is known by.
    pub id: String,
    /// The word of what it does.
    pub item: String,
    /// To whom, as it was when it was sent first.
    pub target: NotifyTarget,
    /// What it says.
    pub text: String,
    /// What is asked of an Alertmanager, where it goes to one.
    pub silence: Option<SilenceCall>,
    /// The message that it was sent with, to others too.
    pub message: String,
    /// Who sent it, and when first.
    pub first: Mark,
    /// When it was on its way last.
    pub last: Timestamp,
    /// How often it was on its way.
    pub attempts: usize,
    /// How it stands.
    pub state: DeliveryState,
}

/// How a message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It was taken.
    Sent,
    /// It was not.
    Failed {
        /// Why not.
        why: String,
    },
    /// Nobody knows: it was on its way, and no answer is recorded.
    Unknown {
        /// Why not.
        why: String,
    },
    /// Somebody said that it is not to be sent any more.
    GivenUp,
}

impl DeliveryState {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
            Self::GivenUp => "givenUp",
        }
    }

    /// Why it did not arrive.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Failed { why } | Self::Unknown { why } => Some(why),
            Self::Sent | Self::GivenUp => None,
        }
    }
}

impl Delivery {
    /// Whether it is still to arrive, as far as is known.
    pub fn is_open(&self) -> bool {
        matches!(self.state, DeliveryState::Failed { .. } | DeliveryState::Unknown { .. })
    }

    /// Whether it may be sent again without anybody being told twice.
    pub fn is_safe_again(&self) -> bool {
        match self.state {
            // Whoever sent it from another machine may have sent it again since.
            DeliveryState::Failed { .. } => self.target.has_way() || self.target.channel.takes_once(),
            DeliveryState::Unknown { .. } => self.target.channel.takes_once(),
            DeliveryState::Sent | DeliveryState::GivenUp => false,
        }
    }
}

impl Incident {
    /// The messages of one id that are not known to have arrived.
    pub fn undelivered(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter().filter(|it| it.is_open())
    }

    /// Whether a message arrived wherever it was sent.
    pub fn is_delivered(&self, message: &str) -> bool {
        let mut all = self.deliveries.iter().filter(|it| it.message == message).peekable();
        all.peek().is_some() && all.all(|it| it.state == DeliveryState::Sent)
    }

    /// The alerts of PagerDuty that were triggered, and that nobody asked it to resolve since then.
    pub fn alerting(&self) -> Vec<&NotifyTarget> {
        let is_ended = |it: &Delivery| {
            let mut ends = self.deliveries.iter().filter(|end| end.item == RESOLVE && end.target.is_same(&it.target));
            ends.any(|end| end.last >= it.last && end.state != DeliveryState::GivenUp)
        };
        let may_have = |it: &&Delivery| matches!(it.state, DeliveryState::Sent | DeliveryState::Unknown { .. });
        let pagers = self.deliveries.iter().filter(|it| matches!(it.target.channel, Channel::Pagerduty { .. }));
        let open = pagers.filter(|it| it.item != RESOLVE).filter(may_have).filter(|it| !is_ended(it));
        let mut found: Vec<&NotifyTarget> = Vec::new();
        for target in open.map(|it| &it.target) {
            if !found.iter().any(|known| known.is_same(target)) {
                found.push(target);
            }
        }
        found
    }

    /// The Alertmanagers that may still keep alerts quiet for it at a time, each as it was asked.
    pub fn silencing(&self, now: Timestamp) -> Vec<&NotifyTarget> {
        let lasts = |it: &&Delivery| {
            let is_made = it.item == SILENCE && !matches!(it.state, DeliveryState::Failed { .. });
            is_made && matches!(&it.silence, Some(SilenceCall::Make { until, .. }) if *until > now)
        };
        let mut found: Vec<(&NotifyTarget, usize)> = Vec::new();
        for target in self.deliveries.iter().filter(lasts).map(|it| &it.target) {
            match found.iter_mut().find(|(known, _)| known.is_same(target)) {
                Some((_, count)) => *count += 1,
                None => found.push((target, 1)),
            }
        }
        // Each is ended by a message of its own.
        let ended = |target: &NotifyTarget| {
            let ends = self.deliveries.iter().filter(|it| it.item == EXPIRE && it.target.is_same(target));
            ends.filter(|it| it.state == DeliveryState::Sent).count()
        };
        found.into_iter().filter(|(target, count)| ended(target) < *count).map(|(target, _)| target).collect()
    }

    pub(super) fn delivers(&mut self, entry: &Entry) {
        let mut known = |id: &str, state: DeliveryState| {
            if let Some(delivery) = self.deliveries.iter_mut().find(|it| it.id == id) {
                delivery.state = state;
            }
        };
        match &entry.what {
            What::Sending { delivery, message, item, target, text, silence } => {
                let state = DeliveryState::Unknown { why: "no answer is recorded".to_owned() };
                if let Some(known) = self.deliveries.iter_mut().find(|it| it.id == *delivery) {
                    (known.attempts, known.last, known.state) = (known.attempts + 1, entry.at, state);
                    return;
                }
                self.deliveries.push(Delivery {
                    id: delivery.clone(),
                    item: item.clone(),
                    target: target.clone(),
                    text: text.clone(),
                    silence: silence.clone(),
                    message: message.clone(),
                    first: Mark::of(entry),
                    last: entry.at,
                    attempts: 1,
                    state,
                });
            }
            What::Sent { delivery } => known(delivery, DeliveryState::Sent),
            What::NotSent { delivery, why, unknown: false } => {
                known(delivery, DeliveryState::Failed { why: why.clone() });
            }
            What::NotSent { delivery, why, unknown: true } => {
                known(delivery, DeliveryState::Unknown { why: why.clone() });
            }
            What::GivenUp { delivery } => known(delivery, DeliveryState::GivenUp),
            _ => {}
        }
    }
}

/// The targets that a message goes to: those that were named, else those that its item goes to at a severity.
///
/// # Errors
/// Says which name no target has, or that there is none.
pub fn routed<'t>(
    targets: &'t [NotifyTarget],
    item: &str,
    level: Level,
    named: &[String],
) -> Result<Vec<&'t NotifyTarget>, String> {
    let all = || targets.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
    if targets.is_empty() {
        return Err("nothing says whom to tell: the profile has no incident.notify".to_owned());
    }
    if let Some(wrong) = named.iter().find(|name| targets.iter().all(|it| it.name != **name)) {
        return Err(format!("no target is called {wrong:?}; there are {}", all()));
    }
    let is_meant = |it: &&NotifyTarget| match named.is_empty() {
        true => it.takes(item, level),
        false => named.contains(&it.name),
    };
    let found: Vec<&NotifyTarget> = targets.iter().filter(is_meant).collect();
    if found.is_empty() {
        return Err(format!("no target takes {item} of {level}; name one: --to {}", all()));
    }
    Ok(found)
}

/// What ends a way of telling that answered: taken, or why not, and whether that is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It was taken.
    Taken,
    /// It was refused, and to say it again is of no use.
    Refused(String),
    /// It was not taken now.
    Later(String),
    /// What was answered says neither.
    Unclear(String),
}

/// What an answer says: its status, the beginning of its body, and whether it asks to come again later.
pub fn answered(channel: &Channel, status: u16, body: &str, asks_to_wait: bool) -> Answered {
    let said = said(body);
    match (channel, status) {
        (Channel::Slack, 200) if body.trim() == "ok" => Answered::Taken,
        (Channel::Pagerduty { .. }, 202) if is_success(body) => Answered::Taken,
        (Channel::Webhook, 200..=299) => Answered::Taken,
        (Channel::Alertmanager(_), 200) => Answered::Taken,
        (_, 200..=299) => Answered::Unclear(format!("the answer {status} is not the one of {}{said}", channel.word())),
        (_, 429) => Answered::Later(format!("it answers {status}{said}")),
        (_, 503) if asks_to_wait || channel.takes_once() => Answered::Later(format!("it answers {status}{said}")),
        // What failed inside may have been done before, behind a proxy too.
        (_, 500..=599) => Answered::Unclear(format!("it answers {status}{said}")),
        _ => Answered::Refused(format!("it answers {status}{said}")),
    }
}

fn is_success(body: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(body).is_ok_and(|it| it["status"] == "success")
}

/// The beginning of a foreign text on one line behind a colon, without what may be a secret in it.
pub fn said(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = crate::logs::Redactor::default().redacted(&line, &mut false);
    let short: String = line.chars().filter(|it| !it.is_control()).take(120).collect();
    if short.is_empty() { String::new() } else { format!(": {short}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::SecretPlace;

    fn target(name: &str, items: &[&str]) -> NotifyTarget {
        NotifyTarget {
            name: name.to_owned(),
            channel: Channel::Slack,
            secret: Some(SecretPlace::Env("A".to_owned())),
            items: items.iter().map(|it| (*it).to_owned()).collect(),
            severities: Vec::new(),
        }
    }

    #[test]
    fn a_message_goes_where_its_item_goes_or_where_it_is_sent() {
        let worst = Level::ALL[0];
        let mut targets = [target("oncall", &["page"]), target("chat", &["page", "update"]), target("hook", &[])];
        let names = |item: &str, named: &[&str]| {
            let named: Vec<String> = named.iter().map(|it| (*it).to_owned()).collect();
            routed(&targets, item, worst, &named)
                .map(|all| all.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(names("page", &[]).as_deref(), Ok("oncall chat"));
        assert_eq!(names("update", &[]).as_deref(), Ok("chat"));
        assert_eq!(names("update", &["hook"]).as_deref(), Ok("hook"));
        assert!(names("page", &["hoook"]).expect_err("none").contains("there are oncall, chat, hook"));
        assert!(names("bridge", &[]).expect_err("none").contains("no target takes bridge of SEV-1"));
        targets[0].severities = vec![Level::ALL[0], Level::ALL[1]];
        let at = |level, named: &[String]| routed(&targets, "page", level, named).map(|all| all.len());
        assert_eq!((at(Level::ALL[1], &[]), at(Level::ALL[2], &[])), (Ok(2), Ok(1)), "nobody is woken for a SEV-3");
        assert_eq!(at(Level::ALL[2], &["oncall".to_owned()]), Ok(1), "but by name");
        assert!(routed(&[], "page", worst, &[]).expect_err("none").contains("incident.notify"));
    }

    #[test]
    fn only_what_a_service_documents_counts_as_taken() {
        let pagerduty = Channel::Pagerduty { address: String::new() };
        assert_eq!(answered(&Channel::Slack, 200, "ok\n", false), Answered::Taken);
        assert_eq!(answered(&pagerduty, 202, r#"{"status":"success","dedup_key":"a"}"#, false), Answered::Taken);
        assert_eq!(answered(&Channel::Webhook, 204, "", false), Answered::Taken);
        for (channel, status, body) in [
            (&Channel::Slack, 200, "<html>log in</html>"),
            (&pagerduty, 202, "{"),
            (&pagerduty, 200, r#"{"status":"success"}"#),
            (&Channel::Slack, 500, "rollup_error"),
            (&Channel::Webhook, 503, ""),
        ] {
            assert!(matches!(answered(channel, status, body, false), Answered::Unclear(_)), "{status} {body}");
        }
        assert_eq!(
            answered(&Channel::Slack, 404, "no_service", false),
            Answered::Refused("it answers 404: no_service".to_owned())
        );
        assert!(matches!(answered(&pagerduty, 429, "", false), Answered::Later(_)));
        assert!(matches!(answered(&pagerduty, 503, "", false), Answered::Later(_)));
        assert!(matches!(answered(&Channel::Slack, 503, "", true), Answered::Later(_)));
        assert!(matches!(answered(&pagerduty, 302, "", false), Answered::Refused(_)));
        let Answered::Refused(why) = answered(&pagerduty, 400, &format!("\u{1b}[2J{}", "x\n".repeat(500)), false)
        else {
            panic!()
        };
        assert!(why.len() < 150 && !why.contains('\u{1b}'), "{why}");
    }
}
