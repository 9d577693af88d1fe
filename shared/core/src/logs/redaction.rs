//! Takes secrets out of lines: the same secret becomes the same word, wherever it stands.
//!
//! Hosts, ports, users, reasons and names of keys stay: they are what a log is read for. Where the secrets of a line are,
//! [`crate::redaction`] says.

use crate::redaction::{Above, Named, PLACEHOLDER, Text, secret_part, secrets};
use std::collections::HashMap;

/// The secrets that were taken out so far.
#[derive(Default)]
pub struct Redactor {
    known: HashMap<String, usize>,
}

impl Redactor {
    /// A line without secrets; `in_key` says whether it stands within a private key.
    pub fn redacted(&mut self, line: &str, in_key: &mut bool) -> String {
        let mut above = Above::default();
        above.in_key = *in_key;
        let safe = self.next_line(line, Text::Log, &mut above);
        *in_key = above.in_key;
        safe
    }

    /// A text of several lines without secrets, those included that stand below the names of theirs.
    pub(crate) fn text(&mut self, text: &str, kind: Text) -> String {
        let mut above = Above::of(text);
        let lines = text.split('\n').map(|line| self.next_line(line, kind, &mut above));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The part of a value that is a secret by its name, taken out; `None` where there is none.
    pub(crate) fn hidden(&mut self, name: Named, value: &str) -> Option<String> {
        let part = secret_part(name, value)?;
        let placeholder = self.placeholder(&value[part.clone()]);
        Some(format!("{}{placeholder}{}", &value[..part.start], &value[part.end..]))
    }

    /// The next line of a text.
    pub(crate) fn next_line(&mut self, line: &str, kind: Text, above: &mut Above) -> String {
        if std::mem::take(&mut above.in_key) && is_of_key(line) {
            above.in_key = !line.contains("-----END");
            return self.placeholder("a private key");
        }
        if let Some(begin) = line.find("-----BEGIN ") {
            let title = &line[begin..];
            if title.contains("PRIVATE KEY") || title.contains("STATIC KEY") {
                return self.private_key(line, begin, above);
            }
            above.in_certificate = title.contains("CERTIFICATE") || title.contains("PUBLIC KEY");
        }
        // Of a certificate everybody may read all.
        if above.in_certificate && is_of_key(line) {
            above.in_certificate = !line.contains("-----END");
            return line.to_owned();
        }
        above.in_certificate &= line.trim_end().ends_with("-----");
        if let Some(value) = above.value_of(line) {
            let safe = format!("{}{}", &line[..value.start], self.placeholder(&line[value.clone()]));
            return safe + &line[value.end..];
        }
        above.look_at(line, kind);
        let mut safe = String::with_capacity(line.len());
        let mut end = 0;
        for span in secrets(line, kind) {
            safe.push_str(&line[end..span.start]);
            safe.push_str(&self.placeholder(&line[span.clone()]));
            end = span.end;
        }
        safe.push_str(&line[end..]);
        safe
    }

    /// A line with a private key in it, or the beginning of one.
    fn private_key(&mut self, line: &str, begin: usize, above: &mut Above) -> String {
        const END: &str = "-----END ";
        let before = self.next_line(&line[..begin], Text::Log, &mut Above::default());
        let placeholder = self.placeholder("a private key");
        let end = line[begin..].find(END).map(|at| begin + at + END.len());
        let Some(end) = end else {
            above.in_key = line.trim_end_matches(['"', '\'', ' ', '\r']).ends_with("-----");
            return format!("{before}{placeholder}");
        };
        // What stands behind the whole of it in one line: the other fields of an account of a service.
        let after = line[end..].find("-----").map_or("", |at| &line[end + at + 5..]);
        format!("{before}{placeholder}{}", self.next_line(after, Text::Log, above))
    }

    /// Whether a line is nothing but what stands for a secret.
    pub(super) fn is_placeholder(line: &str) -> bool {
        line.starts_with(PLACEHOLDER) && line.find('>') == Some(line.len() - 1)
    }

    /// What stands for a secret.
    pub(crate) fn placeholder(&mut self, secret: &str) -> String {
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
