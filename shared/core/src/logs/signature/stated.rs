//! Whether words are stated where they stand in a line, or denied, or are a part of something else.

/// What takes back the word behind it.
const DENIALS: [&str; 12] =
    ["no", "not", "never", "without", "none", "neither", "nor", "zero", "isn't", "wasn't", "aren't", "0"];

/// What makes the words behind it a case that may come, and not one that came.
const CONDITIONS: [&str; 6] = ["if", "when", "whenever", "unless", "whether", "until"];

/// Words that may stand between a denial and what it denies.
const FILLERS: [&str; 17] = [
    "a", "an", "any", "the", "more", "such", "further", "longer", "is", "are", "was", "were", "been", "be", "yet",
    "found", "seen",
];

/// Words that say, behind what was looked for, that there is none of it.
const NOTHING: [&str; 13] =
    ["0", "none", "no", "false", "nil", "null", "ok", "never", "clean", "passed", "off", "disabled", "n/a"];

/// Whether some words, in lower case, are stated somewhere in a text of lower case.
pub(super) fn is_stated(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + words.len()..]);
        is_whole(before, words, after) && !is_denied_before(before, words) && !is_denied_behind(words, after)
    })
}

/// Whether the words begin where a word begins, and a number ends where it ends; a longer name is the name of something
/// else, as `sqlite_busy_timeout`.
fn is_whole(before: &str, words: &str, after: &str) -> bool {
    let is_inner = |it: char| it.is_ascii_alphanumeric();
    let is_escape = before.ends_with("\\n") || before.ends_with("\\t");
    let begins = !words.starts_with(is_inner) || !before.ends_with(is_inner) || is_escape;
    let is_longer = words.ends_with(is_inner) && after.starts_with('_');
    let is_longer_number = words.ends_with(|it: char| it.is_ascii_digit()) && after.starts_with(is_inner);
    // What JSON has before a colon is the name of a value.
    let is_key = words.contains(' ') && after.starts_with("\":");
    begins && !is_longer && !is_longer_number && !is_key
}

fn is_denied_before(before: &str, words: &str) -> bool {
    // What stands before a stop is another statement.
    let start = before.rfind([':', ';', ',', '.', '(', '|', '"', '!', '{']).map_or(0, |at| at + 1);
    let mut near = before[start..].split_whitespace().rev();
    let Some(first) = near.find(|word| !FILLERS.contains(word)) else { return false };
    // `=` and a bracket join a number to another word.
    if DENIALS.contains(&first) || CONDITIONS.contains(&first) || first.ends_with("n't") {
        return !words.starts_with(|it: char| it.is_ascii_digit());
    }
    let second = near.next().unwrap_or_default();
    // "No page was corrupted" denies through the noun; "on" belongs to what is done in that case.
    matches!(second, "no" | "without") || first == "on" && is_reaction(second)
}

fn is_reaction(word: &str) -> bool {
    ["retr", "reconnect", "fail", "restart", "alert", "abort", "exit"].iter().any(|start| word.starts_with(start))
        && !word.ends_with("ed")
}

/// Whether none of it is counted behind the words: `X: 0`, `X rejected: 0`, `X? no`.
fn is_denied_behind(words: &str, after: &str) -> bool {
    let is_mark = |it: char| matches!(it, ':' | '=' | '?');
    let value = match after.find(is_mark) {
        _ if words.trim_end().ends_with(is_mark) => after,
        Some(at) if after[..at].split_whitespace().count() <= 2 => &after[at..],
        _ => return false,
    };
    let value = value.trim_start_matches(|it: char| is_mark(it) || matches!(it, '"' | '\'' | ' ' | ')' | ']' | '.'));
    let end = value.find(|it: char| !it.is_ascii_alphanumeric() && it != '/').unwrap_or(value.len());
    let (word, rest) = (&value[..end], value[end..].trim_start_matches(' '));
    let is_end = rest.is_empty() || rest.starts_with(|it: char| !it.is_ascii_alphanumeric());
    let is_counted = ["found", "detected", "seen", "page", "error", "file", "block", "time", "in ", "so far"]
        .iter()
        .any(|noun| rest.starts_with(noun));
    let is_unseen = word == "not" && ["detected", "seen"].iter().any(|verb| rest.starts_with(verb));
    NOTHING.contains(&word) && (is_end || is_counted) || is_unseen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_plainly_is_stated() {
        for (text, words) in [
            ("error: database is locked (5)", "database is locked"),
            ("no configuration: open /a: no such file or directory", "no such file or directory"),
            ("err not connected econnrefused 10.0.0.1:1", "econnrefused"),
            ("corruption: block checksum mismatch", "corruption: "),
            ("\\npermission denied: no such key", "permission denied"),
            ("connection refused (0x0000274d)", "connection refused"),
            ("authentication failed: no password supplied", "authentication failed"),
            ("failed on connection refused", "connection refused"),
            ("close 1006 (abnormal closure)", "1006"),
            ("exit status 0, database is locked", "database is locked"),
        ] {
            assert!(is_stated(text, words), "{words} in {text}");
        }
    }

    #[test]
    fn what_is_denied_supposed_or_named_is_not() {
        for (text, words) in [
            ("no corruption: ok", "corruption: "),
            ("corruption: none found", "corruption: "),
            ("corruption: 0 pages", "corruption: "),
            ("found 0 corrupted pages", "corrupted page"),
            ("no page was marked: no index is corrupted", "index is corrupted"),
            ("database is locked? no", "database is locked"),
            ("retry on connection refused", "connection refused"),
            ("if connection refused, wait", "connection refused"),
            ("sqlite_busy_timeout=5000", "sqlite_busy"),
            ("order 21006 done", "1006"),
            ("order 10061 done", "1006"),
            ("zerofs mounted", "erofs"),
            ("\"connection refused\": 0", "connection refused"),
            ("no error", "error"),
            ("too many connections rejected: 0", "too many connections"),
            ("{\"database is locked\":\"retry\"}", "database is locked"),
            ("\"error\":null", "error"),
            ("without error", "error"),
            ("didn't see permission denied: 0", "permission denied"),
        ] {
            assert!(!is_stated(text, words), "{words} in {text}");
        }
    }
}
