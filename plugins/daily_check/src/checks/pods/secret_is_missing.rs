//! A Secret that pods need is missing, or a key of it.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-28",
    title: "a Secret that pods need, or a key of it, is missing",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Secret)],
    consults: &[Sight::Of(Kind::ConfigMap), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

const CLASSES: &[&str] = &["config-object-missing", "config-key-missing", "config-kind-mismatch"];

/// Both kinds share their classes: a finding is about the missing object, or its part names the kind that was meant.
fn run(view: &View<'_>) -> Vec<Finding> {
    let is_meant = |finding: &Finding| finding.object.kind == "Secret" || finding.part.starts_with("Secret/");
    view.recognised("POD-28", CLASSES).into_iter().filter(is_meant).collect()
}

const PAGE: &str = "\
A pod names a Secret (environment, volume) that does not exist, that lacks the key, or whose name
belongs to a ConfigMap. Its containers wait with CreateContainerConfigError, or its volumes cannot be
filled. One finding stands for the missing thing, whoever needs it.

Looked at: every reference in the specs of the pods that have not ended, and the Secrets of their
namespaces; names of keys only, never values. What is marked optional is left out.

Harmless: nothing hurts while the pods that run were started before it went; that is a warning.

See also: kubectl sre explain config-object-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn missing_object_missing_key_and_wrong_kind_are_told_apart() {
        let findings = Scenario::captured("POD-28").later(2).judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.part.as_str(), it.class)).collect();
        assert_eq!(
            all,
            [
                ("Deployment/fault-pod-28/job".to_owned(), "Secret/broker", Some("config-kind-mismatch")),
                ("Secret/fault-pod-28/database".to_owned(), "password", Some("config-key-missing")),
                ("Secret/fault-pod-28/session".to_owned(), "", Some("config-object-missing")),
            ]
        );
        assert!(findings.iter().all(|it| it.severity == Severity::Critical));
        assert_eq!(
            findings[0].title,
            "there is no Secret broker, only a ConfigMap of that name; 1 pod of Deployment/job cannot start"
        );
        assert_eq!(findings[2].evidence[1].value, "CreateContainerConfigError: secret \"session\" not found");
        assert_eq!(findings[2].remedies[0].command, "kubectl get secrets -n fault-pod-28");
    }

    #[test]
    fn what_is_optional_may_be_missing() {
        let scenario = Scenario::captured("POD-28").later(2);
        let optional = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/spec/containers/0/envFrom/0/secretRef/optional", true)
        });
        assert_eq!(optional.judge(&CHECK).len(), 2);
    }

    #[test]
    fn pods_that_have_ended_need_nothing() {
        let scenario = Scenario::captured("POD-28").later(2);
        let ended = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/phase", "Succeeded"));
        assert_eq!(ended.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings =
            Scenario::captured("POD-28").later(2).gap(Sight::Of(Kind::Secret), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Secret was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
