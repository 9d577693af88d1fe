//! Single fields of an object as the API server shows it.

use jiff::Timestamp;
use serde_json::Value;
use sre_core::finding::Evidence;
use sre_core::object::ObjectRef;

/// An object to read single fields of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(pub(crate) &'a Value);

impl<'a> Fields<'a> {
    pub(crate) fn text(self, pointer: &str) -> Option<&'a str> {
        self.0.pointer(pointer)?.as_str()
    }

    /// Zero where nothing is said, as in a status.
    pub(crate) fn number(self, pointer: &str) -> i64 {
        self.0.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
    }

    pub(crate) fn time(self, pointer: &str) -> Option<Timestamp> {
        self.text(pointer)?.parse().ok()
    }

    pub(crate) fn list(self, pointer: &str) -> &'a [Value] {
        self.0.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn name(self) -> &'a str {
        self.text("/metadata/name").unwrap_or_default()
    }

    pub(crate) fn label(self, key: &str) -> Option<&'a str> {
        self.0.pointer("/metadata/labels")?.get(key)?.as_str()
    }

    pub(crate) fn annotation(self, key: &str) -> Option<&'a str> {
        self.0.pointer("/metadata/annotations")?.get(key)?.as_str()
    }

    pub(crate) fn condition(self, kind: &str) -> Option<Fields<'a>> {
        self.list("/status/conditions").iter().find(|it| it["type"] == kind).map(Fields)
    }

    /// The uid of the controller that owns it.
    pub(crate) fn controller(self) -> Option<&'a str> {
        self.list("/metadata/ownerReferences").iter().find(|it| it["controller"] == true)?["uid"].as_str()
    }

    /// Whether its controller has seen what is wanted of it.
    pub(crate) fn is_observed(self) -> bool {
        self.number("/status/observedGeneration") >= self.number("/metadata/generation")
    }

    /// Items of a list have no kind of their own.
    pub(crate) fn object_ref(self, kind: &str) -> ObjectRef {
        ObjectRef::scoped(kind, self.text("/metadata/namespace").unwrap_or_default(), self.name())
    }
}

/// One fact.
pub(crate) fn fact(object: &ObjectRef, field: &str, value: impl ToString) -> Evidence {
    Evidence { object: object.clone(), field: field.to_owned(), value: value.to_string(), at: None }
}
