//! Lists that go well, in one page or several.

use super::*;
use crate::cluster::stream::samples::{gzip, pieces, protobuf_body};

const PROTOBUF: &str = "Content-Type: application/vnd.kubernetes.protobuf";

#[tokio::test]
async fn a_cached_protobuf_list_comes_whole_and_packed() {
    let items = pieces(300, 400);
    let body = gzip(&protobuf_body(&items, ""));
    let answer = Answer::new("200 OK", &[PROTOBUF, "Content-Encoding: gzip"], &body);
    let seen = observe_as(request(Encoding::Protobuf, Freshness::Cached), vec![answer]).await;
    let outcome = seen.result.unwrap();
    assert_eq!((outcome.items, outcome.encoding, outcome.resource_version.as_str()), (300, Encoding::Protobuf, "42"));
    assert_eq!(outcome.server_date.as_deref(), Some("Wed, 25 Nov 2026 10:00:00 GMT"));
    assert_eq!((seen.kept.received, seen.kept.items), (body.len() as u64, items));
    let head = seen.requests[0].to_lowercase();
    assert!(head.starts_with("get /api/v1/pods?resourceversion=0 http/1.1"), "{head}");
    assert!(head.contains("accept: application/vnd.kubernetes.protobuf,application/json\r\n"), "{head}");
    assert_eq!(head.matches("accept-encoding: gzip\r\n").count(), 1, "{head}");
}

#[tokio::test]
async fn pages_are_followed_to_the_last() {
    let pages = [(["a", "b"], "t/1="), (["c", "d"], "t2"), (["e", "f"], "")];
    let seen = observe(pages.map(|(names, token)| Answer::json(json_list(&names, token))).to_vec()).await;
    let outcome = seen.result.unwrap();
    assert_eq!((outcome.items, seen.kept.restarts, seen.requests.len()), (6, 0, 3));
    for (head, query) in seen.requests.iter().zip(["limit=500", "limit=500&continue=t%2F1%3D", "limit=500&continue=t2"])
    {
        assert!(head.starts_with(&format!("GET /api/v1/pods?{query} HTTP/1.1")), "{head}");
    }
}

#[tokio::test]
async fn a_server_without_protobuf_is_read_as_json() {
    for status in ["406 Not Acceptable", "415 Unsupported Media Type"] {
        let answers = vec![Answer::status(status, &[], "no"), Answer::json(json_list(&["a"], ""))];
        let seen = observe_as(request(Encoding::Protobuf, Freshness::Cached), answers).await;
        assert_eq!(seen.result.unwrap().encoding, Encoding::Json);
        assert!(seen.requests[1].to_lowercase().contains("accept: application/json\r\n"), "{}", seen.requests[1]);
    }
    let json_at_once = vec![Answer::json(json_list(&["a"], ""))];
    let seen = observe_as(request(Encoding::Protobuf, Freshness::Cached), json_at_once).await;
    assert_eq!((seen.result.unwrap().encoding, seen.requests.len()), (Encoding::Json, 1));
}

#[tokio::test]
async fn a_server_without_any_common_encoding_is_unavailable() {
    let answers = vec![Answer::status("406 Not Acceptable", &[], "only the following")];
    let seen = observe_as(request(Encoding::Protobuf, Freshness::Cached), answers).await;
    assert_eq!(seen.result, Err(ListFault::Unavailable { status: 406, message: "only the following".into() }));
    assert_eq!(seen.requests.len(), 2);
}

#[tokio::test]
async fn undecodable_items_are_named_and_the_rest_is_read() {
    let names: Vec<String> = (0..30).map(|number| format!("bad-{number}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("good");
    let seen = observe(vec![Answer::json(json_list(&names, ""))]).await;
    let outcome = seen.result.unwrap();
    assert_eq!((outcome.items, outcome.undecodable_count, outcome.undecodable.len()), (1, 30, 20));
    assert_eq!(outcome.undecodable[3], "bad-3: a field of a wrong type");
}

#[tokio::test]
async fn chunks_of_any_size_make_the_same_list() {
    let body = json_list(&["a", "b", "c"], "");
    let chunked: String = body.as_bytes().iter().map(|byte| format!("1\r\n{}\r\n", char::from(*byte))).collect();
    let headers = ["Content-Type: application/json;charset=utf-8", "Transfer-Encoding: chunked"];
    let seen = observe(vec![Answer::raw("200 OK", &headers, format!("{chunked}0\r\n\r\n"))]).await;
    assert_eq!(seen.result.unwrap().items, 3);
}

#[tokio::test]
async fn a_giant_list_leaves_turns_to_others() {
    let body = json_list(&["a"; 20_000], "");
    let turns = std::cell::Cell::new(0);
    let others = async {
        loop {
            turns.set(turns.get() + 1);
            tokio::task::yield_now().await;
        }
    };
    let seen = tokio::select! {
        seen = observe(vec![Answer::json(&body)]) => seen,
        () = others => unreachable!("it never ends"),
    };
    assert_eq!(seen.result.unwrap().items, 20_000);
    assert!(turns.get() > body.len() / (16 << 10), "{} turns", turns.get());
}
