//! A pod should have a sidecar of the mesh and has none.

use crate::cause::Class;

/// See the module.
pub const CLASS: Class = Class { id: "mesh-injection-missing", page: PAGE, ..Class::SILENT };

const PAGE: &str = "\
The namespace or the pod asks for a sidecar of the mesh, and the pod has none: it was made before the
label, while the injector was down, or opts out. Under strict mutual TLS its traffic is refused.

Looked at: the labels of namespaces and pods, and the containers of pods.

What to do: have the pods made anew once the injector answers:
  kubectl rollout restart deployment/NAME -n NAMESPACE --dry-run=server";
