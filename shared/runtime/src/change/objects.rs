//! Whole objects, one at a time or a list of them, and the requests that change them.

use crate::cluster::connection::{RequestFault, classify};
use crate::cluster::list::percent_encoded;
use crate::exec::{self, ExecFault, Limits, Output};
use futures::stream::{StreamExt, TryStreamExt};
use http::{Request, header};
use serde_json::{Value, json};
use sre_core::container_command::{ContainerCommand, ReadOnlyCommand, Said};
use sre_core::plan;
use std::time::Duration;

/// Name of whoever writes, in `managedFields`.
pub const FIELD_MANAGER: &str = "kubectl-sre";

/// Requests that are under way at the same time.
const AT_ONCE: usize = 8;

/// Objects of a page.
const PAGE: usize = 500;

/// How often a request that the server put off is sent again.
const MOST_TRIES: u32 = 3;

/// The longest that a server may ask to be left alone.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Writes a value as it may stand in a selector of a list.
pub fn encoded(value: &str) -> String {
    percent_encoded(value)
}

/// Whole objects of a cluster.
#[derive(Clone)]
pub struct Objects {
    client: kube::Client,
}

impl Objects {
    pub(crate) fn new(client: kube::Client) -> Self {
        Self { client }
    }

    /// An object by its path; `None` when it is not there.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub async fn get(&self, path: &str) -> Result<Option<Value>, RequestFault> {
        match self.ask("GET", path, None).await {
            Ok(mut object) => {
                // The server leaves a zero out, and no replicas is what was asked for.
                if object["kind"] == "Scale" && object["spec"]["replicas"].is_null() {
                    object["spec"]["replicas"] = Value::from(0);
                }
                Ok(Some(object))
            }
            Err(RequestFault::NotFound) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Several objects by their paths, eight at a time, in the order of the paths.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub async fn get_all(&self, paths: impl IntoIterator<Item = String>) -> Result<Vec<Option<Value>>, RequestFault> {
        let each = futures::stream::iter(paths).map(|path| async move { self.get(&path).await });
        each.buffered(AT_ONCE).try_collect().await
    }

    /// All objects of a collection that a selector (`labelSelector=...`, encoded already) chooses; empty for all.
    ///
    /// # Errors
    /// Says why there is no whole answer.
    pub async fn list(&self, collection: &str, selector: &str) -> Result<Vec<Value>, RequestFault> {
        let (mut objects, mut token) = (Vec::new(), String::new());
        loop {
            let onward =
                if token.is_empty() { String::new() } else { format!("&continue={}", percent_encoded(&token)) };
            let selector = if selector.is_empty() { String::new() } else { format!("&{selector}") };
            let mut page = self.ask("GET", &format!("{collection}?limit={PAGE}{selector}{onward}"), None).await?;
            let (version, kind) = (page["apiVersion"].take(), page["kind"].as_str().unwrap_or_default().to_owned());
            let items = page["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
            // Items of a list do not say what they are.
            let kind = kind.strip_suffix("List").unwrap_or(&kind).to_owned();
            objects.extend(items.into_iter().map(|mut item| {
                item["apiVersion"] = version.clone();
                item["kind"] = Value::String(kind.clone());
                item
            }));
            token = page.pointer("/metadata/continue").and_then(Value::as_str).unwrap_or_default().to_owned();
            if token.is_empty() {
                return Ok(objects);
            }
        }
    }

    /// The metadata of all objects of a collection, and nothing of what they hold.
    ///
    /// # Errors
    /// Says why there is no whole answer.
    pub async fn names(&self, collection: &str) -> Result<Vec<Value>, RequestFault> {
        const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
        let mut list = self.get_as(&format!("{collection}?resourceVersion=0"), METADATA).await?;
        Ok(list["items"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Asks about the caller: a review that changes nothing.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub async fn review(&self, collection: &str, body: &Value) -> Result<Value, RequestFault> {
        let request = plan::Request {
            method: "POST",
            path: collection.to_owned(),
            content_type: "application/json",
            body: body.clone(),
        };
        self.ask("POST", collection, Some(&request)).await
    }

    /// Sends what changes something, or only tries it; gives what the server made of it.
    ///
    /// Only what the server put off is sent again: it says that it did nothing.
    ///
    /// # Errors
    /// Says why the server did not take it, or that there was no answer.
    pub async fn send(&self, request: &plan::Request, tries_only: bool) -> Result<Value, RequestFault> {
        let tried = if tries_only { only_tried(request) } else { None };
        let request = tried.as_ref().unwrap_or(request);
        let dry = if tries_only { "&dryRun=All" } else { "" };
        let query = match request.method {
            "DELETE" => dry.trim_start_matches('&').to_owned(),
            _ => format!("fieldManager={FIELD_MANAGER}{dry}"),
        };
        let separator = if query.is_empty() { "" } else { "?" };
        let path = format!("{}{separator}{query}", request.path);
        let mut tries = 0;
        loop {
            match self.ask(request.method, &path, Some(request)).await {
                Err(RequestFault::TooMany { retry_after: Some(pause) })
                    if tries < MOST_TRIES && !request.path.ends_with("/eviction") =>
                {
                    tries += 1;
                    tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
                }
                answer => return answer,
            }
        }
    }

    /// Runs a command in a container that was declared to change nothing: it may run while a plan is made.
    ///
    /// # Errors
    /// Says why there is no answer; a command that ran and failed is an answer.
    pub async fn ask_container(&self, question: &ReadOnlyCommand, limits: Limits) -> Result<Said, ExecFault> {
        exec::run(&self.client, question.command(), limits).await
    }

    /// The same, with somebody who takes what it writes, which need be no text.
    ///
    /// # Errors
    /// Says besides why that was not taken.
    pub async fn stream_container(
        &self,
        question: &ReadOnlyCommand,
        limits: Limits,
        output: Output<'_>,
    ) -> Result<Said, ExecFault> {
        exec::run_into(&self.client, question.command(), limits, Some(output)).await
    }

    /// Runs a command in a container that changes something: a step of an approved plan, and nothing else.
    ///
    /// # Errors
    /// Says why it did not run, that it failed, or that its end was not seen.
    pub(super) async fn run_in_container(&self, run: &plan::Exec) -> Result<(), RequestFault> {
        let usual = Limits::default();
        let time = run.seconds.map_or(usual.time, |seconds| Duration::from_secs(seconds.into()));
        answered(exec::run(&self.client, &run.command, Limits { time, ..usual }).await).map(drop)
    }

    /// What the probe of a command writes; `None` where the pod is gone.
    ///
    /// # Errors
    /// Says why there is no answer.
    pub(super) async fn probed(&self, probe: &ContainerCommand) -> Result<Option<Value>, RequestFault> {
        match answered(exec::run(&self.client, probe, Limits::default()).await) {
            Ok(said) => Ok(Some(Value::String(said))),
            Err(RequestFault::NotFound) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<&plan::Request>) -> Result<Value, RequestFault> {
        let content_type = body.map_or("application/json", |request| request.content_type);
        self.request(method, path, body, ("application/json", content_type)).await
    }

    /// A text that holds values of Secrets, for the type that seals them.
    pub(super) async fn sealed_text(&self, path: &str) -> Result<String, RequestFault> {
        let request = Request::get(path)
            .header(header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|error| RequestFault::Other { message: error.to_string() })?;
        self.client.request_text(request).await.map_err(|error| classify(&error))
    }

    /// An answer in a certain media type.
    pub(super) async fn get_as(&self, path: &str, accept: &str) -> Result<Value, RequestFault> {
        self.request("GET", path, None, (accept, "application/json")).await
    }

    async fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&plan::Request>,
        (accept, content_type): (&str, &str),
    ) -> Result<Value, RequestFault> {
        let bytes = body.map(|request| request.body.to_string().into_bytes()).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, content_type)
            .body(bytes)
            .map_err(|error| RequestFault::Other { message: error.to_string() })?;
        self.client.request::<Value>(request).await.map_err(|error| classify(&error))
    }
}

/// What a command wrote that succeeded.
fn answered(said: Result<Said, ExecFault>) -> Result<String, RequestFault> {
    let said = said.map_err(ExecFault::into_request_fault)?;
    match said.failure() {
        None => Ok(said.stdout),
        Some(message) => Err(RequestFault::Other { message }),
    }
}

/// A deletion says in its body that it is only tried: where there is a body, the API server reads no options from the
/// query, and would delete
/// (<https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/delete.go>).
fn only_tried(request: &plan::Request) -> Option<plan::Request> {
    let mut tried = request.clone();
    let options = match (request.method, request.path.ends_with("/eviction")) {
        ("DELETE", _) => &mut tried.body,
        ("POST", true) => &mut tried.body["deleteOptions"],
        _ => return None,
    };
    options["dryRun"] = json!(["All"]);
    Some(tried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_tried_says_so_wherever_the_server_looks() {
        let request =
            |method, path: &str, body| plan::Request { method, path: path.to_owned(), content_type: "", body };
        let deletion =
            only_tried(&request("DELETE", "/api/v1/namespaces/shop/pods/web", json!({"kind": "DeleteOptions"})));
        assert_eq!(deletion.map(|it| it.body), Some(json!({"kind": "DeleteOptions", "dryRun": ["All"]})));
        let eviction = request("POST", "/api/v1/namespaces/shop/pods/web/eviction", json!({"deleteOptions": {}}));
        assert_eq!(only_tried(&eviction).map(|it| it.body), Some(json!({"deleteOptions": {"dryRun": ["All"]}})));
        assert_eq!(only_tried(&request("PATCH", "/api/v1/nodes/a", json!([]))), None);
    }
}
