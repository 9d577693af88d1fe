//! `change drain`.

use super::{look, nodes, target};
use serde_json::Value;
use sre_core::disruption::{Budget, budgets_of};
use sre_core::plan::{Draining, Losses, Note, Step, cordon, drain};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # What would go, what stays, and what disruption budgets allow
  kubectl sre change drain node-1 --dry-run
  # Cordon it, and evict one pod after another; wait up to ten minutes for a budget
  kubectl sre change drain node-1 --delete-emptydir-data --timeout 10m
  # The node takes pods again
  kubectl sre change uncordon node-1";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The node
    #[arg(value_name = "NODE")]
    node: String,
    /// Let pods with emptyDir volumes go, and what those hold
    #[arg(long)]
    delete_emptydir_data: bool,
    /// Let pods go that nothing makes anew
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::of_kind(&args.node, "Node")?;
    let acting = session.act().await?;
    let node = look::object(&acting, &named).await?;
    let all = nodes::all(&acting).await?;
    let pods = nodes::pods_of(&acting, &named.name).await?;
    let seen = look::budgets(&acting, None).await?;
    let budgets = seen.clone().unwrap_or_default();
    let may_lose = Losses { scratch_volumes: args.delete_emptydir_data, unmanaged: args.force };
    let draining = drain(&pods, &budgets, may_lose, &format!("empties Node {}", named.name));
    refuse_blocked(&draining, &named.name)?;
    let notes = [
        vec![nodes::others(&all, &named.name)],
        unseen(seen.as_deref()),
        allowed(&pods, &budgets, &draining),
        staying(&draining),
    ];
    let first = cordon(&node, "so that no new pods come".to_owned());
    let steps: Vec<Step> = first.into_iter().chain(draining.steps).collect();
    let notes = notes.concat();
    acting.changed(format!("drain Node {}", named.name), steps, notes, &args.change).await
}

fn refuse_blocked(draining: &Draining, node: &str) -> Result<(), Error> {
    if draining.blocked.is_empty() {
        return Ok(());
    }
    let blocked: Vec<String> = draining.blocked.iter().map(|(pod, why)| format!("{pod}: {why}")).collect();
    Err(Error::Refused {
        why: format!("pods of Node {node} are in the way: {}", blocked.join("; ")),
        hint: "allow what is named in brackets, or see to those pods first".to_owned(),
    })
}

fn unseen(budgets: Option<&[Budget]>) -> Vec<Note> {
    let told = "the disruption budgets could not be read: the server heeds them all the same, one eviction at a time";
    if budgets.is_none() { vec![Note::warning(told)] } else { Vec::new() }
}

/// What the budgets of the pods that go allow, each once.
fn allowed(pods: &[Value], budgets: &[Budget], draining: &Draining) -> Vec<Note> {
    let goes = |pod: &&Value| draining.steps.iter().any(|step| step.object.uid.as_deref() == uid(pod));
    let going: Vec<&Value> = pods.iter().filter(goes).collect();
    let under = |budget: &Budget| going.iter().filter(|pod| budgets_of(pod, budgets).contains(&budget)).count();
    budgets
        .iter()
        .map(|it| (it, under(it)))
        .filter(|(_, count)| *count > 0)
        .map(|(it, count)| of_budget(it, count))
        .collect()
}

fn uid(pod: &Value) -> Option<&str> {
    pod.pointer("/metadata/uid").and_then(Value::as_str)
}

fn of_budget(budget: &Budget, count: usize) -> Note {
    let Budget { namespace, name, allowed, healthy, wanted, .. } = budget;
    let head = format!("the budget {namespace}/{name} covers {count} of these pods, and allows {allowed} to go now");
    if budget.allows_none_ever() {
        return Note::warning(format!(
            "{head}, and never any: all {wanted} pods must be healthy; add replicas or change the budget, or the drain \
             stops there after --timeout"
        ));
    }
    match allowed {
        0 => Note::warning(format!(
            "{head}: {healthy} are healthy and {wanted} must be; each is waited for until --timeout"
        )),
        _ => Note::remark(format!("{head}; each further one is waited for until --timeout")),
    }
}

fn staying(draining: &Draining) -> Vec<Note> {
    let stay: Vec<String> = draining.stay.iter().map(|(pod, why)| format!("{pod} ({why})")).collect();
    if stay.is_empty() { Vec::new() } else { vec![Note::remark(format!("these stay: {}", nodes::listed(stay)))] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(name: &str) -> Value {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": name, "namespace": "shop", "uid": name, "labels": {"app": "web"},
                "ownerReferences": [{"kind": "ReplicaSet", "name": "web", "controller": true}],
            },
        })
    }

    fn budget(allowed: u8, wanted: u8) -> Budget {
        Budget::of(&json!({
            "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": "web"}}},
            "status": {"disruptionsAllowed": allowed, "currentHealthy": 3, "desiredHealthy": wanted, "expectedPods": 3},
        }))
    }

    fn told(allowed_now: u8, wanted: u8) -> Note {
        let (pods, budgets) = ([pod("a"), pod("b")], [budget(allowed_now, wanted)]);
        let draining = drain(&pods, &budgets, Losses::default(), "asked for");
        let notes = allowed(&pods, &budgets, &draining);
        assert_eq!(notes.len(), 1, "{notes:?}");
        notes[0].clone()
    }

    #[test]
    fn what_budgets_allow_is_told_before() {
        assert_eq!((told(1, 2).warns, told(0, 2).warns, told(0, 3).warns), (false, true, true));
        let head = "the budget shop/web covers 2 of these pods, and allows 1 to go now";
        assert!(told(1, 2).text.starts_with(head), "{:?}", told(1, 2));
        assert!(told(0, 3).text.contains("never any"), "{:?}", told(0, 3));
        assert!(unseen(None)[0].warns && unseen(Some(&[])).is_empty());
    }

    #[test]
    fn what_is_in_the_way_is_named_with_its_flag() {
        let mut bare = pod("bare");
        bare["metadata"]["ownerReferences"] = json!([]);
        let draining = drain(&[bare], &[], Losses::default(), "asked for");
        let Err(Error::Refused { why, .. }) = refuse_blocked(&draining, "a") else { panic!("refused") };
        assert!(why.contains("shop/bare: nothing makes it anew (--force)"), "{why}");
    }

    #[test]
    fn what_stays_is_named() {
        let mut agent = pod("agent");
        agent["metadata"]["ownerReferences"][0]["kind"] = json!("DaemonSet");
        let draining = drain(&[agent], &[], Losses::default(), "asked for");
        assert!(staying(&draining)[0].text.contains("shop/agent (DaemonSet web would put it there again)"));
    }
}
