//! A ConfigMap or Secret that pods need does not exist.

use crate::cause::missing_configuration::{Lack, causes};
use crate::cause::{Class, Heard, Saying, Stage};
use crate::object::ObjectRef;
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "config-object-missing",
    page: PAGE,
    recognise: |view| causes(view, Lack::Object),
    heard: Some(
        Heard::of(Stage::Start, is_missing, |_| "a ConfigMap or Secret that the pod needs does not exist".to_owned())
            .blames(missing),
    ),
    ..Class::SILENT
};

/// A missing pull secret has a class of its own.
fn is_missing(saying: &Saying<'_>) -> bool {
    saying.says(&["configmap", "config map", "secret"])
        && saying.says(&["not found", "does not exist"])
        && !saying.says(&["pull secret", "imagepullsecret", "secret class", "key"])
}

fn missing(saying: &Saying<'_>, _: &View<'_>) -> Option<ObjectRef> {
    let named = |kind, words| Some((kind, saying.quoted_after(words)?));
    let (kind, name) = named("ConfigMap", "configmap ").or_else(|| named("Secret", "secret "))?;
    Some(ObjectRef::scoped(kind, saying.about.namespace.as_deref().unwrap_or_default(), name))
}

const PAGE: &str = "\
A ConfigMap or Secret that a pod reads (environment, volume) does not exist in the pod's namespace,
and the pod does not mark it as optional. Its containers wait until it appears.

Looked at: every reference in the specs of the pods, and the objects of the namespace. A name that
differs by a typing error is shown. Pods that run already notice nothing until they are replaced:
that is a warning.

What to do: find out whether it was deleted, never created, or belongs to another namespace, and
create it from its source. Do not invent its content.
  kubectl get configmaps,secrets -n NAMESPACE";
