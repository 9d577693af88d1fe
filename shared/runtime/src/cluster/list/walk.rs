//! The way through the pages of one list, and through what goes wrong on it.

use std::time::Duration;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE};
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use tokio::time::Instant;

use super::fault::Setback;
use super::refusal::Refusal;
use super::tries::{Tries, Trouble};
use super::{Encoding, ItemSink, ListFault, ListOutcome, ListRequest, http_request, transport};
use crate::cluster::stream::{BodyReader, Compression, Envelope, Malformed};

/// How many bytes are taken from a frame before other lists get their turn; packed, they may be thirty times as many.
const TURN: usize = 16 << 10;

/// One list on its way.
pub struct Walk<'a> {
    client: &'a kube::Client,
    request: &'a ListRequest<'a>,
    sink: &'a mut dyn ItemSink,
    started: Instant,
    /// What is asked for now.
    encoding: Encoding,
    outcome: ListOutcome,
    was_cut: bool,
    was_gone: bool,
}

impl<'a> Walk<'a> {
    /// Stands before the first page.
    pub fn new(client: &'a kube::Client, request: &'a ListRequest<'a>, sink: &'a mut dyn ItemSink) -> Self {
        let encoding = request.encoding;
        let outcome = ListOutcome::empty(encoding);
        let started = Instant::now();
        Walk { client, request, sink, started, encoding, outcome, was_cut: false, was_gone: false }
    }

    /// Walks until the list is whole, beginning again where that may help.
    pub async fn run(mut self) -> Result<ListOutcome, ListFault> {
        while let Err(setback) = self.pages().await {
            self.accept(setback)?;
            self.sink.restart();
            self.outcome.restart();
        }
        Ok(self.outcome)
    }

    async fn pages(&mut self) -> Result<(), Setback> {
        let mut continue_token = String::new();
        loop {
            let response = self.ask(&continue_token).await?;
            let envelope = self.read(response).await?;
            if envelope.continue_token.is_empty() {
                return Ok(());
            }
            continue_token = envelope.continue_token;
        }
    }

    /// Agrees to begin again, once for each reason, or fails.
    fn accept(&mut self, setback: Setback) -> Result<(), ListFault> {
        match setback {
            Setback::Cut { .. } if !self.was_cut => self.was_cut = true,
            Setback::Gone if !self.was_gone => self.was_gone = true,
            Setback::EncodingRefused { .. } if self.encoding == Encoding::Protobuf => self.encoding = Encoding::Json,
            Setback::Cut { why } => return Err(ListFault::CutShort { items: self.outcome.items, why }),
            Setback::Gone => return Err(ListFault::Expired),
            Setback::EncodingRefused { status, message } => return Err(ListFault::Unavailable { status, message }),
            Setback::Final(fault) => return Err(fault),
        }
        Ok(())
    }

    /// Sends the request for one page until it is answered with one.
    async fn ask(&self, continue_token: &str) -> Result<Response<Body>, Setback> {
        let mut tries = Tries::default();
        loop {
            let trouble = match self.ask_once(continue_token).await {
                Ok(response) => return Ok(response),
                Err(trouble) => trouble,
            };
            match tries.pause(&trouble, self.left()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(trouble.setback()),
            }
        }
    }

    async fn ask_once(&self, continue_token: &str) -> Result<Response<Body>, Trouble> {
        let request = http_request::page(self.request, self.encoding, continue_token)
            .map_err(|error| Trouble::Final(ListFault::Unreachable { why: error.to_string() }))?;
        let answer = self.client.send(request).await;
        let response = answer.map_err(|error| transport::no_answer(&error, self.started.elapsed()))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(Trouble::Refused(Refusal::read(response).await))
    }

    fn left(&self) -> Duration {
        self.request.deadline.saturating_sub(self.started.elapsed())
    }

    /// Reads one page into the sink.
    async fn read(&mut self, response: Response<Body>) -> Result<Envelope, Setback> {
        let (head, mut body) = response.into_parts();
        let encoding = encoding(&head.headers, self.encoding).map_err(Setback::Final)?;
        let compression = compression(&head.headers).map_err(Setback::Final)?;
        self.outcome.encoding = encoding;
        self.outcome.server_date = self.outcome.server_date.take().or_else(|| text(&head.headers, DATE));
        let mut reader = BodyReader::new(encoding, compression);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| transport::stopped_body(&error, self.started.elapsed()))?;
            self.take(frame.data_ref().map_or(&[], |data| data.as_ref()), &mut reader).await?;
        }
        let envelope = reader.finish()?;
        self.outcome.resource_version.clone_from(&envelope.resource_version);
        if envelope.has_items { Ok(envelope) } else { Err(no_list(&envelope)) }
    }

    async fn take(&mut self, frame: &[u8], reader: &mut BodyReader) -> Result<(), Setback> {
        self.sink.received(frame.len() as u64);
        let (sink, outcome) = (&mut *self.sink, &mut self.outcome);
        for bytes in frame.chunks(TURN) {
            reader.push(bytes, &mut |item| outcome.count(sink.item(outcome.encoding, item), item))?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

impl Trouble {
    /// What it means once it is not tried again.
    pub fn setback(self) -> Setback {
        match self {
            Trouble::Broken(fault) | Trouble::Final(fault) => Setback::Final(fault),
            Trouble::Refused(refusal) => refusal.setback(),
        }
    }
}

impl From<Malformed> for Setback {
    fn from(malformed: Malformed) -> Self {
        Setback::Cut { why: malformed.to_string() }
    }
}

/// Reads how the items are written. Fails for everything that was not asked for.
pub fn encoding(headers: &HeaderMap, wanted: Encoding) -> Result<Encoding, ListFault> {
    let got = text(headers, CONTENT_TYPE).unwrap_or_else(|| "no content type".into());
    match (got.split(';').next().unwrap_or_default().trim(), wanted) {
        ("application/vnd.kubernetes.protobuf", Encoding::Protobuf) => Ok(Encoding::Protobuf),
        ("application/json", _) => Ok(Encoding::Json),
        _ => Err(ListFault::WrongContentType { got }),
    }
}

/// Reads how the body is packed. Fails for everything that was not asked for.
pub fn compression(headers: &HeaderMap) -> Result<Compression, ListFault> {
    match text(headers, CONTENT_ENCODING).as_deref() {
        None | Some("" | "identity") => Ok(Compression::None),
        Some("gzip") => Ok(Compression::Gzip),
        Some(other) => Err(ListFault::WrongContentType { got: format!("content encoding {other}") }),
    }
}

fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn no_list(envelope: &Envelope) -> Setback {
    let kind = if envelope.kind.is_empty() { "without a kind" } else { &envelope.kind };
    Setback::Final(ListFault::WrongContentType { got: format!("an object {kind}, which is no list") })
}
