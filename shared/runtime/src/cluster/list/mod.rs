//! One LIST of one kind: asked for, paged, retried, bounded in time, and split while it arrives.
//!
//! The items go to an [`ItemSink`] as bytes; what they mean is not known here. Only GET is ever sent. Either the list is
//! whole, or there is a [`ListFault`] that says why it is not: there is no third answer.

mod fault;
mod http_request;
mod item_name;
mod refusal;
mod tally;
#[cfg(test)]
mod tests;
mod transport;
mod tries;
mod walk;

use std::time::Duration;

pub use fault::ListFault;
pub(super) use fault::Setback;
pub(crate) use http_request::percent_encoded;
pub(super) use refusal::Refusal;
pub(super) use transport::{is_broken_connection, no_answer, stopped_body};
pub(super) use tries::Tries;
pub(super) use walk::encoding;

use super::stream::Encoding;

/// Reads all items of one kind into `sink`, in at most [`ListRequest::deadline`].
///
/// When it fails, what the sink was given is a part of the list, and nobody knows which.
pub async fn list(
    client: &kube::Client,
    request: &ListRequest<'_>,
    sink: &mut dyn ItemSink,
) -> Result<ListOutcome, ListFault> {
    let walk = walk::Walk::new(client, request, sink).run();
    let timed_out = Err(ListFault::TimedOut { after: request.deadline });
    tokio::time::timeout(request.deadline, walk).await.unwrap_or(timed_out)
}

/// Receives the items of one list.
pub trait ItemSink {
    /// Takes one item. Fails, in words that hold none of its content, when it is undecodable: the rest is read all the same.
    fn item(&mut self, encoding: Encoding, bytes: &[u8]) -> Result<(), String>;

    /// Forgets everything that the list has given so far: it begins again.
    fn restart(&mut self);

    /// Counts bytes of a body as they came, packed or not; those of attempts that were given up count too.
    fn received(&mut self, bytes: u64);
}

/// Says which list is wanted, and how.
#[derive(Clone, Debug)]
pub struct ListRequest<'a> {
    /// The path of the collection, such as `/api/v1/pods`.
    pub path: &'a str,
    /// Selectors, not encoded yet: `labelSelector`, `fieldSelector`.
    pub query: Vec<(&'static str, String)>,
    /// What is asked for. A server that has no protobuf answers [`Encoding::Json`]; the other way round is a fault.
    pub encoding: Encoding,
    pub freshness: Freshness,
    /// Whether only `metadata` is wanted, as items of a `PartialObjectMetadataList`.
    pub metadata_only: bool,
    /// The most time that the whole list may take, retries and pauses included.
    pub deadline: Duration,
}

/// Says how fresh a list has to be
/// (<https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Freshness {
    /// Whatever the server's watch cache holds, in one answer.
    Cached,
    /// The latest state, in pages of 500 that belong together.
    Consistent,
}

/// Tells what a whole list came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListOutcome {
    /// How many items the sink took.
    pub items: usize,
    /// The first of the items that the sink could not decode: which, and why.
    pub undecodable: Vec<String>,
    /// How many those were in all.
    pub undecodable_count: usize,
    /// How the items were written.
    pub encoding: Encoding,
    pub resource_version: String,
    /// The `Date` header of the first answer: the server's clock.
    pub server_date: Option<String>,
}
