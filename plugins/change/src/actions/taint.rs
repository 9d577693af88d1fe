//! `change taint`.

use super::{look, nodes, target};
use serde_json::Value;
use sre_core::plan::{EFFECTS, Note, Step, TaintChange, is_mirror, taint, tolerates_execution};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Only pods that tolerate it are placed there from now on
  kubectl sre change taint node-1 dedicated=batch:NoSchedule --dry-run
  # Which pods would be ended
  kubectl sre change taint node-1 maintenance:NoExecute --dry-run
  # Take a taint away again
  kubectl sre change taint node-1 dedicated:NoSchedule- --yes";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The node
    #[arg(value_name = "NODE")]
    node: String,
    /// What is set, and what goes; EFFECT is NoSchedule, PreferNoSchedule or NoExecute
    #[arg(value_name = "KEY[=VALUE]:EFFECT|KEY[:EFFECT]-", required = true)]
    taints: Vec<String>,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::of_kind(&args.node, "Node")?;
    let changes: Vec<TaintChange> = args.taints.iter().map(|word| parsed(word)).collect::<Result<_, _>>()?;
    let acting = session.act().await?;
    let node = look::object(&acting, &named).await?;
    let pods = nodes::pods_of(&acting, &named.name).await?;
    let steps: Vec<Step> = taint(&node, &changes, "asked for".to_owned()).into_iter().collect();
    let title = format!("set the taints {} of Node {}", args.taints.join(" "), named.name);
    let notes = [ended(&pods, &changes), kept_by_others(&changes)].concat();
    acting.changed(title, steps, notes, &args.change).await
}

fn ended(pods: &[Value], changes: &[TaintChange]) -> Vec<Note> {
    let ended = pods.iter().filter(|pod| !is_mirror(pod) && !tolerates_execution(pod, changes));
    let ended: Vec<String> = ended.map(nodes::named).collect();
    if ended.is_empty() {
        return Vec::new();
    }
    let names = nodes::listed(ended);
    vec![Note::warning(format!("what does not tolerate it is ended, whatever disruption budgets allow: {names}"))]
}

/// Controllers set taints of these names, and take them away, as the node is.
fn kept_by_others(changes: &[TaintChange]) -> Vec<Note> {
    let keys = changes.iter().map(|change| match change {
        TaintChange::Set { key, .. } | TaintChange::Remove { key, .. } => key,
    });
    let reserved = keys.filter(|it| it.starts_with("node.kubernetes.io/") || it.starts_with("node.cloudprovider."));
    reserved
        .map(|key| Note::warning(format!("a controller sets {key} and takes it away by the state of the node")))
        .collect()
}

fn parsed(word: &str) -> Result<TaintChange, Error> {
    let parsed = match word.strip_suffix('-') {
        Some(gone) => {
            let (key, effect) = gone.split_once(':').map_or((gone, None), |(key, effect)| (key, Some(effect)));
            let key = key.split('=').next().unwrap_or_default();
            let is_known = effect.is_none_or(|effect| EFFECTS.contains(&effect));
            is_known.then(|| TaintChange::Remove { key: key.to_owned(), effect: effect.map(str::to_owned) })
        }
        None => word.rsplit_once(':').filter(|(_, effect)| EFFECTS.contains(effect)).map(|(taint, effect)| {
            let (key, value) = taint.split_once('=').unwrap_or((taint, ""));
            TaintChange::Set { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() }
        }),
    };
    let has_key = |it: &TaintChange| match it {
        TaintChange::Set { key, .. } | TaintChange::Remove { key, .. } => !key.is_empty(),
    };
    parsed.filter(has_key).ok_or_else(|| Error::Usage {
        message: format!("{word:?} is no taint"),
        hint: format!("type KEY=VALUE:EFFECT to set it, KEY:EFFECT- to take it away; EFFECT is {}", EFFECTS.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn taints_are_named_as_for_kubectl() {
        let set = |key: &str, value: &str, effect: &str| {
            Some(TaintChange::Set { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() })
        };
        let gone = |key: &str, effect: Option<&str>| {
            Some(TaintChange::Remove { key: key.to_owned(), effect: effect.map(str::to_owned) })
        };
        let of = |word: &str| parsed(word).ok();
        assert_eq!(of("a=b:NoSchedule"), set("a", "b", "NoSchedule"));
        assert_eq!(of("example.org/a:NoExecute"), set("example.org/a", "", "NoExecute"));
        assert_eq!((of("a-"), of("a:NoExecute-")), (gone("a", None), gone("a", Some("NoExecute"))));
        assert_eq!(of("a=b:NoSchedule-"), gone("a", Some("NoSchedule")));
        for wrong in ["a", "a=b", "a:Sometimes", "a:Sometimes-", ":NoExecute", "-"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn pods_that_are_ended_are_named() {
        let pod = |name: &str, tolerations: Value| json!({"metadata": {"name": name, "namespace": "shop"}, "spec": {"tolerations": tolerations}});
        let pods = [pod("web", json!([])), pod("agent", json!([{"operator": "Exists"}]))];
        let changes = [parsed("a:NoExecute").expect("a taint")];
        let told = ended(&pods, &changes);
        assert!(told[0].text.ends_with(": shop/web"), "{told:?}");
        assert_eq!(ended(&pods, &[parsed("a:NoSchedule").expect("a taint")]), []);
        assert_eq!(kept_by_others(&[parsed("node.kubernetes.io/unreachable-").expect("a taint")]).len(), 1);
    }
}
