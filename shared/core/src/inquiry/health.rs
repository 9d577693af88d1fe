//! What a health endpoint says, as far as it is JSON: of itself, and of what it depends on.

use super::Answer;
use serde_json::Value;

/// How well something is, by its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// It is well, or says nothing else.
    Well,
    /// It says something that nobody here understands.
    NotUnderstood,
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

/// Longer than this nobody says in a word how something is.
const LONGEST: usize = 40;

/// Keys that hold what is said of the thing that they stand in.
const VERDICTS: [&str; 5] = ["status", "health", "state", "connectivity", "healthy"];

/// Keys whose word must be understood: what stands under `state` may be the state of anything.
const PLAIN_VERDICTS: [&str; 2] = ["status", "health"];

/// Keys that ask for a truth about the thing that they stand in.
const TRUTHS: [&str; 6] = ["ok", "ready", "up", "connected", "available", "alive"];

/// Keys that hold what the whole is made of, each part by its name.
const WHOLES: [&str; 4] = ["checks", "dependencies", "components", "services"];

impl Answer {
    /// Takes an answer apart: every word about health in it, in the order of the document.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        match serde_json::from_str::<Value>(&self.body) {
            Ok(Value::Bool(truth)) => {
                parts.push(Part { path: String::new(), said: truth.to_string(), health: of_truth(truth) })
            }
            Ok(Value::String(word)) => parts.extend(bare(&word)),
            Ok(document) => walk("", &document, DEEPEST, &mut parts),
            Err(_) => parts.extend(bare(&self.body)),
        }
        parts
    }
}

/// A body that is nothing but a word.
fn bare(body: &str) -> Option<Part> {
    let said = body.trim();
    Some(Part { path: String::new(), said: said.to_owned(), health: meaning(said)? })
}

fn walk(path: &str, value: &Value, depth: usize, parts: &mut Vec<Part>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let key = name.to_ascii_lowercase();
            let is_own = VERDICTS.contains(&key.as_str()) || (path.is_empty() && TRUTHS.contains(&key.as_str()));
            let place = if is_own { path } else { &inner };
            match word(path, &key, value) {
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

/// What a value under a key says about health: a word that means something, a truth where one is asked for, or a word
/// that should mean something.
fn word(path: &str, key: &str, value: &Value) -> Option<(String, Health)> {
    // How much is logged, and how bad something would be, is not how it is.
    if key.ends_with("level") || key.ends_with("severity") {
        return None;
    }
    match value {
        Value::Bool(truth) if asks_for_truth(path, key) => Some((in_words(path, key, *truth), of_truth(*truth))),
        Value::String(text) => {
            let truth = truth(text).filter(|_| asks_for_truth(path, key)).map(of_truth);
            let strange = || must_be_understood(path, key, text).then_some(Health::NotUnderstood);
            Some((text.clone(), truth.or_else(|| meaning(text)).or_else(strange)?))
        }
        _ => None,
    }
}

fn asks_for_truth(path: &str, key: &str) -> bool {
    // What tells of errors is true when something is amiss.
    let is_of_a_part = is_whole(path) && !key.contains("error") && !key.contains("fail");
    VERDICTS.contains(&key) || TRUTHS.contains(&key) || is_of_a_part
}

/// Whether a path leads to the parts of a whole; `details` are that only at the root, elsewhere they are anything.
fn is_whole(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    WHOLES.contains(&last.as_str()) || path.eq_ignore_ascii_case("details")
}

/// Whether a word is the verdict on the whole or on a part of it; numbers are codes of something.
fn must_be_understood(path: &str, key: &str, word: &str) -> bool {
    let is_of_a_part = path.rsplit_once('.').is_some_and(|(above, _)| is_whole(above));
    let is_word = word.chars().count() <= LONGEST && word.trim_start().starts_with(char::is_alphabetic);
    PLAIN_VERDICTS.contains(&key) && (path.is_empty() || is_of_a_part) && is_word
}

fn of_truth(truth: bool) -> Health {
    if truth { Health::Well } else { Health::Ill }
}

/// Of the whole `not ready` says more than `false`.
fn in_words(path: &str, key: &str, truth: bool) -> String {
    let is_own = key == "healthy" || (path.is_empty() && TRUTHS.contains(&key));
    if is_own && !truth { format!("not {key}") } else { truth.to_string() }
}

/// A truth that is written as a word.
fn truth(word: &str) -> Option<bool> {
    match word.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// What a word means; none for words about something else.
fn meaning(word: &str) -> Option<Health> {
    const WELL: [&str; 25] = [
        "healthy",
        "ok",
        "okay",
        "up",
        "pass",
        "passed",
        "passing",
        "ready",
        "connected",
        "available",
        "reachable",
        "green",
        "online",
        "running",
        "alive",
        "live",
        "active",
        "good",
        "fine",
        "normal",
        "operational",
        "serving",
        "success",
        "successful",
        "started",
    ];
    const DEGRADED: [&str; 7] = ["degraded", "warn", "warning", "yellow", "slow", "partial", "impaired"];
    const ILL: [&str; 19] = [
        "unhealthy",
        "down",
        "fail",
        "failed",
        "failing",
        "failure",
        "error",
        "disconnected",
        "unavailable",
        "red",
        "offline",
        "critical",
        "unreachable",
        "dead",
        "out of service",
        "unready",
        "stopped",
        "inactive",
        "bad",
    ];
    let word = word.trim().to_ascii_lowercase().replace(['_', '-'], " ");
    let is_well = |word: &str| WELL.contains(&word);
    match word.as_str() {
        word if is_well(word) => Some(Health::Well),
        word if DEGRADED.contains(&word) => Some(Health::Degraded),
        word if ILL.contains(&word) || word.strip_prefix("not ").is_some_and(is_well) => Some(Health::Ill),
        _ => None,
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
        assert_eq!(parts("all is as it was"), []);
    }

    fn health(body: &str, path: &str) -> Option<Health> {
        parts(body).into_iter().find(|(it, _)| it == path).map(|(_, health)| health)
    }

    #[test]
    fn what_is_false_of_a_part_is_amiss() {
        for whole in ["checks", "dependencies", "components", "services", "details"] {
            let body = format!(r#"{{"status":"ok","{whole}":{{"database":false,"cache":true,"has_errors":false}}}}"#);
            assert_eq!(health(&body, &format!("{whole}.database")), Some(Health::Ill), "{body}");
            assert_eq!(health(&body, &format!("{whole}.cache")), Some(Health::Well), "{body}");
            assert_eq!(health(&body, &format!("{whole}.has_errors")), None, "{body}");
        }
        assert_eq!(parts(r#"{"debug":false,"cache":{"enabled":false,"details":{"ssl":false}}}"#), []);
    }

    #[test]
    fn the_whole_may_speak_of_itself_with_a_truth_or_in_one_word() {
        for body in [r#"{"ok":false}"#, r#"{"ready":false}"#, r#"{"Up":"no"}"#, r#"{"healthy":"false"}"#, "unhealthy\n"]
        {
            assert_eq!(health(body, ""), Some(Health::Ill), "{body}");
        }
        for body in ["false", r#""DOWN""#, r#"{"Status":"OUT_OF_SERVICE"}"#, r#"{"status":"not_healthy"}"#] {
            assert_eq!(health(body, ""), Some(Health::Ill), "{body}");
        }
        for body in ["ok", "true", r#"{"ok":true}"#, r#"{"status":"SERVING"}"#] {
            assert_eq!(health(body, ""), Some(Health::Well), "{body}");
        }
        assert_eq!(health(r#"{"db":{"status":"not connected"},"mq":{"connected":"no"}}"#, "db"), Some(Health::Ill));
        assert_eq!(health(r#"{"mq":{"connected":"no"}}"#, "mq.connected"), Some(Health::Ill));
    }

    #[test]
    fn a_verdict_that_nobody_understands_is_not_taken_for_well() {
        assert_eq!(health(r#"{"status":"wobbly"}"#, ""), Some(Health::NotUnderstood));
        let part = r#"{"components":{"db":{"status":"wobbly","state":"leader"}}}"#;
        assert_eq!(parts(part), [("components.db".to_owned(), Health::NotUnderstood)]);
        assert_eq!(parts(r#"{"status":"200","job":{"status":"queued"},"state":"leader"}"#), []);
    }

    #[test]
    fn how_much_is_logged_is_not_how_it_is() {
        let body = r#"{"status":"ok","log_level":"warning","alert":{"severity":"critical"},"logLevel":"error"}"#;
        assert_eq!(parts(body), [(String::new(), Health::Well)]);
    }
}
