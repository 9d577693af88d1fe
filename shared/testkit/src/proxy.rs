//! A proxy in front of a real API server that spoils its answers to one path.
//!
//! It listens on loopback, in plain HTTP, and sends each request on to the server of a kubeconfig, as its user. The
//! bodies are the server's own, encoded and packed as it sends them. Answers are written byte by byte, one connection
//! each: no HTTP library lets through what is wrong with them.

use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use sre_runtime::cluster::connection::{Identity, connect, stderr_sink};
use sre_runtime::flags::ClusterFlags;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// What is wrong with an answer. A share of a body is between 0 and 1, and always leaves at least one byte out; of a
/// watch, whose path ends in `?watch` here, it is the share of its first event.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Something else answers in the server's place.
    Instead { status: u16, headers: &'static [(&'static str, &'static str)], body: &'static str },
    /// Nothing is answered, and the connection stays.
    Silent,
    /// This share of the body comes, and nothing after it.
    Stalled(f64),
    /// This share of the body comes, and then the connection ends.
    Cut(f64),
    /// The same, with neither a length nor chunks: the end of the connection looks like the end of the body.
    CutUnframed(f64),
    /// The whole body comes with a Content-Length that is off by so many bytes.
    Length(isize),
    /// The byte at this place, counted from the end of the body, has one bit flipped.
    Damaged(usize),
    /// The whole body comes under another content type.
    Mislabelled(&'static str),
}

/// Which answers have a fault.
#[derive(Clone, Debug)]
pub struct Trouble {
    path: String,
    fault: Fault,
    left: usize,
}

/// One answer that the proxy sent.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The path that was asked for, without its query but for `?watch`.
    pub path: String,
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: String,
    /// Whether the body is packed with gzip.
    pub is_packed: bool,
    /// How many bytes of a body were sent.
    pub sent: usize,
}

/// Listens until it is dropped.
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    /// Ends the listening thread by being dropped.
    _ends: oneshot::Sender<()>,
}

struct Shared {
    server: kube::Client,
    trouble: Mutex<Option<Trouble>>,
    answered: Mutex<Vec<Answered>>,
}

impl Trouble {
    /// Every answer to a path has the fault.
    pub fn always(path: impl Into<String>, fault: Fault) -> Self {
        Self::first(usize::MAX, path, fault)
    }

    /// The first so many answers to a path have the fault, and the others are whole.
    pub fn first(answers: usize, path: impl Into<String>, fault: Fault) -> Self {
        Self { path: path.into(), fault, left: answers }
    }

    fn next(&mut self, path: &str) -> Option<Fault> {
        if path != self.path || self.left == 0 {
            return None;
        }
        self.left -= 1;
        Some(self.fault)
    }
}

impl Proxy {
    /// Starts one in front of the server of a kubeconfig that passes everything on as it is.
    pub fn honest(kubeconfig: &Path) -> Self {
        Self::start(kubeconfig, None)
    }

    /// Starts one that spoils some answers.
    pub fn with(kubeconfig: &Path, trouble: Trouble) -> Self {
        Self::start(kubeconfig, Some(trouble))
    }

    fn start(kubeconfig: &Path, trouble: Option<Trouble>) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let server = runtime.block_on(client(kubeconfig));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared { server, trouble: Mutex::new(trouble), answered: Mutex::default() });
        let (ends, ended) = oneshot::channel();
        let for_listening = Arc::clone(&shared);
        thread::spawn(move || listen(&runtime, listener, for_listening, ended));
        Self { url, shared, _ends: ends }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has answered so far.
    pub fn answered(&self) -> Vec<Answered> {
        self.shared.answered.lock().expect("no thread panics while it holds this").clone()
    }

    /// What it has answered so far to one path.
    pub fn answered_to(&self, path: &str) -> Vec<Answered> {
        self.answered().into_iter().filter(|answer| answer.path == path).collect()
    }
}

async fn client(kubeconfig: &Path) -> kube::Client {
    let flags = ClusterFlags { kubeconfig: Some(kubeconfig.to_owned()), ..ClusterFlags::default() };
    let identity = Identity { version: "0".into(), command: "proxy".into(), run_id: "proxy".into() };
    connect(&flags, &identity, stderr_sink()).await.expect("a connection to the API server").client
}

fn listen(runtime: &Runtime, listener: TcpListener, shared: Arc<Shared>, ended: oneshot::Receiver<()>) {
    let accept = async {
        while let Ok((stream, _)) = listener.accept().await {
            let shared = Arc::clone(&shared);
            // A client that goes away in the middle is what some of these tests are about.
            tokio::spawn(async move { shared.serve(stream).await.ok() });
        }
    };
    runtime.block_on(async {
        tokio::select! {
            () = accept => (),
            _ = ended => (),
        }
    });
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let request = request(&mut stream).await?;
        let is_watch = request.uri().query().is_some_and(|query| query.contains("watch=1"));
        let path = format!("{}{}", request.uri().path(), if is_watch { "?watch" } else { "" });
        let fault = self.trouble.lock().expect("no panic while held").as_mut().and_then(|trouble| trouble.next(&path));
        let answer = match fault {
            Some(Fault::Silent) => Answer::silence(),
            Some(Fault::Instead { status, headers, body }) => Answer::instead(status, headers, body),
            fault if is_watch => return self.pass_on(request, path, fault, &mut stream).await,
            Some(fault) => self.ask(request).await.spoiled(fault),
            None => self.ask(request).await,
        };
        // Told before it is sent: the client may be gone, and asked for, as soon as it has the last byte.
        self.answered.lock().expect("no panic while held").push(answer.told(path));
        answer.send(&mut stream).await
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        match self.server.send(request).await {
            Ok(response) => Answer::whole(response).await,
            Err(error) => Answer::instead(502, &[], &error.to_string()),
        }
    }

    /// Sends a watch on as it comes, up to its fault.
    async fn pass_on(
        &self,
        request: Request<Body>,
        path: String,
        fault: Option<Fault>,
        stream: &mut TcpStream,
    ) -> io::Result<()> {
        let response = match self.server.send(request).await {
            Ok(response) if response.status().is_success() => response,
            Ok(response) => return Answer::whole(response).await.send(stream).await,
            Err(error) => return Answer::instead(502, &[], &error.to_string()).send(stream).await,
        };
        let (head, mut body) = response.into_parts();
        let answer = Answer { framing: Framing::Pieces, ..Answer::new(head.status, head.headers, Vec::new()) };
        self.answered.lock().expect("no panic while held").push(answer.told(path));
        stream.write_all(answer.head(head.status).as_bytes()).await?;
        while let Some(Ok(frame)) = body.frame().await {
            let piece = frame.into_data().unwrap_or_default().to_vec();
            let (piece, then) = match fault {
                Some(Fault::Stalled(share)) => (part(piece, share), Some(Then::Nothing)),
                Some(Fault::Cut(share)) => (part(piece, share), Some(Then::HangUp)),
                _ => (piece, None),
            };
            if !piece.is_empty() {
                let size = format!("{:x}\r\n", piece.len());
                stream.write_all(&[size.as_bytes(), &piece, b"\r\n"].concat()).await?;
            }
            match then {
                Some(Then::Nothing) => std::future::pending::<()>().await,
                Some(_) => return stream.shutdown().await,
                None => {}
            }
        }
        stream.write_all(b"0\r\n\r\n").await?;
        stream.shutdown().await
    }
}

/// Reads the head of a request; those that only read have no body.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Request<Body>> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next_line().await?.unwrap_or_default();
    let mut words = first.split(' ');
    let mut builder = Request::builder().method(words.next().unwrap_or_default()).uri(words.next().unwrap_or_default());
    while let Some(line) = lines.next_line().await?.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        if ![HOST.as_str(), CONNECTION.as_str()].contains(&name.to_ascii_lowercase().as_str()) {
            builder = builder.header(name, value.trim());
        }
    }
    builder.body(Body::empty()).map_err(io::Error::other)
}

/// How the end of a body is told.
enum Framing {
    Length(usize),
    /// One chunk of this size, and the last one.
    Chunks(usize),
    /// Chunks as they come, which are not known yet.
    Pieces,
    /// The connection ends.
    None,
}

/// What comes after the last byte of a body that is sent.
#[derive(PartialEq)]
enum Then {
    TheEnd,
    HangUp,
    Nothing,
}

/// An answer as it goes over the wire.
struct Answer {
    /// Nothing at all is sent without one.
    status: Option<StatusCode>,
    headers: HeaderMap,
    framing: Framing,
    body: Vec<u8>,
    then: Then,
}

impl Answer {
    /// The server's own, framed as the server framed it.
    fn new(status: StatusCode, mut headers: HeaderMap, body: Vec<u8>) -> Self {
        headers.remove(TRANSFER_ENCODING);
        let framing = match headers.remove(CONTENT_LENGTH) {
            Some(_) => Framing::Length(body.len()),
            None => Framing::Chunks(body.len()),
        };
        Self { status: Some(status), headers, framing, body, then: Then::TheEnd }
    }

    /// The server's own, read to its end.
    async fn whole(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body of the API server").to_bytes().to_vec();
        Self::new(head.status, head.headers, body)
    }

    fn instead(status: u16, headers: &'static [(&'static str, &'static str)], body: &str) -> Self {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let status = StatusCode::from_u16(status).expect("a status");
        let body = body.as_bytes().to_vec();
        Self { framing: Framing::Length(body.len()), ..Self::new(status, headers.collect(), body) }
    }

    fn silence() -> Self {
        let nothing = Self::new(StatusCode::OK, HeaderMap::new(), Vec::new());
        Self { status: None, then: Then::Nothing, ..nothing }
    }

    fn spoiled(mut self, fault: Fault) -> Self {
        let length = self.body.len();
        match fault {
            Fault::Instead { .. } | Fault::Silent => {}
            Fault::Stalled(share) => (self.body, self.then) = (part(self.body, share), Then::Nothing),
            Fault::Cut(share) => (self.body, self.then) = (part(self.body, share), Then::HangUp),
            Fault::CutUnframed(share) => (self.body, self.framing) = (part(self.body, share), Framing::None),
            Fault::Length(offset) => {
                self.framing = Framing::Length(length.checked_add_signed(offset).expect("a length"));
            }
            Fault::Damaged(place) => self.body[length - place] ^= 1,
            Fault::Mislabelled(kind) => {
                self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            }
        }
        self
    }

    fn told(&self, path: String) -> Answered {
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Answered {
            path,
            status: self.status.map_or(0, |status| status.as_u16()),
            content_type: header(CONTENT_TYPE).to_owned(),
            is_packed: header(CONTENT_ENCODING) == "gzip",
            sent: self.body.len(),
        }
    }

    async fn send(self, stream: &mut TcpStream) -> io::Result<()> {
        if let Some(status) = self.status {
            stream.write_all(self.head(status).as_bytes()).await?;
            stream.write_all(&self.body).await?;
        }
        if let (Then::TheEnd, Framing::Chunks(size)) = (&self.then, &self.framing) {
            let end: &[u8] = if *size > 0 { b"\r\n0\r\n\r\n" } else { b"\r\n" };
            stream.write_all(end).await?;
        }
        if self.then == Then::Nothing {
            std::future::pending::<()>().await;
        }
        stream.shutdown().await
    }

    fn head(&self, status: StatusCode) -> String {
        let mut head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
        for (name, value) in &self.headers {
            head += &format!("{name}: {}\r\n", value.to_str().expect("a header of text"));
        }
        head += &match self.framing {
            Framing::Length(length) => format!("content-length: {length}\r\n\r\n"),
            Framing::Chunks(size) => format!("transfer-encoding: chunked\r\n\r\n{size:x}\r\n"),
            Framing::Pieces => "transfer-encoding: chunked\r\n\r\n".to_owned(),
            Framing::None => "\r\n".to_owned(),
        };
        head
    }
}

fn part(mut body: Vec<u8>, share: f64) -> Vec<u8> {
    let kept = (body.len() as f64 * share) as usize;
    body.truncate(kept.min(body.len().saturating_sub(1)));
    body
}
