//! What goes wrong with requests, put into classes that say why and show no body.

use super::super::{RequestFault, classify, content_fault};
use super::sandbox::{Sandbox, get};
use super::server::{Answer, Server};

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{}");
    let fault = sandbox.get(&["--server", "https://127.0.0.1:1"]).await.expect_err("nobody listens");
    assert!(matches!(&fault, RequestFault::Unreachable { why } if why.contains("refused")), "{fault:?}");
    let fault = sandbox.get(&["--server", "https://no-such-host.invalid"]).await.expect_err("no such name");
    assert!(matches!(fault, RequestFault::Unreachable { .. }), "{fault:?}");
}

#[tokio::test]
async fn a_wrong_authority_is_told_from_an_unreachable_server() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{}");
    sandbox.write("ca.crt", &super::authority::Authority::new().pem);
    let fault = sandbox.get(&[]).await.expect_err("a stranger");
    assert!(matches!(&fault, RequestFault::CertificateUntrusted { .. }), "{fault:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.0 400 Bad Request\r\n\r\n").await;
        }
    });
    let server = Server::agreeable().await;
    let words = ["--server", &format!("https://127.0.0.1:{port}")];
    let fault = Sandbox::with_user(&server, "{}").get(&words).await.expect_err("no TLS");
    assert_eq!(fault, RequestFault::Unreachable { why: "it does not speak TLS".into() });
}

#[tokio::test]
async fn a_page_from_a_proxy_is_told_from_an_answer() {
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    let page = Answer { headers, body: "<html>hush</html>", ..Answer::default() };
    let server = Server::start(&["127.0.0.1"], move |_, _| page.clone()).await;
    let answer = Sandbox::with_user(&server, "{}").get(&[]).await.expect("a page");
    let fault = content_fault(answer.status(), answer.headers());
    assert_eq!(fault, Some(RequestFault::WrongContentType { status: 200, content_type: "text/html".into() }));
}

#[tokio::test]
async fn no_fault_quotes_a_body() {
    for (status, body) in [(200, r#"{"kind":"Secret","data":"hush"}"#), (500, "hush"), (403, "hush"), (200, "\"hush")] {
        let answer = Answer { status, body, ..Answer::default() };
        let server = Server::start(&["127.0.0.1"], move |_, _| answer.clone()).await;
        let connection = Sandbox::with_user(&server, "{}").connect(&[]).await.expect("a connection");
        let request = http::Request::get("/").body(Vec::new()).expect("a request");
        let error = connection.client.request::<Vec<u8>>(request).await.expect_err("no list of bytes");
        let fault = classify(&error);
        assert!(!format!("{fault} {fault:?}").contains("hush"), "{fault:?}");
    }
}

#[tokio::test]
async fn refusals_keep_the_servers_message() {
    let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"nodes is forbidden","reason":"Forbidden","code":403}"#;
    let server = Server::start(&["127.0.0.1"], move |_, _| Answer { status: 403, body, ..Answer::default() }).await;
    let connection = Sandbox::with_user(&server, "{}").connect(&[]).await.expect("a connection");
    let request = http::Request::get("/").body(Vec::new()).expect("a request");
    let error = connection.client.request_text(request).await.expect_err("a refusal");
    assert_eq!(classify(&error), RequestFault::Forbidden { message: "nodes is forbidden".into() });
}

#[tokio::test]
async fn a_connection_cut_before_the_answer_is_unreachable() {
    let server = Server::start(&["127.0.0.1"], |_, _| Answer {
        headers: vec![("content-length", "100".into())],
        ..Answer::default()
    });
    let server = server.await;
    let connection = Sandbox::with_user(&server, "{}").connect(&[]).await.expect("a connection");
    let fault = match get(&connection, "/version").await {
        Err(fault) => fault,
        Ok(answer) => match answer.into_body().collect_bytes().await {
            Err(error) => classify(&error),
            Ok(_) => panic!("a body of 2 bytes passed for one of 100"),
        },
    };
    assert!(matches!(fault, RequestFault::Unreachable { .. }), "{fault:?}");
}

#[tokio::test]
async fn a_client_certificate_of_a_stranger_is_no_authentication() {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{client-certificate: j.crt, client-key: j.key}");
    let jane = super::authority::Authority::new().person("jane", 2090);
    sandbox.write(".kube/j.crt", &jane.certificate);
    sandbox.write(".kube/j.key", &jane.key);
    assert_eq!(sandbox.get(&[]).await.err(), Some(RequestFault::Unauthenticated));
}

#[tokio::test]
async fn a_server_that_never_completes_a_handshake_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let server = Server::agreeable().await;
    let words = ["--server", &url, "--request-timeout", "300ms"];
    let fault = Sandbox::with_user(&server, "{}").get(&words).await.expect_err("silence");
    assert!(matches!(fault, RequestFault::Unreachable { .. } | RequestFault::Timeout), "{fault:?}");
    drop(listener);
}
