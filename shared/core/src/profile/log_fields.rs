//! How a team calls the fields of its structured logs.

use crate::strict::Cursor;

/// Names of fields, those that are tried first before the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFields {
    /// How grave a line is.
    pub level: Vec<String>,
    /// What it says.
    pub message: Vec<String>,
}

impl Default for LogFields {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self { level: names(&["level", "severity", "lvl"]), message: names(&["message", "msg"]) }
    }
}

impl LogFields {
    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["level", "message"])?;
        let named = |name, usual: Vec<String>| match fields.optional(name) {
            None => Some(usual),
            Some(it) => it.text().map(|own| [own].into_iter().chain(usual).collect()),
        };
        let usual = Self::default();
        let (level, message) = (named("level", usual.level), named("message", usual.message));
        Some(Self { level: level?, message: message? })
    }
}
