//! Hosts that do not answer, and names that do not resolve.

use super::words::is_host;
use super::{Gives, Signature, Words};

pub(super) const ROWS: &[Signature] = &[
    Signature {
        id: "name-not-resolved",
        says: |it| {
            it.has(&[
                "no such host",
                " enotfound",
                "'enotfound",
                "eai_again",
                "name or service not known",
                "temporary failure in name resolution",
                "nodename nor servname",
                "could not translate host name",
                "unknownhostexception",
                "getaddrinfo failed",
                "could not resolve host",
                "failed to lookup address information",
                "name does not resolve",
                "server misbehaving",
                "bad address '",
                "php_network_getaddresses",
            ])
        },
        subject: name,
        sentence: |of| format!("{} does not resolve", of.unwrap_or("a name that it asks for")),
        gives: Gives::Name,
        is_general: false,
    },
    Signature {
        id: "connection-refused",
        says: |it| {
            it.has(&["connection refused", "econnrefused", "connectionrefusederror", "actively refused"])
                || it.holds(&["connection to "]) && it.has(&[" refused"])
        },
        subject: host,
        sentence: |of| format!("{} refuses the connection", of.unwrap_or("what it calls")),
        gives: Gives::Callee,
        is_general: false,
    },
    Signature {
        id: "connection-timed-out",
        says: |it| {
            it.has(&[
                "connection timed out",
                "i/o timeout",
                "etimedout",
                "connect timed out",
                "connecttimeout",
                "no route to host",
                "ehostunreach",
                "host is unreachable",
                "network is unreachable",
                "enetunreach",
                "server selection timed out",
            ]) || it.has(&["deadline exceeded"]) && it.holds(&["dial ", "connect"])
        },
        subject: host,
        sentence: |of| format!("{} does not answer", of.unwrap_or("what it calls")),
        gives: Gives::Callee,
        is_general: false,
    },
    Signature {
        id: "connection-failed",
        says: |it| {
            it.has(&[
                "can't connect to",
                "cannot connect to",
                "could not connect to",
                "couldn't connect to",
                "unable to connect to",
                "failed to connect to",
                "no connection to ",
                "no healthy upstream",
                "upstream connect error",
                "no reachable servers",
                "all broker connections are down",
                "brokers are down",
                "can't reach database server",
                "cannot reach ",
                "unable to reach ",
            ])
        },
        subject: host,
        sentence: |of| format!("it cannot connect to {}", of.unwrap_or("what it calls")),
        gives: Gives::Callee,
        is_general: false,
    },
];

fn name(words: &Words<'_>) -> Option<String> {
    let quoted = ["host name", "bad address"].iter().find_map(|marker| words.quoted_after(marker));
    let named = quoted.or_else(|| {
        words.word_after(&[
            "lookup ",
            "enotfound ",
            "eai_again ",
            "unknownhostexception: ",
            "resolve host: ",
            "getaddresses: for ",
        ])
    });
    let host = named.or_else(|| words.address())?;
    let host = host.split(':').next().unwrap_or_default().to_owned();
    is_host(&host).then_some(host)
}

fn host(words: &Words<'_>) -> Option<String> {
    let quoted = || words.quoted_after("on host").or_else(|| words.quoted_after("server on"));
    let named = || {
        let word = words.word_after(&["connection to ", "connect to ", "connecting to ", "connect econnrefused "])?;
        let plain = word.split(':').next().unwrap_or_default();
        let is_plausible = plain.contains('.') || word.contains(':');
        (is_plausible && is_host(plain)).then_some(word)
    };
    words.address().or_else(quoted).or_else(named).or_else(|| words.of_digits())
}
