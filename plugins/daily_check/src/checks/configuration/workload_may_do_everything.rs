//! A ServiceAccount, or a group that everybody is in, may do everything in the cluster.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::role::PolicyRule;
use sre_core::slim::role_binding::Subject;
use sre_core::slim::{ClusterRole, Kind};
use sre_core::view::{Binding, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-94",
    title: "a ServiceAccount may do everything in the cluster",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::ClusterRoleBinding)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::ClusterRole)],
    page: PAGE,
    run: |view| view.bindings().filter_map(|binding| judge(&binding, view)).collect(),
};

const EVERYTHING: &str = "cluster-admin";

/// Groups that every caller, or every pod, is in.
const EVERYBODY: [&str; 2] = ["system:authenticated", "system:serviceaccounts"];

fn judge(binding: &Binding<'_>, view: &View<'_>) -> Option<Finding> {
    let role = binding.role.name.as_str();
    let is_cluster_wide = binding.reference.namespace.is_none() && view.is_settled(binding.metadata);
    let rule = allowing(role, view).filter(|_| is_cluster_wide)?;
    let to_everybody = binding.subjects.iter().find(|subject| is_everybody(subject));
    let pods = binding.subjects.iter().find(|subject| subject.kind == "ServiceAccount");
    let subject = to_everybody.or(pods)?;
    let severity = if to_everybody.is_some() { Severity::Warning } else { Severity::Info };
    let more = match binding.subjects.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let title = format!(
        "{}{more} may do everything in the cluster: ClusterRoleBinding {} gives {role}",
        subject.words(),
        binding.reference.name
    );
    let finding = Finding::new("GAP-94", severity, binding.reference.clone(), title)
        .risk()
        .evidence(&binding.reference, "subjects", subject.words())
        .evidence(&binding.reference, "roleRef", format!("ClusterRole {role}, {rule}"))
        .since(binding.metadata.creation_timestamp.at());
    Some(finding.look(binding.look()))
}

/// What of a role allows everything.
pub fn allowing(role: &str, view: &View<'_>) -> Option<&'static str> {
    if role == EVERYTHING {
        return Some("the role for everything");
    }
    let rules = &view.get::<ClusterRole>("", role)?.rules;
    rules.iter().any(PolicyRule::allows_everything).then_some("a rule of * on * of *")
}

fn is_everybody(subject: &Subject) -> bool {
    let name = subject.name.as_str();
    subject.kind == "Group" && (EVERYBODY.contains(&name) || name.starts_with("system:serviceaccounts:"))
}

const PAGE: &str = "\
A ClusterRoleBinding gives a ServiceAccount the role cluster-admin, or one with a rule of all verbs on
all resources of all groups. Whoever gets hold of one of its pods has the cluster, Secrets and all. It
is info, since installers and GitOps controllers often need it; a warning when a group is meant that
every user or every pod is in.

Looked at: ClusterRoleBindings and the rules of their ClusterRoles. Users and other groups are people
and not reported, nor is what the API server makes for itself.

What to do: see that each of them is known and needed, and give the others what they use:
  kubectl auth can-i --list --as=system:serviceaccount:NAMESPACE:NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const BINDING: &str = "fault-gap-94";

    fn settled() -> Scenario {
        Scenario::captured("GAP-94").later(2)
    }

    #[test]
    fn all_rights_of_pods_are_told() {
        let findings = settled().judge(&CHECK);
        let names: Vec<&str> = findings.iter().map(|finding| finding.object.name.as_str()).collect();
        assert_eq!(names, [BINDING, "fault-gap-94-wildcard"], "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.severity, Severity::Info);
        assert_eq!(
            finding.title,
            "ServiceAccount fault-gap-94/deployer may do everything in the cluster: ClusterRoleBinding fault-gap-94 gives cluster-admin"
        );
        assert!(findings[1].evidence[1].value.ends_with("a rule of * on * of *"));
        assert_eq!(finding.remedies[0].command, "kubectl describe clusterrolebinding fault-gap-94");
    }

    #[test]
    fn a_group_that_everybody_is_in_is_a_warning() {
        let group = json!([{ "kind": "Group", "name": "system:authenticated" }]);
        let findings = settled().set("ClusterRoleBinding", BINDING, "/subjects", group).judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn people_and_smaller_roles_are_not_meant() {
        let person = json!([{ "kind": "User", "name": "on-call" }]);
        assert_eq!(settled().set("ClusterRoleBinding", BINDING, "/subjects", person).judge(&CHECK).len(), 1);
        assert_eq!(settled().set("ClusterRoleBinding", BINDING, "/roleRef/name", "view").judge(&CHECK).len(), 1);
        let smaller = settled().set("ClusterRole", "fault-gap-94-wildcard", "/rules/0/resources", json!(["pods"]));
        assert_eq!(smaller.judge(&CHECK).len(), 1);
    }

    #[test]
    fn bindings_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::ClusterRoleBinding), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
