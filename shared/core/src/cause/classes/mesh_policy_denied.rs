//! The mesh rejects the traffic of a workload.

use crate::cause::{Class, Heard, Saying, Stage};
use crate::object::ObjectRef;
use crate::view::View;

/// See the module.
pub const CLASS: Class = Class {
    id: "mesh-policy-denied",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.says(&[
                    "rbac: access denied",
                    "authorizationpolicy",
                    "authorization policy",
                    "peerauthentication",
                    "strict mtls",
                    "mtls handshake",
                ]) || it.says(&["istio", "envoy", "mesh", "linkerd"])
                    && it.says(&["denied", "403", "forbidden", "rejected"])
            },
            |_| "the mesh rejects the traffic".to_owned(),
        )
        .blames(policy)
        .and_by_processes(),
    ),
    brings: &["readiness-probe-failed"],
    ..Class::SILENT
};

/// The policy that the message names.
fn policy(saying: &Saying<'_>, _: &View<'_>) -> Option<ObjectRef> {
    let name = saying.quoted_after("AuthorizationPolicy ").or_else(|| saying.quoted_after("authorization policy "))?;
    Some(ObjectRef::scoped("AuthorizationPolicy", saying.about.namespace.as_deref().unwrap_or_default(), name))
}

const PAGE: &str = "\
An AuthorizationPolicy of the mesh, or strict mutual TLS against a peer without a sidecar, rejects the
traffic. The application sees 403 or a reset connection.

Looked at: events and probes that quote the answer of the mesh.

What to do: allow the caller's identity on that path, or give the caller a sidecar:
  kubectl get authorizationpolicies,peerauthentications -n NAMESPACE";
