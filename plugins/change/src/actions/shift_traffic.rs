//! `change shift-traffic`.

use super::{look, owned, target};
use sre_core::plan::{Step, TrafficFault, shift_traffic};
use sre_core::report::Report;
use sre_core::traffic::{backed, note, risky};
use sre_runtime::args::ChangeFlags;
use sre_runtime::error::Error;
use sre_runtime::session::Session;

pub(crate) const EXAMPLES: &str = "\
Examples:
  # Which pods are behind each destination, and what taking the canary out would change
  kubectl sre change shift-traffic virtualservice/web -n shop canary=0 --dry-run
  # A tenth of the requests for the new Service
  kubectl sre change shift-traffic httproute/web -n shop web-v2=10 --yes";

/// What was typed.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Istio's VirtualService (networking.istio.io/v1), or an HTTPRoute
    #[arg(value_name = "TYPE/NAME")]
    target: String,
    /// A destination (SUBSET, HOST or HOST/SUBSET; the Service of an HTTPRoute) and its share of 100; what is not named
    /// shares the rest as before
    #[arg(value_name = "DESTINATION=WEIGHT", required = true)]
    weights: Vec<String>,
    #[command(flatten)]
    change: ChangeFlags,
}

pub(crate) async fn report(session: &Session, args: Args) -> Result<Report, Error> {
    let named = target::named(&args.target, &["VirtualService", "HTTPRoute"])?;
    let wanted: Vec<_> = args.weights.iter().map(|word| weight(word)).collect::<Result<_, _>>()?;
    let acting = session.act().await?;
    let title = named.title(acting.namespace());
    let route = look::object(&acting, &named).await?;
    let owners = look::owners_of(&acting, &route).await;
    let step = shift_traffic(&route, &wanted, "asked for".to_owned()).map_err(|fault| refused(&fault))?;
    if step.is_some() {
        owned::refuse_kept(&owners, &title)?;
    }
    let behind = acting.behind().await;
    let backed = backed(&route, &behind);
    let steps: Vec<Step> = step.into_iter().map(|step| risky(step, &backed, &wanted)).collect();
    let notes = backed.iter().map(note).chain(owned::notes(&owners)).collect();
    acting
        .changed(format!("shift the traffic of {title}: {}", args.weights.join(" ")), steps, notes, &args.change)
        .await
}

fn weight(word: &str) -> Result<(String, i64), Error> {
    let parsed = word.split_once('=').and_then(|(name, weight)| Some((name, weight.parse::<i64>().ok()?)));
    match parsed.filter(|(name, weight)| !name.is_empty() && (0..=100).contains(weight)) {
        Some((name, weight)) => Ok((name.to_owned(), weight)),
        None => Err(Error::Usage {
            message: format!("{word:?} names no destination with a weight from 0 to 100"),
            hint: "type DESTINATION=WEIGHT, for example canary=0".to_owned(),
        }),
    }
}

fn refused(fault: &TrafficFault) -> Error {
    Error::Usage { message: fault.to_string(), hint: "see kubectl sre change shift-traffic --help".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_shares_of_a_hundred() {
        assert_eq!(weight("web/canary=10").ok(), Some(("web/canary".to_owned(), 10)));
        for wrong in ["canary", "canary=", "canary=101", "canary=-1", "=5"] {
            assert!(weight(wrong).is_err(), "{wrong}");
        }
    }
}
