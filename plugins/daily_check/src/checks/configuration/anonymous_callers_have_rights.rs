//! Callers who say nothing of themselves are given a role.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::Kind;
use sre_core::view::{Binding, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-11",
    title: "callers who are not authenticated are given a role",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::ClusterRoleBinding), Sight::Of(Kind::RoleBinding)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.bindings().filter_map(|binding| judge(&binding, view)).collect(),
};

const ANONYMOUS: [&str; 2] = ["system:anonymous", "system:unauthenticated"];

/// Roles that Kubernetes itself, kubeadm or OpenShift gives to everybody: versions, health, how to sign in.
const MEANT_FOR_ALL: [&str; 7] = [
    "system:public-info-viewer",
    "system:discovery",
    "system:basic-user",
    "system:webhook",
    "system:oauth-token-deleter",
    "self-access-reviewer",
    "kubeadm:bootstrap-signer-clusterinfo",
];

fn judge(binding: &Binding<'_>, view: &View<'_>) -> Option<Finding> {
    let subject = binding.subjects.iter().find(|it| ANONYMOUS.contains(&it.name.as_str()))?;
    let role = binding.role.name.as_str();
    if MEANT_FOR_ALL.contains(&role) || view.is_going(binding.metadata) {
        return None;
    }
    let severity = if role == "cluster-admin" { Severity::Critical } else { Severity::Warning };
    let title = format!(
        "{} {} gives {} {role} to callers who are not authenticated",
        binding.reference.kind, binding.reference.name, binding.role.kind
    );
    let finding = Finding::new("CFG-11", severity, binding.reference.clone(), title)
        .risk()
        .evidence(&binding.reference, "subjects", subject.words())
        .evidence(&binding.reference, "roleRef", format!("{} {role}", binding.role.kind))
        .since(binding.metadata.creation_timestamp.at());
    Some(finding.look(binding.look()).change(binding.removal()))
}

const PAGE: &str = "\
The user system:anonymous and the group system:unauthenticated stand for callers who show no
credentials. A role that is bound to them belongs to whoever reaches the API server, the internet
perhaps. It is a warning; critical for cluster-admin.

Looked at: subjects of RoleBindings and ClusterRoleBindings. Left out: the roles that Kubernetes,
kubeadm and OpenShift give to everybody (versions, health, the cluster-info of a new node).

What to do: bind whoever needs it by name, and take this binding away; an installer or a tutorial
may have left it.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const ROLE: &str = "/roleRef/name";

    #[test]
    fn a_role_for_anybody_is_told() {
        let findings = Scenario::captured("CFG-11").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "RoleBinding/fault-cfg-11/open");
        let title = "RoleBinding open gives ClusterRole view to callers who are not authenticated";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.evidence[0].value, "Group system:unauthenticated");
        assert_eq!(finding.remedies[1].command, "kubectl delete rolebinding open -n fault-cfg-11 --dry-run=server");
    }

    #[test]
    fn all_rights_for_anybody_are_critical() {
        let findings = Scenario::captured("CFG-11").set("RoleBinding", "open", ROLE, "cluster-admin").judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Critical);
    }

    #[test]
    fn what_everybody_may_see_and_those_who_are_known_are_not_meant() {
        let info = Scenario::captured("CFG-11").set("RoleBinding", "open", ROLE, "system:public-info-viewer");
        assert_eq!(info.judge(&CHECK), []);
        let known = Scenario::captured("CFG-11").set("RoleBinding", "open", "/subjects/0/name", "on-call");
        assert_eq!(known.judge(&CHECK), []);
    }

    #[test]
    fn bindings_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("CFG-11").gap(Sight::Of(Kind::RoleBinding), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
