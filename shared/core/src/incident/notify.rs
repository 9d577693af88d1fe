//! Who is told of an incident, and by which way. Secrets are named, never held.

use super::level::Level;
use crate::inquiry::Target;
use crate::strict::{Cursor, Fields};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

/// Where PagerDuty takes events, unless a target says another region.
pub const PAGERDUTY: &str = "https://events.pagerduty.com";

/// A way of telling people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotifyTarget {
    /// What the team calls it.
    pub name: String,
    /// How it is told.
    pub channel: Channel,
    /// Where its secret comes from: the address of a webhook, the routing key of PagerDuty, the password of a mail server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretPlace>,
    /// What is sent to it, by the words of what a severity demands.
    pub items: Vec<String>,
    /// At which severities; at all of them, where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Level>,
}

/// How a target is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Channel {
    /// An incoming webhook of Slack.
    Slack,
    /// The Events API of PagerDuty, version 2.
    Pagerduty {
        /// Scheme and host of it.
        address: String,
    },
    /// Any service that takes a JSON document.
    Webhook,
    /// A mail server.
    Mail(Mail),
    /// An Alertmanager, which keeps alerts quiet.
    Alertmanager(AlertmanagerPlace),
}

/// Where an Alertmanager is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AlertmanagerPlace {
    /// Its address, or its Service.
    pub target: Target,
    /// The context of the cluster that a Service is in: whoever asks again may look at another one by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

impl fmt::Display for AlertmanagerPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = self.context.as_ref().map_or(String::new(), |context| format!(", context {context}"));
        write!(formatter, "{}{context}", self.target)
    }
}

/// How mail is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mail {
    /// The host of the server.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// Whether it is spoken to over TLS.
    pub tls: MailTls,
    /// The address that it is from.
    pub from: String,
    /// The addresses that it goes to.
    pub to: Vec<String>,
    /// Who logs in, with the secret as password; without one nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// Whether a mail server is spoken to over TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// From the first letter on.
    Tls,
    /// After a word of the server's; without it nothing is sent.
    Starttls,
    /// Never: on this machine alone.
    None,
}

impl Channel {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Pagerduty { .. } => "pagerduty",
            Self::Webhook => "webhook",
            Self::Mail(_) => "mail",
            Self::Alertmanager(_) => "alertmanager",
        }
    }

    /// Whether the same message sent twice arrives once.
    pub fn takes_once(&self) -> bool {
        // An Alertmanager is asked first whether it is there.
        matches!(self, Self::Pagerduty { .. } | Self::Alertmanager(_))
    }
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecretPlace {
    /// A variable of the environment.
    Env(String),
    /// The first line of a file.
    File(String),
}

impl SecretPlace {
    /// Where it is, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Env(name) => format!("the variable {name}"),
            Self::File(path) => format!("the file {path}"),
        }
    }
}

impl NotifyTarget {
    /// The same without the way to it: what it is called, and how it is told.
    pub fn without_way(&self) -> Self {
        let channel = match &self.channel {
            Channel::Pagerduty { .. } => Channel::Pagerduty { address: String::new() },
            Channel::Mail(mail) => Channel::Mail(Mail {
                server: String::new(),
                port: mail.port,
                tls: mail.tls,
                from: String::new(),
                to: Vec::new(),
                user: None,
            }),
            Channel::Alertmanager(_) => {
                Channel::Alertmanager(AlertmanagerPlace { target: Target::Url(String::new()), context: None })
            }
            Channel::Slack => Channel::Slack,
            Channel::Webhook => Channel::Webhook,
        };
        let secret = Some(SecretPlace::Env(String::new()));
        Self { name: self.name.clone(), channel, secret, items: Vec::new(), severities: Vec::new() }
    }

    /// Whether both are one: by the way to them, and by what they are called where one is of another machine.
    pub fn is_same(&self, other: &Self) -> bool {
        if self.has_way() && other.has_way() {
            return self.channel == other.channel && self.secret == other.secret;
        }
        self.name == other.name && self.channel.word() == other.channel.word()
    }

    /// Whether it says how it is reached.
    pub fn has_way(&self) -> bool {
        self.secret != Some(SecretPlace::Env(String::new()))
    }

    /// An Alertmanager.
    pub fn alertmanager(place: AlertmanagerPlace) -> Self {
        Self {
            name: "alertmanager".to_owned(),
            channel: Channel::Alertmanager(place),
            secret: None,
            items: Vec::new(),
            severities: Vec::new(),
        }
    }

    /// Whether something of an incident of a severity goes to it without being asked.
    pub fn takes(&self, item: &str, level: Level) -> bool {
        let is_severe = self.severities.is_empty() || self.severities.contains(&level);
        is_severe && self.items.iter().any(|word| word == item)
    }

    /// Where it is told, as far as that may be said.
    pub fn way(&self) -> String {
        let secret = self.secret.as_ref().map(SecretPlace::words);
        match (&self.channel, secret) {
            (Channel::Alertmanager(place), _) => format!("at {place}"),
            (Channel::Mail(mail), None) => format!("by {}:{}", mail.server, mail.port),
            (Channel::Mail(mail), Some(secret)) => format!("by {}:{}, with {secret}", mail.server, mail.port),
            (_, secret) => format!("by {}", secret.unwrap_or_default()),
        }
    }

    /// Reads the list of a profile.
    pub fn read_all(list: &Cursor<'_>) -> Option<Vec<Self>> {
        let seen = RefCell::new(BTreeSet::new());
        list.each(|one| {
            let target = read(one)?;
            if !seen.borrow_mut().insert(target.name.clone()) {
                one.wrong(format!("another one is called {} too; they are told apart by the name", target.name));
            }
            Some(target)
        })
    }
}

/// What a kind has besides what all have.
const OF_MAIL: [&str; 7] = ["server", "port", "tls", "from", "to", "user", "password"];

fn read(cursor: &Cursor<'_>) -> Option<NotifyTarget> {
    let common = ["name", "kind", "items", "severities", "address", "url", "key"];
    let fields = cursor.fields(&[&common[..], &OF_MAIL].concat())?;
    let name = fields.required("name").and_then(|it| it.parsed(super::procedure::word));
    let items = fields.required("items").and_then(|it| it.each(|one| one.parsed(super::procedure::word)));
    let severities = fields.optional("severities").map_or(Some(Vec::new()), |it| severities(&it));
    let kinds = ["slack", "pagerduty", "webhook", "mail"].map(|kind| (kind, kind));
    let kind = fields.required("kind").and_then(|it| it.choice(&kinds))?;
    let own: &[&str] = match kind {
        "pagerduty" => &["address", "key"],
        "mail" => &OF_MAIL,
        _ => &["url"],
    };
    if let Some(wrong) =
        ["address", "url", "key"].iter().chain(&OF_MAIL).find(|it| !own.contains(it) && fields.optional(it).is_some())
    {
        let secret = if kind == "slack" || kind == "webhook" {
            "; the url is a secret, so name where it comes from"
        } else {
            ""
        };
        fields.wrong(format!("{kind} takes {}, not {wrong}{secret}", own.join(", ")));
        return None;
    }
    let (channel, secret) = match kind {
        "mail" => mail(&fields)?,
        "pagerduty" => {
            let address = fields.optional("address").map_or(Some(PAGERDUTY.to_owned()), |it| it.parsed(address));
            (Channel::Pagerduty { address: address? }, Some(secret(&fields, "key")?))
        }
        "slack" => (Channel::Slack, Some(secret(&fields, "url")?)),
        _ => (Channel::Webhook, Some(secret(&fields, "url")?)),
    };
    Some(NotifyTarget { name: name?, channel, secret, items: items?, severities: severities? })
}

fn severities(list: &Cursor<'_>) -> Option<Vec<Level>> {
    let known = Level::ALL.map(|level| (level.word(), level));
    let all = list.each(|one| one.choice(&known))?;
    if all.is_empty() {
        list.wrong("it names no severity, so nothing would ever be sent; leave it out for all of them");
        return None;
    }
    Some(all)
}

fn mail(fields: &Fields<'_>) -> Option<(Channel, Option<SecretPlace>)> {
    let ways = [("tls", MailTls::Tls), ("starttls", MailTls::Starttls), ("none", MailTls::None)];
    let server = fields.required("server").and_then(|it| it.parsed(host));
    let port = fields.optional("port").map_or(Some(None), |it| it.count(1..=65_535).map(Some));
    let tls = fields.optional("tls").map_or(Some(MailTls::Starttls), |it| it.choice(&ways));
    let from = fields.required("from").and_then(|it| it.parsed(mailbox));
    let to = fields.required("to").and_then(|it| it.each(|one| one.parsed(mailbox)));
    let user = fields.optional("user").map_or(Some(None), |it| it.text().map(Some));
    let password = fields.optional("password").map_or(Some(None), |_| secret(fields, "password").map(Some));
    let (server, port, tls, from, to, user, password) = (server?, port?, tls?, from?, to?, user?, password?);
    if to.is_empty() {
        fields.wrong("to names nobody");
        return None;
    }
    if user.is_some() != password.is_some() {
        fields.wrong("user and password belong together");
        return None;
    }
    if tls == MailTls::None && !is_this_machine(&server) {
        fields.wrong("tls: none is for this machine alone: anybody on the way would read it");
        return None;
    }
    let usual = match tls {
        MailTls::Tls => 465,
        MailTls::Starttls => 587,
        MailTls::None => 25,
    };
    let port = port.and_then(|it| u16::try_from(it).ok()).unwrap_or(usual);
    Some((Channel::Mail(Mail { server, port, tls, from, to, user }), password))
}

fn host(text: &str) -> Result<String, String> {
    let is_host = !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._:".contains(&it));
    if is_host { Ok(text.to_owned()) } else { Err(format!("{text} is no name of a server; write mail.example.com")) }
}

/// An address alone, so that nothing of a header can stand in it.
fn mailbox(text: &str) -> Result<String, String> {
    let part = |it: &str, more: &[u8]| {
        !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || more.contains(&it)) && !it.contains("..")
    };
    let is_one = text.len() <= 254
        && text.rsplit_once('@').is_some_and(|(user, host)| part(user, b".!#$%&'*+/=?^_`{|}~-") && part(host, b".-"));
    if is_one { Ok(text.to_owned()) } else { Err(format!("{text} is no address; write oncall@example.com")) }
}

fn secret(fields: &Fields<'_>, field: &str) -> Option<SecretPlace> {
    let place = fields.required(field)?.fields(&["env", "file"])?;
    match (place.optional("env"), place.optional("file")) {
        (Some(env), None) => env.parsed(variable).map(SecretPlace::Env),
        (None, Some(file)) => file.text().map(SecretPlace::File),
        _ => {
            place.wrong("either env or file: where the secret comes from; it never stands in a profile");
            None
        }
    }
}

fn variable(text: &str) -> Result<String, String> {
    let is_name = text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    // Who writes the secret itself here must not read it again in an error.
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("this is no name of a variable; write for example SLACK_URL".to_owned())
    }
}

fn address(text: &str) -> Result<String, String> {
    let (origin, path) = origin_and_path(text)?;
    if path == "/" { Ok(origin) } else { Err("scheme and host are wanted, without a path".to_owned()) }
}

/// Takes an address apart: scheme, host and port; and the path with the query. The words of errors hold none of it.
///
/// # Errors
/// Says what is wrong with it: HTTP without TLS is for this machine alone.
pub fn origin_and_path(text: &str) -> Result<(String, String), String> {
    let (scheme, rest) = text.split_once("://").ok_or("it is no address; it begins with https://")?;
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let is_odd = |it: u8| !it.is_ascii_graphic() || b"#\\\"<>".contains(&it);
    if host.is_empty() || rest.bytes().any(is_odd) {
        return Err("it is no address".to_owned());
    }
    if host.contains('@') {
        return Err("it must hold no user or password".to_owned());
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match scheme {
        "https" => {}
        "http" if is_this_machine(name) => {}
        "http" => return Err("it is http://, which anybody on the way reads; https:// is wanted".to_owned()),
        _ => return Err("it begins with neither https:// nor http://".to_owned()),
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok((format!("{scheme}://{host}"), format!("{slash}{path}")))
}

fn is_this_machine(host: &str) -> bool {
    ["127.0.0.1", "[::1]", "::1", "localhost"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict;

    fn read(text: &str) -> Result<Vec<NotifyTarget>, Vec<String>> {
        strict::read(text, NotifyTarget::read_all).map_err(|all| all.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn targets_are_read_and_name_where_their_secrets_are() {
        let text = "- {name: oncall, kind: pagerduty, key: {env: PD_KEY}, items: [page]}\n\
                    - {name: eu, kind: pagerduty, address: 'https://events.eu.pagerduty.com', key: {file: /run/k}, items: []}\n\
                    - {name: chat, kind: slack, url: {env: SLACK_URL}, items: [page, update]}\n\
                    - {name: hook, kind: webhook, url: {file: /run/h}, items: [update], severities: [sev1, sev2]}\n\
                    - {name: post, kind: mail, server: mx.example.com, from: a@example.com, to: [b@example.com], items: []}\n\
                    - {name: own, kind: mail, server: localhost, port: 2525, tls: none, from: a@example.com, to: [b@x, c@x],\n   \
                       user: u, password: {env: MAIL}, items: [update]}\n";
        let targets = read(text).expect("right");
        assert_eq!(targets[0].channel, Channel::Pagerduty { address: PAGERDUTY.to_owned() });
        assert_eq!(targets[1].secret, Some(SecretPlace::File("/run/k".to_owned())));
        assert!(targets[3].takes("update", Level::ALL[1]) && !targets[3].takes("update", Level::ALL[2]));
        assert!(targets[2].takes("update", Level::ALL[4]) && !targets[2].takes("bridge", Level::ALL[0]));
        let Channel::Mail(mail) = &targets[4].channel else { panic!("mail") };
        assert_eq!((mail.port, mail.tls, &targets[4].secret), (587, MailTls::Starttls, &None));
        assert_eq!(targets[5].way(), "by localhost:2525, with the variable MAIL");
        let words: Vec<&str> = targets.iter().map(|it| it.channel.word()).collect();
        assert_eq!(words, ["pagerduty", "pagerduty", "slack", "webhook", "mail", "mail"]);
        let written = serde_json::to_string(&targets).expect("JSON");
        assert_eq!(serde_json::from_str::<Vec<NotifyTarget>>(&written).expect("read again"), targets);
    }

    #[test]
    fn what_is_wrong_is_told_and_a_secret_is_never_repeated() {
        for (text, words) in [
            (
                "- {name: a, kind: slack, url: {env: 'https://hooks.slack.com/T0/x'}, items: []}\n",
                "no name of a variable",
            ),
            ("- {name: a, kind: slack, url: 'https://hooks.slack.com/T0/x', items: []}\n", "a mapping is wanted"),
            ("- {name: a, kind: slack, key: {env: A}, items: []}\n", "slack takes url, not key"),
            ("- {name: a, kind: pagerduty, key: {}, items: []}\n", "either env or file"),
            (
                "- {name: a, kind: slack, address: 'https://x', url: {env: A}, items: []}\n",
                "slack takes url, not address",
            ),
            ("- {name: a, kind: slack, url: {env: A}, items: [], severities: []}\n", "names no severity"),
            ("- {name: a, kind: slack, url: {env: A}, items: [], severities: [sev6]}\n", "did you mean sev1?"),
            ("- {name: a, kind: mail, server: mx, from: a@x, to: [b@x], tls: none, items: []}\n", "this machine alone"),
            ("- {name: a, kind: mail, server: mx, from: a@x, to: [b@x], user: u, items: []}\n", "belong together"),
            ("- {name: a, kind: mail, server: mx, from: \"a@x\\nBcc: c@x\", to: [b@x], items: []}\n", "is no address"),
            ("- {name: a, kind: mail, server: mx, from: a@x, to: [], items: []}\n", "to names nobody"),
            ("- {name: a, kind: mail, server: mx, from: a@x, to: [b@x], url: {env: A}, items: []}\n", "not url"),
            ("- {name: a, kind: pagerduty, address: 'http://x', key: {env: A}, items: []}\n", "https:// is wanted"),
            ("- {name: a, kind: slakc, url: {env: A}, items: []}\n", "did you mean slack?"),
            ("- {name: a, kind: slack, url: {env: A}}\n", "items is missing"),
        ] {
            let problems = read(text).expect_err("wrong").join("\n");
            assert!(problems.contains(words), "{text}{problems}");
            assert!(!problems.contains("T0/x"), "{problems}");
        }
        let one = "- {name: a, kind: slack, url: {env: A}, items: []}\n";
        assert!(read(&one.repeat(2)).expect_err("twice")[0].contains("another one is called a too"));
    }

    #[test]
    fn an_address_goes_over_tls_or_stays_on_this_machine() {
        let right = |origin: &str, path: &str| Ok((origin.to_owned(), path.to_owned()));
        assert_eq!(origin_and_path("https://h.example/a/b?c=d"), right("https://h.example", "/a/b?c=d"));
        assert_eq!(origin_and_path("http://127.0.0.1:80?x"), right("http://127.0.0.1:80", "/?x"));
        for wrong in [
            "http://h.example/a",
            "http://127.0.0.1.evil.example/",
            "https://u:p@h/",
            "ftp://h/",
            "h.example/a",
            "https:///a",
            "https://h/a b",
            "https://h/a\r\nX: y",
        ] {
            let why = origin_and_path(wrong).expect_err(wrong);
            assert!(!why.contains("h.example") && !why.contains("u:p"), "{why}");
        }
    }
}
