//! Asks the API server what the caller may do: reviews of oneself, which everybody may ask for and which change nothing.

use crate::cluster::connection::Connection;
use futures::stream::{self, StreamExt};
use http::{Request, header};
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sre_core::access::{self, Access, ResourceAttributes};
use sre_core::slim::role::PolicyRule;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

/// Reviews under way at once.
const AT_ONCE: usize = 8;

/// The most time for all reviews together: the report does not wait for what only stands beside its commands.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than any answer here has.
const LARGEST_ANSWER: usize = 4 << 20;

/// Where reviews are asked for.
const REVIEWS: &str = "/apis/authorization.k8s.io/v1";

#[derive(Deserialize)]
struct Answer<S> {
    status: S,
}

/// What the caller may do in a namespace.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rules {
    resource_rules: Vec<PolicyRule>,
    /// Whether an authorizer has more to say than it can list.
    incomplete: bool,
}

/// Whether one request is allowed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Allowed {
    allowed: bool,
    /// What kept an authorizer from deciding; then a denial is none.
    #[serde(rename = "evaluationError")]
    evaluation_error: String,
}

/// Asks whether the caller may do what is wanted; what is not answered, or not in time, stays unknown.
///
/// One request a namespace tells its rules. What these cannot tell is asked for by itself, so that a server whose
/// authorizer lists no rules answers too.
pub async fn review(connection: &Connection, wanted: &[ResourceAttributes], deadline: Duration) -> Access {
    let client = &connection.client;
    let access = RefCell::new(Access::default());
    let asked = async {
        let unlisted = listed(client, wanted, &access).await;
        let single = stream::iter(access::single(wanted, &unlisted));
        let single = single.map(|request| async move { (allowed(client, &request).await, request) });
        let mut answers = single.buffer_unordered(AT_ONCE);
        while let Some((answer, request)) = answers.next().await {
            answer.into_iter().for_each(|allowed| access.borrow_mut().take_review(request.clone(), allowed));
        }
    };
    // Late is as good as never; what came in time counts.
    let _ = tokio::time::timeout(deadline.min(PATIENCE), asked).await;
    access.into_inner().sorted()
}

/// Takes the rules of the namespaces, and gives those whose rules are not listed whole.
async fn listed(client: &kube::Client, wanted: &[ResourceAttributes], access: &RefCell<Access>) -> BTreeSet<String> {
    let asked = stream::iter(access::namespaces(wanted)).map(|namespace| async move {
        let spec = json!({"namespace": namespace});
        (ask::<Rules>(client, "SelfSubjectRulesReview", &spec).await, namespace)
    });
    let mut answers = asked.buffer_unordered(AT_ONCE);
    let mut unlisted = BTreeSet::new();
    while let Some((rules, namespace)) = answers.next().await {
        match rules {
            Some(Rules { resource_rules, incomplete: false }) => {
                access.borrow_mut().take_rules(namespace, resource_rules);
            }
            Some(_) => {
                unlisted.insert(namespace);
            }
            None => {}
        }
    }
    unlisted
}

async fn allowed(client: &kube::Client, request: &ResourceAttributes) -> Option<bool> {
    let spec = json!({"resourceAttributes": request});
    let answer = ask::<Allowed>(client, "SelfSubjectAccessReview", &spec).await?;
    (answer.allowed || answer.evaluation_error.is_empty()).then_some(answer.allowed)
}

/// One review; a refusal, a broken connection and an answer that cannot be read are all no answer.
async fn ask<S: DeserializeOwned>(client: &kube::Client, kind: &str, spec: &Value) -> Option<S> {
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec});
    let request = Request::post(format!("{REVIEWS}/{}s", kind.to_lowercase()));
    let request = request.header(header::CONTENT_TYPE, "application/json").header(header::ACCEPT, "application/json");
    let response = client.send(request.body(review.to_string().into_bytes().into()).ok()?).await.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await.ok()?;
    serde_json::from_slice::<Answer<S>>(&body.to_bytes()).ok().map(|answer| answer.status)
}
