//! The words of reports that look: where, when, how old, how many, and of what.

use super::times;
use sre_core::object::ObjectRef;
use sre_core::report::{Source, Span};

/// What answered, and to whom.
pub fn server(source: &Source) -> impl Iterator<Item = Span> {
    let version = source.server_version.iter().map(|version| Span::faint(format!("  {version}")));
    version.chain(source.user.iter().map(|user| Span::faint(format!("  as {user}"))))
}

/// The namespaces that were looked at.
pub fn scope(source: &Source) -> String {
    source.namespace.as_ref().map_or("all namespaces".to_owned(), |name| format!("namespace {name}"))
}

/// When it was seen, and by which clock where that is not the server's.
pub fn time(source: &Source) -> String {
    match &source.clock {
        Some(clock) if source.taken_at == jiff::Timestamp::UNIX_EPOCH.to_string() => clock.clone(),
        Some(clock) => format!("{} ({clock})", times(&source.taken_at)),
        None => times(&source.taken_at),
    }
}

/// Seconds in the largest unit that leaves at least two of it, as kubectl shows ages.
pub fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `1 object`, `2 objects`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A title behind its object: what names the object again is left out, and times are those of the rest of the page.
pub fn said(object: &ObjectRef, title: &str) -> String {
    let spaced = object.namespace.as_ref().map(|namespace| format!("{namespace}/{}", object.name));
    let names = spaced.into_iter().chain([object.name.clone()]);
    let again = names.into_iter().find_map(|name| {
        let rest = title.get(object.kind.len()..)?.strip_prefix(' ')?.strip_prefix(name.as_str())?;
        let is_whole = rest.starts_with(' ') && title[..object.kind.len()].eq_ignore_ascii_case(&object.kind);
        is_whole.then(|| rest.trim_start())
    });
    let said = again.or_else(|| title.strip_prefix("it ")).unwrap_or(title);
    said.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// A word as it is, or the time that it is: `2026-11-25T16:30:40Z);` becomes `2026-11-25 16:30:40 UTC);`.
fn word(word: &str) -> String {
    let time = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    match time.parse::<jiff::Timestamp>() {
        Ok(_) => word.replace(time, &times(time)),
        Err(_) => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_does_not_say_the_object_again() {
        let service = ObjectRef::namespaced("Service", "shop", "web");
        assert_eq!(said(&service, "Service shop/web has no ready endpoints"), "has no ready endpoints");
        assert_eq!(said(&service, "service web is alone"), "is alone");
        assert_eq!(said(&service, "Service shop/website is another"), "Service shop/website is another");
        assert_eq!(said(&service, "nobody answers at Service shop/web"), "nobody answers at Service shop/web");
        assert_eq!(said(&service, "it sends nothing"), "sends nothing");
        let node = ObjectRef::cluster("Node", "n1");
        assert_eq!(
            said(&node, "node n1 is silent (last at 2026-11-25T16:30:40Z)"),
            format!("is silent (last at {})", times("2026-11-25T16:30:40Z"))
        );
    }

    #[test]
    fn ages_are_in_the_unit_that_people_read() {
        assert_eq!(
            [age(119), age(120), age(7_199), age(7_200), age(200_000)],
            ["119 s", "2 min", "119 min", "2 h", "2 days"]
        );
    }
}
