//! `change uncordon`.

use super::{look, nodes, target};
use serde_json::Value;
use sre_core::plan::{Note, Step, uncordon};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Let pods on a node again
  kubectl sre change uncordon node-1 --yes";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The node
    #[arg(value_name = "NODE")]
    node: String,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::of_kind(&args.node, "Node")?;
    let acting = session.act().await?;
    let node = look::object(&acting, &named).await?;
    let steps: Vec<Step> = uncordon(&node, "asked for".to_owned()).into_iter().collect();
    let notes = still_kept_away(&node);
    acting.changed(format!("uncordon Node {}", named.name), steps, notes, &args.change).await
}

/// What keeps pods away besides the cordon.
fn still_kept_away(node: &Value) -> Vec<Note> {
    let taints = node.pointer("/spec/taints").and_then(Value::as_array).into_iter().flatten();
    // The cordon has a taint of its own, which goes with it.
    let others =
        taints.filter(|it| it["key"] != "node.kubernetes.io/unschedulable" && it["effect"] != "PreferNoSchedule");
    let named = others.filter_map(|it| Some(format!("{}:{}", it["key"].as_str()?, it["effect"].as_str()?)));
    let named = named.collect::<Vec<_>>().join(", ");
    let taints =
        (!named.is_empty()).then(|| Note::remark(format!("it keeps taints that most pods do not tolerate: {named}")));
    let silent = (!nodes::is_ready(node)).then(|| Note::warning("it is not ready: no pod starts there until it is"));
    silent.into_iter().chain(taints).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_still_keeps_pods_away_is_told() {
        let node = json!({
            "spec": {"taints": [
                {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}, {"key": "gpu", "effect": "NoSchedule"},
            ]},
            "status": {"conditions": [{"type": "Ready", "status": "False"}]},
        });
        let texts: Vec<String> = still_kept_away(&node).into_iter().map(|note| note.text).collect();
        assert!(texts[0].starts_with("it is not ready") && texts[1].ends_with(": gpu:NoSchedule"), "{texts:?}");
        let well = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        assert_eq!(still_kept_away(&well), []);
    }
}
