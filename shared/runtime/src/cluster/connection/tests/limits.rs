//! Time limits, repetition, headers and warnings.

use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;

use super::super::kubeconfig::Cluster;
use super::super::selection::Selection;
use super::super::transport::Blueprint;
use super::super::{Environment, Identity, Notice, RequestFault, classify};
use super::sandbox::{Sandbox, flags, get};
use super::server::{Answer, Server};

#[tokio::test]
async fn nothing_is_repeated_behind_our_back() {
    for status in [429, 503, 504] {
        let headers = vec![("retry-after", "0".to_owned())];
        let server =
            Server::start(&["127.0.0.1"], move |_, _| Answer { status, headers: headers.clone(), ..Answer::default() })
                .await;
        let answer = Sandbox::with_user(&server, "{}").get(&[]).await.expect("an answer");
        assert_eq!((answer.status().as_u16(), server.seen().len()), (status, 1));
    }
}

#[tokio::test]
async fn a_stalled_server_is_given_up() {
    let stalled = Answer { delay: Duration::from_secs(60), ..Answer::default() };
    let server = Server::start(&["127.0.0.1"], move |_, _| stalled.clone()).await;
    let started = Instant::now();
    let fault = Sandbox::with_user(&server, "{}").get(&["--request-timeout", "200ms"]).await.err();
    assert_eq!(fault, Some(RequestFault::Timeout));
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_body_that_only_drips_is_given_up() {
    let dripping = Answer { drip: Some(Duration::from_millis(50)), ..Answer::default() };
    let server = Server::start(&["127.0.0.1"], move |_, _| dripping.clone()).await;
    let answer = Sandbox::with_user(&server, "{}").get(&["--request-timeout", "400ms"]).await.expect("a head");
    let error = answer.into_body().collect_bytes().await.expect_err("a body beyond the limit");
    assert_eq!(classify(&error), RequestFault::Timeout);
}

fn blueprint(server: &Server, words: &[&str]) -> Blueprint {
    let cluster = Cluster { server: Some(server.url()), insecure_skip_tls_verify: Some(true), ..Cluster::default() };
    let identity = Identity { version: "1".into(), command: "x".into(), run_id: "r".into() };
    let selection = Selection { cluster, ..Selection::default() };
    Blueprint::new(&selection, &flags(words), &identity, &Environment::default()).expect("a blueprint")
}

#[tokio::test]
async fn silence_is_borne_for_thirty_seconds_unless_a_flag_says_otherwise() {
    let server = Server::agreeable().await;
    let silence = |words: &[&str]| blueprint(&server, words).read_timeout.map(|limit| limit.as_secs());
    assert_eq!(silence(&[]), Some(30));
    assert_eq!(silence(&["--request-timeout", "5m"]), Some(300));
    assert_eq!(silence(&["--request-timeout", "0"]), None);
}

#[tokio::test]
async fn silence_ends_a_request_that_has_no_limit_of_its_own() {
    let stalled = Answer { delay: Duration::from_secs(60), ..Answer::default() };
    let server = Server::start(&["127.0.0.1"], move |_, _| stalled.clone()).await;
    let mut short = blueprint(&server, &[]);
    short.read_timeout = Some(Duration::from_millis(200));
    let request = http::Request::get("/version").body(kube::client::Body::empty()).expect("a request");
    let error = short.build(None).expect("a client").send(request).await.expect_err("silence");
    assert_eq!(classify(&error), RequestFault::Timeout);
}

/// The pause and the answer's delay are each within the limit, and together beyond it.
#[tokio::test]
async fn an_idle_connection_does_not_count_against_the_next_answer() {
    let half = Duration::from_millis(900);
    let delay = move |count| if count > 1 { half } else { Duration::ZERO };
    let server =
        Server::start(&["127.0.0.1"], move |count, _| Answer { delay: delay(count), ..Answer::default() }).await;
    let connection =
        Sandbox::with_user(&server, "{}").connect(&["--request-timeout", "1500ms"]).await.expect("a connection");
    let answer = get(&connection, "/version").await.expect("an answer");
    answer.into_body().collect().await.expect("a body");
    tokio::time::sleep(half).await;
    get(&connection, "/version").await.expect("an answer within the limit");
}

#[tokio::test]
async fn every_request_says_who_sends_it_and_asks_for_no_encoding_of_its_own() {
    let server = Server::agreeable().await;
    Sandbox::with_user(&server, "{}").get(&[]).await.expect("an answer");
    let seen = server.seen().pop().expect("a request");
    let agent = seen.header("user-agent").expect("a user agent");
    assert!(agent.starts_with("kubectl-sre/1.2.3 (") && agent.ends_with(") daily-check r7"), "{agent}");
    assert_eq!(seen.header("accept-encoding"), None, "the read path sets it, because it decodes while reading");
}

#[tokio::test]
async fn a_warning_of_the_server_is_told_once() {
    let headers = vec![
        ("warning", "299 - \"policy/v1beta1 is old\"".to_owned()),
        ("warning", "299 - \"and so are you\", 199 - \"not ours\"".to_owned()),
    ];
    let server =
        Server::start(&["127.0.0.1"], move |_, _| Answer { headers: headers.clone(), ..Answer::default() }).await;
    let sandbox = Sandbox::with_user(&server, "{}");
    let connection = sandbox.connect(&[]).await.expect("a connection");
    for _ in 0..3 {
        get(&connection, "/version").await.expect("an answer");
    }
    let told = ["policy/v1beta1 is old", "and so are you"].map(|text| Notice::ServerWarning(text.into()));
    assert_eq!(sandbox.told(), told);
}
