//! The claims that a StatefulSet makes name a StorageClass that does not exist.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, PersistentVolume, PersistentVolumeClaim, StatefulSet, StorageClass};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-12",
    title: "the StorageClass of a StatefulSet's claims does not exist",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::StorageClass)],
    consults: &[Sight::Of(Kind::PersistentVolumeClaim), Sight::Of(Kind::PersistentVolume)],
    page: PAGE,
    run: |view| view.all::<StatefulSet>().iter().flat_map(|set| judge(set, view)).collect(),
};

fn judge(set: &StatefulSet, view: &View<'_>) -> Vec<Finding> {
    if set.spec.replicas == Some(0) {
        return Vec::new();
    }
    let templates = set.spec.volume_claim_templates.iter();
    templates.filter_map(|template| missing(set, template, view)).collect()
}

fn missing(set: &StatefulSet, template: &PersistentVolumeClaim, view: &View<'_>) -> Option<Finding> {
    let class = template.spec.storage_class_name.as_deref().filter(|name| !name.is_empty())?;
    if view.get::<StorageClass>("", class).is_some() || has_volumes(class, view) {
        return None;
    }
    let claims = claims(set, &template.metadata.name, view);
    let bound = claims.iter().filter(|claim| claim.status.phase == "Bound").count();
    let wanted = usize::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or(0);
    let severity = if bound >= wanted { Severity::Warning } else { Severity::Critical };
    let finding = finding(set, template, class, severity);
    let waiting: Vec<_> = claims.iter().filter(|claim| claim.status.phase == "Pending").collect();
    let finding = waiting.iter().fold(finding, |finding, claim| finding.shows_on(claim.reference()));
    Some(if waiting.is_empty() { finding } else { finding.symptom() })
}

/// A class without an object is a mere word when volumes that were made by hand carry it.
fn has_volumes(class: &str, view: &View<'_>) -> bool {
    view.all::<PersistentVolume>().iter().any(|volume| volume.spec.storage_class_name == class)
}

/// The claims that were made from a template: `TEMPLATE-SET-N`.
fn claims<'a>(set: &StatefulSet, template: &str, view: &View<'a>) -> Vec<&'a PersistentVolumeClaim> {
    let start = set.spec.ordinals.as_ref().map_or(0, |ordinals| ordinals.start);
    let names = (start..start + set.spec.replicas.unwrap_or(1))
        .map(|number| format!("{template}-{}-{number}", set.metadata.name));
    names.filter_map(|name| view.get::<PersistentVolumeClaim>(&set.metadata.namespace, &name)).collect()
}

fn finding(set: &StatefulSet, template: &PersistentVolumeClaim, class: &str, severity: Severity) -> Finding {
    let object = set.reference();
    let name = &template.metadata.name;
    let consequence =
        if severity == Severity::Critical { "its claims wait for ever" } else { "no further pod gets a volume" };
    Finding::new("WRK-12", severity, object.clone(), format!("StorageClass {class} does not exist: {consequence}"))
        .part(name)
        .evidence(&object, format!("spec.volumeClaimTemplates[{name}].spec.storageClassName"), class)
        .since(set.metadata.creation_timestamp.at())
        .look("kubectl get storageclasses")
        .look(format!("kubectl get pvc -n {}", set.metadata.namespace))
}

const PAGE: &str = "\
A StatefulSet makes claims from a template, and the template names a StorageClass that does not
exist. Claims that are bound already are safe; new ones wait for ever, and their pods with them.

Looked at: volumeClaimTemplates, the StorageClasses, the claims that the StatefulSet made. A class
that volumes made by hand carry needs no object, and is not meant; nor is a template without a
class.

What to do: claims keep the class that they were made with. Create the class, or correct the
template (the StatefulSet must be made anew for that) and delete the claims that wait:
  kubectl get storageclasses";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_missing_class_is_found_and_stands_behind_its_claim() {
        let findings = Scenario::captured("WRK-12").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "StatefulSet/fault-wrk-12/store");
        assert_eq!(
            (finding.severity, finding.role, finding.part.as_str()),
            (Severity::Critical, Role::Symptom, "data")
        );
        assert_eq!(finding.title, "StorageClass fast-ssd-fault-wrk-12 does not exist: its claims wait for ever");
        assert_eq!(finding.shows_on[0].to_string(), "PersistentVolumeClaim/fault-wrk-12/data-store-0");
    }

    #[test]
    fn a_template_without_a_class_is_let_be() {
        let field = "/spec/volumeClaimTemplates/0/spec/storageClassName";
        assert_eq!(Scenario::captured("WRK-12").unset("StatefulSet", "store", field).judge(&CHECK), []);
    }

    #[test]
    fn a_class_of_volumes_made_by_hand_is_let_be() {
        let volume = serde_json::json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk-1"},
            "spec": {"storageClassName": "fast-ssd-fault-wrk-12"}});
        assert_eq!(Scenario::captured("WRK-12").with(volume).judge(&CHECK), []);
    }

    #[test]
    fn without_a_waiting_claim_it_stands_for_itself() {
        let findings = Scenario::captured("WRK-12").without("PersistentVolumeClaim", "").judge(&CHECK);
        assert_eq!((findings.len(), findings[0].role), (1, Role::Cause));
    }

    #[test]
    fn classes_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("WRK-12").gap(Sight::Of(Kind::StorageClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("StorageClass was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
