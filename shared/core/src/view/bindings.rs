//! Bindings of roles, of a namespace or of the whole cluster, seen alike.

use super::View;
use crate::object::ObjectRef;
use crate::slim::role_binding::{RoleRef, Subject};
use crate::slim::{ClusterRoleBinding, Object, ObjectMeta, RoleBinding};

/// Who has a role.
pub struct Binding<'a> {
    /// Its name.
    pub reference: ObjectRef,
    /// Its metadata.
    pub metadata: &'a ObjectMeta,
    /// Who has the role.
    pub subjects: &'a [Subject],
    /// The role.
    pub role: &'a RoleRef,
}

impl<'a> View<'a> {
    /// Every binding that somebody made, and not the API server for itself.
    pub fn bindings(&self) -> impl Iterator<Item = Binding<'a>> + use<'a> {
        let of_cluster = self.all::<ClusterRoleBinding>().iter().map(|it| Binding {
            reference: it.reference(),
            metadata: &it.metadata,
            subjects: &it.subjects,
            role: &it.role_ref,
        });
        let of_namespaces = self.all::<RoleBinding>().iter().map(|it| Binding {
            reference: it.reference(),
            metadata: &it.metadata,
            subjects: &it.subjects,
            role: &it.role_ref,
        });
        of_cluster.chain(of_namespaces).filter(|binding| !is_built_in(binding.metadata))
    }
}

/// The API server marks what it makes and keeps; its parts and those of clouds make others with the same prefix.
pub(crate) fn is_built_in(metadata: &ObjectMeta) -> bool {
    metadata.label("kubernetes.io/bootstrapping") == Some("rbac-defaults") || metadata.name.starts_with("system:")
}

impl Binding<'_> {
    /// The command that shows it.
    pub fn look(&self) -> String {
        let kind = self.reference.kind.to_lowercase();
        match &self.reference.namespace {
            Some(namespace) => format!("kubectl describe {kind} {} -n {namespace}", self.reference.name),
            None => format!("kubectl describe {kind} {}", self.reference.name),
        }
    }

    /// The command that takes it away.
    pub fn removal(&self) -> String {
        let kind = self.reference.kind.to_lowercase();
        let place = self.reference.namespace.as_ref().map_or(String::new(), |namespace| format!(" -n {namespace}"));
        format!("kubectl delete {kind} {}{place} --dry-run=server", self.reference.name)
    }
}

impl Subject {
    /// The words of reports: `ServiceAccount shop/web`, `Group system:authenticated`.
    pub fn words(&self) -> String {
        if self.namespace.is_empty() || self.kind != "ServiceAccount" {
            return format!("{} {}", self.kind, self.name);
        }
        format!("{} {}/{}", self.kind, self.namespace, self.name)
    }
}
