//! An image is not made for the platform of its node.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-63",
    title: "an image is not made for the platform of its node",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job), Sight::Of(Kind::Node)],
    page: PAGE,
    run: |view| view.recognised("POD-63", CLASSES),
};

const CLASSES: &[&str] = &["image-architecture-mismatch"];

const PAGE: &str = "\
The image was built for another processor or operating system than the node's. Either the registry has no
variant of it for the node, so that pulling fails, or the program is there and cannot be loaded.

Looked at: waiting states and last ends of the pods' containers, the Failed events of the pods, and the
architecture that the node reports.

Harmless: never; but a script whose first line is missing gives the same message as a foreign program.

See also:
  kubectl sre explain image-architecture-mismatch";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_image_and_the_nodes_platform_are_named() {
        let findings = Scenario::captured("POD-63").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let web = &findings[0];
        assert_eq!(web.object.to_string(), "Deployment/fault-pod-63/web");
        assert_eq!((web.severity, web.class), (Severity::Critical, Some("image-architecture-mismatch")));
        assert!(
            web.title.contains("registry.example/shop/web:2.0.0-arm is not made for the platform of its node (amd64)"),
            "{}",
            web.title
        );
        assert!(web.evidence[0].value.contains("no match for platform"), "{:?}", web.evidence);
        assert_eq!(web.remedies[1].command, "kubectl get nodes -L kubernetes.io/arch,kubernetes.io/os");
    }

    #[test]
    fn an_image_that_does_not_exist_is_not_meant() {
        let scenario = Scenario::captured("POD-63").without("Event", "web-");
        let other = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/containerStatuses/0/state/waiting/message", "manifest unknown")
        });
        assert_eq!(other.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-63").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
