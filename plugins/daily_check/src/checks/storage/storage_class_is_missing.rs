//! A claim's StorageClass does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-04",
    title: "a claim's StorageClass does not exist, or there is no default",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[Sight::Of(Kind::StorageClass)],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::PersistentVolume)],
    page: PAGE,
    run: |view| view.recognised("STO-04", &["pvc-storageclass-missing"]),
};

const PAGE: &str = "\
A claim names a StorageClass that does not exist, or names none while no class is the default one. It
waits for ever. It is critical when a pod waits for the claim, else a warning. A name that differs by a
typing error is shown.

Looked at: claims that are Pending, the StorageClasses, and which of them is the default.

Harmless: a class without an object is a mere word when volumes that were made by hand carry it.

See also: kubectl sre explain pvc-storageclass-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_missing_class_and_the_missing_default_are_named() {
        let findings = Scenario::captured("STO-04").judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.severity)).collect();
        assert_eq!(
            all,
            [
                ("PersistentVolumeClaim/fault-sto-04/cache".to_owned(), Severity::Warning),
                ("PersistentVolumeClaim/fault-sto-04/index".to_owned(), Severity::Critical),
            ]
        );
        assert!(
            findings[0].title.ends_with("it names no StorageClass and there is no default"),
            "{}",
            findings[0].title
        );
        assert!(findings[1].evidence.iter().any(|it| it.value == "fault-sto-04-fast-ssd (nearest name)"));
        assert_eq!(findings[1].remedies[1].command, "kubectl get storageclasses");
    }

    #[test]
    fn with_a_default_class_a_claim_may_name_none() {
        let default = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";
        let scenario = Scenario::captured("STO-04").set("StorageClass", "fault-sto-04-fast-ssd", default, "true");
        let findings = scenario.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].object.name.as_str()), (1, "index"));
    }

    #[test]
    fn a_class_that_exists_is_not_meant() {
        let scenario = Scenario::captured("STO-04");
        let class = "/spec/storageClassName";
        let named = scenario.set("PersistentVolumeClaim", "index", class, "fault-sto-04-fast-ssd").judge(&CHECK);
        assert_eq!((named.len(), named[0].object.name.as_str()), (1, "cache"));
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings =
            Scenario::captured("STO-04").gap(Sight::Of(Kind::StorageClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("StorageClass was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
