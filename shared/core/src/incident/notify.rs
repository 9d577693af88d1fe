//! Who is told of an incident, and by which way. Secrets are named, never held.

use crate::strict::{Cursor, Fields};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeSet;

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
    /// Where its secret comes from: the address of a webhook, the routing key of PagerDuty.
    pub secret: SecretPlace,
    /// What is sent to it, by the words of what a severity demands.
    pub items: Vec<String>,
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
}

impl Channel {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Pagerduty { .. } => "pagerduty",
            Self::Webhook => "webhook",
        }
    }

    /// Whether the same message sent twice arrives once.
    pub fn takes_once(&self) -> bool {
        matches!(self, Self::Pagerduty { .. })
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
            other => other.clone(),
        };
        Self { name: self.name.clone(), channel, secret: SecretPlace::Env(String::new()), items: Vec::new() }
    }

    /// Whether it says how it is reached.
    pub fn has_way(&self) -> bool {
        self.secret != SecretPlace::Env(String::new())
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

fn read(cursor: &Cursor<'_>) -> Option<NotifyTarget> {
    let fields = cursor.fields(&["name", "kind", "address", "url", "key", "items"])?;
    let name = fields.required("name").and_then(|it| it.parsed(super::procedure::word));
    let items = fields.required("items").and_then(|it| it.each(|one| one.parsed(super::procedure::word)));
    let kinds = [("slack", "url"), ("pagerduty", "key"), ("webhook", "url")].map(|(kind, field)| (kind, (kind, field)));
    let (kind, field) = fields.required("kind").and_then(|it| it.choice(&kinds))?;
    let address = fields.optional("address").map_or(Some(None), |it| it.parsed(address).map(Some))?;
    let channel = match (kind, address) {
        ("pagerduty", address) => Channel::Pagerduty { address: address.unwrap_or_else(|| PAGERDUTY.to_owned()) },
        (_, Some(_)) => {
            fields.wrong("address is for pagerduty alone; the url is a secret, so name where it comes from");
            return None;
        }
        ("slack", None) => Channel::Slack,
        (_, None) => Channel::Webhook,
    };
    let other = if field == "url" { "key" } else { "url" };
    if fields.optional(other).is_some() {
        fields.wrong(format!("{kind} takes {field}, not {other}"));
        return None;
    }
    Some(NotifyTarget { name: name?, channel, secret: secret(&fields, field)?, items: items? })
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
    let is_here = ["127.0.0.1", "[::1]", "localhost"].contains(&name);
    match scheme {
        "https" => {}
        "http" if is_here => {}
        "http" => return Err("it is http://, which anybody on the way reads; https:// is wanted".to_owned()),
        _ => return Err("it begins with neither https:// nor http://".to_owned()),
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok((format!("{scheme}://{host}"), format!("{slash}{path}")))
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
                    - {name: hook, kind: webhook, url: {file: /run/h}, items: [update]}\n";
        let targets = read(text).expect("right");
        assert_eq!(targets[0].channel, Channel::Pagerduty { address: PAGERDUTY.to_owned() });
        assert_eq!(targets[1].secret, SecretPlace::File("/run/k".to_owned()));
        let words: Vec<&str> = targets.iter().map(|it| it.channel.word()).collect();
        assert_eq!(words, ["pagerduty", "pagerduty", "slack", "webhook"]);
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
            ("- {name: a, kind: slack, address: 'https://x', url: {env: A}, items: []}\n", "for pagerduty alone"),
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
