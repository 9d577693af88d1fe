//! One watch: asked for, and read until it ends.

use super::super::{ListEnd, is_metadata_only, selection};
use super::event::{Event, Told};
use super::frames::FrameSplitter;
use crate::cluster::list::{ListFault, Refusal, Setback, encoding, no_answer, percent_encoded, stopped_body};
use crate::cluster::stream::Encoding;
use http::header::{ACCEPT, DATE};
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use kube::client::Body;
use sre_core::slim::Kind;
use std::time::{Duration, Instant};

/// For so long a server may be late with the end of a watch.
const LATE: Duration = Duration::from_secs(3);

/// Which watch is wanted.
pub(super) struct WatchRequest<'a> {
    pub(super) kind: Kind,
    /// The one namespace to look into.
    pub(super) namespace: Option<&'a str>,
    /// What has happened after this, in the same version of the kind.
    pub(super) from: &'a ListEnd,
    /// How long it shall last.
    pub(super) lasting: Duration,
}

/// A watch that the server has agreed to.
pub(super) struct Watch {
    body: Body,
    encoding: Encoding,
    frames: FrameSplitter,
    /// The server's clock when it agreed.
    pub(super) server_time: Option<Timestamp>,
    opened: Instant,
    /// How long it shall last.
    pub(super) lasting: Duration,
    /// Later it is none that has nothing to say, but one that has stalled.
    end: tokio::time::Instant,
}

/// How a watch ended.
#[derive(Debug)]
pub(super) enum End {
    /// In order: its time was over, or the server said goodbye.
    Over,
    /// What happened after the version that was asked for is forgotten.
    Expired,
    /// Something came that cannot be read.
    Unreadable,
    /// The connection broke, or has stalled.
    Broken(ListFault),
}

impl WatchRequest<'_> {
    fn http(&self) -> http::Result<Request<Body>> {
        Request::get(self.target()).header(ACCEPT, self.accept()).body(Body::empty())
    }

    fn target(&self) -> String {
        let fixed = [("watch", "1"), ("allowWatchBookmarks", "true"), ("resourceVersion", self.from.version.as_str())];
        let seconds = self.lasting.as_secs().to_string();
        let selection = selection(self.kind);
        let selection = selection.iter().map(|(name, value)| (*name, value.as_str()));
        let query = selection.chain(fixed).chain([("timeoutSeconds", seconds.as_str())]);
        let pairs: Vec<String> = query.map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        format!("{}?{}", self.kind.info().path_in(self.from.api_version, self.namespace), pairs.join("&"))
    }

    /// The same encodings as of lists. It is not packed: an event alone is small.
    fn accept(&self) -> String {
        let form = if is_metadata_only(self.kind) { ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1" } else { "" };
        format!("application/vnd.kubernetes.protobuf{form},application/json{form}")
    }

    /// Asks for it.
    pub(super) async fn open(&self, client: &kube::Client, patience: Duration) -> Result<Watch, Setback> {
        let request = self.http().map_err(|error| unreachable(error.to_string()))?;
        let asked = Instant::now();
        let answer = tokio::time::timeout(patience, client.send(request)).await;
        let answer = answer.map_err(|_| Setback::Final(ListFault::TimedOut { after: patience }))?;
        let response = answer.map_err(|error| no_answer(&error, asked.elapsed()).setback())?;
        if !response.status().is_success() {
            return Err(Refusal::read(response).await.setback());
        }
        Watch::of(response, self.lasting).map_err(Setback::Final)
    }
}

fn unreachable(why: String) -> Setback {
    Setback::Final(ListFault::Unreachable { why })
}

impl Watch {
    fn of(response: Response<Body>, lasting: Duration) -> Result<Self, ListFault> {
        let (head, body) = response.into_parts();
        let encoding = encoding(&head.headers, Encoding::Protobuf)?;
        Ok(Self {
            body,
            encoding,
            frames: FrameSplitter::new(encoding),
            server_time: server_time(&head.headers),
            opened: Instant::now(),
            lasting,
            end: tokio::time::Instant::now() + lasting + LATE,
        })
    }

    /// How long ago the server agreed to it.
    pub(super) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Reads until the watch ends; `version` follows what was taken.
    pub(super) async fn read(
        &mut self,
        version: &mut String,
        take: &mut dyn FnMut(Encoding, &Change<'_>) -> Result<(), String>,
    ) -> End {
        loop {
            let frame = match tokio::time::timeout_at(self.end, self.body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return End::Broken(broken(stopped_body(&error, self.age()))),
                Ok(None) => return End::Over,
                Err(_) => return End::Broken(ListFault::TimedOut { after: self.age() }),
            };
            let Some(bytes) = frame.data_ref() else { continue };
            let mut end = None;
            let encoding = self.encoding;
            let split = self.frames.push(bytes, &mut |frame| {
                if end.is_none() {
                    end = taken(encoding, frame, version, take);
                }
            });
            match (split, end) {
                (_, Some(end)) => return end,
                (Err(_), None) => return End::Unreadable,
                (Ok(()), None) => {}
            }
        }
    }
}

/// What happened to an object.
pub(super) enum Change<'a> {
    /// It is new or another now.
    Put(&'a [u8]),
    /// It is gone, and was this.
    Gone(&'a [u8]),
}

/// Takes one event; gives the end of the watch, if it is that.
fn taken(
    encoding: Encoding,
    frame: &[u8],
    version: &mut String,
    take: &mut dyn FnMut(Encoding, &Change<'_>) -> Result<(), String>,
) -> Option<End> {
    let mut told = |told: Told, change: &dyn Fn(&[u8]) -> Change<'_>| {
        // What cannot be read is a gap, which only a list can tell the extent of.
        match take(encoding, &change(&told.object)) {
            Ok(()) => {
                *version = told.version;
                None
            }
            Err(_) => Some(End::Unreadable),
        }
    };
    match Event::read(encoding, frame) {
        Ok(Event::Put(it)) => told(it, &|object| Change::Put(object)),
        Ok(Event::Gone(it)) => told(it, &|object| Change::Gone(object)),
        Ok(Event::Bookmark(newer)) => {
            *version = newer;
            None
        }
        Ok(Event::Expired) => Some(End::Expired),
        Ok(Event::Ended { why }) => Some(End::Broken(ListFault::CutShort { items: 0, why })),
        Err(_) => Some(End::Unreadable),
    }
}

fn broken(setback: Setback) -> ListFault {
    match setback {
        Setback::Final(fault) => fault,
        Setback::Cut { why } => ListFault::CutShort { items: 0, why },
        Setback::Gone => ListFault::Expired,
        Setback::EncodingRefused { status, message } => ListFault::Unavailable { status, message },
    }
}

fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    let date = headers.get(DATE)?.to_str().ok()?;
    rfc2822::parse(date).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(api_version: &'static str) -> ListEnd {
        ListEnd { api_version, version: "42".to_owned() }
    }

    fn request(kind: Kind, from: &ListEnd) -> WatchRequest<'_> {
        WatchRequest { kind, namespace: Some("shop"), from, lasting: Duration::from_secs(21) }
    }

    #[test]
    fn a_watch_selects_what_its_list_selects() {
        let target = |kind: Kind| request(kind, &end(kind.info().api_version)).target();
        let accept = |kind: Kind| request(kind, &end(kind.info().api_version)).accept();
        let fixed = "watch=1&allowWatchBookmarks=true&resourceVersion=42&timeoutSeconds=21";
        assert_eq!(target(Kind::Pod), format!("/api/v1/namespaces/shop/pods?{fixed}"));
        assert_eq!(target(Kind::Node), format!("/api/v1/nodes?{fixed}"));
        let secrets = "/api/v1/namespaces/shop/secrets?fieldSelector=type%21%3Dhelm.sh%2Frelease.v1";
        assert_eq!(target(Kind::Secret), format!("{secrets}&{fixed}"));
        assert!(accept(Kind::HelmRelease).contains("protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"));
        assert_eq!(accept(Kind::Pod), "application/vnd.kubernetes.protobuf,application/json");
    }

    #[test]
    fn a_watch_goes_on_in_the_version_that_was_listed() {
        let target = request(Kind::ExternalSecret, &end("external-secrets.io/v1beta1")).target();
        let path = "/apis/external-secrets.io/v1beta1/namespaces/shop/externalsecrets?watch=1&";
        assert!(target.starts_with(path), "{target}");
    }

    #[test]
    fn the_version_follows_what_was_taken_and_not_what_was_refused() {
        let mut version = "1".to_owned();
        let event = |word: &str, version: &str| {
            format!(r#"{{"type":"{word}","object":{{"metadata":{{"resourceVersion":"{version}"}}}}}}"#)
        };
        let mut gone = 0;
        let mut take = |_: Encoding, change: &Change<'_>| match change {
            Change::Put(_) => Ok(()),
            Change::Gone(_) if gone == 0 => {
                gone += 1;
                Ok(())
            }
            Change::Gone(_) => Err("odd".to_owned()),
        };
        for (word, now) in [("ADDED", "5"), ("MODIFIED", "6"), ("DELETED", "7"), ("BOOKMARK", "9")] {
            assert!(taken(Encoding::Json, event(word, now).as_bytes(), &mut version, &mut take).is_none());
            assert_eq!(version, now);
        }
        let end = taken(Encoding::Json, event("DELETED", "11").as_bytes(), &mut version, &mut take);
        assert!(matches!(end, Some(End::Unreadable)) && version == "9");
    }
}
