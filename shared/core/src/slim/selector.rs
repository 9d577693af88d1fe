//! Label selectors and whether labels satisfy them.

use super::pair::{self, Pair, value_of};
use serde::Deserialize;
use std::borrow::Borrow;

/// Chooses objects by their labels; an empty one chooses every object.
///
/// What an absent selector means differs from field to field, so it is the caller's to decide.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    #[serde(deserialize_with = "pair::pairs")]
    #[prost(message, repeated, tag = "1")]
    pub match_labels: Vec<Pair>,
    #[prost(message, repeated, tag = "2")]
    pub match_expressions: Vec<LabelSelectorRequirement>,
}

/// One requirement on labels.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelectorRequirement {
    #[prost(string, tag = "1")]
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    #[prost(string, tag = "2")]
    pub operator: String,
    #[prost(string, repeated, tag = "3")]
    pub values: Vec<String>,
}

impl LabelSelector {
    /// Whether the labels satisfy every requirement.
    pub fn matches<P: Borrow<Pair>>(&self, labels: &[P]) -> bool {
        has_all(&self.match_labels, labels) && self.match_expressions.iter().all(|one| one.matches(labels))
    }

    /// Whether it has no requirement, and so chooses every object.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }
}

/// Whether the labels hold every wanted entry, as a Service's selector or a node selector asks.
pub fn has_all<P: Borrow<Pair>>(wanted: &[Pair], labels: &[P]) -> bool {
    wanted.iter().all(|pair| value_of(labels, &pair.key) == Some(pair.value.as_str()))
}

impl LabelSelectorRequirement {
    /// Whether the labels satisfy this requirement; one with an unknown operator is never satisfied.
    pub fn matches<P: Borrow<Pair>>(&self, labels: &[P]) -> bool {
        let value = value_of(labels, &self.key);
        let listed = || value.is_some_and(|value| self.values.iter().any(|one| one == value));
        match self.operator.as_str() {
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(selector: &str, labels: &[(&str, &str)]) -> bool {
        let labels: Vec<Pair> = labels.iter().map(|(key, value)| Pair::new(key, value)).collect();
        serde_json::from_str::<LabelSelector>(selector).unwrap().matches(&labels)
    }

    #[test]
    fn an_empty_selector_matches_everything() {
        assert!(matches("{}", &[]));
        assert!(matches("{}", &[("app", "shop")]));
    }

    #[test]
    fn every_label_must_be_there_with_its_value() {
        let selector = r#"{"matchLabels":{"app":"shop","tier":"web"}}"#;
        assert!(matches(selector, &[("app", "shop"), ("extra", "1"), ("tier", "web")]));
        assert!(!matches(selector, &[("app", "shop")]));
        assert!(!matches(selector, &[("app", "shop"), ("tier", "db")]));
    }

    #[test]
    fn expressions_follow_the_api() {
        let one = |operator: &str, labels: &[(&str, &str)]| {
            let selector =
                format!(r#"{{"matchExpressions":[{{"key":"tier","operator":"{operator}","values":["web"]}}]}}"#);
            matches(&selector, labels)
        };
        assert!(one("In", &[("tier", "web")]) && !one("In", &[("tier", "db")]) && !one("In", &[]));
        assert!(!one("NotIn", &[("tier", "web")]) && one("NotIn", &[("tier", "db")]) && one("NotIn", &[]));
        assert!(one("Exists", &[("tier", "db")]) && !one("Exists", &[]));
        assert!(!one("DoesNotExist", &[("tier", "db")]) && one("DoesNotExist", &[]));
        assert!(!one("Near", &[("tier", "web")]));
    }

    #[test]
    fn labels_and_expressions_must_both_hold() {
        let selector = r#"{"matchLabels":{"app":"shop"},"matchExpressions":[{"key":"tier","operator":"Exists"}]}"#;
        assert!(!matches(selector, &[("app", "shop")]));
        assert!(matches(selector, &[("app", "shop"), ("tier", "db")]));
    }
}
