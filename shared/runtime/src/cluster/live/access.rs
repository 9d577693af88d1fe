//! Asks the API server what the caller may do: reviews of oneself, which everybody may ask for and which change nothing.

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
    /// What kept an authorizer from listing all.
    evaluation_error: String,
}

impl Rules {
    fn are_all(&self) -> bool {
        !self.incomplete && self.evaluation_error.is_empty()
    }
}

/// Whether one request is allowed.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Allowed {
    allowed: bool,
    /// What kept an authorizer from deciding; then a denial is none.
    evaluation_error: String,
}

/// Asks whether the caller may do what is wanted; what is not answered, or not in time, stays unknown.
///
/// One request a namespace tells its rules. What these cannot tell is asked for by itself, so that a server whose
/// authorizer lists no rules answers too.
pub async fn review(client: &kube::Client, wanted: &[ResourceAttributes], deadline: Duration) -> Access {
    let access = RefCell::new(Access::default());
    let asked = async {
        let unlisted = listed(client, wanted, &access).await;
        let single = stream::iter(access::single(wanted, &unlisted));
        let single = single.map(|request| async move { (allowed(client, &request).await, request) });
        let mut answers = single.buffer_unordered(AT_ONCE);
        while let Some((answer, request)) = answers.next().await {
            if let Some(allowed) = answer {
                access.borrow_mut().take_review(request, allowed);
            }
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
            Some(rules) if rules.are_all() => access.borrow_mut().take_rules(namespace, rules.resource_rules),
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

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;
    use kube::client::Body;
    use sre_core::access::{Permission, wanted};
    use sre_core::finding::{Finding, Remedy, Severity};
    use sre_core::object::ObjectRef;
    use tower::{BoxError, service_fn};

    /// A server that answers reviews so: the status of the answer and its body; none is for ever.
    type Server = fn(&str, &Value) -> Option<(u16, Value)>;

    fn client(server: Server) -> kube::Client {
        let service = service_fn(move |request: Request<Body>| async move {
            let path = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let body: Value = serde_json::from_slice(&request.into_body().collect().await?.to_bytes())?;
            let Some((status, answer)) = server(&path, &body["spec"]) else { std::future::pending().await };
            Ok::<_, BoxError>(Response::builder().status(status).body(Body::from(answer.to_string().into_bytes()))?)
        });
        kube::Client::new(service, "default")
    }

    fn remedies() -> Vec<Remedy> {
        let finding = Finding::new("NOD-03", Severity::Warning, ObjectRef::cluster("Node", "n"), "a");
        finding.change("kubectl delete pod web -n shop").change("kubectl cordon n1").remedies
    }

    /// What is known of the commands for the pod and for the node.
    async fn permissions(server: Server) -> [Permission; 2] {
        let remedies = remedies();
        let access = review(&client(server), &wanted(&remedies), Duration::from_millis(300)).await;
        [access.permission(&remedies[0]), access.permission(&remedies[1])]
    }

    fn rules(incomplete: bool) -> Option<(u16, Value)> {
        let rule = json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
        Some((201, json!({"status": {"resourceRules": [rule], "nonResourceRules": [], "incomplete": incomplete}})))
    }

    fn verdict(allowed: bool) -> Option<(u16, Value)> {
        Some((201, json!({"status": {"allowed": allowed}})))
    }

    #[tokio::test]
    async fn rules_answer_for_a_namespace_and_nothing_else_is_asked_there() {
        let server: Server = |path, spec| match path {
            "selfsubjectrulesreviews" if spec["namespace"] == "shop" => rules(false),
            "selfsubjectaccessreviews" if spec["resourceAttributes"]["resource"] == "nodes" => {
                verdict(spec["resourceAttributes"]["verb"] == "get")
            }
            _ => panic!("{path}: {spec}"),
        };
        let [pod, node] = permissions(server).await;
        assert_eq!(pod, Permission::Allowed);
        assert!(matches!(node, Permission::Denied(requests) if requests[0].to_string() == "patch nodes"));
    }

    #[tokio::test]
    async fn rules_that_are_not_all_are_not_believed_and_each_request_is_asked_about() {
        let server: Server = |path, spec| match path {
            "selfsubjectrulesreviews" => rules(true),
            _ => verdict(spec["resourceAttributes"]["name"] != "web"),
        };
        let [pod, node] = permissions(server).await;
        assert!(matches!(pod, Permission::Denied(_)), "{pod:?}");
        assert_eq!(node, Permission::Allowed);
    }

    #[tokio::test]
    async fn without_an_answer_nothing_is_known() {
        let refused: Server = |_, _| Some((403, json!({"kind": "Status", "status": "Failure"})));
        let silent: Server = |_, _| None;
        let undecided: Server = |_, _| Some((201, json!({"status": {"evaluationError": "no answer of a webhook"}})));
        let another: Server = |_, _| Some((200, json!("a page for a browser")));
        for server in [refused, silent, undecided, another] {
            assert_eq!(permissions(server).await, [Permission::Unknown, Permission::Unknown]);
        }
    }

    #[tokio::test]
    async fn what_came_in_time_counts() {
        let server: Server = |path, _| if path == "selfsubjectrulesreviews" { rules(false) } else { None };
        assert_eq!(permissions(server).await, [Permission::Allowed, Permission::Unknown]);
    }
}
