//! Files and ports that a process may not have, and files that are not there.

use super::access::nothing;
use super::words::path;
use super::{Gives, Signature, Words};

pub(super) const ROWS: &[Signature] = &[
    Signature {
        id: "port-not-permitted",
        says: |it| {
            it.has(&["bind: permission denied", "listen eacces"])
                || it.holds(&["bind()", "bind to", "binding to"]) && it.has(&["permission denied"])
        },
        subject: port,
        sentence: |of| {
            format!("it may not listen on {}", of.map_or("its port".to_owned(), |port| format!("port {port}")))
        },
        gives: Gives::Permission,
        is_general: false,
    },
    Signature {
        id: "port-in-use",
        says: |it| {
            it.has(&["address already in use", "eaddrinuse", "only one usage of each socket address"])
                || it.holds(&["port "]) && it.has(&["already in use"])
        },
        subject: port,
        sentence: |of| {
            let port = of.map_or("its port".to_owned(), |port| format!("port {port}"));
            format!("{port} is taken by another process of its pod")
        },
        gives: Gives::Class("port-in-use"),
        is_general: false,
    },
    Signature {
        id: "read-only",
        says: |it| it.has(&["read-only file system", "erofs"]),
        subject: path,
        sentence: |of| format!("it writes to {}, and the file system is read-only", of.unwrap_or("a file")),
        gives: Gives::Permission,
        is_general: false,
    },
    Signature {
        id: "no-room",
        says: |it| it.has(&["no space left on device", "enospc", "disk quota exceeded", "database or disk is full"]),
        subject: path,
        sentence: |of| format!("no space is left{}", of.map_or(String::new(), |path| format!(" for {path}"))),
        gives: Gives::Room,
        is_general: false,
    },
    Signature {
        id: "program-foreign",
        says: |it| it.has(&["exec format error", "cannot execute binary file"]),
        subject: path,
        sentence: |of| format!("{} is for machines of another architecture", of.unwrap_or("its program")),
        gives: Gives::Architecture,
        is_general: false,
    },
    Signature {
        id: "permission-denied",
        says: |it| {
            it.has(&[
                "permission denied",
                "eacces",
                "eperm:",
                "operation not permitted",
                "java.nio.file.accessdeniedexception",
            ]) && !it.holds(&["permission denied for ", "publickey", "arn:", "permission denied to "])
        },
        subject: path,
        sentence: |of| format!("it may not use {}", of.unwrap_or("a file")),
        gives: Gives::Permission,
        is_general: false,
    },
    Signature {
        id: "module-missing",
        says: |it| {
            it.has(&[
                "cannot find module",
                "modulenotfounderror",
                "no module named",
                "could not find or load main class",
                "error while loading shared libraries",
                "java.lang.classnotfoundexception",
                "java.lang.noclassdeffounderror",
            ])
        },
        subject: |it| {
            let quoted = ["cannot find module", "no module named"].iter().find_map(|word| it.quoted_after(word));
            let classes =
                ["loading shared libraries:", "main class", "classnotfoundexception:", "noclassdeffounderror:"];
            quoted.or_else(|| it.word_after(&classes))
        },
        sentence: |of| format!("a part of the program is missing: {}", of.unwrap_or("a module")),
        gives: Gives::Words,
        is_general: false,
    },
    Signature {
        id: "program-missing",
        says: |it| {
            let is_shell = it.lower.starts_with("sh:") || it.holds(&["/sh:", "bash:", ".sh:", "exec:", "env:"]);
            it.has(&["command not found", "executable file not found"]) || is_shell && it.lower.ends_with(": not found")
        },
        subject: |it| {
            let line = it.line.split(": not found").next()?.split(": command not found").next()?;
            it.quoted_after("exec:").or_else(|| {
                let word = line.rsplit([' ', ':']).find(|word| !word.is_empty())?;
                Some(word.to_owned())
            })
        },
        sentence: |of| format!("the program {} is not there", of.unwrap_or("that it starts")),
        gives: Gives::Program,
        is_general: false,
    },
    Signature {
        id: "file-missing",
        says: |it| {
            it.has(&[
                "no such file or directory",
                "enoent",
                "filenotfounderror:",
                "filenotfoundexception:",
                "nosuchfileexception:",
            ])
        },
        subject: path,
        sentence: |of| format!("{} does not exist", of.unwrap_or("a file that it reads")),
        gives: Gives::File,
        is_general: false,
    },
    Signature {
        id: "database-locked",
        says: |it| it.has(&["database is locked", "sqlite_busy", "database table is locked"]),
        subject: nothing,
        sentence: |_| "its database file is locked by another process".to_owned(),
        gives: Gives::Class("database-locked"),
        is_general: false,
    },
    Signature {
        id: "open-files",
        says: |it| it.has(&["too many open files", "emfile"]),
        subject: nothing,
        sentence: |_| "it has more files and connections open than it may".to_owned(),
        gives: Gives::Class("open-files-exhausted"),
        is_general: false,
    },
];

/// The last number that stands behind a colon.
fn port(words: &Words<'_>) -> Option<String> {
    let digits = words.line.rsplit(':').filter_map(|part| {
        let part = part.trim();
        let end = part.find(|it: char| !it.is_ascii_digit()).unwrap_or(part.len());
        Some(&part[..end]).filter(|it| it.parse::<u16>().is_ok_and(|port| port > 0))
    });
    digits.map(str::to_owned).next()
}
