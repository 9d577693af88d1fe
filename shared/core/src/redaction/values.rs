//! Which values are secrets, once it is known what their name says.

use super::names::Named;
use std::ops::Range;

/// What every placeholder of a line begins with.
pub(crate) const PLACEHOLDER: &str = "<secret-";

/// Digits of a number that is no count any more.
const LONGEST_COUNT: usize = 15;

/// What stands in place of a secret that somebody else took out.
const TAKEN_OUT: &[&str] = &[
    "[redacted]",
    "[filtered]",
    "[hidden]",
    "[masked]",
    "[secret]",
    "(redacted)",
    "(hidden",
    "redacted",
    "<nil>",
    "(null)",
    "[object",
    "...",
];

/// Words that tell what became of a secret, or that there is one.
const WORDS: &[&str] = &[
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "yes",
    "no",
    "on",
    "off",
    "absent",
    "accepted",
    "bearer",
    "canceled",
    "cancelled",
    "changed",
    "closed",
    "created",
    "deleted",
    "denied",
    "disabled",
    "done",
    "empty",
    "enabled",
    "eof",
    "error",
    "exists",
    "expired",
    "failed",
    "forbidden",
    "found",
    "generated",
    "incorrect",
    "invalid",
    "loaded",
    "mismatch",
    "missing",
    "not",
    "ok",
    "optional",
    "present",
    "ready",
    "refused",
    "rejected",
    "required",
    "reset",
    "revoked",
    "rotated",
    "set",
    "string",
    "succeeded",
    "success",
    "timeout",
    "unauthenticated",
    "unauthorized",
    "unavailable",
    "unchanged",
    "unknown",
    "unset",
    "updated",
    "valid",
    "wrong",
];

/// Ways to log in, which are none either: `auth: SCRAM-SHA-256`.
const METHODS: &[&str] = &[
    "scram", "sasl", "cram", "oauth", "ntlm", "kerberos", "md5", "mtls", "x509", "oidc", "saml", "aws", "iam", "jwt",
    "tls",
];

/// Folders of a file that a value names.
const FOLDERS: &[&str] = &[
    "/etc/",
    "/var/",
    "/run/",
    "/mnt/",
    "/vault/",
    "/opt/",
    "/home/",
    "/root/",
    "/tmp/",
    "/usr/",
    "/secrets/",
    "/app/",
    "/data/",
    "/srv/",
    "/config/",
    "/certs/",
    "/dev/",
    "/proc/",
    "./",
    "~/",
    "file:",
];

/// How references to a store of secrets begin.
const REFERENCES: &[&str] =
    &["vault:", "arn:", "op://", "ref+", "secretsmanager:", "ssm:", "projects/", "env:", "awssm://"];

/// The part of a value that is a secret, if its name says that there is one.
pub(crate) fn secret_part(named: Named, value: &str) -> Option<Range<usize>> {
    let whole = || 0..value.len();
    match named {
        Named::Plain => None,
        _ if says_nothing(value) => None,
        Named::Address => after_host(value),
        Named::Header => Some(whole()),
        _ if refers(value) => None,
        Named::Perhaps => looks_random(value).then(whole),
        Named::Token => (!is_count(value, LONGEST_COUNT)).then(whole),
        Named::Secret => Some(whole()),
    }
}

/// Whether a value tells nothing: it is empty, stands for another, or is a word about a secret.
pub(crate) fn says_nothing(value: &str) -> bool {
    value.is_empty() || stands_for_another(value) || is_word_about_one(value) || is_count(value, 3)
}

/// Whether something stands there in place of a secret: a variable, stars, a placeholder, an object.
fn stands_for_another(value: &str) -> bool {
    let is_plain_variable =
        value.strip_prefix('$').is_some_and(|it| it.bytes().all(|it| it.is_ascii_uppercase() || it == b'_'));
    ["$(", "${", "{{", "%(", "%{", PLACEHOLDER].iter().any(|beginning| value.starts_with(beginning))
        || value.starts_with('{') && !is_tagged(value)
        || is_plain_variable
        || value.starts_with('<') && value.ends_with('>')
        || value.chars().all(|it| matches!(it, '*' | '•' | '.' | '-'))
        || matches!(value, "|" | ">" | "|-" | ">-" | "|+" | ">+")
        || value.len() > 2 && value.bytes().all(|it| matches!(it, b'x' | b'X'))
        || is_taken_out(value)
}

/// Whether somebody else took the secret out: `[REDACTED]`.
pub(crate) fn is_taken_out(value: &str) -> bool {
    TAKEN_OUT.iter().any(|it| begins_with(value, it))
}

/// How LDAP and Spring write what a password was made to: `{SSHA}...`, `{noop}...`.
fn is_tagged(value: &str) -> bool {
    let tag = value[1..].split_once('}').filter(|(_, rest)| !rest.is_empty()).map(|(tag, _)| tag);
    tag.is_some_and(|tag| !tag.is_empty() && tag.bytes().all(|it| it.is_ascii_alphanumeric() || b"-@".contains(&it)))
}

/// Whether a word tells what became of a secret: `invalid`, `YES`, `unset,`.
pub(crate) fn is_word_about_one(value: &str) -> bool {
    let word = value.trim_end_matches(['.', ',', ';', '!', ')', ':']);
    WORDS.iter().any(|it| it.eq_ignore_ascii_case(word))
}

fn begins_with(value: &str, beginning: &str) -> bool {
    value.get(..beginning.len()).is_some_and(|it| it.eq_ignore_ascii_case(beginning))
}

fn is_count(value: &str, longest: usize) -> bool {
    let digits = value.strip_suffix(['s', 'm', 'h', 'd']).unwrap_or(value);
    digits.len() <= longest && !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit() || it == b'.')
}

/// A file, an address without a secret, a key in a store.
fn refers(value: &str) -> bool {
    let is_plain = value.bytes().all(|it| it.is_ascii_alphanumeric() || b"/._-:~".contains(&it));
    let is_file = is_plain && FOLDERS.iter().any(|it| value.starts_with(it));
    let is_address = begins_with(value, "http://") || begins_with(value, "https://");
    is_file || is_address || is_host_with_port(value) || REFERENCES.iter().any(|it| value.starts_with(it))
}

fn is_host_with_port(value: &str) -> bool {
    let is_host = |it: &str| {
        it.contains(['.', '-'])
            && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b".-".contains(&it))
    };
    value.rsplit_once(':').is_some_and(|(host, port)| port.parse::<u16>().is_ok() && port.len() > 1 && is_host(host))
}

/// What follows the host of an address.
fn after_host(value: &str) -> Option<Range<usize>> {
    let Some((scheme, rest)) = value.split_once("://") else { return Some(0..value.len()) };
    let path = rest.find('/')? + 1;
    let start = scheme.len() + 3 + path;
    (start < value.len() && !value[start..].starts_with(PLACEHOLDER)).then_some(start..value.len())
}

/// Whether a value is no word, number, host or path: letters of all sorts, a pair, or a long number of base 16.
fn looks_random(value: &str) -> bool {
    let is_method = METHODS.iter().any(|it| begins_with(value, it));
    if is_method || value.contains(char::is_whitespace) || is_host_with_port(value) {
        return false;
    }
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let is_pair =
        !value.contains('/') && value.split_once(':').is_some_and(|(_, secret)| has_letters_and_digits(secret));
    let is_encoded = value.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/=_-.%".contains(&it));
    let is_number = value.len() >= 32 && has(u8::is_ascii_digit) && value.bytes().all(|it| it.is_ascii_hexdigit());
    is_number || is_pair && value.len() >= 6 || is_encoded && (is_mixed && value.len() >= 8 || is_base_64(value))
}

fn has_letters_and_digits(text: &str) -> bool {
    text.bytes().any(|it| it.is_ascii_digit()) && text.bytes().any(|it| it.is_ascii_alphabetic())
}

/// Letters of base 64 that are no word in camel case, which has few capitals.
fn is_base_64(value: &str) -> bool {
    let is_letter = |it: u8| it.is_ascii_alphanumeric() || b"+/=".contains(&it);
    let capitals = value.bytes().skip(1).filter(u8::is_ascii_uppercase).count();
    let has_small = value.bytes().any(|it| it.is_ascii_lowercase());
    value.len().is_multiple_of(4) && has_small && value.bytes().all(is_letter) && capitals * 5 >= value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_speaks_of_a_secret_is_none() {
        for value in [
            "",
            "null",
            "YES",
            "invalid",
            "${DB_PASSWORD}",
            "$(TOKEN)",
            "$DB_PASSWORD",
            "{{ .Values.password }}",
            "***",
            "<secret-4>",
            "<your-password>",
            "[REDACTED]",
            "(hidden: value 1 of A)",
            "{\"name\":\"a\"}",
            "12",
            "/run/secrets/db",
            "https://token.example.com/issue",
            "vault:secret/data/db#password",
            "arn:aws:secretsmanager:eu-west-1:1:secret:db",
            "token-svc:8080",
            "xxxxx",
        ] {
            assert_eq!(secret_part(Named::Secret, value), None, "{value}");
        }
        for value in ["hunter2", "4711", "$ecr3t", "{noop}hunter2", "{SSHA}abcd", "correct horse", "/9j/4AAQ"] {
            assert_eq!(secret_part(Named::Secret, value), Some(0..value.len()), "{value}");
        }
        assert_eq!(secret_part(Named::Token, "4711471147"), None);
        assert_eq!(secret_part(Named::Address, "https://chat.example.com/hooks/abc"), Some(25..34));
        assert_eq!(secret_part(Named::Address, "https://chat.example.com/"), None);
    }

    #[test]
    fn only_what_looks_random_is_perhaps_one() {
        for value in
            ["dTpw", "dXNlcjpwYXNz", "bob:hunter2", "aB3dk29f", "0123456789abcdef0123456789abcdef", "c2VjcmV0Cg=="]
        {
            assert_eq!(secret_part(Named::Perhaps, value), Some(0..value.len()), "{value}");
        }
        for value in [
            "basic",
            "Basic",
            "SCRAM-SHA-256",
            "OAuth2",
            "enabled",
            "shop/web-1",
            "user id",
            "SASL_SSL",
            "clientCertificate",
            "ldap",
            "db-primary:5432",
            "orders.created.v1",
            "X509",
        ] {
            assert_eq!(secret_part(Named::Perhaps, value), None, "{value}");
        }
    }
}
