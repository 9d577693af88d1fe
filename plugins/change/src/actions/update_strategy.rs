//! `change update-strategy`.

use super::{look, owned, target};
use serde_json::Value;
use sre_core::plan::{
    Call, Note, Step, Strategy, StrategyFault, update_strategy, update_strategy_to, will_roll, with_changes,
};
use sre_core::report::Report;
use sre_core::workload_status::ends_all_at_once;
use sre_runtime::args::{ChangeFlags, DryRun};
use sre_runtime::change::Acting;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Let only the last pod of a StatefulSet roll, and see what would roll at once
  kubectl sre change update-strategy sts/db -n shop --partition 2 --dry-run
  # Replace pods only when somebody deletes them
  kubectl sre change update-strategy ds/agent -n logging --type OnDelete --yes
  # Never fewer pods than wanted
  kubectl sre change update-strategy deploy/web -n shop --max-unavailable 0 --max-surge 1 --yes";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Deployment, StatefulSet or DaemonSet
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    /// RollingUpdate; Recreate for a Deployment; OnDelete for the others
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// How many pods more than wanted there may be: a number, or a percentage
    #[arg(long, value_name = "N|N%", value_parser = share)]
    max_surge: Option<String>,
    /// How many pods fewer than wanted there may be: a number, or a percentage
    #[arg(long, value_name = "N|N%", value_parser = share)]
    max_unavailable: Option<String>,
    /// The ordinal from which on the pods of a StatefulSet roll
    #[arg(long, value_name = "ORDINAL")]
    partition: Option<u32>,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::named(&args.target, &["Deployment", "StatefulSet", "DaemonSet"])?;
    let wanted = wanted(&args)?;
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let workload = look::object(&acting, &named).await?;
    let owners = look::owners_of(&acting, &workload).await;
    let step = update_strategy(&workload, &wanted, "asked for".to_owned()).map_err(|fault| refused(&fault))?;
    if step.is_some() {
        owned::refuse_kept(&owners, &title)?;
    }
    let is_tried = args.change.only_shows() != Some(DryRun::Client);
    let step = match step {
        Some(step) if is_tried => Some(completed(&acting, &workload, step).await),
        step => step,
    };
    let notes = step.iter().flat_map(|step| what_rolls(&workload, step)).chain(owned::notes(&owners)).collect();
    acting.changed(format!("update the strategy of {title}"), step.into_iter().collect(), notes, &args.change).await
}

fn wanted(args: &Args) -> Result<Strategy, Error> {
    let wanted = Strategy {
        kind: args.kind.clone(),
        max_surge: args.max_surge.clone(),
        max_unavailable: args.max_unavailable.clone(),
        partition: args.partition,
    };
    if wanted == Strategy::default() {
        let hint = "type --type, --max-surge, --max-unavailable or --partition".to_owned();
        return Err(Error::Usage { message: "what is to be changed of the strategy?".to_owned(), hint });
    }
    Ok(wanted)
}

fn share(text: &str) -> Result<String, String> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    let is_number = digits.parse::<u16>().is_ok();
    if is_number {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no number of pods; type for example 1 or 25%"))
    }
}

/// The server fills in what a rolling update does not say, which differs from version to version; the undo has to take
/// it away again. What it refuses it says once more when the plan is checked.
async fn completed(acting: &Acting, workload: &Value, step: Step) -> Step {
    let Some(request) = step.call.request(&step.object) else { return step };
    match acting.objects().send(&request, true).await {
        Ok(tried) => update_strategy_to(workload, &tried, step.why.clone()).unwrap_or(step),
        Err(_) => step,
    }
}

fn refused(fault: &StrategyFault) -> Error {
    let hint = "see kubectl sre change update-strategy --help".to_owned();
    Error::Usage { message: fault.to_string(), hint }
}

fn what_rolls(workload: &Value, step: &Step) -> Vec<Note> {
    let Call::Edit { fields, .. } = &step.call else { return Vec::new() };
    let after = with_changes(workload, fields);
    let rolls = match will_roll(workload, &after) {
        0 => Note::remark("no pod rolls by this: it holds for the next rollout"),
        count => Note::warning(format!("pods of an older revision roll at once: {count}; they are not waited for")),
    };
    let all = ends_all_at_once(&after) && !ends_all_at_once(workload);
    let all = all.then(|| Note::warning("from now on all pods end before those that follow are available"));
    let by_hand = after.pointer("/spec/updateStrategy/type").is_some_and(|it| it == "OnDelete");
    let by_hand = by_hand.then(|| Note::warning("from now on nothing rolls: each pod stays until somebody deletes it"));
    std::iter::once(rolls).chain(all).chain(by_hand).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(kind: &str) -> String {
        let workload = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "shop"},
            "spec": {"replicas": 3, "updateStrategy": {"type": if kind == "OnDelete" { "RollingUpdate" } else { "OnDelete" }}},
            "status": {"replicas": 3, "updatedReplicas": 1},
        });
        let wanted = Strategy { kind: Some(kind.to_owned()), ..Strategy::default() };
        let step = update_strategy(&workload, &wanted, String::new()).expect("no fault").expect("a step");
        what_rolls(&workload, &step).into_iter().map(|note| note.text).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_rolls_now_and_what_will_not_any_more_is_told() {
        assert!(told("RollingUpdate").contains("roll at once: 2"), "{}", told("RollingUpdate"));
        assert!(told("OnDelete").contains("no pod rolls") && told("OnDelete").contains("nothing rolls"));
    }

    #[test]
    fn shares_are_numbers_or_percentages() {
        assert!(share("1").is_ok() && share("25%").is_ok() && share("-1").is_err() && share("many").is_err());
    }
}
