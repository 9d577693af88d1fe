//! Data that is damaged, slow, or reached in a way that does not work.

use super::access::nothing;
use super::words::path;
use super::{Gives, Signature, Words};

/// From so many milliseconds on a statement is slow: what the guides have PostgreSQL log.
const SLOW_MILLISECONDS: f64 = 1000.0;

pub(super) const ROWS: &[Signature] = &[
    Signature {
        id: "data-corrupted",
        says: |it| {
            it.has(&[
                "database disk image is malformed",
                "file is not a database",
                "invalid page in block",
                "invalid page header in block",
                "page verification failed",
                "could not read block",
                "invalid checkpoint record",
                "could not locate a valid checkpoint record",
                "bad file format reading the append only file",
                "wrong signature trying to load db",
                "is marked as crashed",
                "corrupted page",
                "corruption: ",
                "corruptsstable",
                "index is corrupted",
                "corrupt wal",
                "wal: crc mismatch",
            ])
        },
        subject: nothing,
        sentence: |_| "data of its own is damaged".to_owned(),
        gives: Gives::Class("data-corrupted"),
        is_general: false,
    },
    Signature {
        id: "queries-slow",
        says: |it| {
            milliseconds(it).is_some_and(|it| it >= SLOW_MILLISECONDS)
                || it.has(&[
                    "due to statement timeout",
                    "slow query:",
                    "slow query detected",
                    "query execution was interrupted, maximum",
                ])
        },
        subject: |it| milliseconds(it).map(|it| format!("{it:.0} ms")),
        sentence: |of| {
            format!("statements of its database take too long{}", of.map_or(String::new(), |it| format!(" ({it})")))
        },
        gives: Gives::Class("queries-slow"),
        is_general: false,
    },
    Signature {
        id: "websocket-refused",
        says: |it| {
            it.holds(&["websocket", "web socket", "wss://", "ws://"])
                && it.has(&[
                    "bad handshake",
                    "not using the websocket protocol",
                    "upgrade failed",
                    "failed to upgrade",
                    "upgrade required",
                    "missing upgrade",
                    "unexpected response code",
                    "invalid connection header",
                    "closed abnormally",
                    "abnormal closure",
                ])
        },
        subject: nothing,
        sentence: |_| "WebSocket connections are refused or cut".to_owned(),
        gives: Gives::Class("websocket-refused"),
        is_general: false,
    },
    Signature {
        id: "kubeconfig-missing",
        says: |it| {
            it.has(&["no configuration has been provided", "unable to load in-cluster configuration"])
                || it.holds(&["kubeconfig", ".kube/config"])
                    && it.has(&["no such file", "not found", "does not exist", "enoent", "cannot find", "is invalid"])
        },
        subject: path,
        sentence: |of| format!("it finds no kubeconfig{}", of.map_or(String::new(), |path| format!(" ({path})"))),
        gives: Gives::Class("kubeconfig-missing"),
        is_general: false,
    },
    Signature {
        id: "storage-slow",
        says: |it| {
            it.has(&[
                "fsync is taking too long",
                "slow fdatasync",
                "disk is busy",
                "slow disk",
                "i/o stall",
                "io stall",
            ])
        },
        subject: nothing,
        sentence: |_| "its disk is too slow".to_owned(),
        gives: Gives::Class("storage-slow"),
        is_general: false,
    },
];

/// How long PostgreSQL says that a statement took: `duration: 5023.114 ms  statement: SELECT ...`. Other programs say how
/// long anything took.
fn milliseconds(line: &Words<'_>) -> Option<f64> {
    let after = line.after("duration: ")?;
    let (number, rest) = after.split_once(' ')?;
    let what = rest.strip_prefix("ms")?.trim_start();
    let is_statement = ["statement", "parse", "bind", "execute", "plan"].iter().any(|word| what.starts_with(word));
    number.parse().ok().filter(|_| is_statement)
}
