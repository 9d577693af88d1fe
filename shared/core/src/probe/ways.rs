//! The programs that can ask, each with the words that it is called with.
//!
//! What an image has is found out by calling it: the first that is there, and does what is wanted, is heard.

use super::target::{Asked, What};

/// How long a connection may take, in seconds.
const CONNECT: &str = "5";
/// How long a program may take that has no limit of its own, in seconds.
const WHOLE: &str = "8";

/// A program that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The resolver of the C library, as programs use it.
    Getent,
    /// A name server, asked directly.
    Nslookup,
    /// Python 3 with a script of ours.
    Python,
    /// curl.
    Curl,
    /// wget, of GNU or of BusyBox.
    Wget,
    /// netcat, which only connects.
    NetcatConnects,
    /// netcat, which says something and shows what comes.
    Netcat,
    /// bash with its `/dev/tcp`.
    Bash,
    /// What PostgreSQL brings along.
    PgIsready,
    /// What Redis brings along.
    RedisCli,
}

impl Tool {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Getent => "getent",
            Self::Nslookup => "nslookup",
            Self::Python => "python3",
            Self::Curl => "curl",
            Self::Wget => "wget",
            Self::NetcatConnects | Self::Netcat => "nc",
            Self::Bash => "bash",
            Self::PgIsready => "pg_isready",
            Self::RedisCli => "redis-cli",
        }
    }
}

/// A way to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What asks.
    pub tool: Tool,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// What it reads from its standard input.
    pub input: Option<String>,
}

fn way(tool: Tool, words: &[&str], input: Option<String>) -> Way {
    Way { tool, words: words.iter().map(|word| (*word).to_owned()).collect(), input }
}

/// All ways to ask, the one that tells most first.
pub fn ways(asked: &Asked) -> Vec<Way> {
    match asked.what {
        What::Dns => vec![
            way(Tool::Getent, &["getent", "ahosts", &asked.host], None),
            python(RESOLVES, &[&asked.host], None),
            nslookup(&asked.host),
        ],
        What::Http => vec![curl(&asked.target), python(GETS, &[&asked.target, CONNECT], None), wget(&asked.target)],
        What::Tcp => talks(asked, None),
        What::Postgres => {
            let port = asked.port.to_string();
            let ready = ["pg_isready", "-h", &asked.host, "-p", &port, "-t", CONNECT];
            let mut all = vec![way(Tool::PgIsready, &ready, None)];
            all.extend(talks(asked, Some(startup_message())));
            all
        }
        What::Redis => {
            let port = asked.port.to_string();
            let input = || Some("PING\r\nINFO server\r\nQUIT\r\n".to_owned());
            let mut all = vec![way(Tool::RedisCli, &["redis-cli", "-h", &asked.host, "-p", &port], input())];
            all.extend(talks(asked, input()));
            all
        }
    }
}

/// What tells why a name was not resolved, where the resolver of the C library does not.
pub fn why_unresolved(asked: &Asked) -> Vec<Way> {
    vec![python(RESOLVES, &[&asked.host], None), nslookup(&asked.host)]
}

/// The same question about each name that a resolver would try, in its order; `resolv` is the pod's own
/// `/etc/resolv.conf`. The nslookup of BusyBox heeds no search list where a name has a dot.
pub fn searched(asked: &Asked, resolv: &str) -> Vec<Way> {
    let option = |text: &str| text.strip_prefix("ndots:").and_then(|number| number.parse::<usize>().ok());
    let (mut search, mut dots) = (Vec::new(), 1);
    for line in resolv.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("search" | "domain") => search = words.collect(),
            Some("options") => dots = words.find_map(option).unwrap_or(dots),
            _ => {}
        }
    }
    let is_name = |suffix: &&str| super::asked(What::Dns, suffix).is_ok();
    let name = &asked.host;
    let longer = search.into_iter().filter(is_name).map(|suffix| format!("{name}.{suffix}"));
    let mut names: Vec<String> = if name.ends_with('.') { Vec::new() } else { longer.take(6).collect() };
    if name.matches('.').count() >= dots {
        names.insert(0, name.clone())
    } else {
        names.push(name.clone())
    }
    names.iter().map(|name| nslookup(name)).collect()
}

fn nslookup(name: &str) -> Way {
    way(Tool::Nslookup, &["nslookup", name], None)
}

fn python(script: &str, arguments: &[&str], input: Option<String>) -> Way {
    way(Tool::Python, &[&["python3", "-I", "-S", "-c", script], arguments].concat(), input)
}

fn curl(url: &str) -> Way {
    const WANTED: &str =
        "%{http_code} %{time_namelookup} %{time_connect} %{time_appconnect} %{time_total} %{remote_ip}\\n";
    let limits = ["--connect-timeout", CONNECT, "--max-time", WHOLE, "--proto", "=http,https", "--globoff"];
    let output = ["-o", "/dev/null", "-w", WANTED, "--url", url];
    way(Tool::Curl, &[&["curl", "-q", "-s", "-S"], &limits[..], &output].concat(), None)
}

fn wget(url: &str) -> Way {
    way(Tool::Wget, &["wget", "-S", "-t", "1", "-T", CONNECT, "-O", "/dev/null", url], None)
}

/// Ways to connect and, where there is something to say, to say it and to show what comes.
fn talks(asked: &Asked, says: Option<String>) -> Vec<Way> {
    let (host, port) = (asked.host.as_str(), asked.port.to_string());
    let mut all = vec![python(TALKS, &[host, &port, CONNECT], says.clone())];
    if says.is_none() {
        all.push(way(Tool::NetcatConnects, &["nc", "-z", "-v", "-w", CONNECT, host, &port], None));
    }
    // A server that says nothing and does not hang up would keep it for ever.
    let netcat = ["timeout", WHOLE, "nc", "-w", CONNECT, host, &port];
    let script = if says.is_some() { BASH_TALKS } else { BASH_CONNECTS };
    let bash = ["timeout", WHOLE, "bash", "--norc", "--noprofile", "-c", script, "bash", host, &port];
    all.push(way(Tool::Bash, &bash, says.clone()));
    all.push(way(Tool::Netcat, &netcat, Some(says.unwrap_or_default())));
    all
}

/// A client says hello, for a user that need not exist: the answer comes before any login
/// (<https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-STARTUPMESSAGE>).
fn startup_message() -> String {
    let body = "\0\u{3}\0\0user\0kubectl_sre\0database\0postgres\0\0";
    let length = u8::try_from(body.len() + 4).unwrap_or_default();
    format!("\0\0\0{}{body}", char::from(length))
}

/// The words behind the script are its data.
const BASH_CONNECTS: &str = "exec 3<>\"/dev/tcp/$1/$2\" && echo connected";

/// A part ends at a zero byte, which a variable cannot hold.
const BASH_TALKS: &str = "exec 3<>\"/dev/tcp/$1/$2\" || exit 1; cat >&3; \
    while IFS= read -r -t 2 -d '' -u 3 part; do printf '%s\\0' \"$part\"; done; printf '%s' \"$part\"";

/// Resolves a name as programs do; writes one JSON object.
const RESOLVES: &str = r#"
import json, socket, sys
try:
    found = socket.getaddrinfo(sys.argv[1], None, type=socket.SOCK_STREAM)
    print(json.dumps({"addresses": sorted({one[4][0] for one in found})}))
except socket.gaierror as fault:
    word = {socket.EAI_NONAME: "noname", socket.EAI_AGAIN: "again"}.get(fault.errno, "name")
    print(json.dumps({"error": word, "detail": str(fault)}))
"#;

/// How a script of Python tells why there was no connection.
macro_rules! faults {
    () => {
        r#"except socket.gaierror as fault:
    word = {socket.EAI_NONAME: "noname", socket.EAI_AGAIN: "again"}.get(fault.errno, "name")
    out.update(error=word, detail=str(fault))
except ConnectionRefusedError as fault:
    out.update(error="refused", detail=str(fault))
except (socket.timeout, TimeoutError) as fault:
    out.update(error="timeout", detail=str(fault))
except OSError as fault:
    away = (errno.EHOSTUNREACH, errno.ENETUNREACH)
    out.update(error="unreachable" if fault.errno in away else "other", detail=str(fault))
"#
    };
}

/// Connects, says what it reads, and shows what comes; writes one JSON object.
const TALKS: &str = concat!(
    r#"
import errno, json, socket, sys, time
host, port, wait = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
says, out = sys.stdin.buffer.read(), {}
try:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    out["addresses"] = sorted({one[4][0] for one in found})
    for number, (family, kind, proto, _, address) in enumerate(found):
        line = socket.socket(family, kind, proto)
        line.settimeout(wait / len(found))
        start = time.monotonic()
        try:
            line.connect(address)
        except OSError:
            if number + 1 == len(found):
                raise
            continue
        out["connected"], out["milliseconds"] = address[0], (time.monotonic() - start) * 1000
        break
    if says:
        line.sendall(says)
        line.settimeout(wait)
        came = b""
        try:
            while len(came) < 65536:
                more = line.recv(4096)
                if not more:
                    break
                came += more
                line.settimeout(0.5)
        except OSError:
            pass
        out["reply"] = came.decode("latin-1")
"#,
    faults!(),
    "print(json.dumps(out))\n"
);

/// Gets a URL and follows no redirection; writes one JSON object.
const GETS: &str = concat!(
    r#"
import errno, json, socket, ssl, sys, time, urllib.error, urllib.request
class Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
out, start = {}, time.monotonic()
try:
    try:
        answer = urllib.request.build_opener(Stays).open(sys.argv[1], timeout=float(sys.argv[2]))
        out["status"] = answer.status
    except urllib.error.HTTPError as fault:
        out["status"] = fault.code
    except urllib.error.URLError as fault:
        raise fault.reason if isinstance(fault.reason, BaseException) else OSError(str(fault.reason))
    out["milliseconds"] = (time.monotonic() - start) * 1000
except ssl.SSLError as fault:
    out.update(error="tls", detail=str(fault))
"#,
    faults!(),
    r#"except Exception as fault:
    out.update(error="closed", detail=str(fault))
print(json.dumps(out))
"#
);

#[cfg(test)]
mod tests {
    use super::super::asked;
    use super::*;

    #[test]
    fn what_was_typed_is_a_word_of_its_own_and_no_part_of_a_script() {
        for (what, typed) in [
            (What::Dns, "db.shop"),
            (What::Http, "http://api.shop/$(id)"),
            (What::Tcp, "db.shop:99"),
            (What::Postgres, "db.shop"),
            (What::Redis, "db.shop"),
        ] {
            let asked = asked(what, typed).expect("a target");
            for way in ways(&asked) {
                let data = [asked.host.as_str(), asked.target.as_str()];
                let with = way.words.iter().filter(|word| word.contains("shop"));
                assert!(with.clone().count() == 1 && with.clone().all(|it| data.contains(&it.as_str())), "{way:?}");
            }
        }
    }

    #[test]
    fn a_short_name_is_looked_for_where_a_resolver_would_look() {
        let resolv = "nameserver 10.96.0.10\nsearch shop.svc.cluster.local svc.cluster.local -x\noptions ndots:5\n";
        let names = |typed: &str, resolv: &str| {
            let all = searched(&asked(What::Dns, typed).expect("a name"), resolv);
            all.into_iter().map(|way| way.words[1].clone()).collect::<Vec<_>>()
        };
        let expected = ["db.shop.shop.svc.cluster.local", "db.shop.svc.cluster.local", "db.shop"];
        assert_eq!(names("db.shop", resolv), expected);
        assert_eq!(names("db.shop.", resolv), ["db.shop."]);
        assert_eq!(names("db.shop", "search a.example\n"), ["db.shop", "db.shop.a.example"]);
        assert_eq!(names("db", ""), ["db"]);
    }

    #[test]
    fn the_greeting_of_a_client_says_how_long_it_is() {
        let message = startup_message();
        assert_eq!(message.as_bytes()[..8], [0, 0, 0, u8::try_from(message.len()).expect("short"), 0, 3, 0, 0]);
    }
}
