//! `change set-env`.

use super::{look, owned, target, template};
use sre_core::plan::{Step, Variables, set_env, template_notes};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # A shorter cache and a larger pool; what would be changed, and what would roll
  kubectl sre change set-env deployment/backend -n kubilitics KUBILITICS_CACHE_TTL=60 KUBILITICS_DATABASE_POOL_SIZE=50 --dry-run
  # Another provider for one container, and a variable that goes
  kubectl sre change set-env deploy/ai -n kubilitics -c ai AI_LLM_PROVIDER=ollama AI_LLM_TIMEOUT- --yes";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Deployment, StatefulSet, DaemonSet, ReplicaSet or CronJob
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    /// What is set, and what goes
    #[arg(value_name = "KEY=VALUE|KEY-", required = true)]
    variables: Vec<String>,
    /// The container; without it all that are no init containers
    #[arg(short, long, value_name = "CONTAINER")]
    container: Option<String>,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::named(&args.target, &template::KINDS)?;
    let wanted = Variables {
        container: args.container,
        values: args.variables.iter().map(|word| variable(word)).collect::<Result<_, _>>()?,
    };
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let workload = look::object(&acting, &named).await?;
    let owners = look::owners_of(&acting, &workload).await;
    let step = set_env(&workload, &wanted, "asked for".to_owned()).map_err(template::refused)?;
    let steps: Vec<Step> = step.into_iter().collect();
    if !steps.is_empty() {
        owned::refuse_kept(&owners, &title)?;
    }
    let names: Vec<&str> = wanted.values.iter().map(|(name, _)| name.as_str()).collect();
    let notes = [template_notes(&workload), owned::notes(&owners)].concat();
    acting.changed(format!("set {} of {title}", names.join(", ")), steps, notes, &args.change).await
}

fn variable(word: &str) -> Result<(String, Option<String>), Error> {
    let parsed = match word.split_once('=') {
        Some((name, value)) => Some((name, Some(value.to_owned()))),
        None => word.strip_suffix('-').map(|name| (name, None)),
    };
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|it| it.is_ascii_graphic());
    match parsed.filter(|(name, _)| is_name(name)) {
        Some((name, value)) => Ok((name.to_owned(), value)),
        None => Err(Error::Usage {
            message: format!("{word:?} neither sets a variable nor takes one away"),
            hint: "type KEY=VALUE to set it, or KEY- to take it away".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_set_and_taken_away_as_with_kubectl() {
        let parsed = |word: &str| variable(word).ok();
        assert_eq!(parsed("A=b=c"), Some(("A".to_owned(), Some("b=c".to_owned()))));
        assert_eq!(parsed("A="), Some(("A".to_owned(), Some(String::new()))));
        assert_eq!(parsed("A-"), Some(("A".to_owned(), None)));
        assert_eq!(parsed("A-="), Some(("A-".to_owned(), Some(String::new()))));
        for wrong in ["A", "=b", "-", "A B=c"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
