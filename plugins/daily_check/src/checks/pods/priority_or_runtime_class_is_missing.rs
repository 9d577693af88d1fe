//! A PriorityClass or RuntimeClass that pods name does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-33",
    title: "a PriorityClass or RuntimeClass that pods name does not exist",
    section: Section::Workloads,
    examines: &[
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
    ],
    relies_on: &[Sight::Of(Kind::PriorityClass), Sight::Of(Kind::RuntimeClass)],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-33", &["priorityclass-missing", "runtimeclass-missing"]),
};

const PAGE: &str = "\
A pod template names a PriorityClass or a RuntimeClass that does not exist. Pods of it are refused by
the API server, so that there is no pod to look at: the controllers' conditions and events show it. A
name that differs by a typing error is shown.

Looked at: the pods, the templates of workloads that want pods, the classes, and what the API server
answered to the controllers.

See also: kubectl sre explain priorityclass-missing, kubectl sre explain runtimeclass-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn both_classes_are_named() {
        let findings = Scenario::captured("POD-33").later(2).judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.class)).collect();
        assert_eq!(
            all,
            [
                ("PriorityClass/system-cluster-critcal".to_owned(), Some("priorityclass-missing")),
                ("RuntimeClass/gvisor".to_owned(), Some("runtimeclass-missing")),
            ]
        );
        assert!(findings.iter().all(|it| it.severity == Severity::Critical));
        assert!(findings[0].evidence.iter().any(|it| it.value == "system-cluster-critical (nearest name)"));
        assert!(findings[0].evidence[1].value.contains("no PriorityClass with name"), "{:?}", findings[0].evidence);
        assert_eq!(findings[1].title, "RuntimeClass gvisor does not exist; no pod of Deployment/safe can be created");
        assert_eq!(findings[1].remedies[0].command, "kubectl get runtimeclasses");
    }

    #[test]
    fn a_class_that_exists_is_not_meant() {
        let field = "/spec/template/spec/priorityClassName";
        let named = Scenario::captured("POD-33").later(2).set("Deployment", "fast", field, "system-cluster-critical");
        assert_eq!(named.judge(&CHECK).len(), 1);
        assert_eq!(named.judge(&CHECK)[0].object.kind, "RuntimeClass");
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("POD-33")
            .later(2)
            .gap(Sight::Of(Kind::PriorityClass), GapReason::Forbidden)
            .judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("PriorityClass was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
