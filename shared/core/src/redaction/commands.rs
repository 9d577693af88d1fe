//! Secrets in command lines whose flags have one letter: `mysql -pPASSWORD`, `curl -u bob:PASSWORD`.

use super::values::says_nothing;
use std::ops::Range;

/// A program, and how it takes its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Client {
    /// What the name of the program is or begins with.
    name: &'static str,
    /// A word that must follow somewhere, for those that do other things too.
    verb: Option<&'static str>,
    /// The flag.
    flag: &'static str,
    /// What stands behind it.
    takes: Takes,
}

/// Where a password stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Without a space behind the flag: `-pX`; what follows a space is something else.
    Attached,
    /// With or without a space.
    Any,
    /// Behind the colon of `user:X`.
    Pair,
    /// Behind the percent sign of `user%X`.
    Percent,
}

const fn client(name: &'static str, verb: Option<&'static str>, flag: &'static str, takes: Takes) -> Client {
    Client { name, verb, flag, takes }
}

const CLIENTS: &[Client] = &[
    client("mysql", None, "-p", Takes::Attached),
    client("mariadb", None, "-p", Takes::Attached),
    client("xtrabackup", None, "-p", Takes::Attached),
    client("sshpass", None, "-p", Takes::Any),
    client("mongo", None, "-p", Takes::Any),
    client("cqlsh", None, "-p", Takes::Any),
    client("rabbitmqadmin", None, "-p", Takes::Any),
    client("redis-cli", None, "-a", Takes::Any),
    client("redis-benchmark", None, "-a", Takes::Any),
    client("valkey-cli", None, "-a", Takes::Any),
    client("sqlcmd", None, "-P", Takes::Any),
    client("bcp", None, "-P", Takes::Any),
    client("mosquitto", None, "-P", Takes::Any),
    client("ldap", None, "-w", Takes::Any),
    client("curl", None, "-u", Takes::Pair),
    client("curl", None, "--user", Takes::Pair),
    client("curl", None, "-U", Takes::Pair),
    client("curl", None, "--proxy-user", Takes::Pair),
    client("http", None, "-a", Takes::Pair),
    client("smbclient", None, "-U", Takes::Percent),
    client("docker", Some("login"), "-p", Takes::Any),
    client("podman", Some("login"), "-p", Takes::Any),
    client("nerdctl", Some("login"), "-p", Takes::Any),
    client("buildah", Some("login"), "-p", Takes::Any),
    client("skopeo", Some("login"), "-p", Takes::Any),
    client("oras", Some("login"), "-p", Takes::Any),
    client("helm", Some("login"), "-p", Takes::Any),
    client("crane", Some("login"), "-p", Takes::Any),
    client("az", Some("login"), "-p", Takes::Any),
    client("oc", Some("login"), "-p", Takes::Any),
    client("cf", Some("login"), "-p", Takes::Any),
    client("openssl", Some("enc"), "-k", Takes::Any),
    client("twine", None, "-p", Takes::Any),
];

/// Programs that take a password without a flag: their word for it, and how far behind that it stands.
const POSITIONS: &[(&str, &str, usize)] =
    &[("rabbitmqctl", "add_user", 2), ("rabbitmqctl", "change_password", 2), ("htpasswd", "-b", 3)];

/// Adds what the flags of a command line hold.
pub(super) fn find(line: &str, spans: &mut Vec<Range<usize>>) {
    let has_flag =
        || line.match_indices(" -").any(|(at, _)| CLIENTS.iter().any(|it| line[at + 1..].starts_with(it.flag)));
    let is_positional = POSITIONS.iter().any(|it| line.contains(it.0));
    if is_positional || has_flag() && CLIENTS.iter().any(|it| line.contains(it.name)) {
        let words = words(line);
        let texts: Vec<&str> = words.iter().map(|it| &line[it.clone()]).collect();
        for (at, span) in of_words(&texts) {
            spans.push(words[at].start + span.start..words[at].start + span.end);
        }
    }
    if line.contains("--from-literal") {
        of_literals(line, spans);
    }
    if line.contains('|') && (line.contains("--password-stdin") || line.contains("chpasswd")) {
        of_echo(line, spans);
    }
}

/// The words among those of a command that hold secrets, with the part that is one.
pub(super) fn of_words(words: &[&str]) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let program = word.rsplit('/').next().unwrap_or_default();
        let rest = &words[at + 1..];
        let length = rest.iter().position(|it| is_end_of_command(it)).unwrap_or(rest.len());
        if let Some(at) = position(program, &rest[..length]).map(|it| at + 1 + it) {
            found.push((at, 0..words[at].len()));
        }
        for client in CLIENTS.iter().filter(|it| it.is(program, &rest[..length])) {
            found.extend(client.secrets(&rest[..length]).map(|(word, span)| (at + 1 + word, span)));
        }
    }
    found
}

/// Where among what follows a program the password stands that has no flag.
fn position(program: &str, rest: &[&str]) -> Option<usize> {
    let mut verbs = POSITIONS.iter().filter(|it| it.0 == program);
    let at = verbs.find_map(|(_, verb, behind)| Some(rest.iter().position(|word| word.starts_with(verb))? + behind))?;
    rest.get(at).is_some_and(|word| !says_nothing(word)).then_some(at)
}

fn is_end_of_command(word: &str) -> bool {
    matches!(word, "|" | "||" | "&&" | "&" | ";" | ">" | ">>") || word.ends_with(';')
}

impl Client {
    fn is(&self, program: &str, rest: &[&str]) -> bool {
        let suffix = program.strip_prefix(self.name);
        // `mysql` stands for `mysqldump` and `mysqladmin` too, `cf` for itself.
        let is_program = suffix.is_some_and(|it| {
            it.is_empty()
                || self.verb.is_none()
                    && self.name.len() > 3
                    && it.bytes().all(|it| it.is_ascii_lowercase() || b"-_".contains(&it))
        });
        is_program && self.verb.is_none_or(|verb| rest.contains(&verb))
    }

    fn secrets<'w>(&self, words: &'w [&str]) -> impl Iterator<Item = (usize, Range<usize>)> + 'w {
        let client = *self;
        words.iter().enumerate().filter_map(move |(at, word)| {
            let behind = word.strip_prefix(client.flag)?;
            let is_long = client.flag.starts_with("--");
            if behind.is_empty() && client.takes != Takes::Attached {
                let next = words.get(at + 1).filter(|it| !it.starts_with('-'))?;
                return Some((at + 1, client.part(next, 0)?));
            }
            let skipped = word.len() - behind.len() + usize::from(behind.starts_with('='));
            let is_attached = !behind.is_empty() && (!is_long || behind.starts_with('='));
            (is_attached && !behind.starts_with('-')).then(|| client.part(word, skipped))?.map(|span| (at, span))
        })
    }

    /// The secret of a word, from a place on.
    fn part(&self, word: &str, from: usize) -> Option<Range<usize>> {
        let (mut start, mut end) = (from, word.len());
        if let Some(quote) = word[from..].chars().next().filter(|it| matches!(it, '"' | '\'')) {
            start += 1;
            end = word[start..].find(quote).map_or(end, |it| start + it);
        } else {
            // The quotes of a script around the command.
            end = start + word[start..].trim_end_matches(['"', '\'', '`', ')', ';']).len();
        }
        let separator = match self.takes {
            Takes::Pair => Some(':'),
            Takes::Percent => Some('%'),
            Takes::Attached | Takes::Any => None,
        };
        if let Some(separator) = separator {
            start += word[start..end].find(separator)? + 1;
        }
        (!says_nothing(&word[start..end])).then_some(start..end)
    }
}

/// The words of a line; what stands in quotes behind a flag or in one belongs to it, unless it is a command itself.
fn words(line: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let (mut start, mut quote) = (None, None);
    for (at, letter) in line.char_indices() {
        let is_flag = |from: usize| line[from..at].starts_with('-');
        let opens = |letter: char| {
            let behind_flag = start.map_or_else(|| words.last().is_some_and(|it| is_flag(it.start)), is_flag);
            let inside = &line[at + 1..];
            behind_flag && inside.find(letter).is_some_and(|end| !inside[..end].contains(" -"))
        };
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if letter.is_whitespace() => words.extend(start.take().map(|start| start..at)),
            None => {
                quote = Some(letter).filter(|it| matches!(it, '"' | '\'') && opens(*it));
                let is_mark = matches!(letter, '"' | '\'' | '`' | '(' | '[') && quote.is_none();
                start = start.or((!is_mark).then_some(at));
            }
        }
    }
    words.extend(start.map(|start| start..line.len()));
    words
}

/// `kubectl create secret generic a --from-literal=key=X`.
fn of_literals(line: &str, spans: &mut Vec<Range<usize>>) {
    if !line.contains("secret") {
        return;
    }
    for (at, mark) in line.match_indices("--from-literal") {
        let start = at + mark.len() + 1;
        let Some(rest) = line.get(start..) else { continue };
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let value = rest[..length].find('=').map(|it| start + it + 1..start + length);
        spans.extend(value.map(|it| trimmed(line, it)).filter(|it| !says_nothing(&line[it.clone()])));
    }
}

/// `echo X | docker login --password-stdin`, `echo user:X | chpasswd`.
fn of_echo(line: &str, spans: &mut Vec<Range<usize>>) {
    for (at, mark) in ["echo ", "printf "].iter().flat_map(|it| line.match_indices(it)) {
        let start = at + mark.len();
        let Some(length) = line[start..].find('|') else { continue };
        let flags = line[start..start + length]
            .split(' ')
            .take_while(|it| it.starts_with('-') || it.starts_with("%s") || it.is_empty());
        let skipped: usize = flags.map(|it| it.len() + 1).sum();
        let start = (start + skipped).min(start + length);
        let span = trimmed(line, start..at + mark.len() + length);
        spans.extend((!says_nothing(&line[span.clone()])).then_some(span));
    }
}

fn trimmed(line: &str, span: Range<usize>) -> Range<usize> {
    let is_mark = |it: char| it.is_whitespace() || matches!(it, '"' | '\'');
    let text = &line[span.clone()];
    let start = span.start + text.len() - text.trim_start_matches(is_mark).len();
    start..start + text.trim_matches(is_mark).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn safe(line: &str) -> String {
        let mut spans = Vec::new();
        find(line, &mut spans);
        spans.iter().rev().fold(line.to_owned(), |mut text, span| {
            text.replace_range(span.clone(), "_");
            text
        })
    }

    #[test]
    fn flags_of_one_letter_hold_what_their_program_says() {
        for (line, expected) in [
            ("mysql -h db -uroot -pHunter2 shop", "mysql -h db -uroot -p_ shop"),
            ("/usr/bin/mysqldump -u root -p'Hunter 2' shop", "/usr/bin/mysqldump -u root -p'_' shop"),
            ("curl -s -u bob:Hunter2 https://api", "curl -s -u bob:_ https://api"),
            ("curl --user=\"bob:Hunter2\" https://api", "curl --user=\"bob:_\" https://api"),
            ("docker login -u bob -p Hunter2 r.example.com", "docker login -u bob -p _ r.example.com"),
            ("redis-cli -h cache -a Hunter2 ping", "redis-cli -h cache -a _ ping"),
            ("sshpass -p Hunter2 ssh a@b", "sshpass -p _ ssh a@b"),
            ("ldapsearch -D cn=a -w Hunter2 -b x", "ldapsearch -D cn=a -w _ -b x"),
            ("sh -c 'mongodump -u a -p Hunter2'", "sh -c 'mongodump -u a -p _"),
            (
                "kubectl create secret generic a --from-literal=x=Hunter2",
                "kubectl create secret generic a --from-literal=x=_",
            ),
            ("rabbitmqctl change_password bob Hunter2", "rabbitmqctl change_password bob _"),
            ("htpasswd -bc /etc/a bob Hunter2", "htpasswd -bc /etc/a bob _"),
            ("echo \"Hunter2\" | docker login --password-stdin", "echo \"_\" | docker login --password-stdin"),
            ("echo -n root:Hunter2 | chpasswd", "echo -n _ | chpasswd"),
        ] {
            assert_eq!(safe(line).trim_end_matches('\''), expected, "{line}");
        }
    }

    #[test]
    fn flags_of_others_mean_something_else() {
        for line in [
            "docker run -p 8080:80 --user 1000:1000 shop/web",
            "psql -h db -p 5432 -U shop",
            "mysql -h db -p shop",
            "ssh -p 22 a@b",
            "mkdir -p /var/lib/mysql",
            "curl -u \"$USER:$PASSWORD\" https://api",
            "mysql -uroot -p$MYSQL_ROOT_PASSWORD -e 'select 1'",
            "az aks list -p x",
        ] {
            assert_eq!(safe(line), line);
        }
    }
}
