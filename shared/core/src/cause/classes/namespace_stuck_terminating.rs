//! A namespace stays Terminating.

use crate::cause::{Class, Heard, Stage};
use crate::finding::{Finding, Severity};
use crate::slim::condition::Condition;
use crate::slim::{ConditionFacts, Namespace, Object};
use crate::view::View;
use jiff::Timestamp;

/// See the module.
pub const CLASS: Class = Class {
    id: "namespace-stuck-terminating",
    page: PAGE,
    recognise,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| it.is_about(&["Namespace"]) && it.says(&["finalizer", "terminating"]),
        |_| "the namespace does not go".to_owned(),
    )),
    ..Class::SILENT
};

/// How long pods may take to end in good order.
const PATIENCE_MINUTES: i64 = 5;

/// The conditions that say what holds a namespace up, what is at the root of it first.
const HOLDING: [&str; 5] = [
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
];

fn recognise(view: &View<'_>) -> Vec<Finding> {
    view.all::<Namespace>().iter().filter_map(|namespace| judge(view, namespace)).collect()
}

fn judge(view: &View<'_>, namespace: &Namespace) -> Option<Finding> {
    let deleted = namespace.metadata.deletion_timestamp.and_then(|time| time.at())?;
    view.is_older_than_minutes(Some(deleted), PATIENCE_MINUTES).then(|| statement(namespace, deleted))
}

fn statement(namespace: &Namespace, deleted: Timestamp) -> Finding {
    let (name, object) = (&namespace.metadata.name, namespace.reference());
    let holding: Vec<&Condition> = HOLDING.iter().filter_map(|kind| holds(namespace, kind)).collect();
    let title = format!("namespace {name} has been Terminating since {deleted}: {}", why(&holding));
    let finding = Finding::new("", Severity::Warning, object.clone(), title)
        .symptom()
        .evidence(&object, "metadata.deletionTimestamp", deleted.to_string())
        .since(Some(deleted))
        .look(format!("kubectl get namespace {name} -o yaml"));
    let finding = holding.iter().fold(finding, |finding, condition| {
        finding.evidence(&object, format!("status.conditions[{}].message", condition.type_), &*condition.message)
    });
    let kinds: Vec<String> = remaining(&holding, "NamespaceContentRemaining").map(|(kind, _)| kind).collect();
    if kinds.is_empty() { finding } else { finding.look(format!("kubectl get {} -n {name} -o yaml", kinds.join(","))) }
}

fn holds<'a>(namespace: &'a Namespace, kind: &str) -> Option<&'a Condition> {
    namespace.status.conditions.iter().find(|condition| condition.type_ == kind && condition.status == "True")
}

fn why(holding: &[&Condition]) -> String {
    let listed = |kind: &str| {
        let named = remaining(holding, kind).map(|(what, count)| format!("{what} ({count})"));
        named.collect::<Vec<_>>().join(", ")
    };
    let (content, finalizers) = (listed("NamespaceContentRemaining"), listed("NamespaceFinalizersRemaining"));
    match holding.first() {
        None => "no condition says why".to_owned(),
        Some(first) if first.type_.contains("Failure") || content.is_empty() => first.message().to_owned(),
        Some(_) if finalizers.is_empty() => format!("{content} remain"),
        Some(_) => format!("{content} remain, held by {finalizers}"),
    }
}

/// Reads `Some ...: pods. has 2 resource instances, widgets.example.com has 1 resource instances` and
/// `Some ...: example.com/hold in 1 resource instances`.
fn remaining(holding: &[&Condition], kind: &str) -> impl Iterator<Item = (String, String)> {
    let condition = holding.iter().find(|condition| condition.type_ == kind);
    let list = condition.and_then(|condition| condition.message.split_once(": ")).map_or("", |(_, list)| list);
    list.split(", ").filter_map(counted).collect::<Vec<_>>().into_iter()
}

fn counted(one: &str) -> Option<(String, String)> {
    let (what, count) = one.split_once(" has ").or_else(|| one.split_once(" in "))?;
    Some((what.trim_end_matches('.').to_owned(), count.split(' ').next()?.to_owned()))
}

const PAGE: &str = "\
Kubernetes deletes what is in a namespace before the namespace itself, and something does not go:
objects with finalizers whose controller does not act (often because it was uninstalled first), or
an API group that does not answer, so that nobody knows what is left.

Looked at: the deletion time of the namespace, and its conditions.

What to do: repair the API, or let the controller of the finalizer do its work. Removing finalizers
by hand leaves behind what they protect (volumes, load balancers, DNS records); do that last:
  kubectl patch KIND NAME -n NAMESPACE --dry-run=server \\
    --type=merge -p '{\"metadata\":{\"finalizers\":null}}'";
