//! What the lines above say of the next one.

use super::lines::Text;
use super::names::{Named, named};
use super::values::secret_part;
use std::ops::Range;

/// What the lines of a text said so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Above {
    /// Whether a private key has begun.
    pub(crate) in_key: bool,
    /// Whether something else of that form has: a certificate, a public key.
    pub(crate) in_certificate: bool,
    /// Whether the value of the next line belongs to the name of a secret: `name: DB_PASSWORD`.
    named: Option<Named>,
    /// How far a name of a secret is indented whose values stand below it.
    block: Option<usize>,
    /// Whether names of their own stand there: below `stringData:`.
    is_map: bool,
    /// Whether a Secret is written down in the text, whose `data:` is such a map.
    has_secret: bool,
}

impl Above {
    /// Before the first line of a text.
    pub(crate) fn of(text: &str) -> Self {
        let marks = ["kind: Secret", "\"kind\": \"Secret\""];
        Self { has_secret: marks.iter().any(|it| text.contains(it)), ..Self::default() }
    }

    /// The secret of a line that is one for what stands above it.
    pub(crate) fn value_of(&mut self, line: &str) -> Option<Range<usize>> {
        let text = line.trim();
        if let Some(indent) = self.block {
            let is_item = text.starts_with("- ") && indent_of(line) == indent;
            if text.is_empty() || indent_of(line) > indent || is_item {
                return self.of_block(line);
            }
            self.block = None;
        }
        let above = self.named.take()?;
        let start = line.find("value").or_else(|| line.find("Value"))?;
        let is_first = line[..start].bytes().all(|it| it.is_ascii_whitespace() || b"\"'-,{<".contains(&it));
        let rest = line[start + 5..].trim_start_matches(['"', '\'', ' ']);
        let value = is_first.then(|| rest.strip_prefix([':', '=', '>']))??.trim_start();
        let value = value.trim_start_matches(['"', '\'']);
        let start = line.len() - value.len();
        let value = value.split("</").next().unwrap_or_default();
        let value = value.trim_end_matches([',', '"', '\'', '}', ' ', '\r']);
        secret_part(above, value).map(|part| start + part.start..start + part.end)
    }

    /// What stands below the name of a secret: a text of several lines, or a list.
    fn of_block(&self, line: &str) -> Option<Range<usize>> {
        let behind_name = if self.is_map { line.find(':').map_or("", |at| &line[at + 1..]) } else { line };
        let value = behind_name.trim_start_matches([' ', '\t', '-', '"', '\'']);
        let start = line.len() - value.len();
        let value = value.trim_end_matches(['"', '\'', ',', ' ', '\r']);
        let is_key = value.contains(": ") || value.ends_with(':') || value.ends_with(['{', '[', '}', ']']);
        let part = if is_key { None } else { secret_part(Named::Secret, value) };
        part.map(|part| start + part.start..start + part.end)
    }

    /// Looks whether a line says something of the next.
    pub(crate) fn look_at(&mut self, line: &str, kind: Text) {
        // Hardly a line ends so, and those alone speak of the next.
        let text = line.trim_end_matches([' ', '\r', ',']);
        let Some(last) = text.bytes().last() else { return };
        if kind == Text::Settings && matches!(last, b'|' | b'>' | b'-' | b'+' | b':' | b'[' | b'{' | b'\\') {
            let name = text.trim_end_matches([':', ' ', '{', '"']).trim_start_matches([' ', '"']);
            self.is_map = self.has_secret && matches!(name, "data" | "stringData");
            self.block = (self.is_map || begins_block(text)).then(|| indent_of(line));
        }
        let text = text.strip_suffix("</name>").map_or(text, |it| it.trim_end_matches(' '));
        let name = text.trim_end_matches(['"', '\'']);
        let start = name.bytes().rev().take_while(|it| it.is_ascii_alphanumeric() || b"_-./".contains(it)).count();
        let (before, name) = name.split_at(name.len() - start);
        let before = before.trim_end_matches([' ', '"', '\'']);
        let is_name = ["name:", "name\":", "Name:", "name'", "name", "<name>"].iter().any(|it| before.ends_with(it))
            && before.len() < 60;
        self.named = is_name.then(|| named(name)).filter(|it| *it > Named::Plain);
    }
}

/// `password: |`, `passwords:`, `"tokens": [`.
fn begins_block(text: &str) -> bool {
    let Some((name, sign)) = text.rsplit_once([':', '=']) else { return false };
    let is_sign = sign.trim().bytes().all(|it| b"|>-+[\\0123456789".contains(&it));
    let is_list = sign.trim().is_empty() || sign.trim() == "[";
    let name = name.trim_start().trim_start_matches("- ").trim_matches(['"', '\'', ' ']);
    let is_one_word = !name.contains(' ');
    let named = named(name);
    // Below `credentials:` stand fields that have names of their own.
    is_sign && is_one_word && named >= Named::Token && (!is_list || named < Named::Header)
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
