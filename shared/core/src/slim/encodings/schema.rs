//! The table of published fields.

use std::collections::BTreeMap;

/// Fields of every message, by the message's name.
pub(super) struct Schema(BTreeMap<&'static str, Vec<Field>>);

/// One field of a message.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub number: u32,
    /// None where JSON has no level of its own for the message.
    pub name: Option<&'static str>,
    /// Without the star of a list.
    pub type_: &'static str,
    pub is_list: bool,
}

impl Schema {
    pub fn published() -> Self {
        let lines = include_str!("fields.txt").lines().filter(|line| !line.starts_with('#'));
        Self(lines.map(|line| line.split_once(": ").unwrap()).map(|(name, fields)| (name, read(fields))).collect())
    }

    pub fn fields(&self, message: &str) -> &[Field] {
        &self.0[message]
    }
}

fn read(fields: &'static str) -> Vec<Field> {
    fields.split(", ").map(field).collect()
}

fn field(text: &'static str) -> Field {
    let words: Vec<&str> = text.split(' ').collect();
    Field {
        number: words[0].parse().unwrap(),
        name: (words[1] != "-").then_some(words[1]),
        type_: words[2].trim_start_matches('*'),
        is_list: words[2].starts_with('*'),
    }
}
