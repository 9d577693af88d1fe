//! What is asked for, as it was typed.

use crate::redaction::is_confidential;

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A name is resolved.
    Dns,
    /// A URL is got.
    Http,
    /// A connection is made.
    Tcp,
    /// A PostgreSQL server is asked whether it takes connections.
    Postgres,
    /// A Redis server is asked for a sign of life.
    Redis,
}

impl What {
    /// The word that is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    fn default_port(self) -> Option<u16> {
        match self {
            Self::Postgres => Some(5432),
            Self::Redis => Some(6379),
            _ => None,
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is spoken.
    pub what: What,
    /// The name, the URL, or host and port.
    pub target: String,
    /// The host; an IPv6 address without its brackets.
    pub host: String,
    /// The port; 0 where only a name is asked for.
    pub port: u16,
}

impl Asked {
    /// The same host asked otherwise, to know why there was no answer.
    pub fn as_what(&self, what: What) -> Self {
        let target = match (what, self.host.contains(':')) {
            (What::Dns, _) => self.host.clone(),
            (_, false) => format!("{}:{}", self.host, self.port),
            (_, true) => format!("[{}]:{}", self.host, self.port),
        };
        Self { what, target, ..self.clone() }
    }

    /// Whether the host is an address, which nobody has to resolve.
    pub fn is_address(&self) -> bool {
        self.host.parse::<std::net::IpAddr>().is_ok()
    }

    /// Whether it is spoken through TLS.
    pub fn is_tls(&self) -> bool {
        self.what == What::Http && self.target.starts_with("https:")
    }
}

/// Reads what was typed.
///
/// # Errors
/// Says what it must look like.
pub fn asked(what: What, typed: &str) -> Result<Asked, String> {
    match what {
        What::Http => of_url(typed),
        What::Dns => of_name(typed),
        What::Tcp | What::Postgres | What::Redis => {
            let (host, port) = host_and_port(typed, what.default_port())?;
            Ok(Asked { what, target: String::new(), host, port }.as_what(what))
        }
    }
}

fn of_name(typed: &str) -> Result<Asked, String> {
    let host = name(typed)?;
    let asked = Asked { what: What::Dns, target: host.clone(), host, port: 0 };
    if asked.is_address() {
        return Err(format!("{typed} is an address already; a name is wanted"));
    }
    Ok(asked)
}

fn of_url(typed: &str) -> Result<Asked, String> {
    let wrong = || format!("{typed:?} is no address; http://HOST[:PORT]/PATH or https://... is wanted");
    let is_plain = typed.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte));
    let (scheme, rest) = typed.split_once("://").filter(|_| is_plain && typed.len() <= 2048).ok_or_else(wrong)?;
    let port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(wrong()),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err(
            "the address holds a login, which everybody would see who may list processes; leave it out".to_owned()
        );
    }
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let secret = query.split(['&', ';']).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        (!value.is_empty() && is_confidential(name, None)).then_some(name)
    });
    if let Some(name) = secret {
        return Err(format!("the value of {name} would be seen by everybody who may list processes; leave it out"));
    }
    let (host, port) = host_and_port(authority, Some(port))?;
    Ok(Asked { what: What::Http, target: typed.to_owned(), host, port })
}

fn host_and_port(typed: &str, default: Option<u16>) -> Result<(String, u16), String> {
    let wrong = || match default {
        Some(port) => format!("{typed:?} is no target; HOST[:PORT] is wanted, the port is {port} without it"),
        None => format!("{typed:?} is no target; HOST:PORT is wanted"),
    };
    let (host, port) = match typed.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or_else(wrong)?;
            let address: std::net::Ipv6Addr = host.parse().map_err(|_| wrong())?;
            (address.to_string(), if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or_else(wrong)?) })
        }
        None => {
            let (host, port) = typed.split_once(':').map_or((typed, None), |(host, port)| (host, Some(port)));
            (name(host).map_err(|_| wrong())?, port)
        }
    };
    let port = match port {
        Some(port) => port.parse::<u16>().ok().filter(|it| *it > 0).ok_or_else(wrong)?,
        None => default.ok_or_else(wrong)?,
    };
    Ok((host, port))
}

/// A name, or an IPv4 address, that no program can take for an option.
fn name(typed: &str) -> Result<String, String> {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    let bare = typed.strip_suffix('.').unwrap_or(typed);
    if bare.len() <= 253 && bare.split('.').all(label) {
        return Ok(typed.to_owned());
    }
    Err(format!("{typed:?} is no name of a host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(what: What, typed: &str) -> Option<(String, u16)> {
        asked(what, typed).ok().map(|it| (it.host, it.port))
    }

    fn host(name: &str, port: u16) -> Option<(String, u16)> {
        Some((name.to_owned(), port))
    }

    #[test]
    fn targets_are_names_addresses_and_urls() {
        assert_eq!(read(What::Dns, "db.shop.svc"), host("db.shop.svc", 0));
        assert_eq!(read(What::Tcp, "db:5433"), host("db", 5433));
        assert_eq!(read(What::Postgres, "db"), host("db", 5432));
        assert_eq!(read(What::Redis, "[::1]"), host("::1", 6379));
        assert_eq!(read(What::Http, "https://api.shop/health?full=1"), host("api.shop", 443));
        assert_eq!(read(What::Http, "http://10.0.0.1:8080"), host("10.0.0.1", 8080));
        let six = asked(What::Redis, "[::1]").expect("a target");
        assert_eq!((six.target.as_str(), six.is_address()), ("[::1]:6379", true));
        assert_eq!(six.as_what(What::Tcp).target, "[::1]:6379");
    }

    #[test]
    fn what_a_program_or_a_shell_might_take_for_something_else_is_refused() {
        for typed in ["db", "db:", "db:0", "db:99999", "-e:1", "$(id):1", "a b:1", "db:1;id", "[db]:1", ":1", "db:1:2"]
        {
            assert_eq!(read(What::Tcp, typed), None, "{typed}");
        }
        for typed in ["-x", "a..b", "a;b", "10.0.0.1", "", "a/b"] {
            assert_eq!(read(What::Dns, typed), None, "{typed}");
        }
        for typed in
            ["api", "ftp://a/", "http://", "http://-a/", "http://a/ b", "http://a/$(id)`x`", "file:///etc/passwd"]
        {
            assert_eq!(read(What::Http, typed), None, "{typed}");
        }
    }

    #[test]
    fn secrets_never_stand_on_a_command_line() {
        let why = |typed: &str| asked(What::Http, typed).expect_err("a secret");
        assert!(!why("http://bob:hunter2@a/").contains("hunter2"));
        let said = why("https://a/x?b=1&access_token=hunter2");
        assert!(said.contains("access_token") && !said.contains("hunter2"), "{said}");
    }
}
