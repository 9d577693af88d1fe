//! Lists against a server that misbehaves on purpose.

mod cuts;
mod pages;
mod refusals;
mod server;

use std::time::Duration;

use super::{Encoding, Freshness, ItemSink, ListFault, ListOutcome, ListRequest, list};
use server::{Answer, Server};

/// Keeps what a list gives; an item with `bad` in it is undecodable.
#[derive(Debug, Default)]
struct Kept {
    items: Vec<Vec<u8>>,
    restarts: usize,
    received: u64,
}

impl ItemSink for Kept {
    fn item(&mut self, _: Encoding, bytes: &[u8]) -> Result<(), String> {
        if bytes.windows(3).any(|window| window == b"bad") {
            return Err("a field of a wrong type".into());
        }
        self.items.push(bytes.to_vec());
        Ok(())
    }

    fn restart(&mut self) {
        self.items.clear();
        self.restarts += 1;
    }

    fn received(&mut self, bytes: u64) {
        self.received += bytes;
    }
}

/// What came of one list, and what the server saw of it.
struct Observed {
    result: Result<ListOutcome, ListFault>,
    kept: Kept,
    requests: Vec<String>,
}

/// Far more than any test needs that does not wait for it.
const PATIENCE: Duration = Duration::from_secs(20);

fn request(encoding: Encoding, freshness: Freshness) -> ListRequest<'static> {
    ListRequest {
        path: "/api/v1/pods",
        query: Vec::new(),
        encoding,
        freshness,
        metadata_only: false,
        deadline: PATIENCE,
    }
}

/// Reads a consistent JSON list from a server that gives these answers, the last one for ever.
async fn observe(answers: Vec<Answer>) -> Observed {
    observe_as(request(Encoding::Json, Freshness::Consistent), answers).await
}

async fn observe_as(request: ListRequest<'_>, answers: Vec<Answer>) -> Observed {
    let server = Server::start(answers).await;
    let mut kept = Kept::default();
    let result = list(&server.client(), &request, &mut kept).await;
    Observed { result, kept, requests: server.requests() }
}

fn json_list(names: &[&str], continue_token: &str) -> String {
    let items: Vec<String> = names.iter().map(|name| format!(r#"{{"metadata":{{"name":"{name}"}}}}"#)).collect();
    let metadata = format!(r#"{{"resourceVersion":"42","continue":"{continue_token}"}}"#);
    format!(r#"{{"kind":"PodList","apiVersion":"v1","metadata":{metadata},"items":[{}]}}"#, items.join(","))
}
