//! Answers that stop, stall or do not add up: never a shorter list that looks complete.

use super::*;
use crate::cluster::stream::samples::{gzip, pieces, protobuf_body};

fn whole() -> Answer {
    Answer::json(json_list(&["a", "b", "c"], ""))
}

fn cut_short(items: usize) -> impl Fn(&Result<ListOutcome, ListFault>) -> bool {
    move |result| matches!(result, Err(ListFault::CutShort { items: seen, .. }) if *seen == items)
}

#[tokio::test]
async fn a_list_cut_once_begins_again() {
    let seen = observe(vec![whole().cut_by(5), whole()]).await;
    assert_eq!(seen.result.unwrap().items, 3);
    assert_eq!((seen.kept.items.len(), seen.kept.restarts, seen.requests.len()), (3, 1, 2));
}

#[tokio::test]
async fn a_list_cut_twice_is_cut_short_with_what_was_seen() {
    let seen = observe(vec![whole().cut_by(5)]).await;
    assert!(cut_short(2)(&seen.result), "{:?}", seen.result);
    assert_eq!(seen.requests.len(), 2);
}

#[tokio::test]
async fn a_later_page_that_is_cut_begins_the_whole_list_again() {
    let first = || Answer::json(json_list(&["a"], "next"));
    let second = || Answer::json(json_list(&["b"], ""));
    let seen = observe(vec![first(), second().cut_by(1), first(), second()]).await;
    assert_eq!((seen.result.unwrap().items, seen.kept.items.len(), seen.requests.len()), (2, 2, 4));
    assert!(!seen.requests[2].contains("continue="), "{}", seen.requests[2]);
}

#[tokio::test]
async fn a_length_that_is_wrong_is_a_cut() {
    let body = json_list(&["a", "b", "c"], "");
    for offset in [-1, 1] {
        let length = format!("Content-Length: {}", body.len().checked_add_signed(offset).unwrap());
        let answer = Answer::raw("200 OK", &["Content-Type: application/json", &length], &body);
        let seen = observe(vec![answer]).await;
        assert!(cut_short(3)(&seen.result), "off by {offset}: {:?}", seen.result);
    }
}

#[tokio::test]
async fn a_body_without_a_length_must_still_be_whole() {
    for missing in 1..12 {
        let body = protobuf_body(&pieces(3, 50), "");
        let headers = ["Content-Type: application/vnd.kubernetes.protobuf"];
        let answer = Answer::raw("200 OK", &headers, &body[..body.len() - missing]);
        let seen = observe_as(request(Encoding::Protobuf, Freshness::Cached), vec![answer]).await;
        assert!(matches!(seen.result, Err(ListFault::CutShort { .. })), "without {missing}: {:?}", seen.result);
    }
}

#[tokio::test]
async fn a_gzip_trailer_must_be_there_and_right() {
    let packed = gzip(json_list(&["a", "b", "c"], "").as_bytes());
    let mut wrong = packed.clone();
    *wrong.last_mut().unwrap() ^= 1;
    let missing = packed[..packed.len() - 8].to_vec();
    let garbage = [packed.as_slice(), b"more"].concat();
    for body in [wrong, missing, garbage] {
        let answer = Answer::new("200 OK", &["Content-Type: application/json", "Content-Encoding: gzip"], body);
        let seen = observe(vec![answer]).await;
        assert!(matches!(seen.result, Err(ListFault::CutShort { .. })), "{:?}", seen.result);
    }
}

#[tokio::test]
async fn a_broken_chunk_is_a_cut() {
    let headers = ["Content-Type: application/json", "Transfer-Encoding: chunked"];
    let body = json_list(&["a"], "");
    let unended = format!("{:x}\r\n{body}\r\n", body.len());
    let seen = observe(vec![Answer::raw("200 OK", &headers, unended)]).await;
    assert!(cut_short(1)(&seen.result), "{:?}", seen.result);
}

#[tokio::test]
async fn a_stall_ends_at_the_deadline() {
    let deadline = Duration::from_millis(150);
    for answer in [whole().cut_by(5).then_stalls(), Answer::nothing().then_stalls()] {
        let request = ListRequest { deadline, ..request(Encoding::Json, Freshness::Consistent) };
        let seen = observe_as(request, vec![answer]).await;
        assert_eq!(seen.result, Err(ListFault::TimedOut { after: deadline }));
        assert_eq!(seen.requests.len(), 1);
    }
}

#[tokio::test]
async fn a_connection_closed_before_the_first_byte_is_tried_once_more() {
    let seen = observe(vec![Answer::nothing(), whole()]).await;
    assert_eq!((seen.result.unwrap().items, seen.kept.restarts, seen.requests.len()), (3, 0, 2));
    let seen = observe(vec![Answer::nothing()]).await;
    assert!(matches!(seen.result, Err(ListFault::Unreachable { .. })), "{:?}", seen.result);
    assert_eq!(seen.requests.len(), 2);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client = kube::Client::try_from(server::config(port)).unwrap();
    let request = request(Encoding::Json, Freshness::Consistent);
    let result = list(&client, &request, &mut Kept::default()).await;
    let Err(ListFault::Unreachable { why }) = result else { panic!("{result:?}") };
    assert!(why.contains("refused") && !why.contains("ServiceError"), "{why}");
}

#[tokio::test]
async fn a_read_timeout_of_the_client_is_a_time_out_too() {
    for answer in [whole().cut_by(5).then_stalls(), Answer::nothing().then_stalls()] {
        let server = Server::start(vec![answer]).await;
        let client = server.impatient_client(Duration::from_millis(100));
        let request = request(Encoding::Json, Freshness::Consistent);
        let result = list(&client, &request, &mut Kept::default()).await;
        assert!(matches!(result, Err(ListFault::TimedOut { after }) if after < PATIENCE), "{result:?}");
        assert_eq!(server.requests().len(), 1);
    }
}
