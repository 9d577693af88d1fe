//! An image reference is not legal, or the image is not on the node and must not be pulled.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-03",
    title: "an image reference is not legal, or the image must not be pulled and is not there",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-03", CLASSES),
};

const CLASSES: &[&str] = &["image-reference-invalid", "image-never-pull"];

const PAGE: &str = "\
A container waits with InvalidImageName or ErrImageNeverPull. No registry is to blame and waiting does not
help: the first is a mistake in the pod template, the second an image that somebody has to load into the
node. One finding stands for all pods of a workload.

Looked at: the waiting states of the pods' containers, init containers included.

See also:
  kubectl sre explain image-reference-invalid
  kubectl sre explain image-never-pull";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn both_are_found_and_told_apart() {
        let findings = Scenario::captured("POD-03").judge(&CHECK);
        let told: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.class.unwrap_or_default())).collect();
        assert_eq!(
            told,
            [
                ("Deployment/fault-pod-03/local".to_owned(), "image-never-pull"),
                ("Deployment/fault-pod-03/web".to_owned(), "image-reference-invalid"),
            ]
        );
        let web = &findings[1];
        assert_eq!((web.severity, web.part.as_str(), web.shows_on.len()), (Severity::Critical, "app", 2));
        assert!(web.title.contains("registry.example/Shop/web::2.0"), "{}", web.title);
        assert!(web.evidence[0].value.starts_with("InvalidImageName"), "{:?}", web.evidence);
        assert!(web.remedies[0].command.starts_with("kubectl describe pod web-"));
    }

    #[test]
    fn a_container_that_waits_for_something_else_is_not_meant() {
        let scenario = Scenario::captured("POD-03").without("Pod", "local-");
        let other = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/containerStatuses/0/state/waiting/reason", "ContainerCreating")
        });
        assert_eq!(other.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-03").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
