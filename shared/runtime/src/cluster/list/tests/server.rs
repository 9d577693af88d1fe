//! An HTTP server on loopback that says exactly what it is told, one connection for each request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The bytes of one answer, and what follows them.
#[derive(Clone)]
pub struct Answer {
    bytes: Vec<u8>,
    stalls: bool,
}

impl Answer {
    /// An answer with a right length.
    pub fn new(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = format!("Content-Length: {}", body.len());
        Answer::raw(status, &[headers, &[length.as_str()]].concat(), body)
    }

    /// An answer whose length, if any, is among the headers; it ends with the connection.
    pub fn raw(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let lines: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let date = "Date: Wed, 25 Nov 2026 10:00:00 GMT";
        let mut bytes = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{date}\r\n{lines}\r\n").into_bytes();
        bytes.extend(body.as_ref());
        Answer { bytes, stalls: false }
    }

    pub fn json(body: impl AsRef<[u8]>) -> Self {
        Answer::new("200 OK", &["Content-Type: application/json"], body)
    }

    pub fn status(status: &str, headers: &[&str], message: &str) -> Self {
        let body = format!(r#"{{"kind":"Status","status":"Failure","message":"{message}","details":{{}}}}"#);
        Answer::new(status, &[headers, &["Content-Type: application/json"]].concat(), body)
    }

    /// Closes the connection without a word.
    pub fn nothing() -> Self {
        Answer { bytes: Vec::new(), stalls: false }
    }

    /// Says only the first bytes.
    pub fn cut_by(mut self, missing: usize) -> Self {
        self.bytes.truncate(self.bytes.len() - missing);
        self
    }

    /// Keeps the connection open after the last byte.
    pub fn then_stalls(mut self) -> Self {
        self.stalls = true;
        self
    }
}

/// The server; it ends with the test's runtime.
pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::default();
        tokio::spawn(serve(listener, answers, Arc::clone(&requests)));
        Server { port, requests }
    }

    pub fn client(&self) -> kube::Client {
        kube::Client::try_from(config(self.port)).unwrap()
    }

    /// A client that gives up on a silent connection before the deadline does.
    pub fn impatient_client(&self, read_timeout: Duration) -> kube::Client {
        let mut config = config(self.port);
        config.read_timeout = Some(read_timeout);
        kube::Client::try_from(config).unwrap()
    }

    /// The heads of all requests, in order.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The configuration that the connection makes: no retries and no decompression of the client's own.
pub fn config(port: u16) -> kube::Config {
    let mut config = kube::Config::new(format!("http://127.0.0.1:{port}").parse().unwrap());
    config.default_retry = false;
    config.disable_compression = true;
    config
}

async fn serve(listener: TcpListener, answers: Vec<Answer>, requests: Arc<Mutex<Vec<String>>>) {
    let mut open = Vec::new();
    for number in 0.. {
        let (mut connection, _) = listener.accept().await.unwrap();
        let head = head(&mut connection).await;
        requests.lock().unwrap().push(head);
        let answer = &answers[number.min(answers.len() - 1)];
        // A client that has heard enough closes the connection, which is its right.
        let _ = connection.write_all(&answer.bytes).await;
        if answer.stalls {
            open.push(connection);
        }
    }
}

async fn head(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}
