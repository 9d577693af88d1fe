//! Which names say that what stands behind them is a secret: the one list, for variables, fields, flags, labels and lines.
//!
//! A name is read word by word (`DB_PASSWORD_OLD`, `x-api-key`, `clientSecret`): a secret word anywhere counts, unless the
//! last one says that no value stands there (`TOKEN_TTL`, `secretName`).

use super::lines::has_secret;
use super::values::secret_part;

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// Nothing.
    Plain,
    /// It is a secret if it looks like one: `auth: dTpw`, but not `auth: basic`.
    Perhaps,
    /// It is a secret unless it is a number, which counts or dates: `token`.
    Token,
    /// It is a secret, of digits too: `password`.
    Secret,
    /// Whoever knows the address may write there, so what follows its host is one: `WEBHOOK_URL`.
    Address,
    /// It is one up to the end of the line: `Authorization`.
    Header,
}

/// Words whose value is a secret, of digits too.
const SECRETS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passwds",
    "passphrase",
    "passphrases",
    "passcode",
    "pass",
    "pwd",
    "pwds",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "cred",
    "creds",
    "psk",
    "pgpass",
    "requirepass",
    "masterauth",
    "mnemonic",
    "pw",
    "bindpw",
    "rootpw",
    "otp",
    "totp",
    "pin",
];

/// Words that make a secret of what they stand in or at the end of, without a mark between: `dbpassword`, `clientsecret`.
const FUSED_ANYWHERE: &[&str] = &["password", "passwd", "passphrase"];
const FUSED_AT_END: &[&str] = &[
    "secret",
    "apikey",
    "authkey",
    "accesskey",
    "secretkey",
    "privatekey",
    "accountkey",
    "masterkey",
    "signingkey",
    "pwd",
    "credentials",
];

/// What `pass` is written together with; `bypass` and `compass` are other words.
const FUSED_PASS: &[&str] = &[
    "db", "user", "smtp", "mail", "root", "admin", "ssh", "key", "store", "redis", "mongo", "mysql", "ftp", "bind",
    "dn",
];

/// Words before `key` that make it one that opens something.
const KEYS_OF: &[&str] = &[
    "access",
    "account",
    "admin",
    "aes",
    "age",
    "anthropic",
    "api",
    "app",
    "application",
    "auth",
    "client",
    "consumer",
    "cookie",
    "crypt",
    "crypto",
    "datadog",
    "dd",
    "deploy",
    "encrypt",
    "encryption",
    "fernet",
    "function",
    "gpg",
    "hmac",
    "host",
    "ingest",
    "instrumentation",
    "integration",
    "jwt",
    "kms",
    "licence",
    "license",
    "mailgun",
    "master",
    "openai",
    "pagerduty",
    "pem",
    "pgp",
    "private",
    "relic",
    "root",
    "rsa",
    "sec",
    "secret",
    "security",
    "sendgrid",
    "server",
    "service",
    "session",
    "shared",
    "sign",
    "signing",
    "ssh",
    "storage",
    "stripe",
    "subscription",
    "token",
    "twilio",
    "unseal",
    "verification",
    "webhook",
    "wrapping",
    "write",
];

/// Last words that say that no secret stands there, but something about it.
const ENDINGS: &[&str] = &[
    "absent",
    "age",
    "alg",
    "algorithm",
    "algorithms",
    "annotation",
    "annotations",
    "at",
    "attempts",
    "audience",
    "audiences",
    "c",
    "cache",
    "changed",
    "char",
    "chars",
    "charset",
    "class",
    "cmd",
    "column",
    "command",
    "conf",
    "config",
    "configmap",
    "configuration",
    "cost",
    "count",
    "cpp",
    "created",
    "creation",
    "cs",
    "date",
    "days",
    "delay",
    "dir",
    "directories",
    "directory",
    "disabled",
    "domain",
    "email",
    "enabled",
    "encoder",
    "encoding",
    "encryption",
    "endpoint",
    "env",
    "error",
    "errors",
    "exception",
    "exists",
    "expiration",
    "expired",
    "expires",
    "expiry",
    "failed",
    "field",
    "fields",
    "file",
    "filename",
    "filenames",
    "files",
    "folder",
    "format",
    "found",
    "go",
    "grace",
    "h",
    "hashers",
    "header",
    "headers",
    "hint",
    "history",
    "host",
    "hostname",
    "hosts",
    "hours",
    "html",
    "id",
    "ids",
    "index",
    "interval",
    "issuer",
    "issuers",
    "java",
    "js",
    "json",
    "kind",
    "label",
    "labels",
    "latency",
    "leeway",
    "len",
    "length",
    "lifetime",
    "limit",
    "limits",
    "list",
    "location",
    "lock",
    "log",
    "login",
    "mail",
    "max",
    "maximum",
    "md",
    "message",
    "method",
    "methods",
    "min",
    "minimum",
    "minutes",
    "mode",
    "mount",
    "ms",
    "name",
    "names",
    "namespace",
    "namespaces",
    "option",
    "options",
    "param",
    "parameter",
    "path",
    "paths",
    "pattern",
    "perms",
    "php",
    "plural",
    "policy",
    "port",
    "ports",
    "prefix",
    "projection",
    "property",
    "provider",
    "providers",
    "py",
    "rate",
    "rb",
    "reason",
    "ref",
    "reference",
    "refs",
    "regex",
    "region",
    "reload",
    "required",
    "requirement",
    "requirements",
    "reset",
    "resource",
    "resources",
    "retries",
    "review",
    "reviews",
    "rotation",
    "rounds",
    "rs",
    "rule",
    "rules",
    "scheme",
    "scope",
    "scopes",
    "score",
    "seconds",
    "selector",
    "sh",
    "size",
    "skew",
    "sql",
    "stale",
    "started",
    "state",
    "status",
    "store",
    "stores",
    "strategy",
    "strength",
    "succeeded",
    "suffix",
    "supported",
    "sync",
    "threshold",
    "time",
    "timeout",
    "timestamp",
    "tmpl",
    "toml",
    "tpl",
    "ts",
    "ttl",
    "type",
    "types",
    "updated",
    "uri",
    "uris",
    "url",
    "urls",
    "usage",
    "used",
    "user",
    "username",
    "users",
    "validation",
    "validity",
    "version",
    "versions",
    "warning",
    "window",
    "xml",
    "yaml",
    "yml",
];

/// Last words that say so in names that are not written as variables are: `token-service`, but not `TOKEN_SERVICE`.
const PARTS: &[&str] = &[
    "api",
    "app",
    "backend",
    "client",
    "controller",
    "csi",
    "driver",
    "engine",
    "factory",
    "filter",
    "generator",
    "group",
    "handler",
    "injector",
    "interceptor",
    "job",
    "manager",
    "operator",
    "plugin",
    "pool",
    "proxy",
    "reconciler",
    "refresher",
    "role",
    "rotator",
    "server",
    "service",
    "services",
    "source",
    "sources",
    "svc",
    "syncer",
    "template",
    "templates",
    "validator",
    "volume",
    "webhook",
    "work",
    "worker",
];

/// Last words that only tell one value from another: they are passed over.
const VARIANTS: &[&str] = &[
    "old",
    "new",
    "prod",
    "production",
    "dev",
    "test",
    "staging",
    "current",
    "previous",
    "prev",
    "next",
    "backup",
    "primary",
    "secondary",
    "default",
    "main",
];

/// Words around `tokens` that say that they are counted.
const COUNTS: &[&str] = &[
    "max",
    "min",
    "num",
    "n",
    "total",
    "used",
    "per",
    "prompt",
    "completion",
    "input",
    "output",
    "context",
    "remaining",
    "generated",
    "estimated",
    "budget",
    "cached",
    "reasoning",
    "new",
    "count",
    "response",
    "window",
];

/// Words before `pass` that make it a verb.
const PASSES_ON: &[&str] = &["proxy", "fastcgi", "uwsgi", "grpc", "scgi", "memcached", "first", "second"];

/// Words before `secret` with which it is the name of a Secret.
const NAMES_A_SECRET: &[&str] = &["existing", "inject", "pull", "tls", "ssl", "cert", "certificate", "ca", "default"];

/// Stems of which every name of a secret has one: what has none is looked at no further.
const STEMS: &[&[u8]] = &[
    b"pass",
    b"pwd",
    b"secret",
    b"token",
    b"key",
    b"cred",
    b"auth",
    b"sig",
    b"psk",
    b"jwt",
    b"session",
    b"cookie",
    b"account",
    b"mnemonic",
    b"salt",
    b"webhook",
    b"otp",
    b"bearer",
    b"pw",
    b"pin",
];

/// Whether a variable, field or flag of that name holds a secret, or the value is one by its form.
pub fn is_confidential(name: &str, value: Option<&str>) -> bool {
    match value {
        Some(value) if !value.is_empty() => secret_part(named(name), value).is_some() || has_secret(value),
        _ => named(name) >= Named::Token,
    }
}

/// What a name says of its value.
pub(crate) fn named(name: &str) -> Named {
    if !has_stem(name.as_bytes()) {
        return Named::Plain;
    }
    let (domain, last) = name.rsplit_once('/').unwrap_or(("", name));
    // Helm and others write digests of Secrets so; nginx names a Secret.
    if domain.ends_with("checksum") || last == "auth-secret" {
        return Named::Plain;
    }
    let spaced = spaced(last);
    let words: Vec<&str> = spaced.split(' ').filter(|word| !word.is_empty()).collect();
    match words[..] {
        ["authorization"] | ["proxy", "authorization"] | ["cookie"] | ["set", "cookie"] => Named::Header,
        _ => of_words(&words, !last.bytes().any(|byte| byte.is_ascii_lowercase())),
    }
}

fn of_words(words: &[&str], is_variable: bool) -> Named {
    let is_variant = |word: &&&str| VARIANTS.contains(word) || word.bytes().all(|byte| byte.is_ascii_digit());
    let kept = words.len() - words.iter().rev().take_while(is_variant).count();
    let told = &words[..kept];
    let Some((last, before)) = told.split_last() else { return Named::Plain };
    let before_last = before.last().copied().unwrap_or_default();
    let is_id = *last == "id" && matches!(before_last, "key" | "secret" | "session" | "account");
    if is_id {
        return of_id(before);
    }
    if matches!(*last, "url" | "uri") && matches!(before_last, "webhook" | "hook") || *last == "webhookurl" {
        return Named::Address;
    }
    if *last == "hash" && matches!(before_last, "cert" | "certificate" | "ca" | "template") {
        return Named::Plain;
    }
    if ENDINGS.contains(last) || !is_variable && PARTS.contains(last) {
        return Named::Plain;
    }
    // It is the name of a Secret.
    if *last == "secret" && matches!(before_last, "password" | "credentials") && !is_variable {
        return Named::Plain;
    }
    // It is the key of a Secret.
    if matches!(*last, "key" | "keys") && is_secret_word(before_last) && before_last != "secret" {
        return Named::Perhaps;
    }
    let all = told.iter().enumerate().map(|(at, word)| of_word(word, &told[..at], &told[at + 1..]));
    all.max().unwrap_or(Named::Plain)
}

/// `AWS_ACCESS_KEY_ID`, `VAULT_SECRET_ID`, `SESSION_ID`, `AWS_ACCOUNT_ID`; other identifiers are none.
fn of_id(before: &[&str]) -> Named {
    match before {
        [.., "access", "key"] | [.., "aws", "account"] => Named::Secret,
        [.., "secret" | "session"] => Named::Token,
        _ => Named::Plain,
    }
}

fn of_word(word: &str, before: &[&str], after: &[&str]) -> Named {
    let previous = before.last().copied().unwrap_or_default();
    match word {
        "secret" | "secrets" if NAMES_A_SECRET.contains(&previous) => Named::Plain,
        "pass" if PASSES_ON.contains(&previous) || after.first() == Some(&"through") => Named::Plain,
        "auth" if matches!(previous, "redis" | "master" | "sentinel") && after.is_empty() => Named::Secret,
        "auth" | "sig" | "salt" | "cookie" | "session" | "cookies" if after.is_empty() => Named::Perhaps,
        "signature" | "jwt" | "sessionid" | "jsessionid" | "phpsessid" | "bearer" if after.is_empty() => Named::Token,
        "token" | "tokens" if word == "tokens" && is_counted(before, after) => Named::Plain,
        "token" | "tokens" => Named::Token,
        "key" | "keys" if before.is_empty() || matches!(previous, "public" | "pub") => Named::Plain,
        "key" | "keys" if KEYS_OF.contains(&previous) => Named::Token,
        "key" | "keys" if after.is_empty() => Named::Perhaps,
        _ if is_secret_word(word) => Named::Secret,
        _ if word.ends_with("token") || word.ends_with("sessionid") => Named::Token,
        _ if word.ends_with("accesskeyid") => Named::Secret,
        _ => Named::Plain,
    }
}

fn is_counted(before: &[&str], after: &[&str]) -> bool {
    before.iter().chain(after).any(|word| COUNTS.contains(word))
}

fn is_secret_word(word: &str) -> bool {
    SECRETS.contains(&word)
        || FUSED_ANYWHERE.iter().any(|it| word.contains(it)) && !word.contains("passwordless")
        || FUSED_AT_END.iter().any(|it| word.ends_with(it)) && !word.ends_with("pullsecret")
        || word.strip_suffix("pass").is_some_and(|it| FUSED_PASS.contains(&it))
        || word.ends_with("apikeys")
}

/// Whether a name can be that of a secret at all, without a look at its words.
fn has_stem(name: &[u8]) -> bool {
    let begins = |at: usize, stem: &[u8]| name[at..].get(..stem.len()).is_some_and(|it| it.eq_ignore_ascii_case(stem));
    (0..name.len()).any(|at| match name[at].to_ascii_lowercase() {
        b'p' | b's' | b't' | b'k' | b'c' | b'a' | b'j' | b'm' | b'w' | b'o' | b'b' => {
            STEMS.iter().any(|stem| begins(at, stem))
        }
        _ => false,
    })
}

/// A name in lower case with a space between its words: at `_ - .`, before a capital that begins one, around digits.
fn spaced(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut spaced = String::with_capacity(name.len() + 8);
    for (at, &byte) in bytes.iter().enumerate() {
        let (before, after) = (at.checked_sub(1).map(|it| bytes[it]), bytes.get(at + 1));
        let begins = before.is_some_and(|before| {
            byte.is_ascii_uppercase() && before.is_ascii_lowercase()
                || byte.is_ascii_uppercase() && before.is_ascii_uppercase() && after.is_some_and(u8::is_ascii_lowercase)
                || byte.is_ascii_digit() != before.is_ascii_digit()
        });
        if begins {
            spaced.push(' ');
        }
        spaced.push(if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase().into() } else { ' ' });
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_word_anywhere_counts() {
        for name in [
            "DB_PASSWORD",
            "DB_PASSWORD_OLD",
            "PASSWORD_1",
            "PASSWORDS",
            "passwordNew",
            "PGPASSWORD",
            "PGPASS",
            "MYSQL_PWD",
            "dbpass",
            "smtp_pass",
            "spring.datasource.password",
            "PASSWORD_HASH",
            "REDIS_AUTH",
            "requirepass",
            "masterauth",
            "client_secret",
            "clientSecret",
            "clientsecret",
            "SECRET",
            "secret-key-base",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_ACCOUNT_ID",
            "db.creds",
            "adminPassword2",
            "MYSQL_ROOT_PASSWORD",
            "userPasswordOld",
            "shop.example.com/password",
            "apikey",
            "DBPassword",
            "sshpass",
            "--db-password",
            "PASSWORD_APP",
            "SECRET_SERVICE",
        ] {
            assert_eq!(named(name), Named::Secret, "{name}");
        }
        for name in [
            "TOKEN_PROD",
            "token",
            "API_TOKENS",
            "JWT_KEY",
            "apiKey",
            "X-API-Key",
            "api_keys",
            "OAuth2Token",
            "APIToken",
            "csrftoken",
            "signingKey",
            "encryption_key_2",
            "stripeKey",
            "client-key-data",
            "accountKey",
            "SESSION_ID",
            "vault_secret_id",
            "X-Amz-Signature",
            "jsessionid",
            "service_key",
            "privateKey",
            "ssh-key",
            "SEC_KEY",
            "X-Amz-Security-Token",
        ] {
            assert_eq!(named(name), Named::Token, "{name}");
        }
        for name in ["auth", "BASIC_AUTH", "sig", "PASSWORD_KEY", "routing_key", "cache-key"] {
            assert_eq!(named(name), Named::Perhaps, "{name}");
        }
        for name in ["WEBHOOK_URL", "slackWebhookUrl"] {
            assert_eq!(named(name), Named::Address, "{name}");
        }
        for name in ["Authorization", "proxy-authorization", "Cookie", "Set-Cookie"] {
            assert_eq!(named(name), Named::Header, "{name}");
        }
    }

    #[test]
    fn names_about_a_secret_are_none() {
        for name in [
            "PASSWORD_FILE",
            "SECRET_NAME",
            "secretName",
            "TOKEN_PATH",
            "TOKEN_TTL",
            "passwordExpiry",
            "PASSWORD_MIN_LENGTH",
            "TOKEN_URL",
            "TOKEN_LIMIT",
            "MAX_TOKENS",
            "AI_LLM_MAX_TOKENS",
            "promptTokens",
            "tokens_per_minute",
            "KEY",
            "key",
            "KEYBOARD",
            "MONKEY",
            "AUTHOR",
            "authority",
            "imagePullSecrets",
            "imagePullSecret",
            "existingSecret",
            "passwordSecret",
            "tlsSecret",
            "tokenExpirationSeconds",
            "secretProviderClass",
            "secretKeyRef",
            "passwordSecretRef",
            "AUTH_MODE",
            "auth_type",
            "CACHE_KEY_PREFIX",
            "publicKey",
            "proxy_pass",
            "bypass",
            "compass",
            "passthrough",
            "passthroughs",
            "pass_through",
            "checksum/secret",
            "nginx.ingress.kubernetes.io/auth-secret",
            "secret.reloader.stakater.com/reload",
            "token_type",
            "SECRET_STORE",
            "token-service",
            "TokenService",
            "InvalidTokenException",
            "secret.yaml",
            "token.go",
            "passwordless",
            "access_key_path",
            "private_key_id",
            "client_id",
            "tokenizer",
            "authorized",
            "cert-manager.io/issuer",
            "significant",
            "SIGTERM",
            "monkey",
            "hotkey.size",
            "POD_NAME",
            "session.timeout.ms",
            "keystore.type",
            "keys",
            "accountName",
            "TOKEN_BUCKET_SIZE",
        ] {
            assert_eq!(named(name), Named::Plain, "{name}");
        }
    }

    #[test]
    fn names_and_forms_tell_what_is_confidential() {
        for (name, value) in [
            ("DB_PASSWORD", None),
            ("DATABASE_URL", Some("postgres://shop:hunter2@db/shop")),
            ("REPORT_URL", Some("https://x.blob.core.windows.net/a?sv=2024&sig=aB3%2Fdk29fj3kd%3D")),
            ("KEY_ID", Some("AKIAABCDEFGHIJKLMNOP")),
            ("OLD_PASSWORDS", Some("a,b")),
        ] {
            assert!(is_confidential(name, value), "{name}");
        }
        for (name, value) in [
            ("MAX_TOKENS", Some("512")),
            ("USE_TOKEN", Some("true")),
            ("CACHE_URL", Some("redis://cache:6379/0")),
            ("MODE", None),
            ("PASSWORD_FILE", Some("/run/secrets/db")),
        ] {
            assert!(!is_confidential(name, value), "{name}");
        }
    }
}
