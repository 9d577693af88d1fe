//! Proxies, proven by a proxy on loopback that leads every name to the test's server.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::{ConnectError, RequestFault};
use super::sandbox::Sandbox;
use super::server::{Answer, Server};

/// Remembers which targets were asked for.
struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, target, Arc::clone(&log)));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic while held").clone()
    }
}

/// Speaks SOCKS 5 or HTTP CONNECT, whichever the first byte announces.
async fn tunnel(mut stream: TcpStream, target: u16, log: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    let asked = if first[0] == 5 { socks(&mut stream).await? } else { connect(&mut stream).await? };
    log.lock().expect("no panic while held").push(asked);
    let mut server = TcpStream::connect(("127.0.0.1", target)).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut server).await.map(|_| ())
}

async fn connect(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let text = String::from_utf8_lossy(&head);
    let credentials = text.lines().find(|line| line.to_ascii_lowercase().starts_with("proxy-authorization"));
    Ok(format!("{} {}", text.lines().next().unwrap_or_default(), credentials.unwrap_or_default()))
}

async fn socks(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await?;
    stream.read_exact(&mut vec![0; usize::from(greeting[1])]).await?;
    stream.write_all(&[5, 0]).await?;
    let mut request = [0; 5];
    stream.read_exact(&mut request).await?;
    let mut name = vec![0; usize::from(request[4]) + 2];
    stream.read_exact(&mut name).await?;
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await?;
    name.truncate(name.len() - 2);
    Ok(format!("socks {}", String::from_utf8_lossy(&name)))
}

async fn scene() -> (Server, Proxy, Sandbox) {
    let server = Server::start(&["api.inside.test"], |_, _| Answer::default()).await;
    let proxy = Proxy::start(server.port).await;
    let sandbox = Sandbox::with_user(&server, "{}");
    (server, proxy, sandbox)
}

const THERE: [&str; 2] = ["--server", "https://api.inside.test:6443"];

#[tokio::test]
async fn the_environments_proxy_is_used() {
    let (_server, proxy, mut sandbox) = scene().await;
    sandbox.set("HTTPS_PROXY", format!("http://me:pass@127.0.0.1:{}", proxy.port));
    sandbox.get(&THERE).await.expect("an answer through the proxy");
    assert!(proxy.asked()[0].starts_with("CONNECT api.inside.test:6443 "), "{:?}", proxy.asked());
    assert!(proxy.asked()[0].contains("Basic bWU6cGFzcw=="), "{:?}", proxy.asked());
}

#[tokio::test]
async fn a_proxy_without_a_scheme_is_an_http_proxy() {
    let (_server, proxy, mut sandbox) = scene().await;
    sandbox.set("https_proxy", format!("127.0.0.1:{}", proxy.port));
    sandbox.get(&THERE).await.expect("an answer through the proxy");
    assert_eq!(proxy.asked().len(), 1);
}

#[tokio::test]
async fn no_proxy_is_matched_against_the_api_server() {
    let (_server, proxy, mut sandbox) = scene().await;
    sandbox.set("HTTPS_PROXY", format!("http://127.0.0.1:{}", proxy.port));
    sandbox.set("NO_PROXY", "an other.test,, .inside.test ,");
    let fault = sandbox.get(&THERE).await.expect_err("the name exists only behind the proxy");
    assert!(matches!(fault, RequestFault::Unreachable { .. }), "{fault:?}");
    assert!(proxy.asked().is_empty());
    sandbox.set("NO_PROXY", "127.0.0.1,other.test,,");
    sandbox.get(&THERE).await.expect("the proxy's own address exempts nothing");
}

#[tokio::test]
async fn the_kubeconfigs_proxy_wins_and_may_speak_socks() {
    let (_server, proxy, mut sandbox) = scene().await;
    let config = std::fs::read_to_string(sandbox.path(".kube/config")).expect("the kubeconfig");
    let proxied = format!("cluster: {{proxy-url: \"socks5://127.0.0.1:{}\", server:", proxy.port);
    sandbox.write(".kube/config", &config.replace("cluster: {server:", &proxied));
    sandbox.set("HTTPS_PROXY", "http://127.0.0.1:1");
    sandbox.set("NO_PROXY", "*");
    sandbox.get(&THERE).await.expect("an answer through the proxy");
    assert_eq!(proxy.asked(), ["socks api.inside.test"]);
}

#[tokio::test]
async fn an_invalid_proxy_is_refused() {
    let (_server, _proxy, mut sandbox) = scene().await;
    sandbox.set("HTTPS_PROXY", "gopher://me:hush@proxy:70");
    let error = sandbox.refused(&THERE).await;
    assert!(matches!(error, ConnectError::ProxyInvalid { .. }), "{error}");
    assert!(!format!("{error:?}").contains("hush"));
}
