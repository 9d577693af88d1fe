//! An API server that refuses one kind, and is otherwise empty: the only thing to say is what could not be seen.
//!
//! What else goes wrong with a list is tried on the bodies of a real server, in `live/proxy.rs`.

use super::sandbox::Sandbox;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

/// An API server with one namespace and nothing else, that shows nobody its pods.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    url
}

fn answer(mut stream: TcpStream) {
    let mut request = vec![0; 8192];
    let Ok(count) = stream.read(&mut request) else { return };
    let request = String::from_utf8_lossy(&request[..count]).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let text = match path.split('?').next().unwrap_or_default() {
        "/version" => json(r#"{"gitVersion":"v1.36.0"}"#),
        "/readyz" | "/livez" => head("text/plain", "[+]ping ok\nok\n"),
        "/api/v1/namespaces" => json(
            r#"{"kind":"NamespaceList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"shop","uid":"1"}}]}"#,
        ),
        "/api/v1/pods" => json(r#"{"kind":"Status","status":"Failure","message":"not for you","code":403}"#).replacen(
            "200 OK",
            "403 Forbidden",
            1,
        ),
        _ => json(r#"{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"#),
    };
    stream.write_all(text.as_bytes()).expect("a client that listens");
}

fn json(body: &str) -> String {
    head("application/json", body)
}

fn head(kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

#[test]
fn a_gap_and_nothing_else_is_exit_6() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["daily-check", "--server", &server()]);
    assert_eq!(ran.code, 6, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("Could not look at everything\n  Pod forbidden  not for you"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Nothing found"), "{}", ran.stdout);
}
