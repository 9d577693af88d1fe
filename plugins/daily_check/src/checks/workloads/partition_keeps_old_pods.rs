//! A StatefulSet's partition keeps some of its pods at the old template.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-14",
    title: "a StatefulSet's partition keeps pods at an old template",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::Pod)],
    consults: &[],
    page: PAGE,
    run: |view| view.recognised("WRK-14", &["statefulset-update-held"]),
};

const PAGE: &str = "\
A StatefulSet with a partition updates only the pods whose ordinal is not below it; kubectl calls the
rollout complete all the same. The template was changed, and for an hour the pods below the partition
have kept the old one: an image, a password, a limit that everybody takes for changed.

Looked at: the partition, both revisions of the status, the label controller-revision-hash of the pods.
Not meant: a rollout in stages of less than an hour.

See also: kubectl sre explain statefulset-update-held";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_pods_below_the_partition_are_counted() {
        let findings = Scenario::captured("WRK-14").later(61).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-wrk-14/store");
        assert_eq!(finding.severity, Severity::Info);
        assert_eq!(finding.title, "2 of 3 pods keep the old template, below partition 2");
    }

    #[test]
    fn a_rollout_in_stages_takes_its_time() {
        assert_eq!(Scenario::captured("WRK-14").later(30).judge(&CHECK), []);
    }

    #[test]
    fn without_a_partition_the_rollout_goes_on_by_itself() {
        let field = "/spec/updateStrategy/rollingUpdate/partition";
        let whole = Scenario::captured("WRK-14").later(61).set("StatefulSet", "store", field, 0);
        assert_eq!(whole.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-14").later(61);
        let findings = scenario.gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
