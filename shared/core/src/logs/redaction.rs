//! Takes secrets out of lines: the same secret becomes the same word, wherever it stands.
//!
//! Hosts, ports, users, reasons and names of keys stay: they are what a log is read for.

use std::collections::HashMap;
use std::ops::Range;

/// What stands for a secret begins so.
const PLACEHOLDER: &str = "<secret-";

/// Names whose value is a secret, whatever stands before them: `DB_PASSWORD`, `x-api-key`.
const NAMES: [&str; 26] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "accesskeyid",
    "secretkey",
    "secretaccesskey",
    "privatekey",
    "accountkey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "sharedaccesskey",
    "credential",
    "credentials",
    "sessionid",
    "signature",
    "token",
    "authkey",
    "webhookurl",
    "dbpass",
    "dbpwd",
    "stripekey",
];

/// Names whose value goes to the end of the line, or of the quotes.
const HEADERS: [&str; 4] = ["authorization", "proxyauthorization", "cookie", "setcookie"];

/// Beginnings of the tokens that well-known services give out.
const TOKENS: [&str; 14] = [
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "sk-",
    "sk_live_",
    "AIza",
    "hvs.",
    "eyJ",
];

/// A run of letters of this length is no word.
const LONG: usize = 40;

/// The secrets that were taken out so far.
#[derive(Default)]
pub struct Redactor {
    known: HashMap<String, usize>,
}

impl Redactor {
    /// A line without secrets; `in_key` says whether it stands within a private key.
    pub fn redacted(&mut self, line: &str, in_key: &mut bool) -> String {
        if std::mem::take(in_key) && is_of_key(line) {
            *in_key = !line.contains("-----END");
            return self.placeholder("a private key");
        }
        if let Some(begin) = line.find("-----BEGIN ").filter(|_| line.contains("PRIVATE KEY-----")) {
            *in_key =
                line.trim_end_matches(['"', '\'', ' ']).ends_with("PRIVATE KEY-----") && !line.contains("-----END");
            return format!("{}{}", self.redacted(&line[..begin], &mut false), self.placeholder("a private key"));
        }
        let mut spans = secrets(line);
        spans.retain(|span| !span.is_empty() && !line[span.clone()].starts_with(PLACEHOLDER));
        spans.sort_by_key(|span| (span.start, usize::MAX - span.end));
        let mut safe = String::with_capacity(line.len());
        let mut end = 0;
        for span in spans {
            if span.start < end {
                continue;
            }
            safe.push_str(&line[end..span.start]);
            safe.push_str(&self.placeholder(&line[span.clone()]));
            end = span.end;
        }
        safe.push_str(&line[end..]);
        safe
    }

    /// What stands for a value that is a secret as a whole; `None` for one that says nothing or stands for another.
    pub fn hidden(&mut self, value: &str) -> Option<String> {
        let says_nothing = value.is_empty() || stands_for_another(value) || is_no_value(value);
        (!says_nothing).then(|| self.placeholder(value))
    }

    /// Whether the value of that name is a secret.
    pub fn is_name_of_secret(name: &str) -> bool {
        let plain = plain_name(name);
        is_pass(name) || HEADERS.contains(&plain.as_str()) || is_named_secret(&plain)
    }

    /// Whether a line is nothing but what stands for a secret.
    pub(super) fn is_placeholder(line: &str) -> bool {
        line.starts_with(PLACEHOLDER) && line.find('>') == Some(line.len() - 1)
    }

    fn placeholder(&mut self, secret: &str) -> String {
        let next = self.known.len() + 1;
        let number = self.known.entry(secret.to_owned()).or_insert(next);
        format!("{PLACEHOLDER}{number}>")
    }
}

/// Whether a line can stand within a private key: letters of base 64, a header of the old form, or its end.
fn is_of_key(line: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let line = line.trim();
    line.bytes().all(is_letter)
        || ["-----END", "Proc-Type:", "DEK-Info:"].iter().any(|beginning| line.starts_with(beginning))
}

fn secrets(line: &str) -> Vec<Range<usize>> {
    let mut spans = of_addresses(line);
    spans.extend(of_bare_addresses(line));
    spans.extend(of_data_source(line));
    spans.extend(of_pairs(line));
    spans.extend(of_names(line));
    spans.extend(of_schemes(line));
    spans.extend(of_words(line));
    spans
}

/// `scheme://user:PASSWORD@host`, `scheme://TOKEN@host`.
fn of_addresses(line: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut seen = 0;
    for (at, _) in line.match_indices("://") {
        let start = at + 3;
        if start < seen {
            continue;
        }
        let length = line[start..].find(|it: char| it.is_whitespace() || "\"'<>`".contains(it));
        let address = &line[start..start + length.unwrap_or(line.len() - start)];
        seen = start + address.len();
        let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
        let is_port = |text: &str| text.split(['/', '?', '#']).next().is_some_and(|it| it.parse::<u16>().is_ok());
        // A password may hold what ends an authority elsewhere.
        let host = authority.rsplit_once('@').map(|(_, host)| host);
        let is_whole = host.is_some_and(|host| host.contains(['.', ':']));
        let whole = if is_whole { authority } else { address };
        let Some(end) = whole.rfind('@') else { continue };
        match whole[..end].find(':') {
            Some(colon) if authority.contains('@') || !is_port(&whole[colon + 1..end]) => {
                spans.push(start + colon + 1..start + end);
            }
            None if authority.contains('@') && end >= 16 => spans.push(start..start + end),
            _ => {}
        }
    }
    spans
}

/// `user:PASSWORD@host:port/database`, without a scheme.
fn of_bare_addresses(line: &str) -> Vec<Range<usize>> {
    let span = |(end, _): (usize, &str)| {
        let start = line[..end].rfind(|it: char| it.is_whitespace() || "\"'`=(<".contains(it)).map_or(0, |at| at + 1);
        let colon = line[start..end].find(':')?;
        let host = line[end + 1..].split(|it: char| it.is_whitespace() || "/\"'`,;)".contains(it)).next()?;
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let is_user = colon > 0 && !line[start..start + colon].contains('/') && !line[start..end].contains("://");
        (has_port && is_user).then_some(start + colon + 1..end)
    };
    line.match_indices('@').filter_map(span).collect()
}

/// `user:PASSWORD@tcp(host:port)/database`, as drivers of MySQL write it.
fn of_data_source(line: &str) -> Vec<Range<usize>> {
    let marks = ["@tcp(", "@unix(", "@tcp6("].into_iter().flat_map(|mark| line.match_indices(mark));
    let span = |(end, _): (usize, &str)| {
        let start = line[..end].rfind(|it: char| it.is_whitespace() || "\"'`=".contains(it)).map_or(0, |at| at + 1);
        let colon = line[start..end].find(':')?;
        Some(start + colon + 1..end)
    };
    marks.filter_map(span).collect()
}

/// `NAME=value`, `name: value`, `"name":"value"`, `--name value`, where the name is that of a secret.
fn of_names(line: &str) -> Vec<Range<usize>> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let bytes = line.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_of_name(bytes[at]) {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| is_of_name(**byte)).count();
        let value = value_of(line, &line[at..end], end);
        at = value.as_ref().map_or(end, |value| value.end.max(end));
        spans.extend(value);
    }
    spans
}

/// A name as [`NAMES`] has it: letters and digits alone, in lower case.
fn plain_name(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
}

fn is_named_secret(plain: &str) -> bool {
    NAMES.iter().any(|it| plain.ends_with(it))
}

fn is_pass(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "pass" || ["_pass", "-pass", ".pass"].iter().any(|end| lower.ends_with(end))
}

fn value_of(line: &str, name: &str, end: usize) -> Option<Range<usize>> {
    let plain = plain_name(name);
    // "may require authorization: authorization failed" is a reason.
    let is_needed = line[..end - name.len()].ends_with("require ");
    let is_header = HEADERS.contains(&plain.as_str()) && !is_needed;
    if !is_header && !is_pass(name) && !is_named_secret(&plain) {
        return None;
    }
    let rest = &line[end..];
    let separator = rest.trim_start_matches(['"', '\'', '\\', ' ', ']']);
    let skipped = rest.len() - separator.len();
    let (length, is_loose) = match separator.as_bytes() {
        [b'=', b'>', ..] => (2, false),
        [b':', b'=', ..] => (2, false),
        [b'=', b'=', ..] | [b':', b':', ..] => return None,
        [b'=', ..] => (1, false),
        [b':', ..] => (1, true),
        // `--password VALUE`, `PASSWORD 'VALUE'`, `IDENTIFIED BY` stands elsewhere.
        _ if name.starts_with("--") && rest.starts_with(' ') => (0, false),
        [b'\'' | b'"', ..] => (0, false),
        _ if rest.starts_with(" '") || rest.starts_with(" \"") => (0, false),
        _ => return None,
    };
    // `secret "db" not found` names an object of Kubernetes.
    if length == 0 && matches!(name, "secret" | "Secret") {
        return None;
    }
    let start = if length == 0 { end } else { end + skipped + length };
    let value = &line[start..];
    let opened = value.trim_start_matches([' ', '\\']);
    let start = start + value.len() - opened.len();
    // How languages write a text within something else: `Some("x")`, `b'x'`, `['x']`.
    let wrapped = ["Some(", "[", "b"].iter().find_map(|it| {
        let inner = opened.strip_prefix(it)?;
        (inner.starts_with(['"', '\'']) || *it == "[" && !inner.is_empty()).then_some(it.len())
    });
    let (start, opened) = wrapped.map_or((start, opened), |length| (start + length, &opened[length..]));
    let quote = opened.chars().next().filter(|it| matches!(it, '"' | '\'' | '`'));
    let (start, value) = quote.map_or((start, opened), |_| (start + 1, &opened[1..]));
    let is_escaped = line[end..start].contains('\\');
    let length = match quote {
        Some(quote) => end_of_quotes(value, quote, is_escaped),
        None if is_header => value.find(['"', '\'', '\\', ']']).unwrap_or(value.len()),
        None => end_of_value(value),
    };
    let value = &value[..length];
    // Sentences speak of tokens and signatures: "invalid token: unexpected end".
    let is_prose = is_loose && quote.is_none() && !is_header && is_word(value) && !plain.ends_with("word");
    let says_nothing = value.is_empty() || stands_for_another(value) || is_no_value(value);
    (!is_prose && !says_nothing).then_some(start..start + length)
}

/// Where quotes end: at the next of them that is not escaped; within an escaped text at the next escape.
fn end_of_quotes(value: &str, quote: char, is_escaped: bool) -> usize {
    let mut after_escape = false;
    for (at, letter) in value.char_indices() {
        match letter {
            '\\' if is_escaped => return at,
            '\\' => after_escape = !after_escape,
            _ if letter == quote && !after_escape => return at,
            _ => after_escape = false,
        }
    }
    value.len()
}

/// Where a value without quotes ends: at a space, or at what joins it to another name.
fn end_of_value(value: &str) -> usize {
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || "_-. ".contains(it);
    for (at, letter) in value.char_indices() {
        let rest = &value[at + letter.len_utf8()..];
        let names_another = || {
            let rest = rest.trim_start_matches(['"', '\'', ' ']);
            let name = rest.find(|it: char| !is_of_name(it)).map(|end| &rest[end..]);
            rest.is_empty() || name.is_some_and(|after| after.starts_with(['=', ':', '"', '\'']))
        };
        let is_end = match letter {
            '"' | '\'' | '\\' | '|' => true,
            ',' | ';' | '&' => names_another(),
            ')' | '}' | ']' => rest.is_empty() || rest.starts_with([' ', ',', ';', ')', '}', ']', '"', '\'', '.', ':']),
            _ => letter.is_whitespace(),
        };
        if is_end {
            return at;
        }
    }
    value.len()
}

/// Whether something stands there in place of a secret: a variable, stars, a placeholder, an object.
fn stands_for_another(value: &str) -> bool {
    let is_plain_variable =
        value.strip_prefix('$').is_some_and(|it| it.bytes().all(|it| it.is_ascii_uppercase() || it == b'_'));
    ["$(", "${", "{", PLACEHOLDER].iter().any(|beginning| value.starts_with(beginning))
        || is_plain_variable
        || value.starts_with('<') && value.ends_with('>')
        || value.bytes().all(|it| it == b'*')
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_no_value(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let is_count = value.len() < 4 && value.bytes().all(|byte| byte.is_ascii_digit());
    is_count || matches!(value.as_str(), "null" | "none" | "nil" | "true" | "false" | "undefined" | "(null)")
}

/// `"name":"DB_PASSWORD","value":"x"`, `key="password" value="x"`, `<password>x</password>`.
fn of_pairs(line: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let is_secret = |name: &str| is_named_secret(&plain_name(name));
    for (at, _) in line.match_indices("value") {
        let before = line[..at].trim_end_matches(['"', '\'', ',', ' ', '\\']);
        let start = before.rfind(|it: char| !it.is_ascii_alphanumeric() && !"_-.".contains(it)).map_or(0, |at| at + 1);
        let after = line[at + 5..].trim_start_matches(['"', '\'', ' ', '\\']);
        if is_secret(&before[start..]) && after.starts_with([':', '=']) {
            let value = after[1..].trim_start_matches(['"', '\'', ' ', '\\']);
            let from = line.len() - value.len();
            spans.push(from..from + value.find(['"', '\'', '\\']).unwrap_or(value.len()));
        }
    }
    for (at, _) in line.match_indices("</") {
        let name = line[at + 2..].split('>').next().unwrap_or_default();
        if let Some(open) = line[..at].rfind(&format!("<{name}>")).filter(|_| is_secret(name)) {
            spans.push(open + name.len() + 2..at);
        }
    }
    spans
}

/// `Bearer TOKEN`, `Basic TOKEN`, `IDENTIFIED BY 'PASSWORD'`.
fn of_schemes(line: &str) -> Vec<Range<usize>> {
    let lower = line.to_ascii_lowercase();
    let mut spans = Vec::new();
    for scheme in ["bearer ", "basic ", "identified by "] {
        for (at, _) in lower.match_indices(scheme) {
            let start = at + scheme.len();
            let quoted = line[start..].trim_start_matches(['\'', '"']);
            let start = start + line[start..].len() - quoted.len();
            let length = quoted.find(|it: char| it.is_whitespace() || "\"',;\\".contains(it)).unwrap_or(quoted.len());
            if length >= 8 && !is_word(&quoted[..length]) || scheme.starts_with("ident") {
                spans.push(start..start + length);
            }
        }
    }
    spans
}

/// Words that can be nothing but keys: those of well-known services, and long runs of all sorts of letters.
fn of_words(line: &str) -> Vec<Range<usize>> {
    let is_of_word = |it: char| it.is_ascii_alphanumeric() || "_-+/.".contains(it);
    let mut spans = of_webhooks(line);
    let mut start = 0;
    for (end, character) in line.char_indices().chain([(line.len(), ' ')]) {
        if is_of_word(character) {
            continue;
        }
        spans.extend(key_in(&line[start..end]).map(|span| start + span.start..start + span.end));
        start = end + character.len_utf8();
    }
    spans
}

/// What follows in the addresses whose path is the secret.
fn of_webhooks(line: &str) -> Vec<Range<usize>> {
    let marks = ["hooks.slack.com/services/", "discord.com/api/webhooks/", "webhook.office.com/"];
    let found = marks.into_iter().flat_map(|mark| line.match_indices(mark).map(move |(at, _)| at + mark.len()));
    let span = |start: usize| {
        let length = line[start..].find(|it: char| it.is_whitespace() || "\"'<>`)".contains(it));
        start..start + length.unwrap_or(line.len() - start)
    };
    found.map(span).collect()
}

fn key_in(word: &str) -> Option<Range<usize>> {
    if let Some(prefix) = TOKENS.iter().find(|prefix| word.starts_with(**prefix))
        && word.len() >= prefix.len() + 16
    {
        return Some(0..word.len());
    }
    let is_upper = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit();
    let is_amazon = |at: usize| word.as_bytes()[at..].iter().take_while(|byte| is_upper(**byte)).count() >= 20;
    if let Some(at) = ["AKIA", "ASIA"].iter().find_map(|it| word.find(it)).filter(|at| is_amazon(*at)) {
        return Some(at..at + 20);
    }
    let runs = word.split(['.', '-', '_']).map(str::len).max().unwrap_or_default();
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let is_path = word.starts_with('/') || word.matches('/').count() > 4;
    (runs >= LONG && is_mixed && !is_path).then_some(0..word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(line: &str) -> String {
        Redactor::default().redacted(line, &mut false)
    }

    #[test]
    fn secrets_of_every_sort_go_and_what_is_around_them_stays() {
        for (line, safe) in [
            (
                "dial postgres://shop:s3cr3t@db:5432/shop?x=1: refused",
                "dial postgres://shop:<secret-1>@db:5432/shop?x=1: refused",
            ),
            ("amqp://u:p@ss/w@queue:5672", "amqp://u:<secret-1>@queue:5672"),
            ("redis://:hunter2@cache:6379/0", "redis://:<secret-1>@cache:6379/0"),
            ("open shop:pa$$@tcp(db:3306)/shop", "open shop:<secret-1>@tcp(db:3306)/shop"),
            ("DB_PASSWORD=hunter2 DB_HOST=db", "DB_PASSWORD=<secret-1> DB_HOST=db"),
            (r#"{"user":"a","password":"hun ter2","port":1}"#, r#"{"user":"a","password":"<secret-1>","port":1}"#),
            (r#"{\"api_key\":\"k1\",\"x\":1}"#, r#"{\"api_key\":\"<secret-1>\",\"x\":1}"#),
            ("Server=db;Uid=sa;Pwd=Secret1;", "Server=db;Uid=sa;Pwd=<secret-1>;"),
            ("run --password hunter2 --port 1", "run --password <secret-1> --port 1"),
            ("ALTER ROLE a PASSWORD 'x1y2'", "ALTER ROLE a PASSWORD '<secret-1>'"),
            ("CREATE USER a IDENTIFIED BY 'x1y2';", "CREATE USER a IDENTIFIED BY '<secret-1>';"),
            ("Authorization: Bearer abc.def-123456", "Authorization: <secret-1>"),
            ("sent Bearer abc.def-123456 to api", "sent Bearer <secret-1> to api"),
            ("Cookie: a=1; session=2", "Cookie: <secret-1>"),
            ("key AKIAABCDEFGHIJKLMNOP is", "key <secret-1> is"),
            ("with ghp_0123456789abcdefABCDEF0123456789abcd", "with <secret-1>"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "jwt <secret-1>"),
            ("got wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYabcd", "got <secret-1>"),
            ("smtp_pass: hunter2", "smtp_pass: <secret-1>"),
            ("DB_PASSWORD=$ecr3t!2024", "DB_PASSWORD=<secret-1>"),
            ("{'password': ['Hunter2django']}", "{'password': ['<secret-1>']}"),
            ("map[X-Api-Key:[Hunter2go] Cookie:[session=1]]", "map[X-Api-Key:[<secret-1>] Cookie:[<secret-2>]]"),
            ("STRIPE=sk_live_4eC39HqLyjWDarjtT1zdp7dc", "STRIPE=<secret-1>"),
            ("GITHUB=ghp_16C7e42F292c6912E7710c838347Ae178B4a", "GITHUB=<secret-1>"),
            (r#"password: Some("Hunter2rust")"#, r#"password: Some("<secret-1>")"#),
            ("password=b'Hunter2py'", "password=b'<secret-1>'"),
            (r#"{"password":"ab\"Hunter2json","x":1}"#, r#"{"password":"<secret-1>","x":1}"#),
            ("DB_PASSWORD=abc,def;ghi and more", "DB_PASSWORD=<secret-1> and more"),
            ("password=p@ss)word123 x", "password=<secret-1> x"),
            ("cannot connect to shop:Hunter2@db:5432/shop", "cannot connect to shop:<secret-1>@db:5432/shop"),
            ("POST https://hooks.slack.com/services/T0/B0/xyz", "POST https://hooks.slack.com/services/<secret-1>"),
            ("<password>Hunter2</password>", "<password><secret-1></password>"),
            (r#"<add key="password" value="Hunter2"/>"#, r#"<add key="password" value="<secret-1>"/>"#),
            (r#"{"name":"DB_PASSWORD","value":"Hunter2"}"#, r#"{"name":"DB_PASSWORD","value":"<secret-1>"}"#),
        ] {
            assert_eq!(redacted(line), safe);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for line in [
            "password authentication failed for user \"shop\"",
            "invalid token: unexpected end of input",
            "http://db:5432/path?email=a@example.com",
            "pulled sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "pass=12 fail=0",
            "max_tokens=512 token=null password=$(PASSWORD)",
            "git@github.com: permission denied (publickey)",
            "/var/lib/kubelet/pods/0F1e2d3c-1111-2222-3333-444455556666/volumes/x",
            "std::token::Token",
            "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth",
            "MountVolume.SetUp failed for volume \"db\" : secret \"app-secret\" not found",
        ] {
            assert_eq!(redacted(line), line);
        }
    }

    #[test]
    fn the_same_secret_is_the_same_word_and_twice_is_once() {
        let mut redactor = Redactor::default();
        let mut line = |text: &str| redactor.redacted(text, &mut false);
        let first = line("password=one token=t0k3n");
        assert_eq!(first, "password=<secret-1> token=<secret-2>");
        assert_eq!(line("x://u:one@h"), "x://u:<secret-1>@h");
        assert_eq!(line(&first), first);
        assert_eq!(line("Authorization: <secret-2>"), "Authorization: <secret-2>");
    }

    /// Lines made of pieces that mean something here, in every order, as nobody would write them.
    #[test]
    fn whatever_stands_around_it_a_secret_goes() {
        const PIECES: [&str; 18] = [
            "://",
            "@",
            ":",
            "=",
            " ",
            "\"",
            "'",
            "\\",
            "password",
            "token",
            "Bearer ",
            "cookie: ",
            "--secret ",
            "é",
            "@tcp(",
            "eyJ",
            "<secret-1>",
            "AKIA",
        ];
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                PIECES[usize::try_from(state >> 33).expect("31 bits") % PIECES.len()]
            };
            let around: Vec<&str> = (0..8).map(|_| next()).collect();
            let line = format!("{} password=Hunter2pass {}", around[..4].concat(), around[4..].concat());
            let once = redacted(&line);
            assert!(!once.contains("Hunter2pass"), "{line}: {once}");
        }
    }

    #[test]
    fn a_line_made_to_take_long_takes_no_longer() {
        for piece in ["cookie: ", "://", "a://b:c@", "Bearer ", "password=", "@tcp("] {
            let line = piece.repeat(2_000);
            assert!(!redacted(&line).is_empty());
        }
    }

    #[test]
    fn words_about_a_key_take_no_other_line_away() {
        let (mut redactor, mut in_key) = (Redactor::default(), false);
        let lines = ["expected PEM starting with -----BEGIN PRIVATE KEY-----", "dial tcp db:5432: refused", "MIIabc"];
        let safe: Vec<String> = lines.iter().map(|line| redactor.redacted(line, &mut in_key)).collect();
        assert_eq!(safe, ["expected PEM starting with <secret-1>", "dial tcp db:5432: refused", "MIIabc"]);
    }

    #[test]
    fn a_private_key_goes_with_all_its_lines() {
        let (mut redactor, mut in_key) = (Redactor::default(), false);
        let lines = ["-----BEGIN RSA PRIVATE KEY-----", "MIIabc", "-----END RSA PRIVATE KEY-----", "after"];
        let safe: Vec<String> = lines.iter().map(|line| redactor.redacted(line, &mut in_key)).collect();
        assert_eq!(safe, ["<secret-1>", "<secret-1>", "<secret-1>", "after"]);
    }
}
