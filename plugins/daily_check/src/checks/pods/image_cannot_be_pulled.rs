//! An image cannot be pulled.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-02",
    title: "an image cannot be pulled",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| {
        let mut causes = view.recognised("POD-02", CLASSES);
        causes.retain(|cause| !super::waits_with(cause, "RegistryUnavailable"));
        causes
    },
};

const CLASSES: &[&str] = &["image-not-found", "image-auth", "image-registry-unavailable", "image-pull-failed"];

const PAGE: &str = "\
A container waits because its image cannot be pulled (ImagePullBackOff, ErrImagePull). Users are
hurt as soon as no older pod serves in its place.

The registry's answer decides what to do, so it is told apart: the image does not exist, the
registry refuses, the registry cannot be reached, or nobody says why. One finding stands for all
pods of a workload.

See also: kubectl sre explain image-not-found";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn one_finding_for_the_deployment_and_all_its_pods() {
        let findings = Scenario::captured("POD-02").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-pod-02/web");
        assert_eq!(
            (finding.severity, finding.class, finding.part.as_str()),
            (Severity::Critical, Some("image-not-found"), "app")
        );
        assert_eq!(finding.shows_on.len(), 3);
        assert!(finding.title.contains("registry.example/shop/web:1.9.3"), "{}", finding.title);
        assert!(finding.evidence[1].value.contains("not found"), "{:?}", finding.evidence);
        assert!(finding.remedies[0].command.starts_with("kubectl describe pod web-"));
    }

    #[test]
    fn a_container_that_waits_for_something_else_is_not_meant() {
        let scenario = Scenario::captured("POD-02");
        let other = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/containerStatuses/0/state/waiting/reason", "ContainerCreating")
        });
        assert_eq!(other.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-02").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
