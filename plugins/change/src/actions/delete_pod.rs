//! `change delete-pod`.

use super::{look, target};
use serde_json::Value;
use sre_core::disruption::{Budget, budgets_of};
use sre_core::plan::{Note, Step, controller_of, delete_pod, is_ending, is_mirror, scratch_volumes};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::change::Acting;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # What would be lost, and what makes the pod anew
  kubectl sre change delete-pod web-7d4b9c-x2x1z -n shop --dry-run
  # Delete it, and wait until it is gone
  kubectl sre change delete-pod web-7d4b9c-x2x1z -n shop --confirm web-7d4b9c-x2x1z";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The pod
    #[arg(value_name = "NAME")]
    pod: String,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::of_kind(&args.pod, "Pod")?;
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let pod = look::object(&acting, &named).await?;
    refuse_mirror(&pod, &title)?;
    let budgets = look::budgets(&acting, Some(acting.namespace())).await?;
    let node = node_of(&acting, &pod).await;
    let step = (!is_ending(&pod)).then(|| delete_pod(&pod, "asked for".to_owned())).flatten();
    let steps: Vec<Step> = step.into_iter().collect();
    let notes = [what_comes(&pod), budget_notes(&pod, budgets.as_deref()), node_notes(node.as_ref())].concat();
    acting.changed(format!("delete {title}"), steps, notes, &args.change).await
}

fn refuse_mirror(pod: &Value, title: &str) -> Result<(), Error> {
    if !is_mirror(pod) {
        return Ok(());
    }
    Err(Error::Refused {
        why: format!("{title} only shows a static pod: the kubelet runs it on, whatever becomes of what shows it"),
        hint: "move its file out of the folder of static pods on its node, and back".to_owned(),
    })
}

/// What warnings only need may be missing.
async fn node_of(acting: &Acting, pod: &Value) -> Option<Value> {
    let name = pod.pointer("/spec/nodeName").and_then(Value::as_str)?;
    acting.objects().get(&format!("/api/v1/nodes/{name}")).await.ok().flatten()
}

fn what_comes(pod: &Value) -> Vec<Note> {
    let comes = match controller_of(pod) {
        None => Note::warning("nothing makes this pod anew: it has no controller"),
        Some(("Job", name)) => Note::warning(format!("Job {name} counts it as a failed try, and may make another one")),
        Some(("StatefulSet", name)) => Note::remark(format!("StatefulSet {name} makes another one of the same name")),
        Some((kind, name)) => Note::remark(format!("{kind} {name} makes another one")),
    };
    let volumes = scratch_volumes(pod).join(", ");
    let lost =
        (!volumes.is_empty()).then(|| Note::warning(format!("what its emptyDir volumes hold is lost: {volumes}")));
    std::iter::once(comes).chain(lost).collect()
}

fn budget_notes(pod: &Value, budgets: Option<&[Budget]>) -> Vec<Note> {
    let Some(budgets) = budgets else {
        return vec![Note::warning("the disruption budgets could not be read, so that none was looked at")];
    };
    let tight = budgets_of(pod, budgets).into_iter().filter(|budget| budget.allowed < 1);
    let note = |budget: &Budget| {
        Note::warning(format!(
            "a deletion heeds no disruption budget, and {} allows none now: {} of {} pods that must be healthy are",
            budget.name, budget.healthy, budget.wanted
        ))
    };
    tight.map(note).collect()
}

/// A pod ends when its kubelet says so.
fn node_notes(node: Option<&Value>) -> Vec<Note> {
    let Some(node) = node else { return Vec::new() };
    let conditions = node.pointer("/status/conditions").and_then(Value::as_array);
    let is_ready = conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True");
    let name = node.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    let silent =
        format!("its node {name} is not ready: the pod stays, ending, until the kubelet there says it is gone");
    if is_ready { Vec::new() } else { vec![Note::warning(silent)] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts(notes: Vec<Note>) -> String {
        notes.into_iter().map(|note| note.text).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_is_lost_and_what_comes_is_told() {
        let mut pod = json!({
            "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web"}},
            "spec": {"volumes": [{"name": "cache", "emptyDir": {}}]},
        });
        assert!(texts(what_comes(&pod)).contains("no controller"));
        assert!(texts(what_comes(&pod)).ends_with("is lost: cache"));
        for (kind, word) in [("Job", "failed try"), ("StatefulSet", "same name"), ("ReplicaSet", "makes another one")] {
            pod["metadata"]["ownerReferences"] = json!([{"kind": kind, "name": "web", "controller": true}]);
            assert!(texts(what_comes(&pod)).contains(word), "{kind}");
        }
        let budget = |allowed: u8| {
            Budget::of(&json!({
                "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {}},
                "status": {"disruptionsAllowed": allowed, "currentHealthy": 2, "desiredHealthy": 2},
            }))
        };
        assert_eq!(budget_notes(&pod, Some(&[budget(1)])), []);
        assert!(texts(budget_notes(&pod, Some(&[budget(0)]))).contains("web allows none now: 2 of 2"));
    }

    #[test]
    fn a_silent_node_keeps_its_pods() {
        let node = |status: &str| json!({"metadata": {"name": "a"}, "status": {"conditions": [{"type": "Ready", "status": status}]}});
        assert_eq!(node_notes(Some(&node("True"))), []);
        assert!(texts(node_notes(Some(&node("Unknown")))).contains("node a is not ready"));
        assert_eq!(node_notes(None), []);
    }

    #[test]
    fn what_only_shows_a_static_pod_is_left() {
        let pod = json!({"metadata": {"annotations": {"kubernetes.io/config.mirror": "9f"}}});
        assert!(matches!(refuse_mirror(&pod, "Pod kube-system/etcd"), Err(Error::Refused { .. })));
        assert!(refuse_mirror(&json!({}), "Pod shop/web").is_ok());
    }
}
