//! What services outside of the cluster answer to a program: a key that is not theirs, and a limit that is reached.

use super::access::{ANSWERED_401, nothing};
use super::{Gives, Signature, Words};

pub(super) const ROWS: &[Signature] = &[
    Signature {
        id: "provider-limit-reached",
        says: |it| {
            it.has(&[
                "insufficient_quota",
                "exceeded your current quota",
                "credit balance is too low",
                "overloaded_error",
                "billing hard limit",
            ]) || it.holds(&["token budget", "monthly budget"]) && it.has(&["exhausted", "exceeded", "used up"])
                || is_of_provider(it)
                    && it.has(&[
                        "rate limit reached for",
                        "rate_limit_exceeded",
                        "rate_limit_error",
                        "ratelimiterror",
                        "error code: 429",
                        "status code 429",
                        "429 too many requests",
                    ])
        },
        subject: nothing,
        sentence: |_| "its provider lets it do no more for now (rate, quota or budget)".to_owned(),
        gives: Gives::Class("provider-limit-reached"),
        is_general: false,
    },
    Signature {
        id: "provider-key-refused",
        says: |it| {
            it.has(&["incorrect api key", "invalid_api_key", "invalid x-api-key"])
                || is_of_provider(it)
                    && (it.has(&[
                        "invalid api key",
                        "api key not valid",
                        "authenticationerror",
                        "authentication_error",
                    ]) || it.has(&ANSWERED_401) && it.has(&["error", "fatal", "failed"]))
        },
        subject: nothing,
        sentence: |_| "its provider refuses its key".to_owned(),
        gives: Gives::Class("provider-key-refused"),
        is_general: false,
    },
];

/// Whether it names one of those whose models or indexes programs use.
pub(in crate::logs) fn is_of_provider(line: &Words<'_>) -> bool {
    line.holds(&[
        "openai",
        "anthropic",
        "llm provider",
        "cohere",
        "mistral",
        "pinecone",
        "weaviate",
        "generativelanguage",
        "huggingface",
        "bedrock",
        " in organization org-",
    ])
}
