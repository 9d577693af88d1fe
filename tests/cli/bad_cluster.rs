//! Clusters that cannot be reached or do not let us in: exit 5, each with its own words.

use super::sandbox::Sandbox;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

/// A server that answers every request alike and then hangs up; it ends with the test process.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn against(server: &str) -> super::sandbox::Ran {
    let sandbox = Sandbox::new();
    let config = sandbox.kubeconfig(server, "", "");
    sandbox.run(&["daily-check", "--kubeconfig", text(&config)])
}

#[test]
fn no_kubeconfig_at_all() {
    let sandbox = Sandbox::new();
    sandbox.run(&["daily-check"]).fails(5, &["no cluster is configured", ".kube/config", "--from demo"]);
}

#[test]
fn an_unreachable_server() {
    against("https://127.0.0.1:1").fails(5, &["https://127.0.0.1:1", "cannot reach the server", "next: "]);
}

#[test]
fn a_caller_whom_the_server_does_not_know() {
    let answer = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 83\r\nconnection: close\r\n\r\n\
                  {\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"nope\",\"code\":401   }";
    against(&server(answer)).fails(5, &["not authenticated", "next: "]);
}

#[test]
fn a_caller_who_may_nothing() {
    let answer = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 96\r\nconnection: close\r\n\r\n\
                  {\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"pods is forbidden\",\"code\":403    }";
    against(&server(answer)).fails(5, &["forbidden", "next: "]);
}

#[test]
fn a_page_of_a_proxy_in_place_of_json() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 26\r\nconnection: close\r\n\r\n<html>secret login</html>\n";
    let ran = against(&server(answer));
    ran.fails(5, &["text/html", "next: "]);
    assert!(!ran.stderr.contains("secret login"), "a body is never shown: {}", ran.stderr);
}

#[test]
fn a_server_whose_authority_is_another() {
    let sandbox = Sandbox::new();
    let other = rcgen::generate_simple_self_signed(["other".to_owned()]).expect("a certificate");
    let authority = sandbox.write("ca.crt", other.cert.pem());
    // The server speaks no TLS at all here; the wrong authority itself is tried on the control plane.
    let url = server("HTTP/1.1 200 OK\r\n\r\n").replace("http://", "https://");
    let cluster = format!("    certificate-authority: {}\n", text(&authority));
    let config = sandbox.kubeconfig(&url, &cluster, "");
    sandbox.run(&["daily-check", "--kubeconfig", text(&config)]).fails(5, &["cannot reach the server", "TLS"]);
}

#[test]
fn an_expired_client_certificate_is_noticed_before_dialling() {
    let sandbox = Sandbox::new();
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let certificate = parameters.self_signed(&key).expect("a certificate");
    let certificate = sandbox.write("client.crt", certificate.pem());
    let key = sandbox.write("client.key", key.serialize_pem());
    let arguments = [
        "daily-check",
        "--server",
        "https://127.0.0.1:1",
        "--client-certificate",
        text(&certificate),
        "--client-key",
        text(&key),
    ];
    sandbox.run(&arguments).fails(5, &["expired at 2021-01-01", "next: "]);
}

/// Runs with a credential plugin that is this shell script.
fn with_plugin(script: Option<&str>, more: &[&str]) -> super::sandbox::Ran {
    let sandbox = Sandbox::new();
    let plugin = sandbox.path("plugin");
    if let Some(script) = script {
        let path = sandbox.write("plugin", format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("rights");
    }
    let config = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: test\ncontexts:\n- name: test\n  context: {{cluster: c, user: u}}\n\
         clusters:\n- name: c\n  cluster: {{server: \"https://127.0.0.1:1\"}}\nusers:\n- name: u\n  user:\n    exec:\n      \
         apiVersion: client.authentication.k8s.io/v1\n      command: {}\n      interactiveMode: Never\n",
        text(&plugin)
    );
    let config = sandbox.write("kubeconfig", config);
    sandbox.run(&[&["daily-check", "--kubeconfig", text(&config)], more].concat())
}

#[test]
fn credential_plugins_that_do_not_work() {
    with_plugin(None, &[]).fails(5, &["cannot start the credential plugin", "next: "]);
    with_plugin(Some("echo please log in >&2; exit 3"), &[]).fails(5, &["failed with", "please log in"]);
    with_plugin(Some("echo not json"), &[]).fails(5, &["printed no usable credential"]);
    with_plugin(Some("sleep 20"), &["--request-timeout", "1s"]).fails(5, &["gave no answer within 1 s"]);
}
