//! Names of Services in texts that people write: environment, arguments, external names.
//!
//! Only the form that can mean nothing else is taken: `NAME.NAMESPACE.svc`, alone or with the usual domain.

/// A Service that a text names by its DNS name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceName<'a> {
    /// Name of the Service.
    pub name: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
}

/// Every Service that a text names.
pub fn named_in(text: &str) -> Vec<ServiceName<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (end, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if is_of_host(letter) {
            continue;
        }
        // What follows a placeholder is only the end of a name.
        let is_whole = !text[..start].ends_with([')', '}', ']', '>', '%', '$', '*']);
        if is_whole {
            found.extend(named_by(&text[start..end]));
        }
        start = end + letter.len_utf8();
    }
    found
}

fn is_of_host(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_')
}

/// The Service that a host name is of, the name of one of its pods included.
pub fn named_by(host: &str) -> Option<ServiceName<'_>> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let inner = host.strip_suffix(".cluster.local").unwrap_or(host).strip_suffix(".svc")?;
    let mut labels = inner.rsplit('.');
    let (namespace, name) = (labels.next()?, labels.next()?);
    let others_are_labels = labels.all(|label| is_label(label.trim_start_matches('_')));
    (is_label(namespace) && is_label(name) && others_are_labels).then_some(ServiceName { name, namespace })
}

fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte != b'-');
    let bytes = text.as_bytes();
    text.len() <= 63 && text.bytes().all(is_inner) && is_edge(bytes.first().copied()) && is_edge(bytes.last().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        named_in(text).iter().map(|one| format!("{}/{}", one.namespace, one.name)).collect()
    }

    #[test]
    fn names_are_found_in_addresses() {
        assert_eq!(names("postgres://shop:x@db.data.svc:5432/shop"), ["data/db"]);
        assert_eq!(names("http://api.shop.svc.cluster.local.:80"), ["shop/api"]);
        assert_eq!(names("kafka-0.kafka.data.svc:9092,kafka-1.kafka.data.svc:9092"), ["data/kafka", "data/kafka"]);
        assert_eq!(names("_http._tcp.api.shop.svc.cluster.local"), ["shop/api"]);
    }

    #[test]
    fn what_may_mean_something_else_is_left() {
        for text in [
            "api.shop",
            "https://api.shop.svc.example.com",
            ".svc,.svc.cluster.local,.shop.svc",
            "*.shop.svc",
            "$(RELEASE)-db.data.svc",
            "${PREFIX}db.data.svc",
            "%sdb.data.svc",
            "shop.svc",
            "DB.DATA.SVC",
            "db.data.svc_old",
        ] {
            assert_eq!(names(text), Vec::<String>::new(), "{text}");
        }
    }
}
