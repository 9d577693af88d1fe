//! The pods behind the destinations of a route.

use crate::plan::{Destination, Note, Step, Tier, shared_rules};
use serde_json::Value;
use std::collections::BTreeSet;

/// What tells which pods are behind a destination, of the route's namespace; `None` for what could not be read.
#[derive(Clone, Debug, Default)]
pub struct Behind {
    /// The namespace of the route, and of all below.
    pub namespace: String,
    /// Services.
    pub services: Option<Vec<Value>>,
    /// Istio's DestinationRules, which say what a subset is.
    pub rules: Option<Vec<Value>>,
    /// Pods.
    pub pods: Option<Vec<Value>>,
}

/// A destination, how many pods are behind it, and how many of them are ready; `None` where that was not found.
pub type Backed = (Destination, Option<(usize, usize)>);

impl Behind {
    /// How many pods are behind it, and how many of them are ready.
    pub fn of(&self, destination: &Destination) -> Option<(usize, usize)> {
        let own = self.service(&destination.host)?;
        let service = self.services.as_ref()?.iter().find(|it| name(it) == own)?;
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
        let ready = pods.iter().filter(|pod| is_ready(pod)).count();
        Some((pods.len(), ready))
    }

    /// The name of the Service of a host; `None` where it is not one of this namespace.
    pub(super) fn service<'h>(&'h self, host: &'h str) -> Option<&'h str> {
        let (namespace, name) = service(host, &self.namespace);
        (namespace == self.namespace).then_some(name)
    }

    /// The labels of a subset of a host.
    pub fn subset(&self, of: &str, subset: &str) -> Option<&Value> {
        let of_host = |it: &&Value| {
            let host = it.pointer("/spec/host").and_then(Value::as_str);
            host.is_some_and(|host| service(host, &self.namespace) == service(of, &self.namespace))
        };
        let rules = self.rules.as_ref()?.iter().filter(of_host);
        let mut subsets = rules.filter_map(|it| it.pointer("/spec/subsets")?.as_array()).flatten();
        subsets.find(|it| it["name"] == subset)?.get("labels")
    }
}

/// The namespace and the name of the Service of a host, which may be written with its namespace and domain: `web`,
/// `web.shop`, `web.shop.svc`, `web.shop.svc.cluster.local`. A short one is of the namespace of the route
/// (<https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination>).
fn service<'h>(host: &'h str, namespace: &'h str) -> (&'h str, &'h str) {
    match host.split('.').collect::<Vec<_>>()[..] {
        [name] => (namespace, name),
        [name, namespace] | [name, namespace, "svc", ..] => (namespace, name),
        // What is outside of the cluster has no Service.
        _ => ("", host),
    }
}

fn name(object: &Value) -> &str {
    object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default()
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|it| it["type"] == "Ready" && it["status"] == "True")
}

/// The destinations of the rules that have several, with the pods behind each.
pub fn backed(route: &Value, behind: &Behind) -> Vec<Backed> {
    let rules = shared_rules(route);
    let all: BTreeSet<Destination> = rules.into_iter().flatten().collect();
    all.into_iter().map(|it| (it.clone(), behind.of(&it))).collect()
}

/// The step with the tier that it has when whoever gets more traffic has no pods for it.
pub fn risky(step: Step, backed: &[Backed], wanted: &[(String, i64)]) -> Step {
    let gets_less = |it: &Destination| {
        let own = wanted.iter().find(|(name, _)| name == it.name() || *name == format!("{}/{}", it.host, it.name()));
        own.is_some_and(|(_, weight)| *weight <= it.weight)
    };
    let is_served = |pods: &Option<(usize, usize)>| pods.is_some_and(|(_, ready)| ready > 0);
    let all_served = backed.iter().all(|(it, pods)| gets_less(it) || is_served(pods));
    Step { tier: if all_served { step.tier } else { step.tier.max(Tier::Disruptive) }, ..step }
}

/// The pods behind a destination, in words.
pub fn note((destination, pods): &Backed) -> Note {
    let name = destination.name();
    match pods {
        None => Note::warning(format!("which pods are behind {name} was not found")),
        Some((0, _)) => Note::warning(format!("{name} has no pods")),
        Some((all, 0)) => Note::warning(format!("none of the pods of {name} is ready, of {all}")),
        Some((all, ready)) => Note::remark(format!("pods of {name} that are ready: {ready} of {all}")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::plan::shift_traffic;
    use serde_json::json;

    pub(in crate::traffic) fn behind() -> Behind {
        let pod = |track: &str, ready: &str| {
            json!({
                "metadata": {"labels": {"app": "web", "track": track}},
                "status": {"conditions": [{"type": "Ready", "status": ready}]},
            })
        };
        let subset = |name: &str| json!({"name": name, "labels": {"track": name, "version": format!("{name}-7")}});
        let mut behind = Behind {
            namespace: "shop".to_owned(),
            services: Some(vec![json!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}})]),
            rules: Some(vec![json!({
                "spec": {"host": "web.shop.svc.cluster.local", "subsets": [subset("stable"), subset("canary"), subset("empty")]},
            })]),
            pods: Some(vec![pod("stable", "True"), pod("stable", "False"), pod("canary", "False")]),
        };
        for pod in behind.pods.iter_mut().flatten() {
            let version = format!("{}-7", pod["metadata"]["labels"]["track"].as_str().unwrap_or_default());
            pod["metadata"]["labels"]["version"] = json!(version);
        }
        behind
    }

    pub(in crate::traffic) fn destination(subset: Option<&str>, weight: i64) -> Destination {
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
    fn a_host_of_another_namespace_is_not_judged_by_what_is_called_the_same_here() {
        let of = |host: &str| behind().of(&Destination { host: host.to_owned(), ..destination(Some("stable"), 0) });
        for host in ["web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local"] {
            assert_eq!(of(host), Some((2, 1)), "{host}");
        }
        for host in ["web.bank", "web.bank.svc.cluster.local", "web.example.com", "web.shop.example.com"] {
            assert_eq!(of(host), None, "{host}");
        }
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
}
