//! A ConfigMap or Secret that pods need does not exist.

use crate::cause::Class;
use crate::cause::missing_configuration::{Lack, causes};

/// See the module.
pub const CLASS: Class =
    Class { id: "config-object-missing", page: PAGE, recognise: |view| causes(view, Lack::Object), ..Class::SILENT };

const PAGE: &str = "\
A ConfigMap or Secret that a pod reads (environment, volume) does not exist in the pod's namespace,
and the pod does not mark it as optional. Its containers wait until it appears.

Looked at: every reference in the specs of the pods, and the objects of the namespace. A name that
differs by a typing error is shown. Pods that run already notice nothing until they are replaced:
that is a warning.

What to do: find out whether it was deleted, never created, or belongs to another namespace, and
create it from its source. Do not invent its content.
  kubectl get configmaps,secrets -n NAMESPACE";
