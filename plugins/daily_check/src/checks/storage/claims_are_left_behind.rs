//! Claims of pods that a StatefulSet has no more.

use super::claims_of_template;
use sre_core::cause::pending_claims::users;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{HorizontalPodAutoscaler, Kind, Object, PersistentVolumeClaim, StatefulSet};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-80",
    title: "claims of pods that a StatefulSet has no more are left behind",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::StatefulSet)],
    relies_on: &[
        Sight::Of(Kind::PersistentVolumeClaim),
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::HorizontalPodAutoscaler),
    ],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<StatefulSet>().iter().filter_map(|set| judge(set, view)).collect(),
};

fn judge(set: &StatefulSet, view: &View<'_>) -> Option<Finding> {
    let wanted = set.spec.replicas.unwrap_or(1);
    // What is scaled to nothing shall come back with its data, and an autoscaler brings pods back any time.
    if wanted == 0 || view.is_going(&set.metadata) || is_autoscaled(set, view) {
        return None;
    }
    let start = set.spec.ordinals.as_ref().map_or(0, |ordinals| ordinals.start);
    let kept = i64::from(start)..i64::from(start) + i64::from(wanted);
    let templates = set.spec.volume_claim_templates.iter();
    let claims = templates.flat_map(|template| claims_of_template(set, &template.metadata.name, view));
    let left: Vec<&PersistentVolumeClaim> = claims
        .filter(|(ordinal, claim)| {
            !kept.contains(ordinal) && users(claim, view).is_empty() && !view.is_going(&claim.metadata)
        })
        .map(|(_, claim)| claim)
        .collect();
    (!left.is_empty()).then(|| finding(set, wanted, &left))
}

fn is_autoscaled(set: &StatefulSet, view: &View<'_>) -> bool {
    view.all::<HorizontalPodAutoscaler>().iter().any(|it| {
        let target = &it.spec.scale_target_ref;
        it.metadata.namespace == set.metadata.namespace
            && target.kind == "StatefulSet"
            && target.name == set.metadata.name
    })
}

fn finding(set: &StatefulSet, wanted: i32, left: &[&PersistentVolumeClaim]) -> Finding {
    let (object, namespace) = (set.reference(), &set.metadata.namespace);
    let claims = if left.len() == 1 { "1 claim is".to_owned() } else { format!("{} claims are", left.len()) };
    let title = format!("{claims} left of pods that it has no more: a scale-up brings their old data back");
    let finding = Finding::new("GAP-80", Severity::Info, object.clone(), title).risk().evidence(
        &object,
        "spec.replicas",
        wanted.to_string(),
    );
    let finding = left.iter().take(3).fold(finding, |finding, claim| {
        let size = claim.status.capacity.iter().find(|it| it.name == "storage").map_or("", |it| it.quantity.as_str());
        finding.evidence(&claim.reference(), "status.phase", format!("{}, {size}", claim.status.phase))
    });
    let finding = left.iter().fold(finding, |finding, claim| finding.shows_on(claim.reference()));
    finding.look(format!("kubectl get persistentvolumeclaims -n {namespace}"))
}

const PAGE: &str = "\
A StatefulSet was scaled down, and the claims of the pods that went are still there, as its retention
policy says by default. Their disks are paid for, and when it is scaled up again the new pods start
with the old data, which some systems do not bear.

Looked at: claims that are named after the set's templates, with numbers beyond its replicas, and that
no pod uses. Not meant: sets that are scaled to nothing, and sets with an autoscaler.

What to do: look at what is in them; delete the claims when their data are of no use any more, or let
the set do so (spec.persistentVolumeClaimRetentionPolicy.whenScaled: Delete):
  kubectl get persistentvolumeclaims -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_claims_beyond_the_replicas_are_shown() {
        let findings = Scenario::captured("GAP-80").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "StatefulSet/fault-gap-80/store");
        let names: Vec<_> = findings[0].shows_on.iter().map(|it| it.name.as_str()).collect();
        assert_eq!((names, findings[0].severity), (vec!["data-store-1"], Severity::Info));
    }

    #[test]
    fn claims_of_pods_that_it_wants_are_not_meant() {
        assert_eq!(Scenario::captured("GAP-80").set("StatefulSet", "store", "/spec/replicas", 2).judge(&CHECK), []);
        assert_eq!(Scenario::captured("GAP-80").set("StatefulSet", "store", "/spec/replicas", 0).judge(&CHECK), []);
    }

    #[test]
    fn an_autoscaler_may_bring_the_pods_back() {
        let scaler = json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "store", "namespace": "fault-gap-80"},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "store"}}
        });
        assert_eq!(Scenario::captured("GAP-80").with(scaler).judge(&CHECK), []);
    }

    #[test]
    fn a_claim_that_a_pod_uses_is_not_meant() {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "rescue", "namespace": "fault-gap-80"},
            "spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-store-1"}}]}
        });
        assert_eq!(Scenario::captured("GAP-80").with(pod).judge(&CHECK), []);
    }

    #[test]
    fn claims_that_could_not_be_listed_leave_it_undecided() {
        let gap = Scenario::captured("GAP-80").gap(Sight::Of(Kind::PersistentVolumeClaim), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
