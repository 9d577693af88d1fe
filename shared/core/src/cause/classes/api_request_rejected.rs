//! The API server refuses an object as invalid.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "api-request-rejected",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Admission,
        |it| {
            it.says(&[
                "field is immutable",
                "is immutable",
                "request entity too large",
                "object size exceeds",
                "trying to send message larger than max",
                "etcdserver: request is too large",
                "too long: must have at most",
                "forbidden: updates to",
            ]) || it.says(&["is invalid: "])
                && it.says(&["invalid value", "required value", "unsupported value", "duplicate value"])
        },
        |_| "the API server refuses the object as invalid".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The API server refuses what it is asked to store: a field that may not change any more, a value that
does not pass validation, an object larger than etcd takes (1.5 MiB by default). Whoever asked goes on
asking, and nothing changes.

Looked at: events that say so, of any object.

What to do: correct the request; what cannot be changed must be made anew under another name:
  kubectl apply -f FILE --dry-run=server";
