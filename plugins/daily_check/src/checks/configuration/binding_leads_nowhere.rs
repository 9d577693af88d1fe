//! A binding gives a role that does not exist, or gives one to a ServiceAccount that does not.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::role_binding::Subject;
use sre_core::slim::{ClusterRole, Kind, Role, ServiceAccount};
use sre_core::view::{Binding, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-09",
    title: "a binding names a role or a ServiceAccount that does not exist",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::RoleBinding), Sight::Of(Kind::ClusterRoleBinding)],
    relies_on: &[Sight::Of(Kind::Role), Sight::Of(Kind::ClusterRole), Sight::Of(Kind::ServiceAccount)],
    consults: &[],
    page: PAGE,
    run: |view| view.bindings().filter_map(|binding| judge(&binding, view)).collect(),
};

fn judge(binding: &Binding<'_>, view: &View<'_>) -> Option<Finding> {
    if !view.is_settled(binding.metadata) {
        return None;
    }
    if let Some(role) = missing_role(binding, view) {
        let title = format!("{} gives {}, which does not exist", words(binding), role_words(&role));
        let finding = Finding::new("CFG-09", Severity::Warning, binding.reference.clone(), title).part("role");
        let finding = finding.evidence(&binding.reference, "roleRef", format!("{} {}", role.kind, role.name));
        return Some(done(finding.evidence(&role, "metadata.name", "not found"), binding));
    }
    // Whoever still has the role through it makes it a binding of use.
    let is_missing = |subject: &&Subject| is_missing(subject, view);
    let missing: Vec<&Subject> = binding.subjects.iter().filter(is_missing).collect();
    if missing.is_empty() || missing.len() < binding.subjects.len() {
        return None;
    }
    let names: Vec<String> = missing.iter().map(|subject| format!("{}/{}", subject.namespace, subject.name)).collect();
    let exist = if names.len() == 1 { "which does not exist" } else { "which do not exist" };
    let role = format!("{} {}", binding.role.kind, binding.role.name);
    let title = format!("{} gives {role} to ServiceAccount {}, {exist}", words(binding), names.join(", "));
    let finding = Finding::new("CFG-09", Severity::Warning, binding.reference.clone(), title).part("subjects");
    let finding = missing.iter().take(3).fold(finding, |finding, subject| {
        let account = ObjectRef::namespaced("ServiceAccount", &subject.namespace, &subject.name);
        finding.evidence(&account, "metadata.name", "not found")
    });
    Some(done(finding.evidence(&binding.reference, "roleRef", role), binding))
}

fn missing_role(binding: &Binding<'_>, view: &View<'_>) -> Option<ObjectRef> {
    let (kind, name) = (binding.role.kind.as_str(), binding.role.name.as_str());
    let namespace = binding.reference.namespace.as_deref().unwrap_or_default();
    let is_missing = match kind {
        "Role" => view.knows(Kind::Role, namespace) && view.get::<Role>(namespace, name).is_none(),
        "ClusterRole" => view.knows(Kind::ClusterRole, "") && view.get::<ClusterRole>("", name).is_none(),
        _ => false,
    };
    is_missing.then(|| ObjectRef::scoped(kind, if kind == "Role" { namespace } else { "" }, name))
}

/// Clouds and distributions give rights in namespaces of their own to parts that a cluster may not have.
const SYSTEM: [&str; 3] = ["kube-", "gke-", "openshift-"];

fn is_missing(subject: &Subject, view: &View<'_>) -> bool {
    let namespace = subject.namespace.as_str();
    subject.kind == "ServiceAccount"
        && !SYSTEM.iter().any(|start| namespace.starts_with(start))
        && view.knows(Kind::ServiceAccount, namespace)
        && view.get::<ServiceAccount>(namespace, &subject.name).is_none()
}

fn words(binding: &Binding<'_>) -> String {
    format!("{} {}", binding.reference.kind, binding.reference.name)
}

fn role_words(role: &ObjectRef) -> String {
    format!("{} {}", role.kind, role.name)
}

fn done(finding: Finding, binding: &Binding<'_>) -> Finding {
    let finding = finding.since(binding.metadata.creation_timestamp.at());
    finding.look(binding.look()).change(binding.removal())
}

const PAGE: &str = "\
A binding gives a role to somebody. This one names a Role or ClusterRole that does not exist, so that
it gives nothing and its subjects are refused; or every subject of it is a ServiceAccount that does
not exist. The latter is a risk, too: whoever may make a ServiceAccount of that name has the role.

Looked at: roleRef and subjects of RoleBindings and ClusterRoleBindings; roles and ServiceAccounts.
Users and groups are known to nobody and not judged. Left out: what the API server makes for itself
(names that start with system:), and ServiceAccounts of namespaces that start with kube-, gke- or
openshift-.

What to do: make what is missing, or delete what is left over of something that was removed.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-09").later(2)
    }

    #[test]
    fn roles_and_accounts_that_are_not_there_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, &str)> = findings.iter().map(|it| (it.object.name.as_str(), it.title.as_str())).collect();
        assert_eq!(
            said,
            [
                (
                    "no-account",
                    "RoleBinding no-account gives ClusterRole view to ServiceAccount fault-cfg-09/gone, which does not exist"
                ),
                ("no-role", "RoleBinding no-role gives Role reader, which does not exist"),
            ]
        );
        assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
        assert_eq!(findings[1].evidence[1].object.to_string(), "Role/fault-cfg-09/reader");
        assert_eq!(
            findings[1].remedies[1].command,
            "kubectl delete rolebinding no-role -n fault-cfg-09 --dry-run=server"
        );
    }

    #[test]
    fn a_role_that_exists_is_not_meant() {
        let role = serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "reader", "namespace": "fault-cfg-09"}
        });
        assert_eq!(settled().with(role).judge(&CHECK).len(), 1);
    }

    #[test]
    fn one_subject_that_exists_is_enough() {
        let other = serde_json::json!([
            { "kind": "ServiceAccount", "name": "gone", "namespace": "fault-cfg-09" },
            { "kind": "ServiceAccount", "name": "default", "namespace": "fault-cfg-09" },
        ]);
        assert_eq!(settled().set("RoleBinding", "no-account", "/subjects", other).judge(&CHECK).len(), 1);
        let user = serde_json::json!([{ "kind": "User", "name": "on-call" }]);
        assert_eq!(settled().set("RoleBinding", "no-account", "/subjects", user).judge(&CHECK).len(), 1);
    }

    #[test]
    fn what_the_api_server_makes_for_itself_is_not_judged() {
        let labels = serde_json::json!({ "kubernetes.io/bootstrapping": "rbac-defaults" });
        assert_eq!(settled().set("RoleBinding", "no-role", "/metadata/labels", labels).judge(&CHECK).len(), 1);
    }

    #[test]
    fn roles_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::ClusterRole), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
