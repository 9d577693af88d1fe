//! Label selectors as people type them: `app=web,tier!=cache,env in (prod,stage),!legacy`.

use super::{LabelSelector, LabelSelectorRequirement};
use serde_json::Value;
use thiserror::Error;

/// Why text is no label selector.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SelectorError {
    /// Nothing between two commas.
    #[error("there is an empty requirement")]
    Empty,
    /// A requirement without a key, or with a key that no label can have.
    #[error("{0:?} is no label key")]
    Key(String),
    /// A set without its brackets or without values.
    #[error("{0:?} needs a list in brackets")]
    Set(String),
}

impl LabelSelector {
    /// Reads a selector as `kubectl -l` does
    /// (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api>).
    ///
    /// # Errors
    /// Names the part that cannot be read.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let parts = top_level_parts(text);
        let match_expressions = parts.into_iter().map(requirement).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { match_labels: Vec::new(), match_expressions })
    }
}

/// The requirements of a workload's own selector, each as a query of the API server writes it.
pub fn requirements_of(workload: &Value) -> Vec<String> {
    let labels = workload.pointer("/spec/selector/matchLabels").and_then(Value::as_object).into_iter().flatten();
    let label = |(key, value): (&String, &Value)| Some(format!("{key}={}", value.as_str()?));
    let more = workload.pointer("/spec/selector/matchExpressions").and_then(Value::as_array).into_iter().flatten();
    labels.filter_map(label).chain(more.filter_map(written)).collect()
}

fn written(requirement: &Value) -> Option<String> {
    let key = requirement["key"].as_str()?;
    let values = requirement["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let values = values.collect::<Vec<_>>().join(",");
    match requirement["operator"].as_str()? {
        "In" => Some(format!("{key} in ({values})")),
        "NotIn" => Some(format!("{key} notin ({values})")),
        "Exists" => Some(key.to_owned()),
        "DoesNotExist" => Some(format!("!{key}")),
        _ => None,
    }
}

/// Splits at commas that stand outside of brackets.
fn top_level_parts(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let split = move |character: char| {
        depth += i32::from(character == '(') - i32::from(character == ')');
        character == ',' && depth == 0
    };
    text.split(split).map(str::trim).collect()
}

fn requirement(part: &str) -> Result<LabelSelectorRequirement, SelectorError> {
    if part.is_empty() {
        return Err(SelectorError::Empty);
    }
    if let Some(key) = part.strip_prefix('!') {
        return make(key, "DoesNotExist", Vec::new());
    }
    for (sign, operator) in [("!=", "NotIn"), ("==", "In"), ("=", "In")] {
        if let Some((key, value)) = part.split_once(sign) {
            return make(key, operator, vec![value.trim().to_owned()]);
        }
    }
    for (word, operator) in [(" notin", "NotIn"), (" in", "In")] {
        if let Some((key, set)) = part.split_once(word) {
            return make(key, operator, values(set, part)?);
        }
    }
    make(part, "Exists", Vec::new())
}

fn values(set: &str, part: &str) -> Result<Vec<String>, SelectorError> {
    let inner = set.trim().strip_prefix('(').and_then(|set| set.strip_suffix(')'));
    let inner = inner.ok_or_else(|| SelectorError::Set(part.to_owned()))?;
    Ok(inner.split(',').map(|value| value.trim().to_owned()).collect())
}

fn make(key: &str, operator: &str, values: Vec<String>) -> Result<LabelSelectorRequirement, SelectorError> {
    let key = key.trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if key.is_empty() || !key.chars().all(fits) {
        return Err(SelectorError::Key(key.to_owned()));
    }
    Ok(LabelSelectorRequirement { key: key.to_owned(), operator: operator.to_owned(), values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slim::Pair;

    fn matches(selector: &str, labels: &[(&str, &str)]) -> bool {
        let labels: Vec<Pair> = labels.iter().map(|(key, value)| Pair::new(key, value)).collect();
        LabelSelector::parse(selector).unwrap().matches(&labels)
    }

    #[test]
    fn requirements_are_read_as_kubectl_reads_them() {
        let web = [("app", "web"), ("env", "prod")];
        assert!(matches("app=web", &web) && matches("app == web", &web) && !matches("app!=web", &web));
        assert!(matches("env in (prod, stage),app", &web) && !matches("env notin (prod,stage)", &web));
        assert!(matches("!legacy", &web) && !matches("!app", &web) && matches("example.com/x!=1", &web));
    }

    #[test]
    fn nonsense_is_named() {
        assert_eq!(LabelSelector::parse("a=b,,c"), Err(SelectorError::Empty));
        assert_eq!(LabelSelector::parse("a b=c"), Err(SelectorError::Key("a b".to_owned())));
        assert_eq!(LabelSelector::parse("a in b"), Err(SelectorError::Set("a in b".to_owned())));
    }

    #[test]
    fn every_requirement_of_a_selector_chooses_pods() {
        let expressions = serde_json::json!([
            {"key": "tier", "operator": "In", "values": ["a", "b"]}, {"key": "old", "operator": "NotIn", "values": ["x"]},
            {"key": "app", "operator": "Exists"}, {"key": "test", "operator": "DoesNotExist"},
        ]);
        let said: Vec<String> = expressions.as_array().expect("a list").iter().filter_map(written).collect();
        assert_eq!(said, ["tier in (a,b)", "old notin (x)", "app", "!test"]);
    }
}
