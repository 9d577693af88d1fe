//! Where a system can be asked how it is: Prometheus, Alertmanager, its health endpoints, its kubelets.

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

/// How kubelets are asked for what volumes hold, where no Prometheus tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kubelets {
    /// Whether they are.
    pub summary: Summary,
    /// Nodes that are asked at the most.
    pub nodes: usize,
}

/// Whether kubelets are asked for their summaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Summary {
    /// Where the caller may; the right to it can do more than that, and few have it.
    #[default]
    WhereAllowed,
    /// In any case: to be forbidden is a gap.
    Wanted,
    /// Never.
    Unwanted,
}

impl Default for Kubelets {
    fn default() -> Self {
        Self { summary: Summary::default(), nodes: 200 }
    }
}

impl Kubelets {
    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let usual = Self::default();
        let fields = cursor.fields(&["summary", "nodes"])?;
        let summary = fields.optional("summary").map_or(Some(usual.summary), |it| {
            it.truth().map(|wanted| if wanted { Summary::Wanted } else { Summary::Unwanted })
        });
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 5000")]
        let nodes =
            fields.optional("nodes").map_or(Some(usual.nodes), |it| it.number(1.0..=5000.0).map(|most| most as usize));
        Some(Self { summary: summary?, nodes: nodes? })
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
