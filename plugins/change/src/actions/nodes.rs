//! What is looked at where a node is changed: its pods, and the other nodes.

use serde_json::Value;
use sre_core::plan::{Note, is_cordoned};
use sre_runtime::change::{Acting, encoded};
use sre_runtime::error::Error;

/// The pods of a node.
///
/// # Errors
/// Says why they cannot be read.
pub(crate) async fn pods_of(acting: &Acting, node: &str) -> Result<Vec<Value>, Error> {
    let selector = format!("fieldSelector={}", encoded(&format!("spec.nodeName={node}")));
    acting.objects().list("/api/v1/pods", &selector).await.map_err(|fault| acting.no_answer(&fault))
}

/// All nodes.
///
/// # Errors
/// Says why they cannot be read.
pub(crate) async fn all(acting: &Acting) -> Result<Vec<Value>, Error> {
    acting.objects().list("/api/v1/nodes", "").await.map_err(|fault| acting.no_answer(&fault))
}

/// Whether a node's kubelet says that it is well.
pub(crate) fn is_ready(node: &Value) -> bool {
    let conditions = node.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True")
}

/// How many other nodes take pods.
pub(crate) fn others(nodes: &[Value], name: &str) -> Note {
    let others: Vec<&Value> = nodes.iter().filter(|it| it.pointer("/metadata/name") != Some(&name.into())).collect();
    let taking = others.iter().filter(|it| is_ready(it) && !is_cordoned(it)).count();
    match taking {
        0 => Note::warning("no other node takes pods: those that are made have nowhere to go"),
        _ => Note::remark(format!("other nodes that are ready and take pods: {taking} of {}", others.len())),
    }
}

/// A pod by its namespace and name.
pub(crate) fn named(pod: &Value) -> String {
    let text = |pointer: &str| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}", text("/metadata/namespace"), text("/metadata/name"))
}

/// Names for the end of a sentence: the first few, and how many more.
pub(crate) fn listed(mut names: Vec<String>) -> String {
    const MOST: usize = 10;
    names.sort();
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(name: &str, ready: &str, cordoned: bool) -> Value {
        json!({
            "metadata": {"name": name}, "spec": {"unschedulable": cordoned},
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        })
    }

    #[test]
    fn only_what_is_ready_and_not_cordoned_takes_pods() {
        let nodes = [node("a", "True", false), node("b", "Unknown", false), node("c", "True", true)];
        assert!(others(&nodes, "a").warns);
        assert_eq!(others(&nodes, "b"), Note::remark("other nodes that are ready and take pods: 1 of 2"));
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (10..22).map(|it| format!("p{it}")).collect();
        assert!(listed(names).ends_with("p19 and 2 more"));
        assert_eq!(listed(vec!["b".to_owned(), "a".to_owned()]), "a, b");
    }
}
