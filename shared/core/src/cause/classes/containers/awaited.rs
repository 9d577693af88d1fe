//! Init containers that run and run, and what they wait for.

use super::seen::{Role, Seen};
use crate::slim::{Kind, Service};

/// So long an init container may take to wait for a host without a Service.
const WAITING_MINUTES: i64 = 5;
/// So long an init container may take whatever it does.
const RUNNING_MINUTES: i64 = 15;

/// Whether an init container has been running for longer than start-up should take.
pub(super) fn is_hanging(seen: &Seen<'_>) -> bool {
    let Some(running) = &seen.status.state.running else { return false };
    if seen.role != Role::Init || seen.pod.status.phase != "Pending" {
        return false;
    }
    let older = |minutes| seen.view.is_older_than_minutes(running.started_at.at(), minutes);
    older(RUNNING_MINUTES) || older(WAITING_MINUTES) && missing_host(seen).is_some()
}

/// A host that the container's command names and for which its namespace has no Service.
pub(super) fn missing_host(seen: &Seen<'_>) -> Option<String> {
    let asked = seen.asked()?;
    let words = asked.command.iter().chain(&asked.args).flat_map(|text| hosts(text));
    words.into_iter().find(|host| is_missing(seen, host))
}

fn is_missing(seen: &Seen<'_>, host: &str) -> bool {
    let mut labels = host.split('.');
    let name = labels.next().unwrap_or_default();
    let namespace = labels.next().unwrap_or(&seen.pod.metadata.namespace);
    // A dotted name that does not say `svc` may be a host of the outer world.
    let inner = !host.contains('.') || labels.next() == Some("svc");
    inner && seen.view.knows(Kind::Service, namespace) && seen.view.get::<Service>(namespace, name).is_none()
}

/// What a command line names as hosts: after a client's name or flag, before a port, in an address.
fn hosts(text: &str) -> Vec<String> {
    let clients = ["nslookup", "host", "dig", "ping", "nc", "-z", "-zv", "-vz", "telnet", "-h", "--host", "hosts"];
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || ";|&()'\"`".contains(letter)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let after_client = index > 0 && clients.contains(&words[index - 1]);
        let address = word.split_once("://").map_or(*word, |(_, rest)| rest);
        let named = address.split(['/', ':', '?']).next().unwrap_or_default();
        let before_port = address[named.len()..].strip_prefix(':').is_some_and(starts_with_digit);
        if (after_client || before_port || address.len() < word.len() || named.contains(".svc")) && is_host(named) {
            found.push(named.to_owned());
        }
    }
    found
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

fn is_host(word: &str) -> bool {
    let legal = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter);
    word.len() > 1
        && word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.chars().all(legal)
        && word != "localhost"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_where_clients_name_them() {
        let lines = [
            ("until nslookup postgres; do sleep 2; done", vec!["postgres"]),
            ("while ! nc -z cache 6379; do sleep 1; done", vec!["cache"]),
            ("wget -qO- http://auth.identity.svc.cluster.local:8080/ready", vec!["auth.identity.svc.cluster.local"]),
            ("/wait-for orders:8080 -- true", vec!["orders"]),
            ("pg_isready -h $HOST -p 5432", vec![]),
            ("date 10:30:00", vec![]),
        ];
        for (line, expected) in lines {
            assert_eq!(hosts(line), expected, "{line}");
        }
    }
}
