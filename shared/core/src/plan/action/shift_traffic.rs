//! Moving shares of the traffic of a route between its destinations.

use super::pod::list;
use super::{Action, ActionInfo};
use crate::plan::{Step, Tier, edited};
use serde_json::{Value, json};

pub(super) const INFO: ActionInfo = ActionInfo {
    action: Action::ShiftTraffic,
    id: "shift-traffic",
    tier: Tier::Reversible,
    does: "moves shares of the traffic of an Istio VirtualService or an HTTPRoute between its destinations",
    undo: "the weights of before are set again",
    higher: "2 when what gets more traffic has no pod that is ready, or that is not known",
    page: "\
Looked at: the pods behind each destination and how many are ready, who keeps the object.

What is not named shares the rest as before. Must hold afterwards: the route has these weights; that users are served
well is not looked at.

Not done: to what Argo CD, Flux or an operator (Flagger, for example) keep, for they would set it back.

  kubectl sre change shift-traffic virtualservice/NAME -n NAMESPACE canary=0 --dry-run",
};

/// Where a rule of a route may send requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// The host of a VirtualService; the name of the Service of an HTTPRoute, with its namespace where that is another one.
    pub host: String,
    /// The subset of the host, by the DestinationRule.
    pub subset: Option<String>,
    /// Its weight in the rule.
    pub weight: i64,
}

impl Destination {
    /// How it is named: by its subset, if it has one.
    pub fn name(&self) -> &str {
        self.subset.as_deref().unwrap_or(&self.host)
    }

    fn is_named(&self, name: &str) -> bool {
        let whole = self.subset.as_ref().map(|subset| format!("{}/{subset}", self.host));
        self.name() == name || whole.as_deref() == Some(name)
    }
}

/// Why traffic cannot be moved as was wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrafficFault {
    /// No rule has a choice between it and another one.
    #[error("no rule shares its traffic with {name}; those that are shared go to {known}")]
    NoDestination {
        /// The destination.
        name: String,
        /// Those of the rules that have several.
        known: String,
    },
    /// The shares are more than the whole, or not the whole.
    #[error("the weights come to {sum}, and are to come to {total}")]
    NotWhole {
        /// What was wanted.
        sum: i64,
        /// The whole.
        total: i64,
    },
}

/// The destinations of each rule that has several.
pub fn shared_rules(route: &Value) -> Vec<Vec<Destination>> {
    let rules = places(route).into_iter().map(|place| destinations(route, &place));
    rules.filter(|rule: &Vec<Destination>| rule.len() > 1).collect()
}

/// JSON pointers of the lists of destinations.
fn places(route: &Value) -> Vec<String> {
    let (rules, field): (&[&str], &str) = match route["kind"].as_str() {
        Some("VirtualService") => (&["http", "tls", "tcp"], "route"),
        _ => (&["rules"], "backendRefs"),
    };
    let place = |rule: &&str| {
        let count = list(route, &format!("/spec/{rule}")).len();
        (0..count).map(|index| format!("/spec/{rule}/{index}/{field}")).collect::<Vec<_>>()
    };
    rules.iter().flat_map(place).collect()
}

fn destinations(route: &Value, place: &str) -> Vec<Destination> {
    let namespace = route.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
    list(route, place).iter().map(|item| destination(item, namespace)).collect()
}

fn destination(item: &Value, namespace: &str) -> Destination {
    let text = |pointer: &str| item.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    // A VirtualService has a host, an HTTPRoute a name; of the latter one without a weight counts once.
    let (host, without) = match text("/destination/host") {
        Some(host) => (host, 0),
        None => match (text("/name").unwrap_or_default(), text("/namespace")) {
            (name, Some(other)) if other != namespace => (format!("{name}.{other}"), 1),
            (name, _) => (name, 1),
        },
    };
    let weight = item["weight"].as_i64().unwrap_or(without);
    Destination { host, subset: text("/destination/subset"), weight }
}

/// The step that gives destinations their weights; `None` when they have them.
///
/// # Errors
/// Says which destination there is not, or that the weights do not come to the whole.
pub fn shift_traffic(route: &Value, wanted: &[(String, i64)], why: String) -> Result<Option<Step>, TrafficFault> {
    let rules = shared_rules(route);
    let known: std::collections::BTreeSet<&str> = rules.iter().flatten().map(Destination::name).collect();
    let is_there = |name: &str| rules.iter().flatten().any(|it| it.is_named(name));
    if let Some((name, _)) = wanted.iter().find(|(name, _)| !is_there(name)) {
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(TrafficFault::NoDestination { name: name.clone(), known });
    }
    let mut after = route.clone();
    for place in places(route) {
        let rule: Vec<Destination> = destinations(route, &place);
        let is_meant = rule.len() > 1 && rule.iter().any(|it| wanted.iter().any(|(name, _)| it.is_named(name)));
        if !is_meant {
            continue;
        }
        let weights = weights(&rule, wanted, route["kind"] == "HTTPRoute")?;
        let items = after.pointer_mut(&place).and_then(Value::as_array_mut).into_iter().flatten();
        for ((item, weight), before) in items.zip(weights).zip(&rule) {
            if weight != before.weight {
                item["weight"] = json!(weight);
            }
        }
    }
    Ok(edited(Action::ShiftTraffic, route, &after, why))
}

/// The weights of a rule: what is named has its own, the others share the rest as before.
fn weights(rule: &[Destination], wanted: &[(String, i64)], is_relative: bool) -> Result<Vec<i64>, TrafficFault> {
    let own = |it: &Destination| wanted.iter().find(|(name, _)| it.is_named(name)).map(|(_, weight)| *weight);
    let sum: i64 = rule.iter().filter_map(own).sum();
    let now: i64 = rule.iter().map(|it| it.weight).sum();
    // The weights of an HTTPRoute are parts of whatever they come to.
    let total = if now == 0 || is_relative && sum > 0 { 100 } else { now };
    let others: Vec<&Destination> = rule.iter().filter(|it| own(it).is_none()).collect();
    if sum > total || others.is_empty() && sum != total {
        return Err(TrafficFault::NotWhole { sum, total });
    }
    let mut left = Shares { rest: total - sum, parts: others.iter().map(|it| it.weight).sum(), count: others.len() };
    Ok(rule.iter().map(|it| own(it).unwrap_or_else(|| left.next(it.weight))).collect())
}

/// What is still to be shared.
struct Shares {
    rest: i64,
    parts: i64,
    count: usize,
}

impl Shares {
    /// The share of the next one; where all had none, all get the same.
    fn next(&mut self, part: i64) -> i64 {
        let (part, parts) =
            if self.parts > 0 { (part, self.parts) } else { (1, i64::try_from(self.count).unwrap_or(1)) };
        let share = (self.rest * part + parts / 2) / parts.max(1);
        self.rest -= share;
        self.parts = (self.parts - part).max(0);
        self.count = self.count.saturating_sub(1);
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Call, FieldChange, with_changes};

    fn virtual_service(weights: &[(&str, i64)]) -> Value {
        let route = |(subset, weight): &(&str, i64)| json!({"destination": {"host": "web", "subset": subset}, "weight": weight});
        let routes: Vec<Value> = weights.iter().map(route).collect();
        json!({
            "apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": {"name": "web", "namespace": "shop", "uid": "u"},
            "spec": {"http": [{"route": routes}, {"route": [{"destination": {"host": "other"}}]}]},
        })
    }

    fn http_route(weights: &[(&str, i64)]) -> Value {
        let backends: Vec<Value> =
            weights.iter().map(|(name, weight)| json!({"name": name, "weight": weight})).collect();
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": {"name": "web", "namespace": "shop", "uid": "u"}, "spec": {"rules": [{"backendRefs": backends}]},
        })
    }

    fn shifted(route: &Value, wanted: &[(&str, i64)]) -> Result<Option<Vec<i64>>, TrafficFault> {
        let wanted: Vec<_> = wanted.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
        let Some(step) = shift_traffic(route, &wanted, "asked for".to_owned())? else { return Ok(None) };
        assert_eq!(step.tier, Tier::Reversible);
        let Call::Edit { fields, .. } = &step.call else { panic!("an edit") };
        let after = with_changes(route, fields);
        let back: Vec<FieldChange> = fields.iter().rev().map(FieldChange::reversed).collect();
        assert_eq!(&with_changes(&after, &back), route, "undo after do is nothing done");
        Ok(shared_rules(&after).first().map(|rule| rule.iter().map(|it| it.weight).collect()))
    }

    #[test]
    fn what_is_taken_from_one_goes_to_the_others() {
        let two = virtual_service(&[("stable", 80), ("canary", 20)]);
        assert_eq!(shifted(&two, &[("canary", 0)]), Ok(Some(vec![100, 0])));
        assert_eq!(shifted(&two, &[("web/canary", 50)]), Ok(Some(vec![50, 50])));
        assert_eq!(shifted(&two, &[("canary", 20)]), Ok(None));
        let three = virtual_service(&[("a", 60), ("b", 20), ("c", 20)]);
        assert_eq!(shifted(&three, &[("c", 0)]), Ok(Some(vec![75, 25, 0])));
        assert_eq!(shifted(&three, &[("a", 0), ("b", 50), ("c", 50)]), Ok(Some(vec![0, 50, 50])));
        let none = virtual_service(&[("a", 0), ("b", 0), ("c", 100)]);
        assert_eq!(shifted(&none, &[("c", 1)]), Ok(Some(vec![50, 49, 1])), "all of them is shared");
    }

    #[test]
    fn weights_of_an_http_route_are_parts_of_the_whole() {
        let route = http_route(&[("web", 1), ("web-canary", 1)]);
        assert_eq!(shifted(&route, &[("web-canary", 0)]), Ok(Some(vec![2, 0])));
        assert_eq!(shifted(&route, &[("web-canary", 10)]), Ok(Some(vec![90, 10])));
    }

    #[test]
    fn a_backend_of_another_namespace_says_so() {
        let mut route = http_route(&[("web", 9), ("web", 1)]);
        route["spec"]["rules"][0]["backendRefs"][0]["namespace"] = json!("shop");
        route["spec"]["rules"][0]["backendRefs"][1]["namespace"] = json!("bank");
        let hosts: Vec<String> = shared_rules(&route).concat().into_iter().map(|it| it.host).collect();
        assert_eq!(hosts, ["web", "web.bank"]);
        assert_eq!(shifted(&route, &[("web.bank", 0)]), Ok(Some(vec![10, 0])));
    }

    #[test]
    fn what_makes_no_whole_is_refused() {
        let two = virtual_service(&[("stable", 80), ("canary", 20)]);
        assert_eq!(shifted(&two, &[("canary", 101)]), Err(TrafficFault::NotWhole { sum: 101, total: 100 }));
        assert_eq!(
            shifted(&two, &[("canary", 0), ("stable", 0)]),
            Err(TrafficFault::NotWhole { sum: 0, total: 100 }),
            "somebody must get it"
        );
        let fault = shifted(&two, &[("other", 0)]).expect_err("it is alone in its rule").to_string();
        assert_eq!(fault, "no rule shares its traffic with other; those that are shared go to canary, stable");
    }
}
