//! What a connection has to tell a person while it works: warnings, a plugin's words, request lines.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::WARNING;

use crate::ui::neutralised;

/// Says one thing that belongs on stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A warning that the API server sent along; each text comes once.
    ServerWarning(String),
    /// What a credential plugin wrote on its stderr, as it came: it may be a question without a line end.
    PluginOutput(String),
    /// A request that ended; told from `-v 6` on. `status` is absent where no answer came.
    Request { method: String, url: String, status: Option<u16>, took: Duration },
}

/// Takes notices; it must not block.
pub type WarningSink = Arc<dyn Fn(Notice) + Send + Sync>;

/// Returns the sink of a real run: everything goes to stderr.
pub fn stderr_sink() -> WarningSink {
    Arc::new(|notice| {
        // Nobody can be told that stderr is gone.
        let _ = std::io::stderr().lock().write_all(rendered(&notice).as_bytes());
    })
}

/// Returns the sink of one of several clusters: what is told of it starts with its name.
pub fn stderr_sink_of(cluster: &str) -> WarningSink {
    let (cluster, sink) = (neutralised(cluster).into_owned(), stderr_sink());
    Arc::new(move |notice| sink(named(&cluster, notice)))
}

/// What a plugin writes may be the middle of a line, and stays as it is.
fn named(cluster: &str, notice: Notice) -> Notice {
    match notice {
        Notice::ServerWarning(text) => Notice::ServerWarning(format!("{cluster}: {text}")),
        Notice::Request { method, url, status, took } => {
            Notice::Request { method: format!("{cluster}: {method}"), url, status, took }
        }
        Notice::PluginOutput(text) => Notice::PluginOutput(text),
    }
}

fn rendered(notice: &Notice) -> String {
    match notice {
        Notice::ServerWarning(text) => format!("Warning: {text}\n"),
        Notice::PluginOutput(text) => text.clone(),
        Notice::Request { method, url, status, took } => {
            let status = status.map_or("no answer".to_owned(), |status| status.to_string());
            format!("{method} {url} {status} in {} ms\n", took.as_millis())
        }
    }
}

/// Passes on each warning of the server once.
#[derive(Default)]
pub(crate) struct SeenWarnings(Mutex<BTreeSet<String>>);

impl SeenWarnings {
    /// Hands the new `Warning: 299` texts of an answer to the sink.
    pub(crate) fn pass_on(&self, headers: &HeaderMap, sink: &WarningSink) {
        let lines = headers.get_all(WARNING).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        for text in lines.flat_map(|line| warning_texts(&line)) {
            let fresh = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(text.clone());
            if fresh {
                sink(Notice::ServerWarning(text));
            }
        }
    }
}

/// Reads the quoted texts of one header line, see RFC 7234 section 5.5; only code 299 is Kubernetes' own.
fn warning_texts(header: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = header.trim();
    while let Some((code, text, after)) = next_warning(rest) {
        if code == "299" {
            texts.push(text);
        }
        rest = after;
    }
    texts
}

fn next_warning(header: &str) -> Option<(&str, String, &str)> {
    let header = header.trim_start_matches([',', ' ']);
    let (code, rest) = header.split_once(' ')?;
    let (_agent, rest) = rest.split_once(' ')?;
    let mut text = String::new();
    let mut characters = rest.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((code, text, after_date(&rest[at + 2..]))),
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            // The text comes from outside and ends on a terminal.
            c if c.is_control() => {}
            c => text.push(c),
        }
    }
    None
}

/// Skips the quoted date that may follow the text.
fn after_date(rest: &str) -> &str {
    match rest.trim_start().strip_prefix('"').and_then(|date| date.split_once('"')) {
        Some((_date, after)) => after,
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_of_code_299_are_read() {
        let header = r#"299 - "old \"v1\" API" "Wed, 25 Nov 2026 10:00:00 GMT", 199 - "other", 299 - "zweitäns""#;
        assert_eq!(warning_texts(header), [r#"old "v1" API"#, "zweitäns"]);
        for broken in ["", "299", "299 -", "299 - text", "299 - \"open", "299 - \"\\"] {
            assert!(warning_texts(broken).is_empty(), "{broken:?}");
        }
    }

    #[test]
    fn a_request_line_has_neither_header_nor_body() {
        let took = Duration::from_millis(12);
        let notice = |status| Notice::Request { method: "GET".into(), url: "https://a/api".into(), status, took };
        assert_eq!(rendered(&notice(Some(200))), "GET https://a/api 200 in 12 ms\n");
        assert_eq!(rendered(&notice(None)), "GET https://a/api no answer in 12 ms\n");
        assert_eq!(rendered(&named("prod", notice(None))), "prod: GET https://a/api no answer in 12 ms\n");
    }
}
