//! `change label`.

use super::{look, nodes, owned, target};
use serde_json::Value;
use sre_core::plan::{Note, Step, label};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Which pods ask for such a label, and what would be changed
  kubectl sre change label node/node-zone-1 topology.kubernetes.io/zone=us-west-2a --dry-run
  # Take a label away
  kubectl sre change label node/node-1 disk- --yes";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A node, or another object of a type that kubectl knows by name
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    /// What is set, and what goes
    #[arg(value_name = "KEY=VALUE|KEY-", required = true)]
    labels: Vec<String>,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::named(&args.target, &[])?;
    let values: Vec<_> = args.labels.iter().map(|word| parsed(word)).collect::<Result<_, _>>()?;
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let object = look::object(&acting, &named).await?;
    let owners = look::owners_of(&acting, &object).await;
    let is_node = named.resource.kind == "Node";
    let pods = if is_node { nodes::pods_of(&acting, &named.name).await? } else { Vec::new() };
    let steps: Vec<Step> = label(&object, &values, "asked for".to_owned()).into_iter().collect();
    if !is_node && !steps.is_empty() {
        owned::refuse_kept(&owners, &title)?;
    }
    let notes = [asking(&pods, &values), reserved(&values, is_node), owned::notes(&owners)].concat();
    acting.changed(format!("label {title} {}", args.labels.join(" ")), steps, notes, &args.change).await
}

/// Pods that were placed by such a label stay, whatever becomes of it.
fn asking(pods: &[Value], values: &[(String, Option<String>)]) -> Vec<Note> {
    let places = ["/spec/nodeSelector", "/spec/affinity/nodeAffinity"];
    let asks = |pod: &&Value, key: &str| {
        let found = places.iter().filter_map(|place| pod.pointer(place));
        found.map(Value::to_string).any(|text| text.contains(&format!("\"{key}\"")))
    };
    let note = |key: &str| {
        let asking: Vec<String> = pods.iter().filter(|pod| asks(pod, key)).map(nodes::named).collect();
        if asking.is_empty() {
            return None;
        }
        Some(Note::remark(format!("pods there that ask for {key} stay where they are: {}", nodes::listed(asking))))
    };
    values.iter().filter_map(|(key, _)| note(key)).collect()
}

/// Kubelets and cloud controllers set labels of these names.
fn reserved(values: &[(String, Option<String>)], is_node: bool) -> Vec<Note> {
    let of_kubelet = |key: &str| {
        let domain = key.split_once('/').map_or("", |(domain, _)| domain);
        ["kubernetes.io", "topology.kubernetes.io", "node.kubernetes.io"].contains(&domain)
    };
    let keys = values.iter().map(|(key, _)| key.as_str()).filter(|key| is_node && of_kubelet(key));
    let note = |key| {
        Note::remark(format!(
            "the kubelet or a cloud controller may set {key} again; volumes and spreading go by such labels"
        ))
    };
    keys.map(note).collect()
}

fn parsed(word: &str) -> Result<(String, Option<String>), Error> {
    let parsed = match word.split_once('=') {
        Some((key, value)) => Some((key, Some(value.to_owned()))),
        None => word.strip_suffix('-').map(|key| (key, None)),
    };
    match parsed.filter(|(key, _)| !key.is_empty()) {
        Some((key, value)) => Ok((key.to_owned(), value)),
        None => Err(Error::Usage {
            message: format!("{word:?} neither sets a label nor takes one away"),
            hint: "type KEY=VALUE to set it, or KEY- to take it away".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_are_set_and_taken_away_as_with_kubectl() {
        let of = |word: &str| parsed(word).ok();
        assert_eq!(of("a/b=c"), Some(("a/b".to_owned(), Some("c".to_owned()))));
        assert_eq!((of("a="), of("a-")), (Some(("a".to_owned(), Some(String::new()))), Some(("a".to_owned(), None))));
        for wrong in ["a", "=b", "-"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn pods_that_ask_for_a_label_are_named() {
        let term = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "disk", "operator": "Exists"}]},
        ]}}});
        let pod = |name: &str, spec: Value| json!({"metadata": {"name": name, "namespace": "shop"}, "spec": spec});
        let pods = [
            pod("a", json!({"nodeSelector": {"disk": "ssd"}})),
            pod("b", json!({"affinity": term})),
            pod("c", json!({"nodeSelector": {"diskless": "yes"}})),
        ];
        let told = asking(&pods, &[("disk".to_owned(), None), ("gpu".to_owned(), None)]);
        assert_eq!(told, [Note::remark("pods there that ask for disk stay where they are: shop/a, shop/b")]);
        let zone = [("topology.kubernetes.io/zone".to_owned(), None)];
        assert_eq!((reserved(&zone, true).len(), reserved(&zone, false).len()), (1, 0));
    }
}
