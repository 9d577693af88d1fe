//! Confidential values of pod templates, which no plan shows: it refers to the objects that keep the revisions.

use crate::revisions::Revision;
use serde_json::Value;
use sre_core::plan::{Address, Call, FieldChange, Source, Undo};
use sre_core::redaction::{Redactor, is_redacted};

/// What hides them, and where they stand.
pub(super) struct Hidden {
    redactor: Redactor,
    hidden_in: Vec<Source>,
}

impl Hidden {
    /// Of the current revision, so that it can be gone back to again, and of the target.
    pub(super) fn of(revisions: &[Revision], target: &Revision) -> Self {
        let current = revisions.iter().find(|it| it.is_current && it.number != target.number);
        let (mut redactor, mut hidden_in) = (Redactor::default(), Vec::new());
        for revision in current.into_iter().chain([target]) {
            redactor.learn(&revision.template);
            hidden_in.push(source(revision));
        }
        Self { redactor, hidden_in }
    }

    /// An object, or a part of one, without confidential values.
    pub(super) fn shown(&self, value: &Value) -> Value {
        self.redactor.redacted(value)
    }

    /// The call that makes changes which were told from what is shown, and what takes it back.
    pub(super) fn call(self, fields: Vec<FieldChange>) -> (Call, Undo) {
        let values = || fields.iter().flat_map(|it| it.before.iter().chain(&it.after));
        if !values().any(is_redacted) {
            return (Call::Edit { subresource: None, fields }, Undo::Reverse);
        }
        let is_kept = values().all(|it| self.redactor.revealed(it).is_some());
        let undo = if is_kept {
            Undo::Reverse
        } else {
            Undo::None { why: "a confidential value of before stands in no revision that is kept".to_owned() }
        };
        (Call::Restore { fields, hidden_in: self.hidden_in }, undo)
    }
}

fn source(revision: &Revision) -> Source {
    let object = &revision.object;
    let (resource, pointer) = match object.kind.as_str() {
        "ReplicaSet" => ("replicasets", "/spec/template"),
        _ => ("controllerrevisions", "/data/spec/template"),
    };
    Source {
        object: Address {
            api_version: "apps/v1".to_owned(),
            kind: object.kind.clone(),
            resource: resource.to_owned(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
        },
        uid: revision.uid.clone(),
        pointer: pointer.to_owned(),
    }
}
