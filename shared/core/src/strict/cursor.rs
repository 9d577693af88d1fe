//! A place in a document, which can be asked for what should stand there.

use super::Problem;
use super::node::{Node, Value};
use crate::scheduling::nearest_word;
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// A value in a document; what it is asked for in vain becomes a problem.
#[derive(Clone)]
pub struct Cursor<'n> {
    node: &'n Node,
    path: String,
    problems: &'n RefCell<Vec<Problem>>,
}

/// The fields of a mapping.
pub struct Fields<'n> {
    at: Cursor<'n>,
    fields: Vec<(&'n str, &'n Node)>,
}

impl<'n> Cursor<'n> {
    pub(super) fn new(node: &'n Node, problems: &'n RefCell<Vec<Problem>>) -> Self {
        Self { node, path: String::new(), problems }
    }

    /// Complains about what stands here.
    pub fn wrong(&self, message: impl Into<String>) {
        self.complain(self.node.line, self.node.column, &self.path, message.into());
    }

    fn complain(&self, line: u64, column: u64, path: &str, message: String) {
        self.problems.borrow_mut().push(Problem { line, column, path: path.to_owned(), message });
    }

    fn wanted<T>(&self, what: &str) -> Option<T> {
        let quotes =
            if what == "a text" && !matches!(self.node.value, Value::List(_) | Value::Mapping(_) | Value::Nothing) {
                "; put it in quotes"
            } else {
                ""
            };
        self.wrong(format!("{what} is wanted, not {}{quotes}", self.node.value.word()));
        None
    }

    /// The fields of a mapping; those that have no name in the list are problems.
    pub fn fields(&self, names: &[&str]) -> Option<Fields<'n>> {
        let Value::Mapping(entries) = &self.node.value else { return self.wanted("a mapping") };
        let mut fields: Vec<(&str, &Node)> = Vec::new();
        for (key, node) in entries {
            let name = key.name();
            if !names.contains(&name) {
                let near = nearest_word(name, names.iter().copied());
                let hint = near
                    .map_or(format!("; the fields are {}", names.join(", ")), |near| format!("; did you mean {near}?"));
                self.complain(key.line, key.column, &self.below(name), format!("unknown field{hint}"));
            } else {
                fields.push((name, node));
            }
        }
        Some(Fields { at: self.clone(), fields })
    }

    /// The one field of a mapping that is ours to read; the others are somebody else's.
    pub fn part(&self, name: &str) -> Option<Self> {
        let Value::Mapping(entries) = &self.node.value else { return self.wanted("a mapping") };
        if let Some((_, node)) = entries.iter().find(|(key, _)| key.name() == name) {
            return Some(self.at(node, self.below(name)));
        }
        let near = nearest_word(name, entries.iter().map(|(key, _)| key.name()));
        self.wrong(format!(
            "{name} is missing{}",
            near.map_or(String::new(), |near| format!("; is {near} meant to be it?"))
        ));
        None
    }

    /// Each field of a mapping whose names are not known beforehand: its name, and what stands there.
    pub fn entries(&self) -> Option<Vec<(Self, Self)>> {
        let Value::Mapping(entries) = &self.node.value else { return self.wanted("a mapping") };
        let both = entries.iter().map(|(key, node)| {
            let path = self.below(key.name());
            (self.at(key, path.clone()), self.at(node, path))
        });
        Some(both.collect())
    }

    /// The line that it stands in, from 1.
    pub fn line(&self) -> u64 {
        self.node.line
    }

    fn at(&self, node: &'n Node, path: String) -> Self {
        Self { node, path, problems: self.problems }
    }

    /// True or false.
    pub fn truth(&self) -> Option<bool> {
        if let Value::Truth(truth) = self.node.value { Some(truth) } else { self.wanted("true or false") }
    }

    /// A text that is not empty.
    pub fn text(&self) -> Option<String> {
        match &self.node.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.wrong("must not be empty");
                None
            }
            Value::Text(text) => Some(text.clone()),
            _ => self.wanted("a text"),
        }
    }

    /// A text that a function can read; it says what is wrong otherwise.
    pub fn parsed<T>(&self, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        parse(&self.text()?).map_err(|message| self.wrong(message)).ok()
    }

    /// A number within bounds.
    pub fn number(&self, bounds: RangeInclusive<f64>) -> Option<f64> {
        let Value::Number(number) = self.node.value else { return self.wanted("a number") };
        if bounds.contains(&number) {
            return Some(number);
        }
        self.wrong(format!("{number} is not between {} and {}", bounds.start(), bounds.end()));
        None
    }

    /// A whole number within bounds.
    pub fn count(&self, bounds: RangeInclusive<u32>) -> Option<u32> {
        let number = self.number(f64::from(*bounds.start())..=f64::from(*bounds.end()))?;
        if number.fract() != 0.0 {
            self.wrong(format!("{number} is no whole number"));
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds of u32")]
        Some(number as u32)
    }

    /// A whole number within bounds.
    pub fn whole(&self, bounds: RangeInclusive<f64>) -> Option<f64> {
        let number = self.number(bounds)?;
        if number.fract() == 0.0 {
            return Some(number);
        }
        self.wrong(format!("{number} is no whole number"));
        None
    }

    /// One of some words, and what it stands for.
    pub fn choice<T: Clone>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        let words = choices.iter().map(|(word, _)| *word);
        if let Some((_, meant)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(meant.clone());
        }
        let near = nearest_word(&text, words.clone()).map_or(String::new(), |near| format!("; did you mean {near}?"));
        self.wrong(format!("{text} is none of {}{near}", words.collect::<Vec<_>>().join(", ")));
        None
    }

    /// The items of a list, each read by a function; nothing when one of them is wrong.
    pub fn each<T>(&self, read: impl Fn(&Cursor<'n>) -> Option<T>) -> Option<Vec<T>> {
        let Value::List(items) = &self.node.value else { return self.wanted("a list") };
        let read = |(at, node)| read(&self.at(node, format!("{}[{at}]", self.path)));
        // All of them are read, so that every problem is told.
        let values: Vec<Option<T>> = items.iter().enumerate().map(read).collect();
        values.into_iter().collect()
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

impl<'n> Fields<'n> {
    /// A field that may be left out.
    pub fn optional(&self, name: &str) -> Option<Cursor<'n>> {
        let (_, node) = self.fields.iter().find(|(field, _)| *field == name)?;
        Some(self.at.at(node, self.at.below(name)))
    }

    /// A field that must be there.
    pub fn required(&self, name: &str) -> Option<Cursor<'n>> {
        let field = self.optional(name);
        if field.is_none() {
            self.at.wrong(format!("{name} is missing"));
        }
        field
    }

    /// The line that the mapping begins in, from 1.
    pub fn line(&self) -> u64 {
        self.at.line()
    }

    /// Complains about the mapping as a whole.
    pub fn wrong(&self, message: impl Into<String>) {
        self.at.wrong(message);
    }
}
