//! What the programs said, as one answer.

use super::Came;
use super::target::{Asked, What};
use super::ways::{Tool, Way};
use crate::container_command::Said;
use serde::Deserialize;
use std::net::IpAddr;

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How it went.
    pub came: Came,
    /// What is known besides.
    pub facts: Facts,
    /// In the words of the program or of the server.
    pub detail: Option<String>,
}

/// What is known besides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// What the name was resolved to.
    pub addresses: Vec<String>,
    /// How long the connection took; of HTTP, the whole answer.
    pub milliseconds: Option<f64>,
    /// The status of HTTP.
    pub status: Option<u16>,
    /// The version that the server tells.
    pub version: Option<String>,
    /// Whether nobody looked at the certificate.
    pub is_certificate_unchecked: bool,
}

/// What a program was good for.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// It gave an answer.
    Answer(Answer),
    /// It cannot do what is wanted, and why; another one may.
    Useless(String),
}

/// A program that did not end in time: nothing came from where it asked, as far as is known.
pub fn late(asked: &Asked) -> Option<Answer> {
    (asked.what != What::Tcp && asked.what != What::Dns).then(|| Came::NotConnected.into())
}

/// Reads what a program said.
pub fn heard(asked: &Asked, way: &Way, said: &Said) -> Heard {
    let all = format!("{}\n{}", said.stderr, said.stdout);
    let answer = match way.tool {
        Tool::Getent => getent(said),
        Tool::Nslookup => nslookup(said.exit_code, &all),
        Tool::Python => python(asked, said),
        Tool::Curl => curl(said),
        Tool::Wget => wget(asked, said, &all),
        Tool::NetcatConnects => netcat_connects(said, &all),
        tool @ (Tool::Netcat | Tool::Bash) => talked(asked, tool, said, &all),
        Tool::PgIsready => pg_isready(said.exit_code, &all),
        Tool::RedisCli => redis_cli(said, &all),
    };
    answer.map_or_else(|| Heard::Useless(useless(way, said)), Heard::Answer)
}

fn useless(way: &Way, said: &Said) -> String {
    let why = said.failure().unwrap_or_else(|| "what it said is not understood".to_owned());
    format!("{}: {why}", way.tool.name())
}

impl From<Came> for Answer {
    fn from(came: Came) -> Self {
        Self { came, facts: Facts::default(), detail: None }
    }
}

impl Answer {
    fn with(mut self, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        self.detail = (!detail.is_empty()).then_some(detail);
        self
    }

    fn to(mut self, addresses: Vec<String>) -> Self {
        self.facts.addresses = addresses;
        self
    }
}

/// The last line that says something.
fn last(text: &str) -> String {
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty());
    line.unwrap_or_default().chars().filter(|it| !it.is_control()).take(300).collect()
}

/// The line that holds one of the words, in lower case; the words that programs and C libraries use.
fn line_with(text: &str, words: &[&str]) -> Option<String> {
    let has = |line: &&str| words.iter().any(|word| line.to_lowercase().contains(word));
    text.lines().find(has).map(last)
}

/// What the usual words for faults say, the narrowest first.
fn in_words(text: &str) -> Option<Answer> {
    const WORDS: [(&[&str], Came); 8] = [
        (&["no servers could be reached", "try again", "temporary failure in name"], Came::NoNameServer),
        (&["nxdomain", "name or service not known", "no address associated", "does not resolve"], Came::NoSuchName),
        (
            &[
                "bad address",
                "could not resolve",
                "unable to resolve",
                "can't resolve",
                "getaddrinfo",
                "could not translate",
            ],
            Came::Unresolved,
        ),
        (&["connection refused"], Came::Refused),
        (&["no route to host", "is unreachable", "host is down"], Came::Unreachable),
        (&["certificate", "handshake", "ssl error", "tls error", "ssl_client", "ssl routines"], Came::TlsFailed),
        (&["timed out", "timeout", "in progress"], Came::TimedOut),
        (&["reset by peer", "broken pipe", "empty reply", "unexpected eof", "server closed"], Came::Closed),
    ];
    let found = WORDS.iter().find_map(|(words, came)| Some((line_with(text, words)?, *came)));
    found.map(|(line, came)| Answer::from(came).with(line))
}

fn getent(said: &Said) -> Option<Answer> {
    let mut addresses: Vec<String> = Vec::new();
    for address in said.stdout.lines().filter_map(|line| line.split_whitespace().next()) {
        if address.parse::<IpAddr>().is_ok() && !addresses.iter().any(|it| it == address) {
            addresses.push(address.to_owned());
        }
    }
    match (said.exit_code, addresses.is_empty()) {
        (0, false) => Some(Answer::from(Came::Answered).to(addresses)),
        // It says so of a name that is not there, and of a name server that does not answer.
        (2, true) => Some(Came::Unresolved.into()),
        _ => None,
    }
}

fn nslookup(exit_code: i32, all: &str) -> Option<Answer> {
    let mut lines = all.lines().map(str::trim).skip_while(|line| !line.starts_with("Name:"));
    let of_line = |line: &str| {
        let (_, rest) = line.strip_prefix("Address").and_then(|rest| rest.split_once(':'))?;
        let address = rest.split_whitespace().next()?;
        address.parse::<IpAddr>().is_ok().then(|| address.to_owned())
    };
    let addresses: Vec<String> = lines.by_ref().filter_map(of_line).collect();
    if !addresses.is_empty() {
        return Some(Answer::from(Came::Answered).to(addresses));
    }
    let silent =
        ["no servers could be reached", "timed out", "write to", "communications error", "servfail", "refused"];
    if let Some(line) = line_with(all, &silent) {
        return Some(Answer::from(Came::NoNameServer).with(line));
    }
    if let Some(line) = line_with(all, &["nxdomain", "no answer", "does not resolve"]) {
        return Some(Answer::from(Came::NoSuchName).with(line));
    }
    line_with(all, &["can't resolve", "can't find"])
        .filter(|_| exit_code != 0)
        .map(|line| Answer::from(Came::Unresolved).with(line))
}

/// What our scripts write.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    addresses: Vec<String>,
    connected: Option<String>,
    milliseconds: Option<f64>,
    status: Option<u16>,
    reply: Option<String>,
    error: Option<String>,
    detail: Option<String>,
}

fn python(asked: &Asked, said: &Said) -> Option<Answer> {
    let written: Written = serde_json::from_str(said.stdout.trim()).ok()?;
    let detail = written.detail.unwrap_or_default();
    let mut answer = match (written.error.as_deref(), asked.what, &written.reply) {
        (Some(error), _, _) => Answer::from(of_word(error)).with(detail),
        (None, What::Http, _) => of_status(written.status?),
        (None, What::Postgres, reply) => postgres(reply.as_deref().unwrap_or_default()),
        (None, What::Redis, reply) => redis(reply.as_deref().unwrap_or_default()),
        (None, What::Tcp, _) if written.connected.is_some() => Came::Answered.into(),
        (None, What::Dns, _) if !written.addresses.is_empty() => Came::Answered.into(),
        _ => return None,
    };
    answer.facts.addresses = written.addresses;
    answer.facts.milliseconds = written.milliseconds.filter(|it| it.is_finite());
    Some(answer)
}

fn of_word(error: &str) -> Came {
    match error {
        "noname" => Came::NoSuchName,
        "again" => Came::NoNameServer,
        "name" => Came::Unresolved,
        "refused" => Came::Refused,
        "timeout" => Came::TimedOut,
        "unreachable" => Came::Unreachable,
        "tls" => Came::TlsFailed,
        "closed" => Came::Closed,
        _ => Came::NotConnected,
    }
}

/// An error of the server is one; that something is not there, or not for everybody, is an answer.
fn of_status(status: u16) -> Answer {
    let mut answer = Answer::from(if status >= 500 { Came::Rejected } else { Came::Answered });
    answer.facts.status = Some(status);
    answer
}

fn curl(said: &Said) -> Option<Answer> {
    let words: Vec<&str> = said.stdout.split_whitespace().collect();
    let number = |index: usize| words.get(index).and_then(|word| word.parse::<f64>().ok());
    let status = words.first().and_then(|word| word.parse::<u16>().ok()).filter(|it| *it >= 100);
    let complaint = last(&said.stderr);
    let mut answer = match said.exit_code {
        // The headers came, and only the body did not end.
        0 | 18 | 28 | 56 if status.is_some() => of_status(status?),
        6 => Answer::from(Came::Unresolved).with(complaint),
        7 => in_words(&said.stderr).unwrap_or_else(|| Answer::from(Came::NotConnected).with(complaint)),
        28 if number(1).is_some_and(|it| it <= 0.0) && complaint.to_lowercase().contains("resolv") => {
            Answer::from(Came::NoNameServer).with(complaint)
        }
        28 => Answer::from(Came::TimedOut).with(complaint),
        35 | 51 | 53 | 54 | 58 | 59 | 60 | 64 | 66 | 80 | 82 | 83 | 90 | 91 => {
            Answer::from(Came::TlsFailed).with(complaint)
        }
        1 | 8 | 16 | 18 | 52 | 55 | 56 | 92 => Answer::from(Came::Closed).with(complaint),
        _ => return None,
    };
    answer.facts.milliseconds = answer.facts.status.and_then(|_| number(4)).map(|seconds| seconds * 1000.0);
    let address = words.get(5).filter(|it| it.parse::<IpAddr>().is_ok());
    answer.facts.addresses = address.map(|it| (*it).to_owned()).into_iter().collect();
    Some(answer)
}

fn wget(asked: &Asked, said: &Said, all: &str) -> Option<Answer> {
    let of_line = |line: &str| {
        let (_, rest) = line.split_once("HTTP/")?;
        let (_, rest) = rest.split_once(' ')?;
        rest.get(..3)?.parse::<u16>().ok().filter(|it| *it >= 100)
    };
    // It follows redirections: the first answer is the one of whoever was asked.
    let mut answer = match all.lines().find_map(of_line) {
        Some(status) => of_status(status),
        None if said.exit_code == 0 => return None,
        None => in_words(all)?,
    };
    answer.facts.is_certificate_unchecked = asked.is_tls() && all.contains("validation not implemented");
    Some(answer)
}

/// A program that does not know an option says how it is called.
fn is_called_wrongly(all: &str) -> bool {
    let words = ["invalid option", "unrecognized option", "unknown option", "illegal option", "usage:"];
    line_with(all, &words).is_some()
}

fn netcat_connects(said: &Said, all: &str) -> Option<Answer> {
    match said.exit_code {
        0 => Some(Came::Answered.into()),
        _ if is_called_wrongly(all) => None,
        _ => in_words(all),
    }
}

/// What `timeout` ends with when it cannot run the program.
const UNABLE: [i32; 3] = [125, 126, 127];

/// What `timeout` ends with when it had to end the program: 143 is that of BusyBox.
const ENDED: [i32; 2] = [124, 143];

fn talked(asked: &Asked, tool: Tool, said: &Said, all: &str) -> Option<Answer> {
    if UNABLE.contains(&said.exit_code) || said.exit_code != 0 && is_called_wrongly(all) {
        return None;
    }
    let is_ended = ENDED.contains(&said.exit_code);
    match asked.what {
        What::Postgres if !said.stdout.is_empty() => Some(postgres(&said.stdout)),
        What::Redis if !said.stdout.is_empty() => Some(redis(&said.stdout)),
        // Some say nothing of a connection that they do not get.
        _ if said.exit_code != 0 && all.trim().is_empty() && !is_ended => Some(Came::NotConnected.into()),
        _ if said.exit_code != 0 && !is_ended => in_words(all),
        What::Postgres | What::Redis if is_ended && tool == Tool::Bash => Some(Came::NotConnected.into()),
        What::Postgres | What::Redis => Some(Answer::from(Came::Closed).with("nothing was said")),
        // bash says when it is connected; netcat gives up before it is ended where it is not.
        What::Tcp if is_ended && tool == Tool::Bash => Some(Came::TimedOut.into()),
        What::Tcp => Some(Came::Answered.into()),
        What::Dns | What::Http => None,
    }
}

fn pg_isready(exit_code: i32, all: &str) -> Option<Answer> {
    let said = last(all);
    match exit_code {
        0 => Some(Answer::from(Came::Answered).with(said)),
        1 => Some(Answer::from(Came::Rejected).with("it starts, stops or recovers, and takes no connection")),
        2 => Some(Answer::from(Came::NotConnected).with(said)),
        _ => None,
    }
}

fn redis_cli(said: &Said, all: &str) -> Option<Answer> {
    if let Some(answer) = in_words(all).filter(|_| line_with(all, &["could not connect"]).is_some()) {
        return Some(answer);
    }
    match said.stdout.trim() {
        "" => None,
        reply => Some(redis(reply)),
    }
}

/// What a PostgreSQL server says to a greeting: what it wants for a login, or why it takes none
/// (<https://www.postgresql.org/docs/current/protocol-error-fields.html>).
fn postgres(reply: &str) -> Answer {
    let fields: Vec<&str> = reply.split('\0').collect();
    let field = |letter: char| fields.iter().find_map(|it| it.strip_prefix(letter)).unwrap_or_default().to_owned();
    match reply.chars().next() {
        None => Answer::from(Came::Closed).with("nothing was said"),
        Some('R') => Answer::from(Came::Answered).with("it takes connections, and asks for a login"),
        Some('E') => {
            let (code, message) = (field('C'), last(&field('M')));
            // It does not start, shut down, or have too many of them.
            let is_rejected = code.starts_with("57P") || code.starts_with("53");
            let came = if is_rejected { Came::Rejected } else { Came::Answered };
            Answer::from(came).with(format!("{message} ({code})"))
        }
        Some(_) => Answer::from(Came::Closed).with("what came is no answer of PostgreSQL"),
    }
}

fn redis(reply: &str) -> Answer {
    let lines = || reply.lines().map(str::trim).filter(|line| !line.is_empty());
    let bare = |line: &str| line.trim_start_matches(['+', '-']).to_owned();
    let first = lines().next().map(bare).unwrap_or_default();
    let mut answer = match first.split_whitespace().next().unwrap_or_default() {
        "PONG" => Answer::from(Came::Answered).with("PONG"),
        "NOAUTH" | "NOPERM" | "ERR" | "(error)" | "DENIED" => Answer::from(Came::Answered).with(last(&first)),
        "LOADING" | "MASTERDOWN" | "MISCONF" | "BUSY" | "CLUSTERDOWN" => {
            Answer::from(Came::Rejected).with(last(&first))
        }
        _ => Answer::from(Came::Closed).with("what came is no answer of Redis"),
    };
    answer.facts.version = lines().find_map(|line| line.strip_prefix("redis_version:")).map(last);
    answer
}

#[cfg(test)]
mod tests {
    use super::super::{asked, ways, why_unresolved};
    use super::*;

    /// What a program comes to that ends so and says this.
    fn says(what: What, typed: &str, tool: Tool, (exit_code, stdout, stderr): (i32, &str, &str)) -> Option<Answer> {
        let asked = asked(what, typed).expect("a target");
        let mut all = ways(&asked).into_iter().chain(why_unresolved(&asked));
        let way = all.find(|way| way.tool == tool).expect("such a way");
        let said = Said { exit_code, stdout: stdout.to_owned(), stderr: stderr.to_owned(), is_cut: false };
        match heard(&asked, &way, &said) {
            Heard::Answer(answer) => Some(answer),
            Heard::Useless(_) => None,
        }
    }

    fn came(what: What, typed: &str, tool: Tool, said: (i32, &str, &str)) -> Option<Came> {
        says(what, typed, tool, said).map(|it| it.came)
    }

    #[test]
    fn names_are_resolved_or_not_and_it_is_told_why() {
        let of = |tool, said| came(What::Dns, "db.shop", tool, said);
        let found =
            says(What::Dns, "db.shop", Tool::Getent, (0, "10.0.0.1 STREAM db\n10.0.0.1 DGRAM\nfd00::1 STREAM\n", ""));
        assert_eq!(found.map(|it| it.facts.addresses), Some(vec!["10.0.0.1".to_owned(), "fd00::1".to_owned()]));
        assert_eq!(of(Tool::Getent, (2, "", "")), Some(Came::Unresolved));
        assert_eq!(of(Tool::Getent, (1, "", "getent: Unknown database: ahosts")), None);
        let busybox = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tdb.shop\nAddress: 10.0.0.7\n";
        let found = says(What::Dns, "db.shop", Tool::Nslookup, (0, busybox, ""));
        assert_eq!(found.map(|it| it.facts.addresses), Some(vec!["10.0.0.7".to_owned()]));
        let none = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find db.shop: NXDOMAIN\n";
        assert_eq!(of(Tool::Nslookup, (1, none, "")), Some(Came::NoSuchName));
        let silent = ";; connection timed out; no servers could be reached\n";
        assert_eq!(of(Tool::Nslookup, (1, silent, "")), Some(Came::NoNameServer));
        let refused =
            "nslookup: write to '127.0.0.1': Connection refused\n;; connection timed out; no servers could be reached";
        assert_eq!(of(Tool::Nslookup, (1, "", refused)), Some(Came::NoNameServer));
        assert_eq!(of(Tool::Nslookup, (139, "", "")), None);
        assert_eq!(of(Tool::Python, (0, r#"{"error": "again", "detail": "x"}"#, "")), Some(Came::NoNameServer));
        assert_eq!(of(Tool::Python, (1, "", "SyntaxError")), None);
    }

    #[test]
    fn a_connection_is_made_or_not() {
        let of = |tool, said| came(What::Tcp, "db.shop:5432", tool, said);
        let busybox = (1, "", "nc: can't connect to remote host (10.0.0.1): Connection refused");
        assert_eq!(of(Tool::Netcat, busybox), Some(Came::Refused));
        assert_eq!(of(Tool::Netcat, (1, "", "nc: bad address 'db.shop'")), Some(Came::Unresolved));
        assert_eq!(of(Tool::Netcat, (1, "", "nc: timed out")), Some(Came::TimedOut));
        assert_eq!(of(Tool::Netcat, (0, "", "")), Some(Came::Answered));
        assert_eq!(of(Tool::Netcat, (143, "", "Terminated")), Some(Came::Answered));
        assert_eq!(of(Tool::Netcat, (1, "", "")), Some(Came::NotConnected));
        let no_z = (1, "", "nc: invalid option -- 'z'\nUsage: nc [-iN]");
        assert_eq!(of(Tool::NetcatConnects, no_z), None);
        let open = (0, "", "Connection to db.shop (10.0.0.1) 5432 port [tcp/*] succeeded!");
        assert_eq!(of(Tool::NetcatConnects, open), Some(Came::Answered));
        let bsd = (1, "", "nc: connect to db.shop (10.0.0.1) port 5432 (tcp) timed out: Operation now in progress");
        assert_eq!(of(Tool::NetcatConnects, bsd), Some(Came::TimedOut));
        assert_eq!(of(Tool::Bash, (0, "connected\n", "")), Some(Came::Answered));
        assert_eq!(of(Tool::Bash, (124, "", "")), Some(Came::TimedOut));
        let bash = (1, "", "bash: connect: No route to host\nbash: line 1: /dev/tcp/db.shop/5432: No route to host");
        assert_eq!(of(Tool::Bash, bash), Some(Came::Unreachable));
        assert_eq!(of(Tool::Bash, (127, "", "timeout: can't execute 'bash': No such file or directory")), None);
        let python = r#"{"addresses": ["10.0.0.1"], "connected": "10.0.0.1", "milliseconds": 1.5}"#;
        let answer = says(What::Tcp, "db.shop:5432", Tool::Python, (0, python, "")).expect("an answer");
        assert_eq!((answer.came, answer.facts.milliseconds), (Came::Answered, Some(1.5)));
    }

    #[test]
    fn an_error_of_the_server_is_no_answer_and_a_closed_door_is_one() {
        let of = |tool, said| came(What::Http, "http://api.shop/health", tool, said);
        let curl = |status: &str| format!("{status} 0.001 0.002 0.000 0.050 10.0.0.1\n");
        let answer = says(What::Http, "http://a/", Tool::Curl, (0, &curl("404"), "")).expect("an answer");
        assert_eq!(
            (answer.came, answer.facts.status, answer.facts.milliseconds),
            (Came::Answered, Some(404), Some(50.0))
        );
        assert_eq!(came(What::Http, "http://a/", Tool::Curl, (0, &curl("503"), "")), Some(Came::Rejected));
        let none = "000 0.000 0.000 0.000 5.001 \n";
        assert_eq!(of(Tool::Curl, (28, none, "curl: (28) Connection timed out after 5001 ms")), Some(Came::TimedOut));
        assert_eq!(
            of(Tool::Curl, (28, none, "curl: (28) Resolving timed out after 5001 ms")),
            Some(Came::NoNameServer)
        );
        assert_eq!(of(Tool::Curl, (7, none, "curl: (7) Couldn't connect to server")), Some(Came::NotConnected));
        assert_eq!(of(Tool::Curl, (60, none, "curl: (60) SSL certificate problem")), Some(Came::TlsFailed));
        assert_eq!(
            of(Tool::Curl, (77, none, "curl: (77) error setting certificate file")),
            None,
            "it has no authorities"
        );
        assert_eq!(of(Tool::Curl, (52, none, "curl: (52) Empty reply from server")), Some(Came::Closed));
        let wget = "Connecting to a (10.0.0.1:80)\n  HTTP/1.1 500 Internal Server Error\nwget: server returned error: HTTP/1.1 500";
        assert_eq!(of(Tool::Wget, (1, "", wget)), Some(Came::Rejected));
        let late = "Connecting to tls.shop (10.0.0.1:80)\nwget: download timed out";
        assert_eq!(of(Tool::Wget, (1, "", late)), Some(Came::TimedOut));
        assert_eq!(of(Tool::Wget, (139, "", "")), None);
        let note = "wget: note: TLS certificate validation not implemented\n  HTTP/1.1 200 OK\n";
        let answer = says(What::Http, "https://a/", Tool::Wget, (0, "", note)).expect("an answer");
        assert!(answer.facts.is_certificate_unchecked && answer.came == Came::Answered);
    }

    #[test]
    fn a_database_that_asks_for_a_login_answers_and_one_that_starts_does_not() {
        let of = |tool, said| came(What::Postgres, "db.shop", tool, said);
        assert_eq!(of(Tool::Netcat, (0, "R\0\0\0\u{8}\0\0\0\u{5}abcd", "")), Some(Came::Answered));
        let starts = "E\0\0\0aSFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0";
        let answer = says(What::Postgres, "db.shop", Tool::Netcat, (0, starts, "")).expect("an answer");
        assert_eq!(
            (answer.came, answer.detail.as_deref()),
            (Came::Rejected, Some("the database system is starting up (57P03)"))
        );
        let unknown = "E\0\0\0aSFATAL\0C28000\0Mrole \"kubectl_sre\" does not exist\0";
        assert_eq!(of(Tool::Netcat, (0, unknown, "")), Some(Came::Answered));
        assert_eq!(of(Tool::Netcat, (0, "-ERR unknown command\r\n", "")), Some(Came::Closed));
        assert_eq!(of(Tool::PgIsready, (0, "db.shop:5432 - accepting connections\n", "")), Some(Came::Answered));
        assert_eq!(of(Tool::PgIsready, (2, "db.shop:5432 - no response\n", "")), Some(Came::NotConnected));
    }

    #[test]
    fn a_redis_that_wants_a_password_answers_and_one_that_loads_does_not() {
        let of = |tool, said| came(What::Redis, "cache.shop", tool, said);
        let answer = says(What::Redis, "cache", Tool::Netcat, (0, "+PONG\r\n$9\r\nredis_version:7.2.4\r\n+OK\r\n", ""));
        assert_eq!(answer.map(|it| (it.came, it.facts.version)), Some((Came::Answered, Some("7.2.4".to_owned()))));
        assert_eq!(of(Tool::Netcat, (0, "-NOAUTH Authentication required.\r\n", "")), Some(Came::Answered));
        assert_eq!(of(Tool::Netcat, (0, "-LOADING Redis is loading\r\n", "")), Some(Came::Rejected));
        assert_eq!(of(Tool::RedisCli, (0, "PONG\n# Server\nredis_version:7.2.4\n", "")), Some(Came::Answered));
        let refused = (1, "", "Could not connect to Redis at cache.shop:6379: Connection refused");
        assert_eq!(of(Tool::RedisCli, refused), Some(Came::Refused));
        assert_eq!(of(Tool::Netcat, (0, "HTTP/1.1 400 Bad Request\r\n", "")), Some(Came::Closed));
    }
}
