//! Characters that steer a terminal.

use std::borrow::Cow;

/// Whether a character is a control character of either set, or a mark that reorders or hides text (Unicode TR 9, TR 36).
pub fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A line without colours, and with everything else that steers made visible: `\u{1b}`.
pub fn unstyled(line: &str) -> Cow<'_, str> {
    if !line.chars().any(steers) {
        return Cow::Borrowed(line);
    }
    let mut safe = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if let Some(length) = colour(rest) {
            rest = &rest[length..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '\t' => safe.push(' '),
            '\r' if rest.is_empty() => {}
            '\r' => safe.push(' '),
            _ if steers(character) => safe.extend(character.escape_unicode()),
            _ => safe.push(character),
        }
    }
    Cow::Owned(safe)
}

/// The length of the sequence that sets a colour and does nothing else, if the text begins with one.
fn colour(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let length = parameters.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    (parameters.as_bytes().get(length) == Some(&b'm')).then_some(length + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_everything_else_that_steers_is_shown() {
        assert_eq!(unstyled("\u{1b}[1;31mERROR\u{1b}[0m no\tdisk\r"), "ERROR no disk");
        assert_eq!(unstyled("\u{1b}[2J\u{1b}]0;owned\u{7}x"), "\\u{1b}[2J\\u{1b}]0;owned\\u{7}x");
        assert_eq!(unstyled("50 %\r100 %"), "50 % 100 %");
        assert_eq!(unstyled("abc\u{202e}cba"), "abc\\u{202e}cba");
        assert!(matches!(unstyled("größer – 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn twice_is_once() {
        let once = unstyled("\u{1b}[2Ja\u{9b}b").into_owned();
        assert_eq!(unstyled(&once), once);
    }
}
