//! YAML that people wrote, read strictly: every problem is told at once, each with its place and the word that was
//! probably meant.

mod cursor;
mod node;

pub use cursor::{Cursor, Fields};

use node::Node;
use std::cell::RefCell;
use std::fmt;

/// Something that is wrong in a file that a person wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// Where it stands in the document: `exclusions[2].expires`; empty for the document.
    pub path: String,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { String::new() } else { format!("{}: ", self.path) };
        write!(out, "line {}, column {}: {path}{}", self.line, self.column, self.message)
    }
}

/// Reads a document with a function that takes it apart.
///
/// # Errors
/// All problems, in the order of the file: one when it is no YAML, else whatever the function complains about.
pub fn read<T>(text: &str, take_apart: impl FnOnce(&Cursor<'_>) -> Option<T>) -> Result<T, Vec<Problem>> {
    // As in YAML 1.2 only true and false are truths: `y`, `no` and `on` are names.
    let options = serde_saphyr::options! { strict_booleans: true };
    let node: Node = serde_saphyr::from_str_with_options(text, options).map_err(|error| vec![no_yaml(&error)])?;
    let problems = RefCell::new(Vec::new());
    let value = take_apart(&Cursor::new(&node, &problems));
    let mut problems = problems.into_inner();
    problems.sort();
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        _ => Err(problems),
    }
}

fn no_yaml(error: &serde_saphyr::Error) -> Problem {
    let place = error.location();
    let (line, column) = place.map_or((0, 0), |place| (place.line(), place.column()));
    let message = match error.without_snippet() {
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => format!("{key} is there twice"),
        // The place is ours to say, and how the library may be told otherwise is nobody's business here.
        other => without_place(other.render_with_formatter(&serde_saphyr::UserMessageFormatter).trim()),
    };
    Problem { line, column, path: String::new(), message }
}

/// The first sentence of the library, without the place that it begins or ends with.
fn without_place(words: &str) -> String {
    let first = words.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let is_place = |part: &str| part.starts_with("line ") && part.contains(" column ");
    let words = first.split_once(": ").filter(|(start, _)| is_place(start)).map_or(first, |(_, rest)| rest);
    let words = words.rsplit_once(" at ").filter(|(_, end)| is_place(end)).map_or(words, |(start, _)| start);
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Rule {
        name: String,
        percent: f64,
        kind: u8,
        tags: Vec<String>,
    }

    fn rule(document: &Cursor<'_>) -> Option<Rule> {
        let fields = document.fields(&["name", "percent", "kind", "tags"])?;
        let name = fields.required("name").and_then(|it| it.text());
        let percent = fields.required("percent").and_then(|it| it.number(0.0..=100.0));
        let kind = fields.optional("kind").map_or(Some(0), |it| it.choice(&[("soft", 0), ("hard", 1)]));
        let tags = fields.optional("tags").map_or(Some(Vec::new()), |it| it.each(|tag| tag.text()));
        Some(Rule { name: name?, percent: percent?, kind: kind?, tags: tags? })
    }

    fn problems(text: &str) -> Vec<String> {
        read(text, rule)
            .map_or_else(|all| all.iter().map(ToString::to_string).collect(), |rule| vec![format!("{rule:?}")])
    }

    #[test]
    fn what_is_right_is_read() {
        let rule = read("name: a\npercent: 99.9\nkind: hard\ntags: [x, y]\n", rule);
        let tags = vec!["x".to_owned(), "y".to_owned()];
        assert_eq!(rule, Ok(Rule { name: "a".to_owned(), percent: 99.9, kind: 1, tags }));
    }

    #[test]
    fn every_problem_is_told_with_its_place() {
        let text = "nmae: a\npercent: 120\nkind: hrad\ntags:\n- x\n- 7\n";
        assert_eq!(
            problems(text),
            [
                "line 1, column 1: name is missing",
                "line 1, column 1: nmae: unknown field; did you mean name?",
                "line 2, column 10: percent: 120 is not between 0 and 100",
                "line 3, column 7: kind: hrad is none of soft, hard; did you mean hard?",
                "line 6, column 3: tags[1]: a text is wanted, not a number; put it in quotes",
            ]
        );
    }

    #[test]
    fn a_field_that_stands_twice_is_one_problem_and_what_is_no_yaml_another() {
        assert_eq!(problems("name: a\nname: b\npercent: 1\n"), ["line 2, column 1: name is there twice"]);
        for text in ["name: [a\npercent: 1\n", "name: \"a\n", "a: b: c\n", "name: *a\n", "\tname: a\n"] {
            let broken = problems(text);
            assert!(broken.len() == 1 && broken[0].starts_with("line "), "{broken:?}");
            assert!(broken[0].matches("column").count() == 1 && !broken[0].contains("Options"), "{broken:?}");
        }
        assert_eq!(problems("- a\n"), ["line 1, column 1: a mapping is wanted, not a list"]);
    }
}
