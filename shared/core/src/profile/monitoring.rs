//! Where a system can be asked how it is: Prometheus, Alertmanager, its health endpoints.

use crate::check::Sight;
use crate::inquiry::{Question, Target};
use crate::strict::{Cursor, Fields};

/// A health endpoint of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What the team calls it.
    pub name: String,
    /// Where it is.
    pub target: Target,
    /// Its path, from the first slash on.
    pub path: String,
}

impl Endpoint {
    /// What it is asked.
    pub fn question(&self) -> Question {
        Question { sight: Sight::Endpoints, target: self.target.clone(), path: self.path.clone() }
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["name", "service", "url", "path"])?;
        let name = fields.required("name").and_then(|it| it.text());
        let target = target(&fields);
        let path = fields.required("path").and_then(|it| it.parsed(path));
        Some(Self { name: name?, target: target?, path: path? })
    }
}

/// Reads where a monitoring system is.
pub(super) fn place(cursor: &Cursor<'_>) -> Option<Target> {
    target(&cursor.fields(&["service", "url"])?)
}

fn target(fields: &Fields<'_>) -> Option<Target> {
    match (fields.optional("service"), fields.optional("url")) {
        (Some(service), None) => service.parsed(Target::service),
        (None, Some(url)) => url.parsed(Target::url),
        (None, None) => {
            fields.wrong("service or url is missing");
            None
        }
        (Some(_), Some(_)) => {
            fields.wrong("either service or url, not both");
            None
        }
    }
}

/// One that goes up, in letters or escaped, would lead to another Service or to the API server itself.
fn path(text: &str) -> Result<String, String> {
    let goes_up = text.contains("..") || text.to_ascii_lowercase().contains("%2e");
    let is_path = text.starts_with('/') && text.bytes().all(|it| it.is_ascii_graphic() && it != b'#') && !goes_up;
    if is_path { Ok(text.to_owned()) } else { Err(format!("{text} is no path; write for example /health")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_path_or_leads_up_is_refused() {
        for wrong in ["health", "/a b", "/a#b", "/a\nb", "/a\tb", "/../x", "/%2e%2e/x", "/%2E./x", "/ä"] {
            assert!(path(wrong).is_err(), "{wrong:?}");
        }
        for right in ["/", "/health?full=1&x='y'", "/api/v1.2/live"] {
            assert_eq!(path(right).as_deref(), Ok(right));
        }
    }
}
