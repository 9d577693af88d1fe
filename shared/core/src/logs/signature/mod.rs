//! Lines that say why a process ended, as runtimes, drivers and tools of many languages write them.
//!
//! One row for each reason. The first row that knows a line speaks for it, so the rows that say most stand first.

mod access;
mod certificates;
mod data;
mod files;
mod network;
mod process;
mod providers;
mod stated;
mod words;

pub(super) use providers::is_of_provider;
pub use words::Words;

/// A reason that logs give.
pub struct Signature {
    /// Its name, for example `connection-refused`.
    pub id: &'static str,
    /// Whether a line gives it.
    pub says: fn(&Words<'_>) -> bool,
    /// What it is about: a host with its port, a path, a flag, a key.
    pub subject: fn(&Words<'_>) -> Option<String>,
    /// One sentence without a full stop; the subject may not be known.
    pub sentence: fn(Option<&str>) -> String,
    /// What it makes known.
    pub gives: Gives,
    /// Whether it only says that something went wrong, so that a line before it may say why.
    pub is_general: bool,
}

/// What a reason makes known of the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// What happened, and none of the classes.
    Words,
    /// A class, of which the owner of the process is to blame.
    Class(&'static str),
    /// Whom the process calls in vain.
    Callee,
    /// A name that does not resolve.
    Name,
    /// A path or a port that the process may not have.
    Permission,
    /// A path where no room is left.
    Room,
    /// A file that is not there.
    File,
    /// A certificate outside of its dates.
    Certificate,
    /// What an account may not do in the cluster.
    Right,
    /// A token that the API server does not take.
    Token,
    /// A program that is not there.
    Program,
    /// A program for another machine.
    Architecture,
    /// Processes or threads, of which there are too many.
    Processes,
}

/// Every reason, those that say most first.
pub const SIGNATURES: &[&[Signature]] =
    &[certificates::ROWS, providers::ROWS, data::ROWS, access::ROWS, files::ROWS, network::ROWS, process::ROWS];

/// The reason that a line gives.
pub(super) fn of_line(words: &Words<'_>) -> Option<&'static Signature> {
    SIGNATURES.iter().copied().flatten().find(|signature| (signature.says)(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn read(line: &str) -> Option<(&'static str, Option<String>)> {
        let words = Words::of(line);
        let signature = of_line(&words)?;
        Some((signature.id, (signature.subject)(&words)))
    }

    /// Lines as programs write them, with the reason and what it is about.
    const TELLING: &[(&str, &str, &str)] = &[
        ("wget: can't connect to remote host (10.77.0.1): Connection refused", "connection-refused", "10.77.0.1"),
        ("dial tcp 10.0.0.7:5432: connect: connection refused", "connection-refused", "10.0.0.7:5432"),
        ("Error: connect ECONNREFUSED 10.96.3.4:6379", "connection-refused", "10.96.3.4:6379"),
        (
            "psycopg2.OperationalError: connection to server at \"db\" (10.1.2.3), port 5432 failed: Connection refused",
            "connection-refused",
            "db:5432",
        ),
        (
            "could not connect to server: Connection refused (0x0000274D) Is the server running on host \"db.shop\"",
            "connection-refused",
            "db.shop",
        ),
        (
            "org.postgresql.util.PSQLException: Connection to db.shop.svc:5432 refused.",
            "connection-refused",
            "db.shop.svc:5432",
        ),
        (
            "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.",
            "connection-refused",
            "cache:6379",
        ),
        ("nc: connect to queue port 5672 (tcp) failed: Connection refused", "connection-refused", "queue:5672"),
        (
            "Get \"http://api.shop.svc.cluster.local:8080/health\": dial tcp 10.96.0.9:8080: i/o timeout",
            "connection-timed-out",
            "api.shop.svc.cluster.local:8080",
        ),
        (
            "curl: (28) Failed to connect to api port 8080 after 3000 ms: Connection timed out",
            "connection-timed-out",
            "api:8080",
        ),
        ("MongoServerSelectionError: connect ETIMEDOUT 10.1.1.1:27017", "connection-timed-out", "10.1.1.1:27017"),
        ("ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (115)", "connection-failed", "db:3306"),
        (
            "dial tcp: lookup db.shop.svc.cluster.local on 10.96.0.10:53: no such host",
            "name-not-resolved",
            "db.shop.svc.cluster.local",
        ),
        ("Error: getaddrinfo ENOTFOUND cache", "name-not-resolved", "cache"),
        ("java.net.UnknownHostException: kafka-0.kafka", "name-not-resolved", "kafka-0.kafka"),
        (
            "psql: error: could not translate host name \"db\" to address: Name or service not known",
            "name-not-resolved",
            "db",
        ),
        ("wget: bad address 'api:8080'", "name-not-resolved", "api"),
        ("listen tcp :8080: bind: address already in use", "port-in-use", "8080"),
        ("Error: listen EADDRINUSE: address already in use :::3000", "port-in-use", "3000"),
        ("OSError: [Errno 98] Address already in use", "port-in-use", ""),
        ("listen tcp :80: bind: permission denied", "port-not-permitted", "80"),
        ("Error: listen EACCES: permission denied 0.0.0.0:443", "port-not-permitted", "443"),
        ("PermissionError: [Errno 13] Permission denied: '/data/app.db'", "permission-denied", "/data/app.db"),
        ("open /var/log/app.log: permission denied", "permission-denied", "/var/log/app.log"),
        ("Error: EACCES: permission denied, mkdir '/app/cache'", "permission-denied", "/app/cache"),
        (
            "nginx: [emerg] mkdir() \"/var/cache/nginx/client_temp\" failed (30: Read-only file system)",
            "read-only",
            "/var/cache/nginx/client_temp",
        ),
        ("write /data/wal/0001: no space left on device", "no-room", "/data/wal/0001"),
        ("OSError: [Errno 28] No space left on device: '/dev/shm/x'", "no-room", "/dev/shm/x"),
        ("Error: Cannot find module '/app/server.js'", "module-missing", "/app/server.js"),
        ("ModuleNotFoundError: No module named 'flask'", "module-missing", "flask"),
        (
            "error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory",
            "module-missing",
            "libssl.so.3",
        ),
        ("open /etc/shop/config.yaml: no such file or directory", "file-missing", "/etc/shop/config.yaml"),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: '/run/secrets/key.pem'",
            "file-missing",
            "/run/secrets/key.pem",
        ),
        ("Error: ENOENT: no such file or directory, open '/app/.env'", "file-missing", "/app/.env"),
        ("sqlite3.OperationalError: database is locked", "database-locked", ""),
        ("accept4: too many open files", "open-files", ""),
        (
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time",
            "certificate-expired",
            "",
        ),
        ("Error: certificate has expired { code: 'CERT_HAS_EXPIRED' }", "certificate-expired", ""),
        (
            "Get \"https://vault:8200/v1\": x509: certificate signed by unknown authority",
            "certificate-untrusted",
            "vault:8200",
        ),
        ("sun.security.validator.ValidatorException: PKIX path building failed", "certificate-untrusted", ""),
        ("x509: certificate is valid for a.example.com, not b.example.com", "certificate-of-another", ""),
        ("FATAL:  password authentication failed for user \"shop\"", "credentials-refused", ""),
        ("Access denied for user 'shop'@'10.0.0.1' (using password: YES)", "credentials-refused", ""),
        ("WRONGPASS invalid username-password pair or user is disabled.", "credentials-refused", ""),
        ("openai.AuthenticationError: Error code: 401 - Incorrect API key provided", "provider-key-refused", ""),
        (
            "pods is forbidden: User \"system:serviceaccount:shop:web\" cannot list resource \"pods\" in API group \"\"",
            "right-missing",
            "system:serviceaccount:shop:web",
        ),
        ("the server has asked for the client to provide credentials", "token-refused", ""),
        ("FATAL: database \"shop\" does not exist", "database-missing", "shop"),
        ("ERROR: relation \"orders\" does not exist at character 15", "database-missing", "orders"),
        ("FATAL: sorry, too many clients already", "connections-used-up", ""),
        ("java.lang.OutOfMemoryError: Java heap space", "memory-used-up", "Java heap space"),
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "memory-used-up", ""),
        ("MemoryError", "memory-used-up", ""),
        ("RuntimeError: can't start new thread", "processes-used-up", ""),
        ("sh: fork: Resource temporarily unavailable", "processes-used-up", ""),
        ("Error: unknown flag: --lisen", "flag-unknown", "--lisen"),
        ("flag provided but not defined: -lisen", "flag-unknown", "-lisen"),
        ("server: error: unrecognized arguments: --lisen 8080", "flag-unknown", "--lisen"),
        ("error: unexpected argument '--lisen' found", "flag-unknown", "--lisen"),
        ("sh: 1: gunicorn: not found", "program-missing", "gunicorn"),
        ("/entrypoint.sh: line 7: exec: node: not found", "program-missing", "node"),
        ("bash: pnpm: command not found", "program-missing", "pnpm"),
        ("exec /app/server: exec format error", "program-foreign", "/app/server"),
        ("KeyError: 'DATABASE_URL'", "setting-missing", "DATABASE_URL"),
        ("Error: environment variable STRIPE_KEY is not set", "setting-missing", "STRIPE_KEY"),
        ("config error: yaml: line 12: mapping values are not allowed in this context", "configuration-unreadable", ""),
        ("anthropic.AuthenticationError: Error code: 401 - invalid x-api-key", "provider-key-refused", ""),
        ("openai.RateLimitError: Error code: 429 - You exceeded your current quota", "provider-limit-reached", ""),
        ("ERROR monthly token budget exhausted, refusing investigation", "provider-limit-reached", ""),
        ("sqlite3.DatabaseError: database disk image is malformed", "data-corrupted", ""),
        ("ERROR:  invalid page in block 12 of relation base/16384/2619", "data-corrupted", ""),
        ("Bad file format reading the append only file: make a backup of your AOF file", "data-corrupted", ""),
        ("LOG:  duration: 5023.114 ms  statement: SELECT * FROM orders", "queries-slow", "5023 ms"),
        ("ERROR:  canceling statement due to statement timeout", "queries-slow", ""),
        ("upgrade failed: websocket: the client is not using the websocket protocol", "websocket-refused", ""),
        ("WebSocket connection closed abnormally: code 1006", "websocket-refused", ""),
        ("error: open /root/.kube/config: no such file or directory", "kubeconfig-missing", "/root/.kube/config"),
        (
            "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER",
            "kubeconfig-missing",
            "",
        ),
        ("Asynchronous AOF fsync is taking too long (disk is busy?)", "storage-slow", ""),
        ("panic: runtime error: invalid memory address or nil pointer dereference", "crashed", ""),
        ("thread 'main' panicked at src/main.rs:12:5:", "crashed", ""),
        ("Segmentation fault (core dumped)", "crashed", ""),
    ];

    #[test]
    fn lines_of_many_languages_are_read() {
        for (line, id, subject) in TELLING {
            let expected = Some(*subject).filter(|it| !it.is_empty()).map(str::to_owned);
            assert_eq!(read(line), Some((*id, expected)), "{line}");
        }
    }

    #[test]
    fn every_row_is_told_of_once_and_has_a_line_that_shows_it() {
        let shown: BTreeSet<&str> = TELLING.iter().map(|(_, id, _)| *id).collect();
        let rows: Vec<&str> = SIGNATURES.iter().copied().flatten().map(|row| row.id).collect();
        assert_eq!(rows.iter().copied().collect::<BTreeSet<_>>(), shown);
        assert_eq!(rows.len(), shown.len());
    }

    #[test]
    fn what_is_fine_says_nothing() {
        for line in [
            "0 errors, 0 warnings",
            "error_rate=0 timeouts=0 refused=0",
            "GET /health 200 1ms",
            "listening on 0.0.0.0:8080",
            "connected to db:5432",
            "connection established after 3 retries",
            "certificate is valid until 2031",
            "loaded 12 modules, memory 64 MiB",
            "denied 0 requests, permission checks: ok",
            "checked for panics: none",
            "opened /data/app.db",
            "flags parsed: --listen",
            "user not found",
            "GET /favicon.ico 404 not found",
            "no expired certificates",
            "retry succeeded, no timeouts since",
            "database shop exists",
            "FileNotFoundHandler registered",
            "LOG:  duration: 12.114 ms  statement: SELECT 1",
            "websocket connection established",
            "no corruption detected in index",
            "kubeconfig loaded from /root/.kube/config",
            "token budget: 42000 remaining",
            "fsync took 3 ms",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
