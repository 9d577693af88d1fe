//! How grave the writer of a line called it: by a level, by a field, by a letter, or by what the line looks like.

use super::signature::Words;

/// How grave the writer of a line called it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    /// Meant to inform: its writer saw no trouble in it.
    Calm,
    /// Nothing is said of that.
    #[default]
    Said,
    /// A warning, or something that is tried again.
    Warned,
    /// An error.
    Erred,
    /// What a process does not survive.
    Fatal,
}

/// How grave the writer of a line called it.
pub(super) fn grade(words: &Words<'_>) -> Grade {
    let called = of_fields(words).or_else(|| of_words(words)).or_else(|| of_first_letter(words));
    let shape = of_shape(words);
    match called {
        Some(Grade::Calm) => Grade::Calm,
        Some(Grade::Erred) if shape == Grade::Fatal => Grade::Fatal,
        Some(called) => called,
        None if is_retry(words) => Grade::Warned,
        None => shape,
    }
}

/// By a word at the beginning, as `ERROR` and `[warn]`.
fn of_words(words: &Words<'_>) -> Option<Grade> {
    const LEVELS: [(&str, Grade); 19] = [
        ("INFO", Grade::Calm),
        ("DEBUG", Grade::Calm),
        ("TRACE", Grade::Calm),
        ("NOTICE", Grade::Calm),
        ("Note", Grade::Calm),
        ("WARN", Grade::Warned),
        ("WARNING", Grade::Warned),
        ("Warning", Grade::Warned),
        ("LOG", Grade::Warned),
        ("ERROR", Grade::Erred),
        ("ERR", Grade::Erred),
        ("Error", Grade::Erred),
        ("SEVERE", Grade::Erred),
        ("FATAL", Grade::Fatal),
        ("Fatal", Grade::Fatal),
        ("CRITICAL", Grade::Fatal),
        ("CRIT", Grade::Fatal),
        ("PANIC", Grade::Fatal),
        ("EMERG", Grade::Fatal),
    ];
    let start: String = words.line.chars().take(80).collect();
    // What stands before `=` is the name of something else, and what is not in capitals must be marked as a level.
    let mut before = ' ';
    for part in start.split_inclusive(|it: char| !it.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|it: char| !it.is_ascii_alphanumeric());
        let end = part[word.len()..].chars().next().unwrap_or(' ');
        let is_marked = end == ':' || before == '[' && end == ']' || before == '<' && end == '>';
        let is_level = |name: &str| name == word && (is_marked || name.bytes().all(|it| it.is_ascii_uppercase()));
        let found = LEVELS.iter().find(|(name, _)| is_level(name) && end != '=' && (*name != "LOG" || end == ':'));
        if let Some((_, grade)) = found {
            return Some(*grade);
        }
        before = part.chars().next_back().unwrap_or(' ');
    }
    const MARKED: [(&str, Grade); 12] = [
        ("info", Grade::Calm),
        ("debug", Grade::Calm),
        ("trace", Grade::Calm),
        ("notice", Grade::Calm),
        ("warn", Grade::Warned),
        ("warning", Grade::Warned),
        ("error", Grade::Erred),
        ("err", Grade::Erred),
        ("fatal", Grade::Fatal),
        ("panic", Grade::Fatal),
        ("crit", Grade::Fatal),
        ("emerg", Grade::Fatal),
    ];
    let mut first = words.lower.split_whitespace().take(4);
    first.find_map(|word| {
        let bare = word.trim_matches(['[', ']', ':', '-', '|', '(', ')', '<', '>']);
        let is_marked = word.len() > bare.len() || bare == "info" || bare == "debug";
        MARKED.iter().find(|(name, _)| *name == bare && is_marked).map(|(_, grade)| *grade)
    })
}

/// By a field of a structured line, as `level=error` and `"severity":"ERROR"`.
fn of_fields(words: &Words<'_>) -> Option<Grade> {
    let plain = words.lower.replace('"', "").replace(": ", ":");
    // MongoDB calls it `s`.
    ["level", "lvl", "severity", "loglevel", "s"].into_iter().find_map(|field| {
        let at = plain.match_indices(field).find_map(|(at, _)| {
            let rest = &plain[at + field.len()..];
            let before = at.checked_sub(1).map(|at| plain.as_bytes()[at]);
            let begins = before.is_none_or(|it| !it.is_ascii_alphanumeric() && !b"_-.".contains(&it));
            rest.strip_prefix(['=', ':']).filter(|_| begins)
        })?;
        let value = at.split(|it: char| !it.is_ascii_alphanumeric()).next()?;
        Some(match value {
            "info" | "debug" | "trace" | "notice" | "10" | "20" | "30" | "i" => Grade::Calm,
            "warn" | "warning" | "40" | "w" => Grade::Warned,
            "error" | "err" | "50" | "e" => Grade::Erred,
            "fatal" | "panic" | "critical" | "crit" | "emergency" | "60" | "f" => Grade::Fatal,
            _ => return None,
        })
    })
}

/// As klog writes it: `E0102 03:04:05.6`.
fn of_first_letter(words: &Words<'_>) -> Option<Grade> {
    let (first, rest) = words.line.split_at_checked(1)?;
    let is_dated = rest.len() > 4 && rest.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let grade = match first {
        "I" => Grade::Calm,
        "W" => Grade::Warned,
        "E" => Grade::Erred,
        "F" => Grade::Fatal,
        _ => return None,
    };
    is_dated.then_some(grade)
}

/// By what it looks like, where no level is named.
fn of_shape(words: &Words<'_>) -> Grade {
    let first = words.line.split([':', ' ']).next().unwrap_or_default();
    let name = first.rsplit('.').next().unwrap_or_default();
    let is_exception = name.len() > 5
        && name.starts_with(|it: char| it.is_ascii_uppercase())
        && (name.ends_with("Error") || name.ends_with("Exception"));
    let is_end = words.lower.starts_with("panic:")
        || words.holds(&["panicked at", "uncaught exception", "unhandled exception", "exception in thread"]);
    if is_exception || is_end {
        return Grade::Fatal;
    }
    let is_error =
        words.has(&["error", "failed", "failure", "cannot", "could not", "couldn't", "unable", "can't", "invalid"]);
    if is_error { Grade::Erred } else { Grade::Said }
}

/// Whether a line only says that something is tried again: how that went, it does not know.
pub(super) fn is_retry(words: &Words<'_>) -> bool {
    words.has(&[
        "retrying",
        "will retry",
        "try again",
        "trying again",
        "retry in",
        "retry after",
        "next attempt",
        "backing off",
        "reconnecting",
        "requeuing",
        "requeueing",
    ]) && !words.has(&["retries exhausted", "giving up", "gave up", "no more retries"])
}
