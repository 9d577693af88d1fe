//! What a line says of the course of its process: that it works, that it ends, that one exception brought another.

use super::signature::Words;

/// Whether a line says that the process works, so that what stands before it is over.
pub(super) fn goes_on(words: &Words<'_>) -> bool {
    words.has(&[
        "listening on",
        "listening at",
        "server started",
        "started server",
        "ready to accept",
        "ready to serve",
        "accepting connections",
        "connected to ",
        "connection established",
        "connected successfully",
        "successfully connected",
        "reconnected",
        "retry succeeded",
        "retried, ok",
        "retried ok",
        "recovered",
        "connection restored",
        "succeeded on retry",
        "succeeded after",
        "ok after",
        "connected after",
        "lock acquired",
        "healthy again",
        "back online",
        "back to normal",
        "caught up",
        "resumed",
    ]) && !words.holds(&["not ", "n't ", "fail", "unable", "cannot", "lost", "error", "refused", "panic"])
        && !words.holds(&["that's ", "already", "nothing", "is anything", "is something"])
        && !words.holds(&["metrics", "health server", "health probe", "healthz", "pprof", "debug"])
}

/// Whether a line says that something came out well, which proves on a program that works that what stands before is over.
pub(super) fn succeeds(words: &Words<'_>) -> bool {
    goes_on(words)
        || words.has(&["succeeded", "successful", "successfully", "is healthy", "ok on attempt", "attempt ok"])
            && !words.holds(&["fail", "error", "refused", "unable"])
}

/// Whether an exception is told that brought the one behind it.
pub(super) fn joins_exceptions(words: &Words<'_>) -> bool {
    words.has(&["during handling of the above exception", "the above exception was the direct cause"])
}

/// Whether a line only announces an end, and gives no reason for it.
pub(super) fn is_mere_end(words: &Words<'_>) -> bool {
    const GENERAL: &str = "\
        a abort aborted aborting above an and app application are be because boot caller can cannot code core \
        could crit critical do down due dumped emerg error errors exit exited exiting fail failed failure fatal \
        giving goodbye has have http initialisation initialise initialization initialize initializing is level \
        listen logger main message msg not now of on panic previous process program quit quitting run running \
        see serve server service severity shutdown shutting signal start starting startup status stop stopped \
        stopping system terminated terminating the time to unable unexpectedly up utc was we will with";
    let tokens = words.lower.split(|it: char| !it.is_ascii_alphanumeric() && it != '.');
    let mut said = tokens.map(|it| it.trim_matches('.')).filter(|it| it.bytes().any(|byte| byte.is_ascii_alphabetic()));
    // What has digits or a stop in it is a time, a number or a place.
    said.all(|word| {
        word.bytes().any(|byte| byte.is_ascii_digit() || byte == b'.') || GENERAL.split(' ').any(|it| it == word)
    })
}
