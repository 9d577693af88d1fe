//! What a manifest says, beside what the server made of it.

use crate::redaction::is_redacted;
use crate::units::Amount;
use serde_json::Value;

/// Fields whose values are quantities, which the server writes its own way.
const QUANTITIES: [&str; 4] = ["limits", "requests", "capacity", "hard"];

/// Whether an object of the server, or a part of one, holds all that a manifest says of it; the server adds defaults, leaves
/// out what is empty, and writes quantities its own way. What is hidden is taken for the same.
pub fn holds(has: &Value, wants: &Value) -> bool {
    held(has, wants, false)
}

/// As [`holds`], of the part at a JSON pointer.
pub fn holds_at(pointer: &str, has: &Value, wants: &Value) -> bool {
    held(has, wants, pointer.split('/').any(|it| QUANTITIES.contains(&it)))
}

fn held(has: &Value, wants: &Value, are_quantities: bool) -> bool {
    match (has, wants) {
        (_, wants) if wants.is_string() && is_redacted(wants) => true,
        (Value::Object(has), Value::Object(wants)) => wants.iter().all(|(key, wanted)| match has.get(key) {
            Some(value) => held(value, wanted, are_quantities || QUANTITIES.contains(&key.as_str())),
            None => is_empty(wanted),
        }),
        (Value::Array(has), Value::Array(wants)) => {
            has.len() == wants.len() && has.iter().zip(wants).all(|(has, wants)| held(has, wants, are_quantities))
        }
        (has, wants) => {
            let (has, wants) = (text(has), text(wants));
            has == wants || are_quantities && is_same_amount(&has, &wants)
        }
    }
}

fn is_same_amount(one: &str, other: &str) -> bool {
    let amount = |text: &str| text.parse::<Amount>().ok();
    amount(one).is_some_and(|it| Some(it) == amount(other))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_server_makes_of_a_manifest_holds_it() {
        let has = json!({
            "image": "web:1", "imagePullPolicy": "IfNotPresent",
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}, "env": [{"name": "A", "value": "1000m"}],
        });
        for wants in [
            json!({"image": "web:1"}),
            json!({"resources": {"limits": {"cpu": 1}}, "nodeSelector": {}, "args": null}),
            json!({"resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}}}),
            json!({"env": [{"name": "A", "value": "(hidden: value 1 of A)"}]}),
        ] {
            assert!(holds(&has, &wants), "{wants}");
        }
        for wants in [
            json!({"image": "web:2"}),
            json!({"args": ["a"]}),
            json!({"env": [{"name": "A", "value": "1"}]}),
            json!({"env": []}),
        ] {
            assert!(!holds(&has, &wants), "{wants}");
        }
        assert!(holds_at("/resources/limits/cpu", &json!("1"), &json!("1000m")));
        assert!(!holds_at("/env/0/value", &json!("1"), &json!("1000m")));
    }
}
