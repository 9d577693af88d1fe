//! A snapshot of a volume failed, or does not come about.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-16",
    title: "a snapshot of a volume failed, or does not come about",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::VolumeSnapshot)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.recognised("STO-16", &["volume-snapshot-failed"]),
};

const PAGE: &str = "\
A VolumeSnapshot has an error, or has not become ready for half an hour: it cannot be restored from,
though whoever looks for a backup finds one.

Looked at: status.readyToUse and status.error of VolumeSnapshots. Storage of some clouds takes long for
large volumes, and says nothing meanwhile.

See also: kubectl sre explain volume-snapshot-failed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("STO-16").later(6)
    }

    #[test]
    fn what_the_storage_says_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "VolumeSnapshot/fault-sto-16/nightly");
        let title = "VolumeSnapshot nightly of claim data failed";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert!(finding.evidence[0].value.starts_with("Failed to check and update snapshot content"));
        assert_eq!(finding.remedies[0].command, "kubectl describe volumesnapshot nightly -n fault-sto-16");
    }

    #[test]
    fn one_that_is_ready_is_not_meant() {
        assert_eq!(settled().set("VolumeSnapshot", "nightly", "/status/readyToUse", true).judge(&CHECK), []);
    }

    #[test]
    fn one_that_says_nothing_is_given_longer() {
        let silent = settled().unset("VolumeSnapshot", "nightly", "/status/error");
        assert_eq!(silent.judge(&CHECK), []);
        assert_eq!(silent.later(30).judge(&CHECK).len(), 1);
    }

    #[test]
    fn snapshots_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::VolumeSnapshot), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
