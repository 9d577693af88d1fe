//! A claim has lost its volume.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-02",
    title: "a claim has lost its volume",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::PersistentVolume)],
    page: PAGE,
    run: |view| view.recognised("STO-02", &["pvc-lost"]),
};

const PAGE: &str = "\
A PersistentVolumeClaim is Lost: it was bound to a PersistentVolume that does not exist any more. The
data may still be on the disk behind it, but the claim does not lead there.

Looked at: the phase of the claims.

What to do: do not delete the claim before you know where the data is:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE

See also: kubectl sre explain pvc-lost";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_claim_and_its_volume_are_named() {
        let findings = Scenario::captured("STO-02").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "PersistentVolumeClaim/fault-sto-02/ledger");
        assert_eq!((findings[0].severity, findings[0].class), (Severity::Critical, Some("pvc-lost")));
        assert_eq!(findings[0].title, "PersistentVolumeClaim ledger has lost its volume fault-sto-02-gone");
        let command = "kubectl describe persistentvolumeclaim ledger -n fault-sto-02";
        assert_eq!(findings[0].remedies[0].command, command);
    }

    #[test]
    fn a_bound_claim_is_not_meant() {
        let scenario = Scenario::captured("STO-02");
        assert_eq!(scenario.set("PersistentVolumeClaim", "ledger", "/status/phase", "Bound").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("STO-02")
            .gap(Sight::Of(Kind::PersistentVolumeClaim), GapReason::Forbidden)
            .judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(
            findings[0].title.contains("PersistentVolumeClaim was not seen whole (forbidden)"),
            "{}",
            findings[0].title
        );
    }
}
