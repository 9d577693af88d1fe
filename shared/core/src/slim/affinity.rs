//! Where a pod may, must or would like to run.

use super::{
    node::Taint,
    pair::{Pair, value_of},
    selector::LabelSelector,
};
use serde::Deserialize;
use std::borrow::Borrow;
use std::cmp::Ordering;

/// Rules about nodes and about other pods.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Affinity {
    #[prost(message, optional, tag = "1")]
    pub node_affinity: Option<NodeAffinity>,
    #[prost(message, optional, tag = "2")]
    pub pod_affinity: Option<PodAffinity>,
    #[prost(message, optional, tag = "3")]
    pub pod_anti_affinity: Option<PodAntiAffinity>,
}

/// Rules about nodes.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeAffinity {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    #[prost(message, optional, tag = "1")]
    pub required: Option<NodeSelector>,
    #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
    #[prost(message, repeated, tag = "2")]
    pub preferred: Vec<PreferredSchedulingTerm>,
}

/// Nodes that match any of the terms.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSelector {
    #[prost(message, repeated, tag = "1")]
    pub node_selector_terms: Vec<NodeSelectorTerm>,
}

/// Nodes that match all of the requirements.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSelectorTerm {
    #[prost(message, repeated, tag = "1")]
    pub match_expressions: Vec<NodeSelectorRequirement>,
    #[prost(message, repeated, tag = "2")]
    pub match_fields: Vec<NodeSelectorRequirement>,
}

/// One requirement on labels or fields of a node.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeSelectorRequirement {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub operator: String,
    #[prost(string, repeated, tag = "3")]
    pub values: Vec<String>,
}

/// A wish about nodes; it never blocks.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreferredSchedulingTerm {
    #[prost(int32, tag = "1")]
    pub weight: i32,
    #[prost(message, required, tag = "2")]
    pub preference: NodeSelectorTerm,
}

/// Rules to be near other pods.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodAffinity {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    #[prost(message, repeated, tag = "1")]
    pub required: Vec<PodAffinityTerm>,
    #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
    #[prost(message, repeated, tag = "2")]
    pub preferred: Vec<WeightedPodAffinityTerm>,
}

/// Rules to be away from other pods.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodAntiAffinity {
    #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
    #[prost(message, repeated, tag = "1")]
    pub required: Vec<PodAffinityTerm>,
    #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
    #[prost(message, repeated, tag = "2")]
    pub preferred: Vec<WeightedPodAffinityTerm>,
}

/// Which pods, and what "near" means.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodAffinityTerm {
    #[prost(message, optional, tag = "1")]
    pub label_selector: Option<LabelSelector>,
    #[prost(string, repeated, tag = "2")]
    pub namespaces: Vec<String>,
    #[prost(string, tag = "3")]
    pub topology_key: String,
    #[prost(message, optional, tag = "4")]
    pub namespace_selector: Option<LabelSelector>,
    #[prost(string, repeated, tag = "5")]
    pub match_label_keys: Vec<String>,
    #[prost(string, repeated, tag = "6")]
    pub mismatch_label_keys: Vec<String>,
}

/// A wish about other pods; it never blocks.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WeightedPodAffinityTerm {
    #[prost(int32, tag = "1")]
    pub weight: i32,
    #[prost(message, required, tag = "2")]
    pub pod_affinity_term: PodAffinityTerm,
}

/// How evenly pods must be spread.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TopologySpreadConstraint {
    #[prost(int32, tag = "1")]
    pub max_skew: i32,
    #[prost(string, tag = "2")]
    pub topology_key: String,
    #[prost(string, tag = "3")]
    pub when_unsatisfiable: String,
    #[prost(message, optional, tag = "4")]
    pub label_selector: Option<LabelSelector>,
    #[prost(int32, optional, tag = "5")]
    pub min_domains: Option<i32>,
    #[prost(string, optional, tag = "6")]
    pub node_affinity_policy: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub node_taints_policy: Option<String>,
    #[prost(string, repeated, tag = "8")]
    pub match_label_keys: Vec<String>,
}

/// A taint that a pod puts up with.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Toleration {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(string, tag = "2")]
    pub operator: String,
    #[prost(string, tag = "3")]
    pub value: String,
    #[prost(string, tag = "4")]
    pub effect: String,
    #[prost(int64, optional, tag = "5")]
    pub toleration_seconds: Option<i64>,
}

impl NodeSelector {
    /// Whether a node with these labels and this name satisfies any of the terms.
    pub fn matches<P: Borrow<Pair>>(&self, labels: &[P], name: &str) -> bool {
        self.node_selector_terms.iter().any(|term| term.matches(labels, name))
    }
}

impl NodeSelectorTerm {
    /// Whether a node satisfies every requirement; a term without any is satisfied by no node.
    pub fn matches<P: Borrow<Pair>>(&self, labels: &[P], name: &str) -> bool {
        let is_empty = self.match_expressions.is_empty() && self.match_fields.is_empty();
        let fields = [Pair::new("metadata.name", name)];
        !is_empty
            && self.match_expressions.iter().all(|one| one.matches(labels))
            && self.match_fields.iter().all(|one| one.matches(&fields))
    }
}

impl NodeSelectorRequirement {
    /// Whether the labels satisfy this requirement; one with an unknown operator is never satisfied.
    pub fn matches<P: Borrow<Pair>>(&self, labels: &[P]) -> bool {
        let value = value_of(labels, &self.key);
        let listed = || value.is_some_and(|value| self.values.iter().any(|one| one == value));
        match self.operator.as_str() {
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" => self.compared(value) == Some(Ordering::Greater),
            "Lt" => self.compared(value) == Some(Ordering::Less),
            _ => false,
        }
    }

    fn compared(&self, value: Option<&str>) -> Option<Ordering> {
        let bound: i64 = self.values.first()?.parse().ok()?;
        Some(value?.parse::<i64>().ok()?.cmp(&bound))
    }
}

impl Toleration {
    /// Whether a pod with this toleration puts up with the taint.
    ///
    /// An empty key with `Exists` tolerates every key, an empty effect every effect.
    pub fn tolerates(&self, taint: &Taint) -> bool {
        let effect = self.effect.is_empty() || self.effect == taint.effect;
        let key = self.key.is_empty() || self.key == taint.key;
        let value = match self.operator.as_str() {
            "" | "Equal" => !self.key.is_empty() && self.value == taint.value,
            "Exists" => true,
            _ => false,
        };
        effect && key && value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNLABELLED: &[Pair] = &[];

    fn selects(requirement: &str, labels: &[(&str, &str)]) -> bool {
        let text = format!(r#"{{"nodeSelectorTerms":[{{"matchExpressions":[{requirement}]}}]}}"#);
        let labels: Vec<Pair> = labels.iter().map(|(key, value)| Pair::new(key, value)).collect();
        serde_json::from_str::<NodeSelector>(&text).unwrap().matches(&labels, "node-1")
    }

    #[test]
    fn requirements_on_nodes_compare_numbers_too() {
        let greater = r#"{"key":"cores","operator":"Gt","values":["8"]}"#;
        assert!(selects(greater, &[("cores", "16")]) && !selects(greater, &[("cores", "8")]));
        assert!(!selects(greater, &[("cores", "many")]) && !selects(greater, &[]));
        let listed = r#"{"key":"zone","operator":"In","values":["a","b"]}"#;
        assert!(selects(listed, &[("zone", "b")]) && !selects(listed, &[("zone", "c")]));
    }

    #[test]
    fn terms_are_alternatives_and_an_empty_one_matches_nothing() {
        let by_name = r#"{"nodeSelectorTerms":[{},
            {"matchFields":[{"key":"metadata.name","operator":"In","values":["node-1"]}]}]}"#;
        let selector: NodeSelector = serde_json::from_str(by_name).unwrap();
        assert!(selector.matches(UNLABELLED, "node-1") && !selector.matches(UNLABELLED, "node-2"));
        assert!(!NodeSelector::default().matches(UNLABELLED, "node-1"));
    }

    #[test]
    fn tolerations_follow_the_api() {
        let taint = Taint { key: "gpu".into(), value: "a".into(), effect: "NoSchedule".into(), time_added: None };
        let tolerates = |text: &str| serde_json::from_str::<Toleration>(text).unwrap().tolerates(&taint);
        assert!(tolerates(r#"{"operator":"Exists"}"#));
        assert!(tolerates(r#"{"key":"gpu","value":"a"}"#));
        assert!(tolerates(r#"{"key":"gpu","operator":"Exists","effect":"NoSchedule"}"#));
        assert!(!tolerates(r#"{"key":"gpu","value":"b"}"#));
        assert!(!tolerates(r#"{"key":"gpu","operator":"Exists","effect":"NoExecute"}"#));
        assert!(!tolerates("{}"));
    }
}
