//! Values that nobody should read: each gets a mark in its place, and the same value of the same name the same mark.
//!
//! So what differs between two states of an object still differs once the values are hidden, and whoever learns the
//! same states in the same order can put the values back.

mod above;
mod addresses;
mod commands;
mod lines;
mod names;
#[cfg(test)]
mod programs;
mod shapes;
mod stored;
mod values;

pub(crate) use above::Above;
use lines::has_secret;
pub(crate) use lines::{Text, secrets};
pub(crate) use names::Named;
pub use names::is_confidential;
pub use stored::redact_object;
pub(crate) use values::{PLACEHOLDER, secret_part};

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What every mark begins with.
const BEGINS: &str = "(hidden: ";

/// The fields of a Secret that hold values.
const SECRET_FIELDS: [&str; 2] = ["data", "stringData"];

/// Hides confidential values, and puts back those that it has learned.
#[derive(Clone, Default)]
pub struct Redactor {
    /// The values of each name, in the order in which they were learned.
    values: BTreeMap<String, Vec<String>>,
}

/// Holds values, and shows none.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Redactor(values)")
    }
}

impl Redactor {
    /// Gives every confidential value in it a mark.
    pub fn learn(&mut self, value: &Value) {
        each(&mut value.clone(), &mut |name, value| {
            let known = self.values.entry(name.to_owned()).or_default();
            if !known.iter().any(|it| it == value) {
                known.push(value.to_owned());
            }
            None
        });
    }

    /// The same with marks in place of confidential values.
    pub fn redacted(&self, value: &Value) -> Value {
        let mut redacted = value.clone();
        each(&mut redacted, &mut |name, value| {
            let known = self.values.get(name).and_then(|all| all.iter().position(|it| it == value));
            Some(known.map_or_else(|| format!("{BEGINS}another value of {name})"), |at| mark(name, at)))
        });
        redacted
    }

    /// The same with values in place of marks; `None` where a mark stands for a value that was never learned.
    pub fn revealed(&self, value: &Value) -> Option<Value> {
        Some(match value {
            Value::String(text) if text.starts_with(BEGINS) => Value::String(self.value_of(text)?),
            Value::Array(items) => Value::Array(items.iter().map(|it| self.revealed(it)).collect::<Option<_>>()?),
            Value::Object(fields) => {
                let revealed = fields.iter().map(|(key, value)| Some((key.clone(), self.revealed(value)?)));
                Value::Object(revealed.collect::<Option<Map<_, _>>>()?)
            }
            other => other.clone(),
        })
    }

    /// A text without the values that were learned, wherever they stand in it; short ones stay, for they are words too.
    pub fn scrubbed(&self, text: &str) -> String {
        const SHORTEST: usize = 4;
        let mut all: Vec<(&String, &String)> =
            self.values.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value))).collect();
        all.retain(|(_, value)| value.len() >= SHORTEST);
        // A value may be part of a longer one.
        all.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        all.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(value, &format!("{BEGINS}{name})")))
    }

    fn value_of(&self, wanted: &str) -> Option<String> {
        let mut all = self
            .values
            .iter()
            .flat_map(|(name, values)| values.iter().enumerate().map(move |(at, value)| (mark(name, at), value)));
        all.find(|(mark, _)| mark == wanted).map(|(_, value)| value.clone())
    }
}

/// Whether a value holds a mark.
pub fn is_redacted(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with(BEGINS),
        Value::Array(items) => items.iter().any(is_redacted),
        Value::Object(fields) => fields.values().any(is_redacted),
        _ => false,
    }
}

fn mark(name: &str, at: usize) -> String {
    format!("{BEGINS}value {} of {name})", at + 1)
}

/// Goes through every confidential value with its name, and replaces it by what it is given.
fn each(value: &mut Value, replaced: &mut impl FnMut(&str, &str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|it| each(it, replaced)),
        Value::Object(fields) => {
            if fields.get("kind").is_some_and(|it| it == "Secret") {
                each_of_secret(fields, replaced);
            }
            each_named(fields, replaced);
            each_word(fields, replaced);
            fields.values_mut().for_each(|it| each(it, replaced));
        }
        _ => {}
    }
}

/// A variable with its value.
fn each_named(fields: &mut Map<String, Value>, replaced: &mut impl FnMut(&str, &str) -> Option<String>) {
    let (Some(name), Some(value)) =
        (fields.get("name").and_then(Value::as_str), fields.get("value").and_then(Value::as_str))
    else {
        return;
    };
    // An empty value hides nothing.
    if value.is_empty() || value.starts_with(BEGINS) || !is_confidential(name, Some(value)) {
        return;
    }
    if let Some(mark) = replaced(name, value) {
        fields.insert("value".to_owned(), Value::String(mark));
    }
}

/// A word of a command line that holds a secret, or is what a flag such as `--password` takes.
fn each_word(fields: &mut Map<String, Value>, replaced: &mut impl FnMut(&str, &str) -> Option<String>) {
    for field in ["command", "args"] {
        let Some(Value::Array(items)) = fields.get_mut(field) else { continue };
        let words: Vec<&str> = items.iter().map(|it| it.as_str().unwrap_or_default()).collect();
        let mut secret: BTreeSet<usize> = commands::of_words(&words).into_iter().map(|(at, _)| at).collect();
        for (at, word) in words.iter().enumerate() {
            let flag = at.checked_sub(1).map_or("", |before| words[before]);
            let is_taken = flag.starts_with("--") && !flag.contains('=') && is_confidential(flag, Some(word));
            secret.extend((is_taken && !word.starts_with('-') || has_secret(word)).then_some(at));
        }
        for at in secret {
            let word = items[at].as_str().filter(|it| !it.starts_with(BEGINS)).map(str::to_owned);
            let mark = word.and_then(|word| replaced(field, &word));
            items[at] = mark.map_or_else(|| items[at].take(), Value::String);
        }
    }
}

fn each_of_secret(secret: &mut Map<String, Value>, replaced: &mut impl FnMut(&str, &str) -> Option<String>) {
    let name = secret.get("metadata").and_then(|it| it["name"].as_str()).unwrap_or_default().to_owned();
    for field in SECRET_FIELDS {
        let values = secret.get_mut(field).and_then(Value::as_object_mut);
        for (key, value) in values.into_iter().flatten() {
            // A number that YAML made of a value is a value too.
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if text.starts_with(BEGINS) || value.is_null() {
                continue;
            }
            if let Some(mark) = replaced(&format!("{field}[{key}] of Secret {name}"), &text) {
                *value = Value::String(mark);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn container(password: &str, mode: &str) -> Value {
        json!({"containers": [{"name": "app", "env": [
            {"name": "MODE", "value": mode}, {"name": "DB_PASSWORD", "value": password},
            {"name": "URL", "value": format!("postgres://shop:{password}@db/shop")},
            {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "api", "key": "token"}}},
        ]}]})
    }

    #[test]
    fn what_differs_still_differs_and_comes_back_when_the_same_was_learned() {
        let states = [container("hunter2", "a"), container("correct-horse", "a"), container("hunter2", "b")];
        let mut redactor = Redactor::default();
        states.iter().for_each(|it| redactor.learn(it));
        let redacted: Vec<Value> = states.iter().map(|it| redactor.redacted(it)).collect();
        for (state, redacted) in states.iter().zip(&redacted) {
            let text = redacted.to_string();
            assert!(!text.contains("hunter2") && !text.contains("correct-horse"), "{text}");
            assert_eq!(redactor.redacted(redacted), *redacted, "what is hidden stays so");
            assert_eq!(redactor.revealed(redacted).as_ref(), Some(state));
        }
        let password = |at: usize| redacted[at].pointer("/containers/0/env/1/value").cloned();
        assert!(password(0) != password(1) && password(0) == password(2));
        assert!(redacted[2].to_string().contains("\"b\""), "what is no secret stays");
        let other = redactor.redacted(&container("never-seen", "a"));
        assert!(is_redacted(&other) && redactor.revealed(&other).is_none(), "{other}");
        assert!(!is_redacted(&json!({"name": "MODE", "value": "a"})));
    }

    #[test]
    fn command_lines_hold_marks_where_they_hold_secrets() {
        let container = json!({
            "command": ["mysqladmin", "ping", "-phunter2"],
            "args": ["--db-password", "hunter2", "--url=amqp://u:hunter2@queue:5672", "--token-ttl", "24h", "--port=1"],
        });
        let mut redactor = Redactor::default();
        redactor.learn(&container);
        let redacted = redactor.redacted(&container);
        assert!(!redacted.to_string().contains("hunter2"), "{redacted}");
        for kept in ["ping", "--db-password", "24h", "--port=1"] {
            assert!(redacted.to_string().contains(kept), "{redacted}");
        }
        assert_eq!(redactor.revealed(&redacted), Some(container));
    }

    #[test]
    fn secrets_hold_marks_whatever_yaml_made_of_their_values() {
        let secret = json!({
            "kind": "Secret", "metadata": {"name": "db"}, "type": "Opaque",
            "data": {"password": "aHVudGVyMg==", "none": null}, "stringData": {"pin": 4711},
        });
        let list = json!({"kind": "List", "items": [secret]});
        let mut redactor = Redactor::default();
        redactor.learn(&list);
        let text = redactor.redacted(&list).to_string();
        assert!(!text.contains("aHVudGVyMg") && !text.contains("4711") && text.contains("Opaque"), "{text}");
        assert!(text.contains("value 1 of data[password] of Secret db"), "{text}");
        assert_eq!(redactor.scrubbed("pin 4711 refused"), "pin (hidden: stringData[pin] of Secret db) refused");
        assert!(!format!("{redactor:?}").contains("4711"));
    }
}
