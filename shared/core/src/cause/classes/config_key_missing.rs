//! A ConfigMap or Secret lacks a key that pods need.

use crate::cause::missing_configuration::{Lack, causes};
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "config-key-missing",
    page: PAGE,
    recognise: |view| causes(view, Lack::Key),
    heard: Some(Heard::of(
        Stage::Start,
        |it| {
            it.is(&["InvalidEnvironmentVariableNames"])
                || it.says(&[
                    "couldn't find key",
                    "could not find key",
                    "non-existent config key",
                    "non-existent secret key",
                    "references non-existent",
                ])
        },
        |_| "a key that the pod reads is not in its ConfigMap or Secret".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
The ConfigMap or Secret exists, but the key that a pod reads from it does not, and the pod does not
mark it as optional. Usually a key was renamed on one side only.

Looked at: every reference with a key in the specs of the pods, and the names of the keys; values
are not read.

What to do: compare the names of the keys with what the pod asks for:
  kubectl describe configmap NAME -n NAMESPACE";
