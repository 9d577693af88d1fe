//! Rights and credentials that a process lacks, and databases that do not have what it asks for.

use super::words::address;
use super::{Gives, Signature, Words};

pub(super) const ROWS: &[Signature] = &[
    Signature {
        id: "right-missing",
        says: |it| it.has(&["is forbidden: user "]) && it.holds(&[" cannot "]),
        subject: |it| it.quoted_after("is forbidden: user "),
        sentence: |of| format!("{} lacks a right in the cluster", of.unwrap_or("its account")),
        gives: Gives::Right,
        is_general: false,
    },
    Signature {
        id: "token-refused",
        says: |it| it.has(&["the server has asked for the client to provide credentials"]),
        subject: nothing,
        sentence: |_| "the API server does not take its token".to_owned(),
        gives: Gives::Token,
        is_general: false,
    },
    Signature {
        id: "credentials-refused",
        says: |it| {
            it.has(&[
                "password authentication failed",
                "access denied for user",
                "authentication failed",
                "wrongpass",
                "noauth authentication required",
                "invalid username or password",
                "invalid username-password",
                "login failed for user",
                "permission denied (publickey",
                "signaturedoesnotmatch",
                "invalidclienttokenid",
                "invalidaccesskeyid",
            ]) || it.has(&ANSWERED_401) && it.has(&["error", "fatal", "failed"])
        },
        subject: address,
        sentence: |of| format!("{} refuses its credentials", of.unwrap_or("what it calls")),
        gives: Gives::Class("credentials-refused"),
        is_general: false,
    },
    Signature {
        id: "database-missing",
        says: |it| {
            it.has(&["unknown database", "no such table"])
                || it.holds(&["database \"", "relation \"", "role \"", "table '"])
                    && it.has(&["does not exist", "doesn't exist"])
        },
        subject: |it| {
            let named = ["unknown database", "database ", "relation ", "role ", "table "];
            let named = named.iter().find_map(|word| it.quoted_after(word));
            named.or_else(|| it.word_after(&["no such table:"]))
        },
        sentence: |of| format!("the database has no {}", of.unwrap_or("such thing")),
        gives: Gives::Words,
        is_general: false,
    },
    Signature {
        id: "connections-used-up",
        says: |it| {
            it.has(&[
                "too many connections",
                "too many clients already",
                "remaining connection slots",
                "connection pool exhausted",
                "queuepool limit",
                "timeout acquiring a connection",
                "connection is not available, request timed out",
            ])
        },
        subject: nothing,
        sentence: |_| "the connections to its database are used up".to_owned(),
        gives: Gives::Class("database-connections-exhausted"),
        is_general: false,
    },
];

/// How programs write that somebody answered them so; a bare number may be that of an order.
pub(super) const ANSWERED_401: [&str; 9] = [
    "401 unauthorized",
    "401: unauthorized",
    "401 client error",
    "status code 401",
    "status code: 401",
    "statuscode=401",
    "error code: 401",
    "http 401",
    "status 401",
];

pub(super) fn nothing(_: &Words<'_>) -> Option<String> {
    None
}
