//! A StatefulSet leaves the StorageClass of its claims out, and there is no default one.

use super::claims_of_template;
use sre_core::cause::pending_claims::{class_name, is_default};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, PersistentVolume, PersistentVolumeClaim, StatefulSet, StorageClass};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-84",
    title: "a StatefulSet leaves the StorageClass out, and there is no default one",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[Sight::Of(Kind::StorageClass), Sight::Of(Kind::PersistentVolume)],
    consults: &[Sight::Of(Kind::PersistentVolumeClaim)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let has_default = view.all::<StorageClass>().iter().any(is_default);
    if has_default || !view.knows(Kind::StorageClass, "") || has_volumes_by_hand(view) {
        return Vec::new();
    }
    let sets =
        view.all::<StatefulSet>().iter().filter(|set| !view.is_going(&set.metadata) && !view.is_young(&set.metadata));
    sets.flat_map(|set| set.spec.volume_claim_templates.iter().filter_map(|it| judge(set, it, view))).collect()
}

/// Volumes without a class are made for claims without one.
fn has_volumes_by_hand(view: &View<'_>) -> bool {
    view.all::<PersistentVolume>().iter().any(|volume| volume.spec.storage_class_name.is_empty())
}

fn judge(set: &StatefulSet, template: &PersistentVolumeClaim, view: &View<'_>) -> Option<Finding> {
    if class_name(template).is_some() || set.spec.replicas == Some(0) {
        return None;
    }
    let claims = claims_of_template(set, &template.metadata.name, view);
    // A claim that waits for it has a finding of its own, which explains the pod.
    if claims.iter().any(|(_, claim)| claim.status.phase == "Pending") {
        return None;
    }
    let (object, name) = (set.reference(), &template.metadata.name);
    let title =
        format!("its claims {name} name no StorageClass, and there is no default one: no further pod gets a volume");
    let finding = Finding::new("GAP-84", Severity::Warning, object.clone(), title)
        .risk()
        .since(set.metadata.creation_timestamp.at())
        .part(&**name)
        .evidence(&object, format!("spec.volumeClaimTemplates[{name}].spec.storageClassName"), "not set");
    let finding = claims.iter().take(1).fold(finding, |finding, (_, claim)| {
        let class = claim.spec.storage_class_name.as_deref().unwrap_or("not set");
        finding.evidence(&claim.reference(), "spec.storageClassName", class)
    });
    let (set, namespace) = (&set.metadata.name, &set.metadata.namespace);
    Some(finding.look("kubectl get storageclasses").look(format!("kubectl describe statefulset {set} -n {namespace}")))
}

const PAGE: &str = "\
The claim template of a StatefulSet names no StorageClass. Its claims got the class that was the
default one when they were made; now there is none, and the claim of the next pod will wait for ever.

Looked at: volumeClaimTemplates of the StatefulSets, the annotation is-default-class of all
StorageClasses. A claim that waits already is told by STO-04. Not meant: clusters that hold volumes
without a class, which claims without a class may bind; sets that are scaled to nothing.

What to do: make a class the default one:
  kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-84").later(2)
    }

    #[test]
    fn the_set_and_its_template_are_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "StatefulSet/fault-gap-84/store");
        assert_eq!((findings[0].severity, findings[0].part.as_str()), (Severity::Warning, "data"));
        assert_eq!(findings[0].evidence[1].value, "fault-gap-84-former");
    }

    #[test]
    fn with_a_default_class_it_may_name_none() {
        let class = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "provisioner": "disk.example.com",
            "metadata": {"name": "fast", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
        });
        assert_eq!(settled().with(class).judge(&CHECK), []);
    }

    #[test]
    fn volumes_made_by_hand_may_be_meant() {
        let volume = json!({
            "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "by-hand"}, "spec": {}
        });
        assert_eq!(settled().with(volume).judge(&CHECK), []);
    }

    #[test]
    fn a_template_with_a_class_is_not_meant() {
        let class = "/spec/volumeClaimTemplates/0/spec/storageClassName";
        assert_eq!(settled().set("StatefulSet", "store", class, "fast").judge(&CHECK), []);
    }

    #[test]
    fn a_claim_that_waits_already_is_told_elsewhere() {
        assert_eq!(
            settled().set("PersistentVolumeClaim", "data-store-0", "/status/phase", "Pending").judge(&CHECK),
            []
        );
    }

    #[test]
    fn classes_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::StorageClass), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
