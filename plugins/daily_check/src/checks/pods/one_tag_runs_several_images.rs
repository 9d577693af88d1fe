//! Pods of one ReplicaSet run different images under one tag.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-39",
    title: "pods of one ReplicaSet run different images under one tag",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Node), Sight::Of(Kind::ReplicaSet)],
    page: PAGE,
    run: |view| view.recognised("GAP-39", &["image-tag-drift"]),
};

const PAGE: &str = "\
All pods of a ReplicaSet have the same template, and so the same image name. Its tag was moved in the
registry while some of the pods were running already: they run different programs, nothing shows it,
and which one answers a request is chance. A rollback by the tag does not lead back either.

Looked at: imageID of the running containers of each ReplicaSet, on nodes of one architecture. Not
meant: images that are named by their digest, and nodes that do not report a digest.

See also: kubectl sre explain image-tag-drift";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn both_digests_are_shown() {
        let findings = Scenario::captured("GAP-39").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ReplicaSet/fault-gap-39/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Warning, "app"));
        assert_eq!(finding.title, "2 pods run 2 different images under the tag registry.example/shop/web:2.0.0");
        assert!(finding.evidence[0].value.starts_with("sha256:1111"), "{:?}", finding.evidence);
    }

    #[test]
    fn one_digest_is_as_it_should_be() {
        let scenario = Scenario::captured("GAP-39");
        let digest =
            "registry.example/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111";
        let same = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/containerStatuses/0/imageID", digest));
        assert_eq!(same.judge(&CHECK), []);
    }

    #[test]
    fn an_image_that_is_named_by_its_digest_is_not_meant() {
        let scenario = Scenario::captured("GAP-39");
        let image = "registry.example/shop/web@sha256:1111111111111111111111111111111111111111111111111111111111111111";
        let pinned = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/spec/containers/0/image", image));
        assert_eq!(pinned.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-39");
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
