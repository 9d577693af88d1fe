//! Where in a line its secrets are.

use super::names::{Named, named};
use super::values::{PLACEHOLDER, is_taken_out, is_word_about_one, says_nothing, secret_part};
use super::{addresses, commands, shapes};
use std::ops::Range;

/// What kind of text a line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Somebody's sentences: logs, messages, scripts.
    Log,
    /// Settings: what follows a name is its value up to the end of the line.
    Settings,
}

/// Whether a text has a secret in it, by its form or by what stands before.
pub(super) fn has_secret(text: &str) -> bool {
    text.lines().any(|line| !secrets(line, Text::Log).is_empty())
}

/// The secrets of a line, in their order; none overlaps another.
pub(crate) fn secrets(line: &str, text: Text) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    addresses::find(line, &mut spans);
    of_pairs(line, &mut spans);
    of_names(line, text, &mut spans);
    commands::find(line, &mut spans);
    shapes::find(line, &mut spans);
    if text == Text::Settings {
        of_files(line, &mut spans);
    }
    spans.retain(|span| !span.is_empty() && !line[span.clone()].starts_with(PLACEHOLDER));
    spans.sort_by_key(|span| (span.start, usize::MAX - span.end));
    let mut end = 0;
    spans.retain(|span| {
        span.start >= end && {
            end = span.end;
            true
        }
    });
    spans
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

/// `NAME=value`, `name: value`, `"name":"value"`, `--name value`, where the name is that of a secret.
fn of_names(line: &str, text: Text, spans: &mut Vec<Range<usize>>) {
    let bytes = line.as_bytes();
    let mut at = 0;
    let mut before = 0..0;
    while at < bytes.len() {
        if !is_of_name(bytes[at]) {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| is_of_name(**byte)).count();
        let word = Word { line, span: at..end, before, text };
        before = at..end;
        at = word.secrets(spans).map_or(end, |value| value.max(end));
    }
}

/// A word that may be a name.
struct Word<'l> {
    line: &'l str,
    span: Range<usize>,
    before: Range<usize>,
    text: Text,
}

/// How a value is joined to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    /// `=`, `=>`, `:=`: what follows is a value.
    Sign,
    /// `:`, behind which sentences go on too.
    Colon,
    /// A space or nothing.
    Space,
}

impl<'l> Word<'l> {
    fn text(&self) -> &'l str {
        &self.line[self.span.clone()]
    }

    fn rest(&self) -> &'l str {
        &self.line[self.span.end..]
    }

    fn previous(&self) -> Option<u8> {
        self.span.start.checked_sub(1).map(|at| self.line.as_bytes()[at])
    }

    /// Adds the secrets that the word announces; says where they end.
    fn secrets(&self, spans: &mut Vec<Range<usize>>) -> Option<usize> {
        let scheme = self.of_scheme();
        if scheme.is_some() {
            spans.extend(scheme.clone());
            return scheme.map(|it| it.end);
        }
        let (joint, start) = self.joint()?;
        let named = self.named();
        if named == Named::Plain || !self.is_joined(joint, start, named) {
            return None;
        }
        let value = self.value(joint, start, named)?;
        let end = value.end;
        spans.push(value);
        let more = self.more_of_list(end, named, spans);
        Some(more.unwrap_or(end))
    }

    fn named(&self) -> Named {
        let name = self.text().trim_start_matches(['-', '.']);
        // `\u0026sig=`: what joins the parameters of an address, as JSON writes it.
        let name = if self.previous() == Some(b'\\') { name.strip_prefix("u0026").unwrap_or(name) } else { name };
        let is_parameter = matches!(self.previous(), Some(b'?' | b'&' | b';' | b'\\'));
        // Sentences write it in two words: "API key".
        let name = if name.eq_ignore_ascii_case("key") { self.with_word_before().unwrap_or(name) } else { name };
        match named(name) {
            Named::Perhaps if is_parameter && name.eq_ignore_ascii_case("sig") => Named::Secret,
            Named::Plain if is_parameter && matches!(name, "code" | "key" | "st" | "state" | "auth") => Named::Perhaps,
            // "may require authorization: authorization failed" is a reason.
            Named::Header if self.line[..self.span.start].ends_with("require ") => Named::Plain,
            named => named,
        }
    }

    /// The word and the one before it.
    fn with_word_before(&self) -> Option<&'l str> {
        let is_near = self.before.end > 0 && self.line[self.before.end..self.span.start] == *" ";
        // Where a secret key is spoken of, it is that of a Secret.
        let is_of_secret = self.line[self.before.clone()].eq_ignore_ascii_case("secret");
        (is_near && !is_of_secret).then(|| &self.line[self.before.start..self.span.end])
    }

    /// What joins a value to the word, and where it may begin.
    fn joint(&self) -> Option<(Joint, usize)> {
        let rest = self.rest();
        let separator = rest.trim_start_matches(['"', '\'', '\\', ' ', ']', '\t']);
        let start = self.span.end + rest.len() - separator.len();
        match separator.as_bytes() {
            [b'=', b'>', ..] | [b':', b'=', ..] => Some((Joint::Sign, start + 2)),
            [b'=', b'=', ..] => None,
            // LDIF writes what it encodes so.
            [b':', b':', b' ', ..] => Some((Joint::Sign, start + 2)),
            [b':', b':', ..] => None,
            [b'=', ..] => Some((Joint::Sign, start + 1)),
            [b':', ..] => Some((Joint::Colon, start + 1)),
            _ if self.is_in_tuple() => Some((Joint::Space, self.span.end + 2)),
            [b'i', b's', b' ' | b':', ..] if rest.starts_with(' ') => Some((Joint::Space, start + 3)),
            _ if rest.starts_with([' ', '\t']) => Some((Joint::Space, self.span.end)),
            _ => None,
        }
    }

    /// `("password", "x")`
    fn is_in_tuple(&self) -> bool {
        let before = &self.line[..self.span.start];
        let is_name = before.ends_with("(\"") || before.ends_with("('");
        is_name && (self.rest().starts_with("\", \"") || self.rest().starts_with("', '"))
    }

    /// Whether what joins the word to something makes that its value.
    fn is_joined(&self, joint: Joint, start: usize, named: Named) -> bool {
        let value = &self.line[start..];
        match joint {
            Joint::Sign => true,
            Joint::Colon => !self.is_part_of_address(value),
            Joint::Space => self.is_followed_by_value(value.trim_start(), named),
        }
    }

    /// `secret-store:8080`, `registry/token-service:1.2`, `pod/secret-sync: ready`; annotations have a domain before.
    fn is_part_of_address(&self, value: &str) -> bool {
        let is_at_once = self.rest().starts_with(':') && !value.starts_with([' ', '"', '\'']);
        let last = self.line[..self.span.start].split([' ', '"', '\'', '=']).next_back().unwrap_or_default();
        if is_at_once && last.starts_with("arn:") {
            return true;
        }
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        let is_port = (2..=5).contains(&digits)
            && !value[digits..].starts_with(|it: char| it.is_ascii_alphanumeric() || "_-".contains(it));
        let is_host = self.text().contains(['-', '.']) && !self.text().bytes().any(|it| it.is_ascii_uppercase());
        let is_below = self.previous() == Some(b'/');
        is_below && !self.line[self.before.clone()].contains('.') || is_at_once && (is_below || is_port && is_host)
    }

    /// Values behind a space: of flags, in quotes of SQL, of directives and files that have no signs.
    fn is_followed_by_value(&self, value: &str, named: Named) -> bool {
        let name = self.text();
        let is_quoted = value.starts_with(['\'', '"']);
        if name.starts_with('-') {
            let is_long = name.starts_with("--") || named >= Named::Token;
            return is_long && named > Named::Perhaps && !value.starts_with('-') && !is_said_of_flag(value);
        }
        let bare = name.to_ascii_lowercase();
        let word = value.split(|it: char| it.is_whitespace() || it == ';').next().unwrap_or_default();
        let ends_line = value[word.len()..].trim_matches([' ', ';', '\'', '"']).is_empty();
        let is_directive = matches!(&*bare, "requirepass" | "masterauth" | "insecure-password");
        let previous = &self.line[self.before.clone()];
        // `machine a login b password X`
        let is_login = || {
            let words: Vec<&str> = self.line[..self.span.start].split_whitespace().rev().take(2).collect();
            matches!(words[..], [_, "login"]) || matches!(words[..], [_, "user"]) && !is_lower_word(word)
        };
        let is_setting = || {
            let is_first = self.line[..self.span.start].trim_matches([' ', '\t', '-']).is_empty();
            let has_header =
                previous.eq_ignore_ascii_case("proxy_set_header") || previous.eq_ignore_ascii_case("add_header");
            self.text == Text::Settings
                && ends_line
                && (is_first || has_header)
                && (named == Named::Secret || !is_lower_word(word))
        };
        let is_kind = matches!(&*bare, "secret" | "secrets" | "credential" | "credentials");
        if named >= Named::Token
            && !is_kind
            && (is_said(word) || self.tells_a_number(word) || previous == "set" && !is_lower_word(word))
        {
            return true;
        }
        match named {
            Named::Header => is_quoted,
            Named::Secret | Named::Token if self.is_in_tuple() => {
                !is_lower_word(word.trim_matches(['"', '\'', ',', ')']))
            }
            // `secret "db" not found` names an object of Kubernetes; `unexpected token "}"` none.
            Named::Secret if is_quoted => !is_kind,
            Named::Secret | Named::Token => is_directive || bare == "password" && is_login() || is_setting(),
            Named::Plain | Named::Perhaps | Named::Address => false,
        }
    }

    /// `one-time password is 123456`
    fn tells_a_number(&self, word: &str) -> bool {
        let word = word.trim_end_matches(['.', ',', ';']);
        self.rest().starts_with(" is") && word.len() >= 4 && word.bytes().all(|it| it.is_ascii_digit())
    }

    /// The value that begins somewhere.
    fn value(&self, joint: Joint, from: usize, named: Named) -> Option<Range<usize>> {
        let line = self.line;
        let value = &line[from..];
        let opened = value.trim_start_matches([' ', '\\', '\t']);
        // As validations of Kubernetes name what they refuse.
        let opened = opened.strip_prefix("Invalid value: ").unwrap_or(opened);
        if is_taken_out(opened) {
            return None;
        }
        // How languages write a text within something else: `Some("x")`, `b'x'`, `['x']`.
        let wrapped = ["Some(", "[", "b"].iter().find_map(|it| {
            let inner = opened.strip_prefix(it)?;
            (inner.starts_with(['"', '\'']) || *it == "[" && !inner.is_empty()).then_some(inner)
        });
        let opened = wrapped.unwrap_or(opened);
        let quote = opened.chars().next().filter(|it| matches!(it, '"' | '\'' | '`'));
        let value = quote.map_or(opened, |_| &opened[1..]);
        let start = line.len() - value.len();
        let is_escaped = line[self.span.end..start].contains('\\');
        let length = match quote {
            Some(quote) => end_of_quotes(value, quote, is_escaped),
            None if named == Named::Header => value.find(['"', '\'', '\\', ']']).unwrap_or(value.len()),
            None if matches!(self.previous(), Some(b'?' | b'&')) => end_of_parameter(value),
            None if self.is_setting(joint) => end_of_setting(value),
            None => end_of_value(value),
        };
        let value = &value[..length];
        let is_prose = joint == Joint::Colon && quote.is_none() && self.is_prose(named, value, &line[start + length..]);
        if is_prose || self.names_an_object(value) {
            return None;
        }
        let part = secret_part(named, value)?;
        Some(start + part.start..start + part.end)
    }

    /// The other texts of a list: `["a", "b"]`.
    fn more_of_list(&self, mut end: usize, named: Named, spans: &mut Vec<Range<usize>>) -> Option<usize> {
        if !self.line[self.span.end..end].contains('[') {
            return None;
        }
        let mut last = None;
        loop {
            let rest = &self.line[end..];
            let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
            let Some(next) = rest[1..].trim_start().strip_prefix(',').map(str::trim_start) else { return last };
            let Some(value) = next.strip_prefix(quote) else { return last };
            let start = self.line.len() - value.len();
            end = start + end_of_quotes(value, quote, false);
            spans.extend(secret_part(named, &self.line[start..end]).map(|part| start + part.start..start + part.end));
            last = Some(end);
        }
    }

    /// Whether a line is a setting that begins with its name.
    fn is_setting(&self, joint: Joint) -> bool {
        let before = self.line[..self.span.start].trim_start();
        let is_first = before.trim_start_matches(['-', ' ', '"', '\'']).is_empty() || before.trim_end() == "export";
        self.text == Text::Settings && joint != Joint::Space && is_first
    }

    /// Sentences speak of tokens and passwords: "invalid token: unexpected end", "password: must be longer".
    fn is_prose(&self, named: Named, value: &str, after: &str) -> bool {
        let word = value.trim_end_matches(['.', ',', ';', '!']);
        let is_lower = word.bytes().all(|it| it.is_ascii_lowercase() || it == b'-');
        let is_plain = is_lower || is_capitalized(word);
        let goes_on = || {
            let next = after.trim_start();
            let name = next.bytes().take_while(|it| is_of_name(*it)).count();
            let is_name = next[name..].trim_start_matches(['"', '\'']).starts_with([':', '=']);
            after.starts_with(' ') && !next.is_empty() && !is_name
        };
        match named {
            _ if self.is_setting(Joint::Colon) || named == Named::Header => false,
            _ if self.text().starts_with("x-") || self.text().starts_with("X-") => false,
            Named::Secret => is_plain && goes_on() || after.starts_with('\'') && is_lower,
            _ => is_plain,
        }
    }

    /// `secret=shop/db`, as controllers log what they look at.
    fn names_an_object(&self, value: &str) -> bool {
        let is_label = |it: &str| {
            !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it))
        };
        let is_kind = matches!(self.text(), "secret" | "Secret" | "secrets");
        is_kind && value.split_once('/').is_some_and(|(namespace, name)| is_label(namespace) && is_label(name))
    }

    /// `Bearer TOKEN`, `Basic TOKEN`, `IDENTIFIED BY 'PASSWORD'`, `AUTH PLAIN ANSWER`.
    fn of_scheme(&self) -> Option<Range<usize>> {
        let is = |it: &str| self.text().eq_ignore_ascii_case(it);
        let length = self.span.len();
        let rest = self.rest();
        let behind_scheme = match length {
            5 | 6 if (is("bearer") || is("basic")) && rest.starts_with(' ') => &rest[1..],
            6 if is("apikey") && rest.starts_with(' ') => &rest[1..],
            4 if self.text() == "AUTH" => {
                rest.strip_prefix(' ').filter(|it| is_said(it.split(' ').next().unwrap_or_default()))?
            }
            5 if (is("plain") || is("login")) && self.line[self.before.clone()].eq_ignore_ascii_case("auth") => {
                rest.strip_prefix(' ')?
            }
            10 if is("identified") => {
                let by = rest.get(..4).filter(|it| it.eq_ignore_ascii_case(" by "))?;
                &rest[by.len()..]
            }
            _ => return None,
        };
        let quoted = behind_scheme.trim_start_matches(['\'', '"']);
        let start = self.line.len() - quoted.len();
        let end = quoted.find(|it: char| it.is_whitespace() || "\"',;\\".contains(it)).unwrap_or(quoted.len());
        let value = &quoted[..end];
        let is_told = matches!(length, 4 | 10) && !says_nothing(value);
        (is_told || end >= 8 && !is_lower_word(value) && !says_nothing(value)).then_some(start..start + end)
    }
}

/// Whether a word of a sentence is a secret and no word: "with password hunter2".
fn is_said(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'', '`', ',', '.', ';', ')']);
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let is_plain = word.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.+=!#$%^&*~".contains(&it));
    let is_version = word.strip_prefix('v').unwrap_or(word).bytes().all(|it| it.is_ascii_digit() || it == b'.');
    word.len() >= 6 && is_plain && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && !is_version
}

/// `--password is required`.
fn is_said_of_flag(value: &str) -> bool {
    let word = value.split(' ').next().unwrap_or_default();
    ["is", "was", "must", "or", "and", "flag", "option", "cannot", "has", "should", "needs", "requires", "to"]
        .contains(&word)
}

fn is_lower_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_capitalized(word: &str) -> bool {
    word.bytes().next().is_some_and(|it| it.is_ascii_uppercase()) && word.len() > 1 && is_lower_word(&word[1..])
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
    let is_of_names = |it: char| it.is_ascii_alphanumeric() || "_-. ".contains(it);
    for (at, letter) in value.char_indices() {
        let rest = &value[at + letter.len_utf8()..];
        let names_another = || {
            // The quotes around all of it.
            let is_closed = rest.starts_with(['"', '\'']);
            let rest = rest.trim_start_matches(['"', '\'', ' ']);
            let name = rest.find(|it: char| !is_of_names(it)).map(|end| &rest[end..]);
            is_closed || rest.is_empty() || name.is_some_and(|after| after.starts_with(['=', ':', '"', '\'']))
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

fn end_of_parameter(value: &str) -> usize {
    value.find(|it: char| it.is_whitespace() || "&#\"'<>`\\,)]}".contains(it)).unwrap_or(value.len())
}

/// Where the value of a setting ends: at the end of its line, or a remark; where another name follows, as elsewhere.
fn end_of_setting(value: &str) -> usize {
    let line = value.find(" #").map_or(value, |at| &value[..at]).trim_end();
    let line = line.strip_suffix(',').unwrap_or(line);
    let one = end_of_value(value);
    let is_words =
        line[one.min(line.len())..].bytes().all(|it| it.is_ascii_alphanumeric() || b" .,!?_'-@$%^*+#/".contains(&it));
    if is_words && !line[one.min(line.len())..].contains(" -") { line.len() } else { one }
}

/// `"name":"DB_PASSWORD","value":"x"`, `key="password" value="x"`, `{Name:DB_PASSWORD Value:x}`, `<password>x</password>`.
fn of_pairs(line: &str, spans: &mut Vec<Range<usize>>) {
    for (at, _) in line.match_indices("alue") {
        let Some(first) = at.checked_sub(1).filter(|it| matches!(line.as_bytes()[*it], b'v' | b'V')) else { continue };
        let before = line[..first].trim_end_matches(['"', '\'', ',', ' ', '\\']);
        let start = addresses::behind_last(before, |it| !it.is_ascii_alphanumeric() && !"_-./".contains(it));
        let after = line[at + 4..].trim_start_matches(['"', '\'', ' ', '\\']);
        if !after.starts_with([':', '=']) {
            continue;
        }
        let quoted = after[1..].trim_start_matches([' ', '\\']);
        let value = quoted.trim_start_matches(['"', '\'']);
        let from = line.len() - value.len();
        let length = if quoted.len() > value.len() {
            value.find(['"', '\'', '\\']).unwrap_or(value.len())
        } else {
            end_of_value(value)
        };
        let named = named(&before[start..]).max(name_behind(&value[length..]));
        spans.extend(secret_part(named, &value[..length]).map(|part| from + part.start..from + part.end));
    }
    for (at, _) in line.match_indices("</") {
        let name = line[at + 2..].split('>').next().unwrap_or_default();
        if named(name) == Named::Plain {
            continue;
        }
        if let Some(open) = line[..at].rfind(&format!("<{name}>")) {
            let start = open + name.len() + 2;
            spans.extend(secret_part(named(name), &line[start..at]).map(|part| start + part.start..start + part.end));
        }
    }
}

/// `..., "name": "DB_PASSWORD"`, where the value came first.
fn name_behind(rest: &str) -> Named {
    let mark = |it: char| matches!(it, '"' | '\'' | ',' | ' ' | '\\');
    let name = rest
        .trim_start_matches(mark)
        .strip_prefix("name")
        .map(|it| it.trim_start_matches(['"', '\'', ':', '=', ' ', '\\']));
    let end = |name: &str| name.bytes().take_while(|it| is_of_name(*it)).count();
    name.map_or(Named::Plain, |name| named(&name[..end(name)]))
}

/// Lines of files that have no signs: `.pgpass`, the users of PgBouncer, the sentinels of Redis.
fn of_files(line: &str, spans: &mut Vec<Range<usize>>) {
    let trimmed = line.trim();
    let fields: Vec<&str> = trimmed.splitn(5, ':').collect();
    if let [host, port, _, _, password] = fields[..]
        && !host.is_empty()
        && !trimmed.contains(char::is_whitespace)
        && (port == "*" || port.parse::<u16>().is_ok_and(|it| it > 99))
        && !says_nothing(password)
    {
        let start = line.len() - line.trim_start().len() + trimmed.len() - password.len();
        spans.push(start..start + password.len());
    }
    let words: Vec<&str> = trimmed.split(' ').collect();
    // `user shop on >PASSWORD ~* +@all`
    if let ["user", _, ..] = words[..] {
        for (at, word) in
            line.match_indices(" >").chain(line.match_indices(" #")).map(|(at, _)| (at + 2, &line[at + 2..]))
        {
            let length = word.find(' ').unwrap_or(word.len());
            spans.extend((words.contains(&"on") && !says_nothing(&word[..length])).then_some(at..at + length));
        }
    }
    if let ["sentinel", "auth-pass", _, password] = words[..] {
        let end = line.trim_end().len();
        spans.push(end - password.len()..end);
    }
    let quoted: Vec<&str> = trimmed.split('"').collect();
    if let ["", user, " ", password, ""] = quoted[..]
        && !user.is_empty()
        && !is_word_about_one(password)
    {
        let start = line.trim_end().len() - 1 - password.len();
        spans.push(start..start + password.len());
    }
}
