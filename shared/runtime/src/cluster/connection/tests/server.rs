//! An API server's stand-in on loopback: it records what arrives and answers as the test says.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::authority::Authority;

/// Holds one request as it arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub headers: HeaderMap,
    pub person: Option<String>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Says what the server does with a request.
#[derive(Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: &'static str,
    pub delay: Duration,
    /// Sends a hundred bytes with this pause before each, instead of the body.
    pub drip: Option<Duration>,
}

impl Default for Answer {
    fn default() -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status: 200, headers, body: "{}", delay: Duration::ZERO, drip: None }
    }
}

type Script = Arc<dyn Fn(usize, &Seen) -> Answer + Send + Sync>;

/// Listens until it is dropped with its runtime.
pub(super) struct Server {
    pub port: u16,
    pub authority: Authority,
    log: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a TLS server with a certificate for these names.
    pub(super) async fn start(names: &[&str], script: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static) -> Self {
        super::super::transport::install_cryptography();
        let authority = Authority::new();
        let acceptor = TlsAcceptor::from(Arc::new(authority.server(names)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let log = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(accept(listener, acceptor, Arc::new(script), Arc::clone(&log)));
        Self { port, authority, log }
    }

    /// Starts one for 127.0.0.1 that finds everything fine.
    pub(super) async fn agreeable() -> Self {
        Self::start(&["127.0.0.1"], |_, _| Answer::default()).await
    }

    pub(super) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Returns what has arrived so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.log.lock().expect("no test panics while it holds the log").clone()
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, script: Script, log: Arc<Mutex<Vec<Seen>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, script, log) = (acceptor.clone(), Arc::clone(&script), Arc::clone(&log));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let session = stream.get_ref().1;
            let caller = Seen {
                person: session.peer_certificates().and_then(|chain| common_name(chain.first()?)),
                ..Seen::default()
            };
            serve(stream, caller, script, log).await;
        });
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, caller: Seen, script: Script, log: Arc<Mutex<Vec<Seen>>>) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = answer(&request, &caller, &script, &log);
        async move {
            tokio::time::sleep(answer.delay).await;
            Ok::<_, Infallible>(response(answer))
        }
    });
    // A client that goes away in the middle is what some tests are about.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

fn answer(request: &Request<Incoming>, caller: &Seen, script: &Script, log: &Mutex<Vec<Seen>>) -> Answer {
    let seen = Seen { headers: request.headers().clone(), ..caller.clone() };
    let mut log = log.lock().expect("no test panics while it holds the log");
    log.push(seen.clone());
    script(log.len(), &seen)
}

fn response(answer: Answer) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    let body = match answer.drip {
        Some(pause) => dripping(pause).boxed_unsync(),
        None => Full::from(answer.body).boxed_unsync(),
    };
    builder.body(body).expect("a valid answer")
}

fn dripping(pause: Duration) -> impl http_body::Body<Data = Bytes, Error = Infallible> + Send {
    StreamBody::new(stream::iter(0..100).then(move |_| async move {
        tokio::time::sleep(pause).await;
        Ok(Frame::data(Bytes::from_static(b" ")))
    }))
}

fn common_name(certificate: &[u8]) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let name = parsed.subject().iter_common_name().next()?;
    name.as_str().ok().map(str::to_owned)
}
