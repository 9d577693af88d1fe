//! `change shift-traffic`.

use super::{look, owned, target};
use serde_json::Value;
use sre_core::plan::{Destination, Note, Step, Tier, TrafficFault, shared_rules, shift_traffic};
use sre_core::report::Report;
use sre_runtime::args::ChangeFlags;
use sre_runtime::change::Acting;
use sre_runtime::error::Error;
use sre_runtime::session::Session;
use std::collections::BTreeSet;

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
    let behind = Behind::look(&acting).await;
    let backed = backed(&route, &behind);
    let steps: Vec<Step> = step.into_iter().map(|step| risky(step, &backed, &wanted)).collect();
    let notes = backed.iter().map(note).chain(owned::notes(&owners)).collect();
    acting
        .changed(format!("shift the traffic of {title}: {}", args.weights.join(" ")), steps, notes, &args.change)
        .await
}

/// What tells which pods are behind a destination; `None` for what could not be read.
struct Behind {
    services: Option<Vec<Value>>,
    rules: Option<Vec<Value>>,
    pods: Option<Vec<Value>>,
}

impl Behind {
    async fn look(acting: &Acting) -> Self {
        let namespace = acting.namespace();
        let all = |path: String| async move { acting.objects().list(&path, "").await.ok() };
        Self {
            services: all(format!("/api/v1/namespaces/{namespace}/services")).await,
            rules: all(format!("/apis/networking.istio.io/v1/namespaces/{namespace}/destinationrules")).await,
            pods: all(format!("/api/v1/namespaces/{namespace}/pods")).await,
        }
    }

    /// How many pods are behind it, and how many of them are ready.
    fn of(&self, destination: &Destination) -> Option<(usize, usize)> {
        // A host may be written with its namespace and domain.
        let host = destination.host.split('.').next().unwrap_or_default();
        let service = self.services.as_ref()?.iter().find(|it| it.pointer("/metadata/name") == Some(&host.into()))?;
        let mut labels = service.pointer("/spec/selector")?.as_object()?.clone();
        if let Some(subset) = &destination.subset {
            labels.extend(self.subset(&destination.host, subset)?.as_object()?.clone());
        }
        let is_behind = |pod: &&Value| {
            let has = |(key, value): (&String, &Value)| {
                pod.pointer("/metadata/labels").and_then(|it| it.get(key)) == Some(value)
            };
            labels.iter().all(has)
        };
        let pods: Vec<&Value> = self.pods.as_ref()?.iter().filter(is_behind).collect();
        let ready = pods.iter().filter(|pod| super::nodes::is_ready(pod)).count();
        Some((pods.len(), ready))
    }

    fn subset(&self, host: &str, subset: &str) -> Option<&Value> {
        let short = |host: &str| host.split('.').next().unwrap_or_default().to_owned();
        let of_host = |it: &&Value| it.pointer("/spec/host").and_then(Value::as_str).map(short) == Some(short(host));
        let rules = self.rules.as_ref()?.iter().filter(of_host);
        let mut subsets = rules.filter_map(|it| it.pointer("/spec/subsets")?.as_array()).flatten();
        subsets.find(|it| it["name"] == subset)?.get("labels")
    }
}

type Backed = (Destination, Option<(usize, usize)>);

fn backed(route: &Value, behind: &Behind) -> Vec<Backed> {
    let rules = shared_rules(route);
    let all: BTreeSet<Destination> = rules.into_iter().flatten().collect();
    all.into_iter().map(|it| (it.clone(), behind.of(&it))).collect()
}

/// Whoever gets more traffic should have pods for it.
fn risky(step: Step, backed: &[Backed], wanted: &[(String, i64)]) -> Step {
    let gets_less = |it: &Destination| {
        let own = wanted.iter().find(|(name, _)| name == it.name() || *name == format!("{}/{}", it.host, it.name()));
        own.is_some_and(|(_, weight)| *weight <= it.weight)
    };
    let is_served = |pods: &Option<(usize, usize)>| pods.is_some_and(|(_, ready)| ready > 0);
    let all_served = backed.iter().all(|(it, pods)| gets_less(it) || is_served(pods));
    Step { tier: if all_served { step.tier } else { step.tier.max(Tier::Disruptive) }, ..step }
}

fn note((destination, pods): &Backed) -> Note {
    let name = destination.name();
    match pods {
        None => Note::warning(format!("which pods are behind {name} was not found")),
        Some((0, _)) => Note::warning(format!("{name} has no pods")),
        Some((all, 0)) => Note::warning(format!("none of the pods of {name} is ready, of {all}")),
        Some((all, ready)) => Note::remark(format!("pods of {name} that are ready: {ready} of {all}")),
    }
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
    use serde_json::json;

    fn behind() -> Behind {
        let pod = |track: &str, ready: &str| {
            json!({
                "metadata": {"labels": {"app": "web", "track": track}},
                "status": {"conditions": [{"type": "Ready", "status": ready}]},
            })
        };
        let subset = |name: &str| json!({"name": name, "labels": {"track": name}});
        Behind {
            services: Some(vec![json!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}})]),
            rules: Some(vec![json!({
                "spec": {"host": "web.shop.svc.cluster.local", "subsets": [subset("stable"), subset("canary"), subset("empty")]},
            })]),
            pods: Some(vec![pod("stable", "True"), pod("stable", "False"), pod("canary", "False")]),
        }
    }

    fn destination(subset: Option<&str>, weight: i64) -> Destination {
        Destination { host: "web".to_owned(), subset: subset.map(str::to_owned), weight }
    }

    #[test]
    fn pods_behind_a_destination_are_counted() {
        let of = |subset| behind().of(&destination(subset, 0));
        assert_eq!((of(Some("stable")), of(Some("canary"))), (Some((2, 1)), Some((1, 0))));
        assert_eq!((of(Some("empty")), of(None), of(Some("unheard"))), (Some((0, 0)), Some((3, 1)), None));
        let told = |subset| note(&(destination(Some(subset), 0), behind().of(&destination(Some(subset), 0)))).text;
        assert_eq!(told("empty"), "empty has no pods");
        assert_eq!(told("unheard"), "which pods are behind unheard was not found");
        assert_eq!(told("stable"), "pods of stable that are ready: 1 of 2");
    }

    #[test]
    fn traffic_for_what_has_no_ready_pod_is_disruptive() {
        let route = |subsets: [&str; 2]| {
            let routes: Vec<Value> =
                subsets.iter().map(|it| json!({"destination": {"host": "web", "subset": it}, "weight": 50})).collect();
            json!({
                "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
                "metadata": {"name": "web", "namespace": "shop"}, "spec": {"http": [{"route": routes}]},
            })
        };
        let tier = |subsets, name: &str| {
            let wanted = [(name.to_owned(), 0)];
            let step = shift_traffic(&route(subsets), &wanted, String::new()).expect("no fault").expect("a step");
            risky(step, &backed(&route(subsets), &behind()), &wanted).tier
        };
        assert_eq!(tier(["stable", "canary"], "canary"), Tier::Reversible);
        assert_eq!(tier(["stable", "canary"], "stable"), Tier::Disruptive);
    }

    #[test]
    fn weights_are_shares_of_a_hundred() {
        assert_eq!(weight("web/canary=10").ok(), Some(("web/canary".to_owned(), 10)));
        for wrong in ["canary", "canary=", "canary=101", "canary=-1", "=5"] {
            assert!(weight(wrong).is_err(), "{wrong}");
        }
    }
}
