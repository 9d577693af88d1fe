//! A line as it is read, and what it names.

use super::stated::is_stated;

/// A line, and the same in lower case.
pub struct Words<'a> {
    pub(crate) line: &'a str,
    pub(crate) lower: String,
}

impl<'a> Words<'a> {
    pub(crate) fn of(line: &'a str) -> Self {
        Self { line, lower: line.to_ascii_lowercase() }
    }

    /// Whether it states one of these, in lower case: what is denied, or part of a longer name, is not.
    pub(crate) fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|words| is_stated(&self.lower, words))
    }

    /// Whether one of these, in lower case, stands anywhere in it.
    pub(crate) fn holds(&self, any: &[&str]) -> bool {
        any.iter().any(|words| self.lower.contains(words))
    }

    /// What stands behind some words, which are given in lower case.
    pub(super) fn after(&self, words: &str) -> Option<&'a str> {
        let at = self.lower.find(words)?;
        Some(&self.line[at + words.len()..])
    }

    /// The first word behind one of these.
    pub(super) fn word_after(&self, markers: &[&str]) -> Option<String> {
        markers.iter().find_map(|marker| first_word(self.after(marker)?))
    }

    /// What stands between quotes behind some words.
    pub(super) fn quoted_after(&self, words: &str) -> Option<String> {
        let after = self.after(words)?;
        let start = after.find(['"', '\'', '`'])?;
        let quote = after.as_bytes()[start] as char;
        let text = after[start + 1..].split(quote).next()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The first absolute path.
    pub(super) fn path(&self) -> Option<String> {
        let is_start = |at: usize| {
            at == 0 || self.line.as_bytes()[at - 1].is_ascii_whitespace() || {
                b"\"'`([=".contains(&self.line.as_bytes()[at - 1])
            }
        };
        let starts = self.line.match_indices('/').map(|(at, _)| at).filter(|at| is_start(*at));
        let path = |at: usize| {
            let path = self.line[at..].split(|it: char| it.is_whitespace() || "\"'`,;)]".contains(it)).next()?;
            let path = path.trim_end_matches(':');
            (path.len() > 1).then(|| path.to_owned())
        };
        starts.filter_map(path).next()
    }

    /// The first host with a port, else the first host of a URL: `db:5432`, `10.0.0.7:5432`.
    pub(super) fn address(&self) -> Option<String> {
        self.of_dial().or_else(|| self.of_url()).or_else(|| self.of_port_in_words()).or_else(|| self.of_words())
    }

    /// What was dialled, which need not be what was asked for: a proxy may stand between.
    fn of_dial(&self) -> Option<String> {
        let host = self.word_after(&["dial tcp ", "dial tcp4 ", "dial tcp6 ", "econnrefused ", "etimedout "])?;
        // Digits are what the name in the address became, unless a proxy was dialled in its place.
        let is_named = host.starts_with(|it: char| it.is_ascii_alphabetic()) || self.has(&["proxyconnect"]);
        (is_named && host.contains(':') && is_address(&host)).then_some(host)
    }

    fn of_url(&self) -> Option<String> {
        let (_, rest) = self.line.split_once("://")?;
        let authority = rest.split(|it: char| it.is_whitespace() || "/?#\"'`),".contains(it)).next()?;
        let host = authority.rsplit('@').next()?.trim_end_matches(['.', ':']);
        is_address(host).then(|| host.to_owned())
    }

    /// `connect to db port 5432`, `server at "db" (10.0.0.7), port 5432`.
    fn of_port_in_words(&self) -> Option<String> {
        let port = self.word_after(&[" port "]).filter(|it| it.parse::<u16>().is_ok())?;
        let host = self.quoted_after("server at").or_else(|| self.word_after(&["connect to ", "connecting to "]))?;
        is_host(&host).then(|| format!("{host}:{port}"))
    }

    fn of_words(&self) -> Option<String> {
        self.hosts().filter(|word| word.contains(':') && is_address(word)).map(str::to_owned).next()
    }

    /// An address of digits without a port.
    pub(super) fn of_digits(&self) -> Option<String> {
        let is_digits = |word: &&str| word.parse::<std::net::Ipv4Addr>().is_ok();
        self.hosts().find(is_digits).map(str::to_owned)
    }

    /// Words as far as they can be hosts.
    fn hosts(&self) -> impl Iterator<Item = &'a str> {
        let words = self.line.split(|it: char| it.is_whitespace() || "\"'`()[],;<>={}".contains(it));
        words.map(|word| word.trim_end_matches(['.', ':']))
    }
}

/// The address that a line names; see [`Words::address`].
pub(super) fn address(words: &Words<'_>) -> Option<String> {
    words.address()
}

/// The path that a line names; see [`Words::path`].
pub(super) fn path(words: &Words<'_>) -> Option<String> {
    words.path()
}

fn first_word(text: &str) -> Option<String> {
    let word =
        text.trim_start().split(|it: char| it.is_whitespace() || "\"'`,;()".contains(it)).find(|it| !it.is_empty())?;
    let word = word.trim_end_matches(['.', ':']);
    (!word.is_empty()).then(|| word.to_owned())
}

/// Whether it is a host, with or without a port.
fn is_address(text: &str) -> bool {
    match text.rsplit_once(':') {
        // What ends in a small number is a place in a text.
        Some((host, port)) => is_host(host) && port.parse::<u16>().is_ok_and(|port| port >= 20),
        None => is_host(text),
    }
}

/// Whether it can be the name or the address of a host: no time of day, no place in a source file.
pub(super) fn is_host(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_source = [".go", ".py", ".js", ".ts", ".rs", ".java", ".rb", ".cc", ".c", ".php", ".mjs"];
    !text.is_empty()
        && text.bytes().all(is_inner)
        && text.as_bytes()[0].is_ascii_alphanumeric()
        && (text.bytes().any(|byte| byte.is_ascii_alphabetic()) || text.matches('.').count() == 3)
        && !is_source.iter().any(|end| text.ends_with(end))
        && !text.contains("..")
}
