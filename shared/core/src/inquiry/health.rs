//! What a health endpoint says, as far as it is JSON: of itself, and of what it depends on.

use super::Answer;
use serde_json::Value;

/// How well something is, by its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// It is well, or says nothing else.
    Well,
    /// It works, with something amiss.
    Degraded,
    /// It does not work.
    Ill,
}

/// One word about health, and where it stands: `dependencies.database`; empty for the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where.
    pub path: String,
    /// The word as it was said.
    pub said: String,
    /// What it means.
    pub health: Health,
}

/// Deeper than this nobody tells of a dependency.
const DEEPEST: usize = 6;

/// Keys that hold what is said of the thing that they stand in.
const VERDICTS: [&str; 5] = ["status", "health", "state", "connectivity", "healthy"];

impl Answer {
    /// Takes an answer apart: every word about health in it, in the order of the document.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        if let Ok(document) = serde_json::from_str::<Value>(&self.body) {
            walk("", &document, DEEPEST, &mut parts);
        }
        parts
    }
}

fn walk(path: &str, value: &Value, depth: usize, parts: &mut Vec<Part>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let place = if VERDICTS.contains(&name.as_str()) { path } else { &inner };
            match word(name, value) {
                Some((said, health)) => parts.push(Part { path: place.to_owned(), said, health }),
                None => walk(&inner, value, depth - 1, parts),
            }
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(number, item)| {
            let name = item.get("name").and_then(Value::as_str).map_or_else(|| number.to_string(), str::to_owned);
            walk(&format!("{path}[{name}]"), item, depth - 1, parts);
        }),
        _ => {}
    }
}

/// What a value says about health: a word that means something, or a truth under a key that asks for one.
fn word(key: &str, value: &Value) -> Option<(String, Health)> {
    match value {
        Value::String(text) => Some((text.clone(), meaning(text)?)),
        Value::Bool(truth) if VERDICTS.contains(&key) || matches!(key, "ok" | "ready" | "up" | "connected") => {
            Some((truth.to_string(), if *truth { Health::Well } else { Health::Ill }))
        }
        _ => None,
    }
}

/// What a word means; none for words about something else.
fn meaning(word: &str) -> Option<Health> {
    const WELL: [&str; 12] = [
        "healthy",
        "ok",
        "up",
        "pass",
        "passing",
        "ready",
        "connected",
        "available",
        "green",
        "online",
        "running",
        "alive",
    ];
    const DEGRADED: [&str; 6] = ["degraded", "warn", "warning", "yellow", "slow", "partial"];
    const ILL: [&str; 14] = [
        "unhealthy",
        "down",
        "fail",
        "failed",
        "failing",
        "error",
        "disconnected",
        "unavailable",
        "red",
        "offline",
        "not ready",
        "critical",
        "unreachable",
        "dead",
    ];
    let word = word.trim().to_ascii_lowercase().replace(['_', '-'], " ");
    let is_one_of = |words: &[&str]| words.contains(&word.as_str());
    match () {
        () if is_one_of(&WELL) => Some(Health::Well),
        () if is_one_of(&DEGRADED) => Some(Health::Degraded),
        () if is_one_of(&ILL) => Some(Health::Ill),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(body: &str) -> Vec<(String, Health)> {
        let answer = Answer { status: 200, body: body.to_owned(), milliseconds: 1 };
        answer.parts().into_iter().map(|part| (part.path, part.health)).collect()
    }

    #[test]
    fn dependencies_are_taken_apart() {
        let body = r#"{"status":"healthy","version":"1.2","dependencies":{"database":"unhealthy","redis_cache":"ok"},
            "llm":{"provider":"x","connectivity":"degraded"},"checks":[{"name":"queue","up":false}]}"#;
        let told = [
            ("", Health::Well),
            ("dependencies.database", Health::Ill),
            ("dependencies.redis_cache", Health::Well),
            ("llm", Health::Degraded),
            ("checks[queue].up", Health::Ill),
        ];
        let mut wanted = told.map(|(path, health)| (path.to_owned(), health));
        let mut seen = parts(body);
        wanted.sort();
        seen.sort();
        assert_eq!(seen, wanted);
    }

    #[test]
    fn words_about_something_else_say_nothing() {
        assert_eq!(parts(r#"{"name":"shop","up":3,"mode":"dark","cache":{"size":"large"}}"#), []);
        assert_eq!(parts("ok"), []);
    }
}
