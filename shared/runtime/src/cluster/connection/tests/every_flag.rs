//! Walks every global flag: one without a proven effect on a request fails here.

use std::time::Duration;

use clap::{Args, Command};

use super::super::{Notice, RequestFault};
use super::sandbox::{Sandbox, get, kubeconfig};
use super::server::{Answer, Seen, Server};
use crate::flags::ClusterFlags;

/// Flags that shape what is read, not how it is reached; the named module proves them.
const PROVEN_ELSEWHERE: [(&str, &str); 2] =
    [("all_namespaces", "the read path: which lists are asked for"), ("selector", "the read path: labelSelector")];

#[tokio::test]
async fn every_global_flag_has_an_effect() {
    let command = ClusterFlags::augment_args(Command::new("sre"));
    let mut proven = 0;
    for flag in command.get_arguments().map(|argument| argument.get_id().as_str()) {
        assert!(PROVEN_ELSEWHERE.iter().any(|(name, _)| *name == flag) || effect(flag).await, "{flag} has no effect");
        proven += 1;
    }
    assert_eq!(proven, 19, "a flag came or went: extend this table");
}

#[test]
fn every_global_flag_explains_itself_under_one_heading() {
    for argument in ClusterFlags::augment_args(Command::new("sre")).get_arguments() {
        assert!(argument.get_help().is_some(), "{} has no help", argument.get_id());
        assert_eq!(argument.get_help_heading(), Some("Cluster flags (as in kubectl)"));
    }
}

/// Tells whether a request differs as the flag says.
async fn effect(flag: &str) -> bool {
    match flag {
        "kubeconfig" | "context" | "cluster" | "user" | "server" | "namespace" => choice(flag).await,
        "as_user" | "as_group" | "as_uid" | "token" | "client_certificate" | "client_key" => identity(flag).await,
        "certificate_authority" | "tls_server_name" | "insecure_skip_tls_verify" => trust(flag).await,
        "request_timeout" => timeout().await,
        "verbosity" => request_lines().await,
        _ => false,
    }
}

async fn choice(flag: &str) -> bool {
    let server = Server::agreeable().await;
    let sandbox = two_of_everything(&server);
    let alternative = sandbox.path("alternative").to_string_lossy().into_owned();
    let elsewhere = format!("{}/elsewhere", server.url());
    let before = request(&sandbox, &server, &[]).await;
    match flag {
        "kubeconfig" => token_of(&request(&sandbox, &server, &["--kubeconfig", &alternative]).await) == "alternative",
        "context" => token_of(&request(&sandbox, &server, &["--context", "there"]).await) == "second",
        "user" => {
            token_of(&before) == "first" && token_of(&request(&sandbox, &server, &["--user", "v"]).await) == "second"
        }
        "cluster" => request(&sandbox, &server, &["--cluster", "d"]).await.path.starts_with("/second/"),
        "server" => request(&sandbox, &server, &["--server", &elsewhere]).await.path.starts_with("/elsewhere/"),
        "namespace" => {
            before.path.contains("/namespaces/shop/")
                && request(&sandbox, &server, &["-n", "bank"]).await.path.contains("/namespaces/bank/")
        }
        _ => false,
    }
}

async fn identity(flag: &str) -> bool {
    let server = Server::agreeable().await;
    let sandbox = two_of_everything(&server);
    let jane = server.authority.person("jane", 2090);
    let certificate = sandbox.write("jane.crt", &jane.certificate).to_string_lossy().into_owned();
    let key = sandbox.write("jane.key", &jane.key).to_string_lossy().into_owned();
    let before = request(&sandbox, &server, &[]).await;
    let seen = match flag {
        "as_user" => request(&sandbox, &server, &["--as", "kim"]).await,
        "as_group" => request(&sandbox, &server, &["--as", "kim", "--as-group", "a", "--as-group", "b"]).await,
        "as_uid" => request(&sandbox, &server, &["--as", "kim", "--as-uid", "42"]).await,
        "token" => request(&sandbox, &server, &["--token", "typed"]).await,
        _ => request(&sandbox, &server, &["--client-certificate", &certificate, "--client-key", &key]).await,
    };
    match flag {
        "as_user" => before.header("impersonate-user").is_none() && seen.header("impersonate-user") == Some("kim"),
        "as_group" => seen.headers.get_all("impersonate-group").iter().eq(["a", "b"]),
        "as_uid" => seen.header("impersonate-uid") == Some("42"),
        "token" => token_of(&seen) == "typed",
        _ => before.person.is_none() && seen.person.as_deref() == Some("jane"),
    }
}

async fn trust(flag: &str) -> bool {
    let server = Server::start(&["inside.test"], |_, _| Answer::default()).await;
    let sandbox = two_of_everything(&server);
    let stranger =
        sandbox.write("stranger.crt", &super::authority::Authority::new().pem).to_string_lossy().into_owned();
    let named = ["--tls-server-name", "inside.test"];
    let trusted = sandbox.get(&named).await.is_ok();
    match flag {
        "tls_server_name" => {
            trusted
                && server.seen().iter().any(|seen| seen.server_name.as_deref() == Some("inside.test"))
                && is_untrusted(sandbox.get(&[]).await.err())
        }
        "certificate_authority" => {
            let words = [&named[..], &["--certificate-authority", &stranger]].concat();
            trusted && is_untrusted(sandbox.get(&words).await.err())
        }
        _ => is_untrusted(sandbox.get(&[]).await.err()) && sandbox.get(&["--insecure-skip-tls-verify"]).await.is_ok(),
    }
}

async fn timeout() -> bool {
    let slow = Answer { delay: Duration::from_millis(700), ..Answer::default() };
    let server = Server::start(&["127.0.0.1"], move |_, _| slow.clone()).await;
    let sandbox = Sandbox::with_user(&server, "{}");
    let short = sandbox.get(&["--request-timeout", "100ms"]).await;
    short.err() == Some(RequestFault::Timeout) && sandbox.get(&["--request-timeout", "0"]).await.is_ok()
}

async fn request_lines() -> bool {
    let server = Server::agreeable().await;
    let sandbox = Sandbox::with_user(&server, "{token: hush}");
    sandbox.get(&["-v", "5"]).await.expect("an answer");
    let quiet = sandbox.told().is_empty();
    sandbox.get(&["-v", "6"]).await.expect("an answer");
    let expected = format!("{}/version", server.url());
    quiet
        && matches!(&sandbox.told()[..], [Notice::Request { method, url, status: Some(200), .. }]
            if method == "GET" && *url == expected)
}

fn is_untrusted(fault: Option<RequestFault>) -> bool {
    matches!(fault, Some(RequestFault::CertificateUntrusted { .. }))
}

fn two_of_everything(server: &Server) -> Sandbox {
    let sandbox = Sandbox::with_user(server, "{token: first}");
    let second = format!(
        "contexts: [{{name: there, context: {{cluster: c, user: v}}}}]\n\
         clusters: [{{name: d, cluster: {{server: \"{}/second\", certificate-authority: ../ca.crt}}}}]\n\
         users: [{{name: v, user: {{token: second}}}}]\n",
        server.url()
    );
    let first = std::fs::read_to_string(sandbox.path(".kube/config")).expect("the kubeconfig");
    sandbox.write(".kube/config", &format!("{first}---\n{second}"));
    sandbox.write("alternative", &kubeconfig(&server.url(), "ca.crt", "{token: alternative}"));
    sandbox
}

async fn request(sandbox: &Sandbox, server: &Server, words: &[&str]) -> Seen {
    let connection = sandbox.connect(words).await.expect("a connection");
    let path = format!("/api/v1/namespaces/{}/pods", connection.client.default_namespace());
    get(&connection, &path).await.expect("an answer");
    server.seen().pop().expect("a request")
}

fn token_of(seen: &Seen) -> String {
    seen.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned()
}
