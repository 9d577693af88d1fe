//! Cluster data is untrusted: what could steer a terminal is made visible instead.

use sre_core::logs::steers;
use std::borrow::Cow;

/// Makes control characters, terminal escapes and direction overrides visible; line breaks become spaces.
pub fn neutralised(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' | '\t' => safe.push(' '),
            '\r' => {}
            _ if steers(character) => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// The same for text whose line breaks are meant.
pub fn neutralised_lines(text: &str) -> String {
    text.split('\n').map(neutralised).collect::<Vec<_>>().join("\n")
}

/// Whether a character steers and JSON does not escape it by itself.
pub(super) fn is_raw(character: char) -> bool {
    character >= '\u{7f}' && steers(character)
}

/// The text of a JSON document in which everything that steers is escaped; outside of strings there is none of it.
pub(super) fn escaped_json(text: String) -> String {
    if !text.contains(is_raw) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match is_raw(character) {
            true => safe.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_not_sent() {
        assert_eq!(neutralised("a\u{1b}[31mred"), "a\\u{1b}[31mred");
        assert_eq!(neutralised("x\u{9b}2J\u{7f}"), "x\\u{9b}2J\\u{7f}");
        assert_eq!(neutralised("abc\u{202e}cba"), "abc\\u{202e}cba");
    }

    #[test]
    fn lines_are_joined_and_plain_text_is_untouched() {
        assert_eq!(neutralised("one\r\ntwo"), "one two");
        assert_eq!(neutralised_lines("one\r\n\u{1b}two\n"), "one\n\\u{1b}two\n");
        assert!(matches!(neutralised("größer – naïve 日本"), Cow::Borrowed(_)));
    }
}
