//! The HTTP request for one page.

use http::Request;
use http::header::{ACCEPT, ACCEPT_ENCODING};
use kube::client::Body;

use super::{Encoding, Freshness, ListRequest};

/// How many objects a page has; what kubectl asks for, too.
const PAGE: &str = "500";

const METADATA_ONLY: &str = ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// Asks for the page behind `continue_token`, or the first one when that is empty. Fails when the path is none.
pub fn page(request: &ListRequest<'_>, encoding: Encoding, continue_token: &str) -> http::Result<Request<Body>> {
    Request::get(target(request, continue_token))
        .header(ACCEPT, accept(encoding, request))
        .header(ACCEPT_ENCODING, "gzip")
        .body(Body::empty())
}

fn target(request: &ListRequest<'_>, continue_token: &str) -> String {
    let mut query: Vec<(&str, &str)> = request.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    match (continue_token, request.freshness) {
        // The server ignores a limit here, and refuses the version together with a token.
        ("", Freshness::Cached) => query.push(("resourceVersion", "0")),
        ("", Freshness::Consistent) => query.push(("limit", PAGE)),
        (token, _) => query.extend([("limit", PAGE), ("continue", token)]),
    }
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    format!("{}?{}", request.path, pairs.join("&"))
}

/// Writes a value as it may stand in a query.
pub fn percent_encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

fn accept(encoding: Encoding, request: &ListRequest<'_>) -> String {
    let suffix = if request.metadata_only { METADATA_ONLY } else { "" };
    match encoding {
        Encoding::Protobuf => format!("application/vnd.kubernetes.protobuf{suffix},application/json{suffix}"),
        Encoding::Json => format!("application/json{suffix}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn request(freshness: Freshness) -> ListRequest<'static> {
        ListRequest {
            path: "/api/v1/secrets",
            query: vec![("fieldSelector", "type!=helm.sh/release.v1".into())],
            encoding: Encoding::Protobuf,
            freshness,
            metadata_only: false,
            deadline: Duration::from_secs(1),
        }
    }

    #[test]
    fn selectors_are_encoded_and_freshness_decides_the_rest() {
        let path = "/api/v1/secrets?fieldSelector=type%21%3Dhelm.sh%2Frelease.v1";
        assert_eq!(target(&request(Freshness::Cached), ""), format!("{path}&resourceVersion=0"));
        assert_eq!(target(&request(Freshness::Consistent), ""), format!("{path}&limit=500"));
        assert_eq!(target(&request(Freshness::Cached), "a="), format!("{path}&limit=500&continue=a%3D"));
    }

    #[test]
    fn json_is_always_acceptable() {
        let metadata = ListRequest { metadata_only: true, ..request(Freshness::Cached) };
        assert_eq!(
            accept(Encoding::Protobuf, &metadata),
            "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,\
             application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        );
        assert_eq!(accept(Encoding::Json, &request(Freshness::Cached)), "application/json");
    }
}
