//! Lines of logs that carry a value in a field: structured logs as JSON, or as `key=value`.

use super::{LogName, unstyled};
use crate::profile::LogFields;
use crate::snapshot::Snapshot;
use jiff::Timestamp;
use serde_json::Value;

/// A field and the value that is looked for: `trace_id=abc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldQuery {
    name: String,
    value: String,
}

/// A line that carries all that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLine<'s> {
    /// The log.
    pub log: &'s LogName,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// How grave its writer called it.
    pub level: Option<String>,
    /// What it says; the whole line where that has no field.
    pub message: String,
}

impl FieldQuery {
    /// Reads one as it is typed.
    ///
    /// # Errors
    /// Says what to type instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("{text:?} names no field; type for example trace_id=abc123")),
        }
    }

    fn is_met(&self, line: &str) -> bool {
        // Most lines do not hold the value at all: those are not taken apart.
        line.contains(&self.value) && field(line, &self.name).is_some_and(|value| value == self.value)
    }
}

/// The lines that carry every value, the oldest first.
pub fn found<'s>(snapshot: &'s Snapshot, wanted: &[FieldQuery], names: &LogFields) -> Vec<FoundLine<'s>> {
    let tails = snapshot.logs.iter().filter_map(|read| Some((&read.log, read.tail.as_ref().ok()?)));
    let lines = tails.flat_map(|(log, tail)| tail.lines.iter().map(move |line| (log, line)));
    let met = lines.filter(|(_, line)| wanted.iter().all(|it| it.is_met(&line.text)));
    // What JSON spells with letters may steer a terminal once it is read.
    let shown = |text: String| unstyled(&text).into_owned();
    let first = |line: &str, names: &[String]| names.iter().find_map(|name| field(line, name)).map(shown);
    let mut found: Vec<FoundLine<'_>> = met
        .map(|(log, line)| FoundLine {
            log,
            at: line.at,
            level: first(&line.text, &names.level),
            message: first(&line.text, &names.message).unwrap_or_else(|| line.text.clone()),
        })
        .collect();
    found.sort_by_key(|line| (line.at.is_none(), line.at, line.log));
    found
}

/// The value of a field of a line, a dot before what is inside another: `http.status`.
fn field(line: &str, name: &str) -> Option<String> {
    let object = line.find('{').and_then(|at| serde_json::from_str::<Value>(line[at..].trim_end()).ok());
    match object {
        Some(object) => {
            let inside = || name.split('.').try_fold(&object, |value, part| value.get(part));
            match object.get(name).or_else(inside)? {
                Value::String(text) => Some(text.clone()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
                other => Some(other.to_string()),
            }
        }
        None => of_pairs(line, name),
    }
}

/// Of `key=value` and `key="a value"`.
fn of_pairs(line: &str, name: &str) -> Option<String> {
    let start = line.match_indices(name).find_map(|(at, _)| {
        let begins =
            at == 0 || line.as_bytes()[at - 1].is_ascii_whitespace() || b",;[(".contains(&line.as_bytes()[at - 1]);
        line[at + name.len()..].strip_prefix('=').filter(|_| begins)
    })?;
    match start.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().map(str::to_owned),
        None => start.split(|it: char| it.is_whitespace() || ",;])".contains(it)).next().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::{LogRead, Tail};

    #[test]
    fn fields_are_found_in_json_and_in_pairs() {
        let json = r#"{"level":"ERROR","trace_id":"t1","http":{"status":502},"message":"no answer"}"#;
        for (line, name, value) in [
            (json, "trace_id", Some("t1")),
            (json, "http.status", Some("502")),
            (json, "trace", None),
            (&format!("stdout F {json}"), "message", Some("no answer")),
            ("level=warn trace_id=t1 msg=\"two words\"", "msg", Some("two words")),
            ("[trace_id=t1] done", "trace_id", Some("t1")),
            ("parent_trace_id=t1", "trace_id", None),
            ("trace_id t1", "trace_id", None),
            ("{broken trace_id=t1", "trace_id", Some("t1")),
        ] {
            assert_eq!(field(line, name).as_deref(), value, "{name} of {line}");
        }
    }

    #[test]
    fn a_query_has_a_name_and_a_value() {
        assert!(FieldQuery::parse("trace_id=a=b").is_ok_and(|it| it.is_met("trace_id=a=b")));
        for wrong in ["trace_id", "=a", "trace_id="] {
            assert!(FieldQuery::parse(wrong).is_err(), "{wrong}");
        }
        let part = FieldQuery::parse("trace_id=t1").expect("a query");
        assert!(!part.is_met("trace_id=t12") && part.is_met("trace_id=t1 x"));
    }

    #[test]
    fn lines_of_all_logs_stand_in_the_order_of_their_times() {
        let read = |pod: &str, text: &str| LogRead {
            log: LogName { namespace: "shop".into(), pod: pod.into(), container: "app".into(), previous: false },
            tail: Ok(Tail::of(text)),
        };
        let logs = vec![
            read("a", "2026-01-01T00:00:02Z trace_id=t1 msg=second\n2026-01-01T00:00:03Z trace_id=t2 msg=other\n"),
            read(
                "b",
                "2026-01-01T00:00:01Z {\"trace_id\":\"t1\",\"message\":\"first\\u001b[31m\",\"level\":\"INFO\"}\ntrace_id=t1 bare\n",
            ),
        ];
        let snapshot = Snapshot { logs, ..Snapshot::default() };
        let queries = [FieldQuery::parse("trace_id=t1").expect("a query")];
        let found = found(&snapshot, &queries, &LogFields::default());
        let told: Vec<(&str, Option<&str>)> =
            found.iter().map(|it| (it.message.as_str(), it.level.as_deref())).collect();
        assert!(!told[0].0.chars().any(crate::logs::steers), "{told:?}");
        assert_eq!(told[0].1, Some("INFO"));
        assert_eq!(told[1..], [("second", None), ("trace_id=t1 bare", None)]);
    }
}
