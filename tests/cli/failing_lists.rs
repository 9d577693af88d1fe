//! An API server that answers one kind badly: that is a gap with its own words, never a shorter list that looks whole.

use super::sandbox::{Ran, Sandbox};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What the server does when it is asked for pods.
#[derive(Clone, Copy)]
enum Pods {
    /// Answers with these bytes, head and all, and hangs up.
    Raw(&'static str),
    /// Answers nothing for longer than anybody waits.
    Stall,
}

/// An API server with one namespace, nothing else, and trouble with its pods.
fn server(pods: Pods) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream, pods));
        }
    });
    url
}

fn answer(mut stream: TcpStream, pods: Pods) {
    let mut request = vec![0; 8192];
    let Ok(count) = stream.read(&mut request) else { return };
    let request = String::from_utf8_lossy(&request[..count]).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let text = match (path.split('?').next().unwrap_or_default(), pods) {
        ("/version", _) => json(r#"{"gitVersion":"v1.36.0"}"#),
        ("/readyz" | "/livez", _) => plain("[+]ping ok\nok\n"),
        ("/api/v1/namespaces", _) => json(
            r#"{"kind":"NamespaceList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"shop","uid":"1"}}]}"#,
        ),
        ("/api/v1/pods", Pods::Raw(text)) => text.to_owned(),
        ("/api/v1/pods", Pods::Stall) => {
            thread::sleep(Duration::from_secs(60));
            return;
        }
        _ => json(r#"{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"#),
    };
    // A client that has gone is what some of these tests are about.
    let _ = stream.write_all(text.as_bytes());
}

fn json(body: &str) -> String {
    head("application/json", body)
}

fn plain(body: &str) -> String {
    head("text/plain", body)
}

/// An answer with another status than 200, whose text lives as long as the server.
fn refusal(status: &str, kind: &str, body: &str) -> Pods {
    let text = head(kind, body).replacen("200 OK", status, 1);
    Pods::Raw(Box::leak(text.into_boxed_str()))
}

fn head(kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn check(pods: Pods, more: &[&str]) -> Ran {
    let sandbox = Sandbox::new();
    let config = sandbox.kubeconfig(&server(pods), "", "");
    sandbox.run(&[&["daily-check", "--kubeconfig", config.to_str().expect("a path")], more].concat())
}

/// The run goes on, says what it could not see, and ends with 6.
fn is_a_gap(pods: Pods, more: &[&str], words: &str) {
    let start = Instant::now();
    let ran = check(pods, more);
    assert_eq!(ran.code, 6, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("Could not look at everything"), "{}", ran.stdout);
    assert!(ran.stdout.contains(words), "{words:?} is missing in {}", ran.stdout);
    assert!(!ran.stdout.contains("Nothing found"), "{}", ran.stdout);
    assert!(start.elapsed() < Duration::from_secs(30), "one kind held up the run");
}

#[test]
fn too_many_requests_without_end() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    is_a_gap(Pods::Raw(answer), &[], "Pod API unavailable  too many requests");
}

#[test]
fn an_internal_error_of_the_server() {
    let answer = refusal("500 Internal Server Error", "text/plain", "etcd is full");
    is_a_gap(answer, &[], "Pod API unavailable  unavailable: HTTP 500: etcd is full");
}

#[test]
fn a_stall_costs_its_deadline_and_no_more() {
    is_a_gap(Pods::Stall, &["--request-timeout", "2s"], "Pod timed out");
}

#[test]
fn a_list_that_is_always_gone() {
    let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}"#;
    is_a_gap(refusal("410 Gone", "application/json", body), &[], "Pod cut short");
}

#[test]
fn another_content_type_than_was_asked_for() {
    let ran = check(refusal("200 OK", "text/html", "<html>hidden words</html>"), &[]);
    assert!(ran.code == 6 && ran.stdout.contains("Pod API unavailable"), "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("hidden words"), "{}", ran.stdout);
}

#[test]
fn a_body_cut_at_every_kind_of_place() {
    let whole = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}"#;
    for length in [0, 1, 30, whole.len() - 30, whole.len() - 2, whole.len() - 1] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}",
            whole.len(),
            &whole[..length]
        );
        is_a_gap(Pods::Raw(Box::leak(answer.into_boxed_str())), &[], "Pod cut short");
    }
    // The same without a length: the end of the connection is not the end of the list.
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{}",
        &whole[..whole.len() - 1]
    );
    is_a_gap(Pods::Raw(Box::leak(answer.into_boxed_str())), &[], "Pod cut short");
}

#[test]
fn one_kind_forbidden() {
    let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not for you","code":403}"#;
    is_a_gap(refusal("403 Forbidden", "application/json", body), &[], "Pod forbidden  not for you");
}

#[test]
fn an_interrupt_ends_at_once_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    let config = sandbox.kubeconfig(&server(Pods::Stall), "", "");
    let arguments = ["daily-check", "--kubeconfig", config.to_str().expect("a path"), "--save", "half.tar.zst"];
    let child = sandbox.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    thread::sleep(Duration::from_millis(700));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let start = Instant::now();
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(3), "it ends at once");
    assert!(output.stdout.is_empty());
    let left: Vec<_> =
        std::fs::read_dir(sandbox.path(".")).expect("a home").flatten().map(|it| it.file_name()).collect();
    assert_eq!(left, ["kubeconfig"], "nothing half-written stays");
}
