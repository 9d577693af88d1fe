//! A volume has failed, or is kept after its claim was deleted.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-08",
    title: "a volume has failed, or is kept after its claim was deleted",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolume)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.recognised("STO-08", &["pv-released"]),
};

const PAGE: &str = "\
A PersistentVolume is Failed: its claim was deleted, and deleting the disk behind it failed. The disk
is still there, is paid for, and nobody can use it. A volume that is Released is kept on purpose
(reclaim policy Retain): its data are there, no claim can bind it, and somebody should decide.

Looked at: status.phase of the volumes, the events about them. Released is told from the second hour
on, once for all volumes.

See also: kubectl sre explain pv-released";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const FAILED: &str = "fault-sto-08-failed";

    #[test]
    fn the_failed_volume_is_named_with_the_reason() {
        let findings = Scenario::captured("STO-08").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), (FAILED, Severity::Warning));
        let said = findings[0].evidence.iter().find(|it| it.field == "status.message").unwrap();
        assert!(said.value.contains("host_path deleter only supports /tmp"), "{said:?}");
    }

    #[test]
    fn what_is_kept_is_told_once_from_the_second_hour_on() {
        let findings = Scenario::captured("STO-08").later(61).judge(&CHECK);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        assert_eq!(
            (findings[1].object.to_string().as_str(), findings[1].severity),
            ("PersistentVolume/fault-sto-08-kept", Severity::Info)
        );
        assert_eq!(findings[1].shows_on[0].name, "fault-sto-08-kept");
        assert_eq!(findings[1].evidence[0].value, "Released: was fault-sto-08/kept, 1Gi");
    }

    #[test]
    fn bound_volumes_and_those_that_go_are_not_meant() {
        let scenario = Scenario::captured("STO-08");
        assert_eq!(scenario.clone().set("PersistentVolume", FAILED, "/status/phase", "Bound").judge(&CHECK), []);
        let going = scenario.set("PersistentVolume", FAILED, "/metadata/deletionTimestamp", "2026-01-01T00:00:00Z");
        assert_eq!(going.judge(&CHECK), []);
    }

    #[test]
    fn volumes_that_could_not_be_listed_leave_it_undecided() {
        let gap = Scenario::captured("STO-08").gap(Sight::Of(Kind::PersistentVolume), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
