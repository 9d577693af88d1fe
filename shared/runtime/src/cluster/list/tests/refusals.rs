//! Answers that are errors: what is tried again, how often, and what is told.

use super::*;
use crate::cluster::stream::samples::{field, gzip, unknown};

fn whole() -> Answer {
    Answer::json(json_list(&["a"], ""))
}

/// Reads a list from a server that always refuses; gives the fault and how often it was asked.
async fn refused(answer: Answer) -> (ListFault, usize) {
    let seen = observe(vec![answer]).await;
    (seen.result.unwrap_err(), seen.requests.len())
}

#[tokio::test]
async fn a_busy_server_is_asked_three_times() {
    for (status, fault) in [
        ("429 Too Many Requests", ListFault::TooMany { retry_after: Some(Duration::ZERO) }),
        ("503 Service Unavailable", ListFault::Unavailable { status: 503, message: "later".into() }),
    ] {
        let busy = || Answer::status(status, &["Retry-After: 0"], "later");
        assert_eq!(refused(busy()).await, (fault, 3));
        let seen = observe(vec![busy(), busy(), whole()]).await;
        assert_eq!((seen.result.unwrap().items, seen.kept.restarts), (1, 0));
    }
}

#[tokio::test]
async fn a_wait_longer_than_the_deadline_is_not_begun() {
    let after = Duration::from_secs(3600);
    let answer = Answer::status("429 Too Many Requests", &["Retry-After: 3600"], "later");
    assert_eq!(refused(answer).await, (ListFault::TooMany { retry_after: Some(after) }, 1));
}

#[tokio::test]
async fn a_failing_server_is_asked_twice() {
    for status in [500, 502, 503, 504] {
        let failing = || Answer::status(&format!("{status} Broken"), &[], "etcd has no leader");
        let fault = ListFault::Unavailable { status, message: "etcd has no leader".into() };
        assert_eq!(refused(failing()).await, (fault, 2));
        assert_eq!(observe(vec![failing(), whole()]).await.result.unwrap().items, 1);
    }
}

#[tokio::test]
async fn what_will_not_change_is_asked_once() {
    for (status, fault) in [
        (401, ListFault::Unauthenticated),
        (403, ListFault::Forbidden { message: "no".into() }),
        (404, ListFault::NotFound),
        (400, ListFault::Unavailable { status: 400, message: "no".into() }),
        (302, ListFault::Unavailable { status: 302, message: "no".into() }),
    ] {
        assert_eq!(refused(Answer::status(&format!("{status} No"), &[], "no")).await, (fault, 1));
    }
}

#[tokio::test]
async fn an_expired_list_begins_again_once_without_its_token() {
    let page = || Answer::json(json_list(&["a"], "old"));
    let gone = || Answer::status("410 Gone", &[], "The provided continue parameter is too old");
    let seen = observe(vec![page(), gone(), whole()]).await;
    assert_eq!((seen.result.unwrap().items, seen.kept.items.len(), seen.kept.restarts), (1, 1, 1));
    assert!(!seen.requests[2].contains("continue="), "{}", seen.requests[2]);
    let seen = observe(vec![page(), gone(), page(), gone()]).await;
    assert_eq!((seen.result, seen.requests.len()), (Err(ListFault::Expired), 4));
}

#[tokio::test]
async fn pages_for_people_are_never_shown() {
    for status in ["200 OK", "403 Forbidden", "502 Bad Gateway"] {
        let answer = Answer::new(status, &["Content-Type: text/html; charset=utf-8"], "<h1>Sign in, please</h1>");
        let (fault, _) = refused(answer).await;
        let ListFault::WrongContentType { got } = &fault else { panic!("{fault:?}") };
        assert!(got.starts_with("text/html") && !fault.to_string().contains("Sign in"), "{fault}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_not_an_empty_one() {
    for body in [r#"{"kind":"Status","status":"Success"}"#, "{}"] {
        let (fault, _) = refused(Answer::json(body)).await;
        assert!(matches!(fault, ListFault::WrongContentType { .. }), "{fault:?}");
    }
    let protobuf = Answer::new("200 OK", &["Content-Type: application/vnd.kubernetes.protobuf"], "k8s\0");
    let brotli = Answer::new("200 OK", &["Content-Type: application/json", "Content-Encoding: br"], "x");
    for answer in [protobuf, brotli, Answer::new("200 OK", &[], "{}")] {
        let (fault, asked) = refused(answer).await;
        assert!(matches!(fault, ListFault::WrongContentType { .. }) && asked == 1, "{fault:?}");
    }
}

#[tokio::test]
async fn messages_are_read_from_every_form_of_a_status() {
    let status = [field(2, b"Failure"), field(3, b"no pods for you"), field(4, b"Forbidden")].concat();
    let protobuf = unknown(&status, status.len());
    let json = gzip(br#"{"kind":"Status","message":"no pods for you"}"#);
    let told = |headers: &[&str], body: &[u8]| Answer::new("403 Forbidden", headers, body);
    for answer in [
        told(&["Content-Type: application/vnd.kubernetes.protobuf"], &protobuf),
        told(&["Content-Type: application/json", "Content-Encoding: gzip"], &json),
        told(&["Content-Type: text/plain"], b"no pods for you\nat all\n"),
    ] {
        assert_eq!(refused(answer).await.0, ListFault::Forbidden { message: "no pods for you".into() });
    }
}

#[tokio::test]
async fn a_giant_error_is_not_read_to_its_end() {
    let answer = Answer::new("403 Forbidden", &["Content-Type: text/plain"], "x".repeat(4 << 20)).cut_by(2 << 20);
    assert_eq!(refused(answer.then_stalls()).await.0, ListFault::Forbidden { message: String::new() });
}

#[tokio::test]
async fn an_error_that_stalls_is_still_the_error() {
    let answer = Answer::status("403 Forbidden", &[], "no pods for you").cut_by(9).then_stalls();
    assert_eq!(refused(answer).await, (ListFault::Forbidden { message: String::new() }, 1));
}
