//! What a process is started with, and how it crashes by itself.

use super::access::nothing;
use super::words::path;
use super::{Gives, Signature};

pub(super) const ROWS: &[Signature] = &[
    Signature {
        id: "processes-used-up",
        says: |it| {
            it.has(&[
                "can't start new thread",
                "unable to create new native thread",
                "unable to create native thread",
                "pthread_create failed",
                "fork: retry",
                "cannot fork",
            ]) || it.holds(&["fork"]) && it.has(&["resource temporarily unavailable"])
        },
        subject: nothing,
        sentence: |_| "it can start no more processes or threads".to_owned(),
        gives: Gives::Processes,
        is_general: false,
    },
    Signature {
        id: "memory-used-up",
        says: |it| {
            it.has(&[
                "java.lang.outofmemoryerror",
                "heap out of memory",
                "reached heap limit",
                "runtime: out of memory",
                "std::bad_alloc",
                "cannot allocate memory",
                "memory allocation of ",
            ]) || it.lower.trim() == "memoryerror"
                || it.lower.starts_with("memoryerror:")
        },
        subject: |it| {
            let said = it.after("outofmemoryerror: ")?;
            (!said.is_empty()).then(|| said.trim().chars().take(60).collect())
        },
        sentence: |of| format!("it used up its own memory{}", of.map_or(String::new(), |what| format!(" ({what})"))),
        gives: Gives::Class("process-memory-exhausted"),
        is_general: false,
    },
    Signature {
        id: "flag-unknown",
        says: |it| {
            it.has(&[
                "unknown flag",
                "unknown shorthand flag",
                "flag provided but not defined",
                "unrecognized option",
                "unrecognised option",
                "unrecognized argument",
                "unrecognized vm option",
                "unexpected argument '",
                "invalid option --",
                "illegal option --",
                "unknown option",
                "unknown command ",
                "no such option",
            ])
        },
        subject: |it| {
            let words = it.line.split(|letter: char| letter.is_whitespace() || "\"'`,;".contains(letter));
            let mut flags = words.filter(|word| word.len() > 1 && word.starts_with('-') && *word != "--");
            flags.next().map(|flag| flag.trim_end_matches(['.', ':']).to_owned())
        },
        sentence: |of| format!("it does not know the flag or command {}", of.unwrap_or("that it is given")),
        gives: Gives::Words,
        is_general: false,
    },
    Signature {
        id: "setting-missing",
        says: |it| {
            let is_key = it.after("keyerror: '").is_some_and(is_setting);
            let is_named = it.holds(&["environment variable", "env var", "required setting"]);
            let is_missing =
                ["not set", "is required", "missing", "must be set", "not defined", "not found", "is unset"];
            is_key || is_named && it.has(&is_missing)
        },
        subject: |it| {
            let words = it.line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            words.filter(|word| is_setting(word)).map(str::to_owned).next()
        },
        sentence: |of| format!("it wants the setting {}, which it is not given", of.unwrap_or("that it names")),
        gives: Gives::Words,
        is_general: false,
    },
    Signature {
        id: "configuration-unreadable",
        says: |it| {
            it.has(&[
                "yaml: line",
                "yaml: unmarshal",
                "toml parse error",
                "jsondecodeerror",
                "invalid configuration",
                "error parsing config",
                "failed to parse config",
                "cannot parse config",
                "could not parse config",
                "error in config",
                "configuration file is invalid",
            ])
        },
        subject: path,
        sentence: |of| {
            format!("it cannot read its configuration{}", of.map_or(String::new(), |path| format!(" ({path})")))
        },
        gives: Gives::Words,
        is_general: false,
    },
    Signature {
        id: "crashed",
        says: |it| {
            it.lower.starts_with("panic: ")
                || it.has(&[
                    "panicked at",
                    "segmentation fault",
                    "sigsegv",
                    "core dumped",
                    "unhandledpromiserejection",
                    "uncaught exception",
                    "uncaughtexception",
                    "triggeruncaughtexception",
                    "unhandled exception",
                    "exception in thread \"main\"",
                    "fatal error: ",
                    "stack overflow",
                    "traceback (most recent call last)",
                ])
        },
        subject: nothing,
        sentence: |_| "it crashed by itself".to_owned(),
        gives: Gives::Words,
        is_general: true,
    },
];

/// Whether it is written as names of settings are: `DATABASE_URL`.
fn is_setting(text: &str) -> bool {
    let name = text.trim_end_matches('\'');
    let is_inner = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() > 3 && name.bytes().all(is_inner) && name.bytes().any(|byte| byte.is_ascii_uppercase())
}
