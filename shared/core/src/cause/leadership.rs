//! Leaders of kube-system: who leads is who renews a Lease.

use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::slim::{Lease, Object};
use crate::view::{Renewal, View};

/// Label of Leases by which API servers make themselves known; nobody leads there.
const IDENTITY: &str = "apiserver.kubernetes.io/identity";

/// A Lease that nobody renews any more.
pub struct Stale<'a> {
    /// The Lease.
    pub lease: &'a Lease,
    /// When it was renewed last.
    pub renewal: Renewal,
}

/// The Leases of kube-system's leaders that nobody has renewed for four durations, and at least a minute.
pub fn stale<'a>(view: &'a View<'_>) -> impl Iterator<Item = Stale<'a>> {
    let leases = view.all::<Lease>().iter().filter(|lease| lease.metadata.namespace == "kube-system");
    leases.filter(|lease| lease.metadata.label(IDENTITY).is_none()).filter_map(|lease| {
        let renewal = view.renewal(lease)?;
        let patience = (4 * i64::from(lease.spec.lease_duration_seconds.unwrap_or_default())).max(60);
        (renewal.silence().as_secs() > patience).then_some(Stale { lease, renewal })
    })
}

/// Whether a Lease is that of the scheduler or the controller manager, which every cluster needs.
pub fn is_core(name: &str) -> bool {
    matches!(name, "kube-scheduler" | "kube-controller-manager")
}

/// Whether an object is a pod of such a component of the control plane.
pub fn is_component(object: &ObjectRef, name: &str) -> bool {
    object.kind == "Pod" && object.namespace.as_deref() == Some("kube-system") && object.name.starts_with(name)
}

/// The stale Lease of one component, as a critical statement with its consequence.
pub(super) fn cause(view: &View<'_>, name: &str, consequence: &str) -> Vec<Finding> {
    let own = stale(view).filter(|stale| stale.lease.metadata.name == name);
    own.map(|stale| stale.statement("", view, Severity::Critical, consequence)).collect()
}

impl Stale<'_> {
    /// Makes a statement of a check about it.
    pub fn statement(&self, check: &'static str, view: &View<'_>, severity: Severity, consequence: &str) -> Finding {
        let (name, lease) = (&self.lease.metadata.name, self.lease.reference());
        let holder = self.lease.spec.holder_identity.as_deref().filter(|holder| !holder.is_empty());
        let title = format!("{name} has no leader since {}: {consequence}", self.renewal.at);
        let finding = Finding::new(check, severity, lease.clone(), title)
            .evidence(&lease, "spec.renewTime", self.renewal.at.to_string())
            .evidence(&lease, "spec.holderIdentity", holder.unwrap_or("nobody"));
        view.with_comparison(finding, self.lease, self.renewal)
            .since(Some(self.renewal.at))
            .look(format!("kubectl get lease {name} -n kube-system -o yaml"))
            .look("kubectl get pods -n kube-system -o wide")
    }
}
