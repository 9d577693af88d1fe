//! Changes of single fields: made from two states of an object, tried on it, turned round.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One field of an object, before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldChange {
    /// Where it is: a JSON pointer (RFC 6901).
    pub pointer: String,
    /// The same for people: `spec.template.spec.containers[app].image`.
    pub field: String,
    /// Its value before; absent when it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    pub before: Option<Value>,
    /// Its value afterwards; absent when it goes.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    pub after: Option<Value>,
}

/// A value that is there may be `null`, which is not the same as none.
mod present {
    use super::Value;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Option<Value>, to: S) -> Result<S::Ok, S::Error> {
        value.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(from).map(Some)
    }
}

impl FieldChange {
    /// The change that takes this one back.
    pub fn reversed(&self) -> Self {
        let (before, after) = (self.after.clone(), self.before.clone());
        Self { before, after, ..self.clone() }
    }

    /// The operation of a JSON patch (RFC 6902) that makes the change.
    pub fn operation(&self) -> Value {
        match (&self.before, &self.after) {
            (_, None) => json!({"op": "remove", "path": self.pointer}),
            (None, Some(value)) => json!({"op": "add", "path": self.pointer, "value": value}),
            (Some(_), Some(value)) => json!({"op": "replace", "path": self.pointer, "value": value}),
        }
    }

    /// Whether an object has the field as it was before.
    pub fn is_before(&self, object: &Value) -> bool {
        object.pointer(&self.pointer) == self.before.as_ref()
    }

    /// Whether an object has the field as it is to be.
    pub fn is_after(&self, object: &Value) -> bool {
        object.pointer(&self.pointer) == self.after.as_ref()
    }
}

/// What makes the part of `before` at a JSON pointer into that of `after`, field by field.
///
/// Lists are taken apart too, where items were changed, added at the end or taken from it; else they are replaced whole.
pub fn difference(before: &Value, after: &Value, pointer: &str) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let place = Place { pointer: pointer.to_owned(), field: spoken(before, pointer) };
    collect(before.pointer(pointer), after.pointer(pointer), &place, &mut changes);
    changes
}

/// An object with changes made in it, as the server would make them.
pub fn with_changes(object: &Value, changes: &[FieldChange]) -> Value {
    let mut changed = object.clone();
    for change in changes {
        let Some((parent, key)) = change.pointer.rsplit_once('/') else { continue };
        let key = unescaped(key);
        match (changed.pointer_mut(parent), &change.after) {
            (Some(Value::Object(fields)), Some(value)) => {
                fields.insert(key, value.clone());
            }
            (Some(Value::Object(fields)), None) => {
                fields.remove(&key);
            }
            (Some(Value::Array(items)), value) => put(items, key.parse().ok(), value.as_ref()),
            _ => {}
        }
    }
    changed
}

/// Sets, adds or takes away an item of a list, as a JSON patch does.
fn put(items: &mut Vec<Value>, index: Option<usize>, value: Option<&Value>) {
    match (index, value) {
        (Some(index), Some(value)) if index < items.len() => items[index] = value.clone(),
        (Some(index), Some(value)) if index == items.len() => items.push(value.clone()),
        (Some(index), None) if index < items.len() => drop(items.remove(index)),
        _ => {}
    }
}

#[derive(Clone)]
struct Place {
    pointer: String,
    field: String,
}

impl Place {
    fn key(&self, key: &str) -> Self {
        let field = if key.contains(['.', '/']) { format!("[{key}]") } else { format!(".{key}") };
        let field = format!("{}{field}", self.field).trim_start_matches('.').to_owned();
        Self { pointer: format!("{}/{}", self.pointer, escaped(key)), field }
    }

    fn index(&self, index: usize, item: &Value) -> Self {
        let name = item["name"].as_str().map_or_else(|| index.to_string(), str::to_owned);
        Self { pointer: format!("{}/{index}", self.pointer), field: format!("{}[{name}]", self.field) }
    }
}

fn collect(before: Option<&Value>, after: Option<&Value>, place: &Place, changes: &mut Vec<FieldChange>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            keys.into_iter().for_each(|key| collect(old.get(key), new.get(key), &place.key(key), changes));
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if old.len() == new.len() => {
            let pairs = old.iter().zip(new).enumerate();
            pairs.for_each(|(index, (old, new))| collect(Some(old), Some(new), &place.index(index, old), changes));
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if is_grown(old, new) => {
            let mut pairs: Vec<(usize, Option<&Value>, Option<&Value>)> =
                (0..old.len().max(new.len())).map(|index| (index, old.get(index), new.get(index))).collect();
            // What is taken away goes from the end, or those behind it would move.
            pairs.sort_by_key(|(index, _, new)| {
                (new.is_none(), if new.is_none() { usize::MAX - index } else { *index })
            });
            for (index, old, new) in pairs {
                collect(old, new, &place.index(index, old.or(new).unwrap_or(&Value::Null)), changes);
            }
        }
        (before, after) => changes.push(FieldChange {
            pointer: place.pointer.clone(),
            field: place.field.clone(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

/// Whether one list of named items is the other with more of them behind, whatever became of those in both.
fn is_grown(old: &[Value], new: &[Value]) -> bool {
    let name = |item: &Value| item.get("name").cloned();
    let is_named = old.iter().chain(new).all(|item| name(item).is_some());
    !old.is_empty() && !new.is_empty() && is_named && old.iter().zip(new).all(|(old, new)| name(old) == name(new))
}

/// A pointer for people, with the names of list items instead of their numbers.
fn spoken(object: &Value, pointer: &str) -> String {
    let mut place = Place { pointer: String::new(), field: String::new() };
    for key in pointer.split('/').skip(1).map(unescaped) {
        let here = object.pointer(&place.pointer);
        place = match (here, key.parse::<usize>()) {
            (Some(Value::Array(items)), Ok(index)) => place.index(index, items.get(index).unwrap_or(&Value::Null)),
            _ => place.key(&key),
        };
    }
    place.field
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescaped(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(image: &str, labels: Value, containers: usize) -> Value {
        let containers: Vec<Value> =
            (0..containers).map(|it| json!({"name": format!("c{it}"), "image": image})).collect();
        json!({"metadata": {"labels": labels}, "spec": {"containers": containers}})
    }

    /// States of an object that differ in every way: values, fields that come and go, lists that grow, nulls, odd keys.
    fn states() -> Vec<Value> {
        vec![
            pod("web:1", json!({"app": "web"}), 1),
            pod("web:2", json!({"app": "web", "a/b~c": "x"}), 1),
            pod("web:2", json!({"app": null}), 2),
            pod("web:3", json!({}), 2),
            json!({"metadata": {}, "spec": {"containers": {}, "paused": true}}),
        ]
    }

    #[test]
    fn taking_back_after_doing_is_nothing_done() {
        let states = states();
        for before in &states {
            for after in &states {
                let changes = difference(before, after, "");
                let done = with_changes(before, &changes);
                assert_eq!(&done, after);
                let back: Vec<FieldChange> = changes.iter().rev().map(FieldChange::reversed).collect();
                assert_eq!(&with_changes(&done, &back), before);
                assert!(changes.iter().all(|it| it.is_before(before) && it.is_after(after)));
                assert!(before == after || !changes.iter().all(|it| it.is_after(before)));
            }
        }
    }

    #[test]
    fn what_is_added_to_a_list_of_names_is_all_that_is_told() {
        let changes = difference(&pod("web:1", json!({}), 1), &pod("web:1", json!({}), 3), "");
        let told: Vec<_> = changes.iter().map(|it| (it.pointer.as_str(), it.field.as_str())).collect();
        let added = [("/spec/containers/1", "spec.containers[c1]"), ("/spec/containers/2", "spec.containers[c2]")];
        assert_eq!(told, added);
        assert_eq!(changes[0].operation()["op"], "add");
        let back = difference(&pod("web:1", json!({}), 3), &pod("web:1", json!({}), 1), "");
        let taken: Vec<_> = back.iter().map(|it| it.pointer.as_str()).collect();
        assert_eq!(taken, ["/spec/containers/2", "/spec/containers/1"], "from the end");
        let middle = json!({"spec": {"containers": [{"name": "a"}, {"name": "c"}]}});
        let all = json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}});
        assert_eq!(difference(&all, &middle, "")[0].pointer, "/spec/containers", "those behind would move");
    }

    #[test]
    fn fields_are_named_as_people_name_them() {
        let changes = difference(&states()[0], &states()[1], "");
        let named: Vec<_> = changes.iter().map(|it| (it.field.as_str(), it.pointer.as_str())).collect();
        let expected = [
            ("metadata.labels[a/b~c]", "/metadata/labels/a~1b~0c"),
            ("spec.containers[c0].image", "/spec/containers/0/image"),
        ];
        assert_eq!(named, expected);
        let inside = difference(&states()[0], &states()[1], "/spec/containers/0");
        assert_eq!(inside[0].field, "spec.containers[c0].image");
    }

    #[test]
    fn a_change_is_written_and_read_though_a_value_is_null() {
        for change in difference(&states()[0], &states()[2], "") {
            let text = serde_json::to_string(&change).expect("JSON");
            assert_eq!(serde_json::from_str::<FieldChange>(&text).expect("read"), change, "{text}");
        }
    }

    #[test]
    fn operations_are_those_of_a_json_patch() {
        let operations: Vec<Value> =
            difference(&states()[1], &states()[2], "/metadata").iter().map(FieldChange::operation).collect();
        let expected = [
            json!({"op": "remove", "path": "/metadata/labels/a~1b~0c"}),
            json!({"op": "replace", "path": "/metadata/labels/app", "value": null}),
        ];
        assert_eq!(operations, expected);
    }
}
