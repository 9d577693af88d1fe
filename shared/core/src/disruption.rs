//! Disruption budgets: which a pod is under, and what they allow at the moment
//! (<https://kubernetes.io/docs/concepts/workloads/pods/disruptions/>).

use crate::slim::{LabelSelector, Pair};
use serde_json::Value;

/// A disruption budget as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// How many of its pods may go at the moment.
    pub allowed: i64,
    /// How many of its pods are healthy.
    pub healthy: i64,
    /// How many of them must stay so.
    pub wanted: i64,
    /// How many pods it counts.
    pub pods: i64,
    selector: Option<LabelSelector>,
}

impl Budget {
    /// Reads a PodDisruptionBudget.
    pub fn of(object: &Value) -> Self {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |field: &str| object.pointer(&format!("/status/{field}")).and_then(Value::as_i64).unwrap_or(0);
        let selector = object.pointer("/spec/selector").cloned();
        Self {
            name: text("/metadata/name"),
            namespace: text("/metadata/namespace"),
            allowed: number("disruptionsAllowed"),
            healthy: number("currentHealthy"),
            wanted: number("desiredHealthy"),
            pods: number("expectedPods"),
            selector: selector.and_then(|it| serde_json::from_value(it).ok()),
        }
    }

    /// Whether a pod, or what a pod template makes, is under it; one without a selector has no pods.
    pub fn covers(&self, namespace: &str, labels: Option<&Value>) -> bool {
        let labels = labels.and_then(Value::as_object).into_iter().flatten();
        let labels: Vec<Pair> = labels.filter_map(|(key, value)| Some(Pair::new(key, value.as_str()?))).collect();
        self.namespace == namespace && self.selector.as_ref().is_some_and(|it| it.matches(&labels))
    }

    /// Whether it allows no pod to go even when all are healthy.
    pub fn allows_none_ever(&self) -> bool {
        self.pods > 0 && self.wanted >= self.pods
    }
}

/// The budgets that a pod is under.
pub fn budgets_of<'a>(pod: &Value, budgets: &'a [Budget]) -> Vec<&'a Budget> {
    let namespace = pod.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
    budgets.iter().filter(|it| it.covers(namespace, pod.pointer("/metadata/labels"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn budget(selector: Value, wanted: u8) -> Budget {
        Budget::of(&json!({
            "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": selector},
            "status": {"disruptionsAllowed": 1, "currentHealthy": 3, "desiredHealthy": wanted, "expectedPods": 3},
        }))
    }

    #[test]
    fn a_pod_is_under_the_budgets_of_its_namespace_that_select_it() {
        let pod = |namespace: &str| json!({"metadata": {"namespace": namespace, "labels": {"app": "web"}}});
        let budgets = [
            budget(json!({"matchLabels": {"app": "web"}}), 2),
            budget(json!({"matchLabels": {"app": "api"}}), 2),
            budget(json!({}), 2),
            budget(Value::Null, 2),
        ];
        let under = budgets_of(&pod("shop"), &budgets);
        assert_eq!(under, [&budgets[0], &budgets[2]], "an empty selector selects all, none selects none");
        assert!(budgets_of(&pod("pay"), &budgets).is_empty());
        assert_eq!((under[0].allowed, under[0].healthy), (1, 3));
    }

    #[test]
    fn a_budget_may_allow_nothing_for_ever() {
        assert!(budget(json!({}), 3).allows_none_ever() && !budget(json!({}), 2).allows_none_ever());
    }
}
