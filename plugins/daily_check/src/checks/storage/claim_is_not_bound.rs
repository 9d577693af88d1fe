//! A claim is not bound.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-01",
    title: "a claim is not bound",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[Sight::Of(Kind::StorageClass)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::PersistentVolume), Sight::Of(Kind::Event)],
    page: PAGE,
    run,
};

/// A claim whose volume is known, and does not fit, has a finding that says more.
fn run(view: &View<'_>) -> Vec<Finding> {
    let told = super::claim_does_not_fit_its_volume::named(view);
    let mut findings = view.recognised("STO-01", &["pvc-not-bound", "pvc-pv-mismatch", "csi-driver-unavailable"]);
    findings.retain(|finding| !told.contains(&finding.object));
    findings
}

const PAGE: &str = "\
A PersistentVolumeClaim is Pending: no volume fits it, its provisioner does nothing, or nothing says
why. It is critical when a pod waits for it, else a warning. A provisioner that refuses (STO-03) and a
class that does not exist (STO-04) have checks of their own.

Looked at: the phase and class of the claims, the events about them, the pods that use them.

Harmless: a claim of a class with WaitForFirstConsumer waits until its first pod is placed, and is not
meant; nor is a claim that its provisioner was asked for less than five minutes ago.

See also: kubectl sre explain pvc-not-bound";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn named(scenario: &Scenario) -> Vec<(String, Option<&'static str>)> {
        scenario.judge(&CHECK).iter().map(|it| (it.object.name.clone(), it.class)).collect()
    }

    #[test]
    fn a_silent_provisioner_and_a_claim_that_nothing_fits_are_told_apart() {
        let findings = Scenario::captured("STO-01").later(6).judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.class)).collect();
        assert_eq!(
            all,
            [
                ("PersistentVolumeClaim/fault-sto-01/by-hand".to_owned(), Some("pvc-pv-mismatch")),
                ("PersistentVolumeClaim/fault-sto-01/waiting".to_owned(), Some("csi-driver-unavailable")),
            ]
        );
        assert!(findings.iter().all(|it| it.severity == Severity::Warning), "no pod uses them");
        assert!(findings[1].title.ends_with("provisioner disk.example.com does nothing"), "{}", findings[1].title);
        let command = "kubectl describe persistentvolumeclaim waiting -n fault-sto-01";
        assert_eq!(findings[1].remedies[0].command, command);
    }

    #[test]
    fn a_claim_that_waits_for_its_first_consumer_is_not_meant() {
        let scenario = Scenario::captured("STO-01").later(60);
        assert!(!named(&scenario).iter().any(|(name, _)| name == "later"));
        let immediate = scenario.set("StorageClass", "fault-sto-01-later", "/volumeBindingMode", "Immediate");
        assert!(named(&immediate).contains(&("later".to_owned(), Some("pvc-not-bound"))));
    }

    #[test]
    fn a_provisioner_is_given_time_from_when_it_was_asked() {
        let scenario = Scenario::captured("STO-01").later(60);
        let asked = scenario.snapshot().taken_at.to_string();
        let events = scenario.names_of("Event", "waiting.");
        let fresh = events.iter().fold(scenario, |it, event| it.set("Event", event, "/firstTimestamp", asked.clone()));
        assert!(!named(&fresh).iter().any(|(name, _)| name == "waiting"));
        assert!(named(&fresh.later(6)).iter().any(|(name, _)| name == "waiting"));
    }

    #[test]
    fn a_bound_claim_is_not_meant() {
        let scenario = Scenario::captured("STO-01").later(6);
        let bound = scenario.set("PersistentVolumeClaim", "waiting", "/status/phase", "Bound");
        assert_eq!(named(&bound), [("by-hand".to_owned(), Some("pvc-pv-mismatch"))]);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("STO-01")
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
