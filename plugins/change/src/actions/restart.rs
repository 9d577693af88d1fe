//! `change restart`.

use super::{look, owned, target};
use serde_json::Value;
use sre_core::disruption::Budget;
use sre_core::ownership::Owner;
use sre_core::plan::{Note, Step, Tier, restart, template_notes};
use sre_core::report::Report;
use sre_core::workload_status::{goes_at_once, is_paused};
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # What a restart would do, and what the disruption budgets say of it
  kubectl sre change restart deployment/web -n shop --dry-run
  # Restart, and wait until all pods are new and ready
  kubectl sre change restart deployment/web -n shop --yes --reason 'stale connections'";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Deployment, StatefulSet or DaemonSet
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::named(&args.target, &["Deployment", "StatefulSet", "DaemonSet"])?;
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let workload = look::object(&acting, &named).await?;
    refuse_paused(&workload, &title)?;
    let budgets = look::budgets(&acting, Some(acting.namespace())).await?;
    let owners = look::owners_of(&acting, &workload).await;
    let budgets = budget_notes(&workload, budgets.as_deref());
    let step = restart(&workload, "asked for".to_owned(), acting.now());
    let steps: Vec<Step> = step.into_iter().map(|step| risky(step, &budgets)).collect();
    let notes = [template_notes(&workload), budgets, owner_notes(&owners)].concat();
    acting.changed(format!("restart {title}"), steps, notes, &args.change).await
}

fn refuse_paused(workload: &Value, title: &str) -> Result<(), Error> {
    let name = workload.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    if !is_paused(workload) {
        return Ok(());
    }
    Err(Error::Refused {
        why: format!("the rollout of {title} is paused: a restart would wait with whatever else waits"),
        hint: format!("resume it first: kubectl rollout resume deployment/{name}"),
    })
}

/// A rollout heeds its strategy and no budget: where the one lets more go than the other allows, that is told.
fn budget_notes(workload: &Value, budgets: Option<&[Budget]>) -> Vec<Note> {
    let Some(budgets) = budgets else {
        return vec![Note::warning("the disruption budgets could not be read, so that none was looked at")];
    };
    let text = |pointer: &str| workload.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let labels = workload.pointer("/spec/template/metadata/labels");
    let most = goes_at_once(workload);
    let tight = budgets.iter().filter(|it| it.covers(text("/metadata/namespace"), labels) && most > it.allowed);
    let note = |budget: &Budget| {
        Note::warning(format!(
            "a rollout heeds no disruption budget: its strategy lets {most} go at once, and {} allows {} now",
            budget.name, budget.allowed
        ))
    };
    tight.map(note).collect()
}

/// Where more may go than a budget allows, availability may suffer.
fn risky(step: Step, budgets: &[Note]) -> Step {
    Step { tier: if budgets.is_empty() { step.tier } else { step.tier.max(Tier::Disruptive) }, ..step }
}

/// What says nothing of the annotation leaves it alone: neither Argo CD nor Flux nor Helm takes it away.
fn owner_notes(owners: &[Owner]) -> Vec<Note> {
    let operators = owners.iter().filter(|owner| matches!(owner, Owner::Operator { .. })).cloned();
    owned::notes(&operators.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workload(most: u8) -> Value {
        json!({
            "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {
                "replicas": 4, "strategy": {"rollingUpdate": {"maxUnavailable": most}},
                "template": {"metadata": {"labels": {"app": "web"}}},
            },
        })
    }

    #[test]
    fn a_strategy_that_lets_more_go_than_a_budget_is_told() {
        let budget = Budget::of(&json!({
            "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": "web"}}},
            "status": {"disruptionsAllowed": 1},
        }));
        let told = |most: u8| budget_notes(&workload(most), Some(std::slice::from_ref(&budget)));
        assert_eq!(told(1), []);
        assert!(told(2)[0].text.ends_with("lets 2 go at once, and web allows 1 now"), "{:?}", told(2));
        assert!(budget_notes(&workload(1), None)[0].warns);
        let mut object = workload(2);
        object["apiVersion"] = json!("apps/v1");
        let step = restart(&object, String::new(), jiff::Timestamp::UNIX_EPOCH).expect("a step");
        let tiers = [told(1), told(2)].map(|notes| risky(step.clone(), &notes).tier);
        assert_eq!(tiers, [Tier::Reversible, Tier::Disruptive]);
    }

    #[test]
    fn a_paused_rollout_is_resumed_first() {
        let mut paused = workload(1);
        assert!(refuse_paused(&paused, "Deployment shop/web").is_ok());
        paused["spec"]["paused"] = json!(true);
        assert!(matches!(refuse_paused(&paused, "Deployment shop/web"), Err(Error::Refused { .. })));
    }
}
