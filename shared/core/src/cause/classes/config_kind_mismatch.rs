//! Pods name a ConfigMap where there is only a Secret, or the other way round.

use crate::cause::Class;
use crate::cause::missing_configuration::{Lack, causes};

/// See the module.
pub const CLASS: Class =
    Class { id: "config-kind-mismatch", page: PAGE, recognise: |view| causes(view, Lack::OtherKind), ..Class::SILENT };

const PAGE: &str = "\
A pod names a ConfigMap, and only a Secret of that name exists, or the other way round. The object is
there; the reference is of the wrong kind.

Looked at: every reference in the specs of the pods, and the objects of both kinds in the namespace.

What to do: correct the reference in the pod template (configMapRef or secretRef, configMapKeyRef or
secretKeyRef, configMap or secret).";
