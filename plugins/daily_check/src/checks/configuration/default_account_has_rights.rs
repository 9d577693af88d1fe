//! The default ServiceAccount of a namespace is given a role.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::Kind;
use sre_core::slim::role_binding::Subject;
use sre_core::view::{Binding, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-10",
    title: "the default ServiceAccount of a namespace is given a role",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::RoleBinding), Sight::Of(Kind::ClusterRoleBinding)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.bindings().filter_map(|binding| judge(&binding, view)).collect(),
};

fn judge(binding: &Binding<'_>, view: &View<'_>) -> Option<Finding> {
    let default = binding.subjects.iter().find(|it| is_default(it)).filter(|_| view.is_settled(binding.metadata))?;
    let account = ObjectRef::namespaced("ServiceAccount", &default.namespace, &default.name);
    let role = format!("{} {}", binding.role.kind, binding.role.name);
    let title = format!(
        "{} {} gives {role} to every pod of {} that names no ServiceAccount",
        binding.reference.kind, binding.reference.name, default.namespace
    );
    let finding = Finding::new("CFG-10", Severity::Info, binding.reference.clone(), title)
        .risk()
        .evidence(&binding.reference, "subjects", account.to_string())
        .evidence(&binding.reference, "roleRef", role)
        .since(binding.metadata.creation_timestamp.at());
    Some(finding.look(binding.look()).change(binding.removal()))
}

fn is_default(subject: &Subject) -> bool {
    subject.kind == "ServiceAccount" && subject.name == "default"
}

const PAGE: &str = "\
Pods that name no ServiceAccount run as `default`. A role that is bound to it is given to all of them,
also to those that somebody adds later and that need no rights at all.

Looked at: subjects of RoleBindings and ClusterRoleBindings. What the API server makes for itself is
left out.

What to do: make a ServiceAccount for what needs the role, name it in its pod template, and bind it
in place of the default:
  kubectl create serviceaccount NAME -n NAMESPACE --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-10").later(2)
    }

    #[test]
    fn a_role_for_everybody_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "RoleBinding/fault-cfg-10/deployers");
        let title =
            "RoleBinding deployers gives ClusterRole edit to every pod of fault-cfg-10 that names no ServiceAccount";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Info, title));
        assert_eq!(finding.evidence[0].value, "ServiceAccount/fault-cfg-10/default");
        assert_eq!(finding.remedies[0].command, "kubectl describe rolebinding deployers -n fault-cfg-10");
    }

    #[test]
    fn an_account_of_its_own_is_not_meant() {
        assert_eq!(settled().set("RoleBinding", "deployers", "/subjects/0/name", "deployer").judge(&CHECK), []);
    }

    #[test]
    fn a_user_may_be_called_default() {
        let user = serde_json::json!([{ "kind": "User", "name": "default" }]);
        assert_eq!(settled().set("RoleBinding", "deployers", "/subjects", user).judge(&CHECK), []);
    }

    #[test]
    fn bindings_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::RoleBinding), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
