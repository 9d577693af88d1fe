//! Sidecars get no valid configuration from their mesh.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "mesh-control-plane-unavailable",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.says_word(&[
                    "istiod",
                    "pilot",
                    "xds",
                    "lds rejected",
                    "cds rejected",
                    "discovery address",
                    "linkerd-identity",
                ]) || it.says(&["istio-proxy", "envoy", "sidecar", "linkerd-proxy"])
                    && it.says(&["not ready", "config not received", "no listener", "identity", "certificate signing"])
            },
            |_| "the control plane of the mesh does not serve its sidecars".to_owned(),
        )
        .and_by_processes(),
    ),
    brings: &["readiness-probe-failed", "mesh-policy-denied"],
    is_everybodys: true,
    ..Class::SILENT
};

const PAGE: &str = "\
The control plane of the service mesh is down, or what it sends is rejected: sidecars have no listeners,
routes or identity, and traffic through them fails or stays as it was.

Looked at: events and probes of sidecars, the pods of istio-system and linkerd.

What to do: look at the pods of the control plane of the mesh:
  kubectl get pods -n istio-system";
