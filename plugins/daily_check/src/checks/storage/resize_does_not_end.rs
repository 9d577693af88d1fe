//! A claim does not become as large as it was told to.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-06",
    title: "a claim does not become as large as it was told to",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run: |view| view.recognised("STO-06", &["volume-resize-incomplete"]),
};

const PAGE: &str = "\
Somebody asked for a larger volume (spec.resources.requests.storage was raised), and it does not
become so: the backend refuses or does nothing, or the disk has grown and the filesystem on it has
not, which some drivers do only when the pod starts anew.

Looked at: the conditions Resizing, FileSystemResizePending, ControllerResizeError and NodeResizeError
of the claims, and allocatedResourceStatuses. Not meant: a backend that has been at it for less than
half an hour; a filesystem that waits for less than a quarter of an hour, or that no pod uses, since
it is grown when one starts.

See also: kubectl sre explain volume-resize-incomplete";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "PersistentVolumeClaim";
    const TYPE: &str = "/status/conditions/0/type";

    #[test]
    fn the_sizes_and_the_error_are_named() {
        let findings = Scenario::captured("STO-06").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "PersistentVolumeClaim/fault-sto-06/ledger");
        assert_eq!(
            findings[0].title,
            "PersistentVolumeClaim ledger stays at 1Gi instead of 2Gi: the backend cannot grow it"
        );
        assert!(findings[0].evidence[2].value.contains("quota of disks is used up"), "{:?}", findings[0].evidence);
    }

    #[test]
    fn a_backend_that_is_at_it_has_its_time() {
        let resizing = Scenario::captured("STO-06").set(KIND, "ledger", TYPE, "Resizing");
        assert_eq!(resizing.judge(&CHECK), []);
        assert_eq!(resizing.later(31).judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_filesystem_that_no_pod_uses_waits_for_one() {
        let waiting = Scenario::captured("STO-06").set(KIND, "ledger", TYPE, "FileSystemResizePending").later(31);
        assert_eq!(waiting.judge(&CHECK), []);
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "db", "namespace": "fault-sto-06"},
            "spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "ledger"}}]}
        });
        assert!(waiting.with(pod).judge(&CHECK)[0].title.ends_with("its filesystem has not"));
    }

    #[test]
    fn a_claim_without_such_a_condition_is_not_meant() {
        assert_eq!(
            Scenario::captured("STO-06").set(KIND, "ledger", "/status/conditions/0/status", "False").judge(&CHECK),
            []
        );
    }

    #[test]
    fn claims_that_could_not_be_listed_leave_it_undecided() {
        let gap = Scenario::captured("STO-06").gap(Sight::Of(Kind::PersistentVolumeClaim), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
