//! What a program printed, as it may be shown and kept: the end of it, nothing that steers, no credentials.

use crate::ui::neutralised;
use sre_core::redaction::is_confidential;

/// So much of what a program printed is kept, from its end.
const KEPT: usize = 4096;

/// So much of it stands in an error.
const QUOTED: usize = 600;

/// What stands for a credential.
const MASK: &str = "(hidden)";

/// What was printed on both ways: the end of each.
pub(super) fn both(stdout: &[u8], stderr: &[u8]) -> String {
    let ends = [stdout, stderr].map(|bytes| lines_of(bytes, KEPT));
    ends.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The end of what was printed, as one line.
pub(super) fn tail(bytes: &[u8]) -> String {
    match lines_of(bytes, QUOTED) {
        said if said.is_empty() => "nothing was said".to_owned(),
        said => said.replace('\n', " "),
    }
}

fn lines_of(bytes: &[u8], most: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut is_key = false;
    let lines = text.trim().lines().map(|line| {
        let begins = line.contains("-----BEGIN ");
        let hidden = is_key || begins;
        is_key = (is_key || begins) && !line.contains("-----END ");
        if hidden { MASK.to_owned() } else { masked(line) }
    });
    let lines: Vec<String> = lines.collect();
    let whole = lines.join("\n");
    let start = whole.char_indices().rev().nth(most).map_or(0, |(at, _)| at);
    let mark = if start > 0 { "... " } else { "" };
    format!("{mark}{}", &whole[start..])
}

/// A line without its credentials: values of names that tell so, tokens, access keys, passwords in URLs.
fn masked(line: &str) -> String {
    let mut hides_next = false;
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(is_mark);
        let hidden = std::mem::take(&mut hides_next) && !bare.is_empty();
        hides_next = hidden && is_scheme(bare) || !hidden && hides_after(word) || bare.eq_ignore_ascii_case("bearer");
        if hidden && !is_scheme(bare) || is_credential(bare) {
            return MASK.to_owned();
        }
        match word.split_once(['=', ':']) {
            Some((name, value)) if !value.is_empty() && is_confidential(name.trim_matches(is_mark), Some(value)) => {
                format!("{name}={MASK}")
            }
            _ => neutralised(word).into_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// `password:`, `"SecretAccessKey":`, `--token`: what comes next is hidden.
fn hides_after(word: &str) -> bool {
    let is_name = word.ends_with([':', '=']) || word.starts_with("--");
    let name = word.trim_matches(is_mark);
    let snake: String = name.chars().fold(String::new(), |mut snake, letter| {
        let is_start = letter.is_uppercase() && snake.chars().last().is_some_and(char::is_lowercase);
        snake.extend(is_start.then_some('_'));
        snake.push(letter);
        snake
    });
    is_name && (is_confidential(&snake, None) || snake.eq_ignore_ascii_case("authorization"))
}

fn is_scheme(word: &str) -> bool {
    ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// A mark around a name or a value.
fn is_mark(letter: char) -> bool {
    matches!(letter, '"' | '\'' | ',' | ':' | '=' | '{' | '}' | '(' | ')' | '[' | ']' | '-')
}

/// An access key of AWS, or a signed token.
fn is_credential(word: &str) -> bool {
    let is_access_key = word.len() == 20
        && (word.starts_with("AKIA") || word.starts_with("ASIA"))
        && word.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    is_access_key || word.starts_with("eyJ") && word.matches('.').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_hidden_and_the_rest_is_kept() {
        let rows = [
            ("Error: AKIAABCDEFGHIJKLMNOP is not authorized", "Error: (hidden) is not authorized"),
            ("\"SecretAccessKey\": \"abc/def\",", "\"SecretAccessKey\": (hidden)"),
            ("DB_PASSWORD=hunter2 was set", "DB_PASSWORD=(hidden) was set"),
            ("Authorization: Bearer abcdef", "Authorization: Bearer (hidden)"),
            ("--token abc --cluster shop", "--token (hidden) --cluster shop"),
            ("token eyJhbGciOi.eyJzdWIi.c2ln ended", "token (hidden) ended"),
            ("nextToken: none is given", "nextToken: (hidden) is given"),
            ("scaled node group main to 3", "scaled node group main to 3"),
            ("2026-01-15 08:00:00 [i]  scaling", "2026-01-15 08:00:00 [i]  scaling"),
        ];
        for (line, expected) in rows {
            assert_eq!(masked(line), expected);
        }
    }

    #[test]
    fn keys_are_hidden_whole_and_what_steers_is_made_visible() {
        let text = "a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n\u{1b}[31mred";
        assert_eq!(both(text.as_bytes(), b""), "a\n(hidden)\n(hidden)\n(hidden)\n\\u{1b}[31mred");
        assert_eq!(tail(b"one\ntwo\n"), "one two");
        assert_eq!((both(b"out", b"err"), tail(b"")), ("out\nerr".to_owned(), "nothing was said".to_owned()));
    }

    #[test]
    fn only_the_end_is_kept() {
        let long = "x".repeat(3 * KEPT) + "end";
        let kept = both(long.as_bytes(), b"");
        assert!(kept.starts_with("... x") && kept.ends_with("xend") && kept.len() < KEPT + 10, "{}", kept.len());
    }
}
