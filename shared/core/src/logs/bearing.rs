//! Whether what a line says is trouble of the process that wrote it at all.
//!
//! Every signature passes it, so that none of them must know how programs tell of what they have mended, of what their
//! clients did wrong, or of what they could do.

use super::signature::{Words, is_of_provider};

/// Whether a line is about no trouble of the process that wrote it.
pub(super) fn is_no_trouble(words: &Words<'_>) -> bool {
    describes(words) || is_handled(words) || is_of_a_client(words)
}

/// Whether a line says what could be: a help text, a metric, what is set up for the case.
fn describes(words: &Words<'_>) -> bool {
    let start = words.lower.trim_start();
    let is_help =
        ["# help", "# type", "usage:", "example:", "examples:", "//", "--"].iter().any(|it| start.starts_with(it));
    let is_named = words.holds(&[
        "metric",
        "counter",
        "gauge",
        "histogram",
        "collector",
        "handler",
        "alert",
        "rule",
        "hook",
        "fallback",
        "protection",
        "guard",
        "detection",
        "detector",
        "monitor",
        "limiter",
        "strategy",
        "threshold",
        "watchdog",
        "check",
        "policy",
        "feature",
        "option",
    ]);
    let is_set_up = words.has(&[
        "register",
        "registered",
        "registering",
        "installed",
        "enabled",
        "loaded",
        "configured",
        "defined",
        "disabled",
    ]);
    let is_sample = start.split_once('{').is_some_and(|(name, rest)| {
        let value = rest.rsplit_once('}').map_or("", |(_, value)| value.trim());
        !name.is_empty() && !name.contains(char::is_whitespace) && value.parse::<f64>().is_ok()
    });
    let is_setting = start.split_once(" = ").is_some_and(|(name, _)| !name.contains(char::is_whitespace));
    is_help
        || is_named && is_set_up && !words.has(&["failed", "cannot", "could not", "unable", "error:"])
        || is_setting
        || is_sample
}

/// Whether a line says itself how the trouble in it ended, or that there was a way around.
fn is_handled(words: &Words<'_>) -> bool {
    const WAYS: [&str; 35] = [
        "handled",
        "using in-cluster",
        "using incluster",
        "using default",
        "using the default",
        "using built-in",
        "using defaults",
        "use default",
        "falling back",
        "fallback to",
        "ignoring",
        "ignored",
        "skipping",
        "skipped",
        "continuing",
        "will create",
        "will be created",
        "creating it",
        "creating new",
        "creating a new",
        "not fatal",
        "non-fatal",
        "nonfatal",
        "harmless",
        "retried, ok",
        "retried ok",
        "retry ok",
        "retry succeeded",
        "succeeded",
        "recovered",
        "reconnected",
        "repaired",
        "resolved after",
        "ok after",
        "simulated",
    ];
    WAYS.iter().filter(|way| words.has(&[way])).any(|way| {
        let (_, rest) = words.lower.split_once(way).unwrap_or_default();
        // The way around may have failed too.
        !["fail", "cannot", "unable", "giving up", "error"].iter().any(|it| rest.contains(it))
    })
}

/// Whether a line is about a request that came in, or a peer that went away: what a client did wrong is no fault of who
/// serves it.
fn is_of_a_client(words: &Words<'_>) -> bool {
    let is_named = words.holds(&[
        "by client",
        "by the client",
        "client closed",
        "client disconnected",
        "client went away",
        "client has gone",
        "client has closed",
        "from client",
        "from the client",
        "client=",
        "\"client\":\"",
        "client:",
        "client_ip",
        "clientip",
        "client_addr",
        "remote_addr",
        "remoteaddr",
        "remote_ip",
        "\"remote\":",
        "remote=",
        "rhost=",
        "handshake error from",
        "going away",
        "(abnormal closure): unexpected eof",
        "user-agent",
        "user_agent",
    ]);
    let is_reset_of_a_peer = words.has(&["connection reset by peer", "broken pipe"]);
    let is_theirs = is_named || is_reset_of_a_peer || is_request(words) || is_login(words);
    is_theirs && !is_outbound(words) || is_of_account(words) && names_where_from(words)
}

/// Whether it tells of a request that was received: a method and a path without a host.
pub(super) fn is_request(words: &Words<'_>) -> bool {
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    let mut before = "";
    for word in words.line.split([' ', '"', '\t', '\'']).filter(|word| !word.is_empty()) {
        if word.starts_with('/') && METHODS.contains(&before) {
            return true;
        }
        before = word;
    }
    let plain = words.lower.replace(['"', ' '], "");
    let has_path = ["path", "uri", "url", "route", "request_uri"]
        .iter()
        .any(|key| plain.contains(&format!("{key}=/")) || plain.contains(&format!("{key}:/")));
    has_path && ["status=", "status:", "code=", "method=", "method:", "status_code"].iter().any(|it| plain.contains(it))
}

/// Whether somebody could not log in here: by the words, by where they came from, or as servers write it.
fn is_login(words: &Words<'_>) -> bool {
    let is_of_account = is_of_account(words);
    let is_attempt = words.holds(&["login attempt", "log in", "login for", "sign-in", "signin", "failed password for"]);
    // PostgreSQL and MySQL name their session, or themselves, where they write of one that they refused.
    let is_session = words.lower.contains("] fatal:  ") || words.holds(&["[server]", "[note]"]);
    is_of_account && (is_attempt || is_session)
}

/// Whether it says from which address somebody came.
fn names_where_from(words: &Words<'_>) -> bool {
    words.lower.split(" from ").skip(1).any(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
}

/// Whether it is about an account and its credentials.
fn is_of_account(words: &Words<'_>) -> bool {
    words.holds(&[
        "api key",
        "api_key",
        "api-key",
        "authentication",
        "password",
        "login",
        "credentials",
        "unauthorized",
        "access denied",
        "sign-in",
        "401",
    ])
}

/// Whether a line shows that the process itself called somebody.
pub(super) fn is_outbound(words: &Words<'_>) -> bool {
    let own = words.lower.split("refer").next().unwrap_or_default();
    is_of_provider(words)
        || Words::of(own).holds(&[
            "upstream",
            "dial ",
            "connecting to",
            "connect to",
            "connection to",
            "connect:",
            "://",
            "calling ",
            "call to ",
            "request to ",
            "response from",
            "returned by",
            "exception",
            "operationalerror",
            "databaseerror",
            "interfaceerror",
            "sqlstate",
            "pq: ",
            "pgx",
            "psycopg",
            "asyncpg",
            "mysql",
            "mssql",
            "sqlalchemy",
            "datasource",
            "redis",
            "mongo",
            "amqp",
            "remote: ",
        ])
}

/// Whether a line about an account does not show that it is the account of the process, and not of one who calls it.
pub(super) fn may_be_of_a_user(words: &Words<'_>) -> bool {
    is_of_account(words) && !is_outbound(words)
}
