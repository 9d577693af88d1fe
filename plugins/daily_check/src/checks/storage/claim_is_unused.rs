//! A claim is used by no pod, and by nothing that makes pods.

use super::sets_of_claim;
use sre_core::cause::pending_claims::users;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, PersistentVolumeClaim, ReplicaSet};
use sre_core::view::View;
use std::collections::BTreeSet;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-18",
    title: "a claim is used by no pod, and by nothing that makes pods",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::ReplicaSet),
        Sight::Of(Kind::Job),
        Sight::Of(Kind::CronJob),
    ],
    consults: &[],
    page: PAGE,
    run,
};

/// What is used by hand, or by a job that somebody starts, is used within a week.
const UNUSED_FOR_MINUTES: i64 = 7 * 24 * 60;

fn run(view: &View<'_>) -> Vec<Finding> {
    let named = named_by_templates(view);
    let is_unused = |claim: &&PersistentVolumeClaim| {
        let key = (claim.metadata.namespace.as_str(), claim.metadata.name.as_str());
        is_settled(claim, view)
            && !named.contains(&key)
            && users(claim, view).is_empty()
            && sets_of_claim(claim, view).is_empty()
    };
    view.all::<PersistentVolumeClaim>().iter().filter(is_unused).map(finding).collect()
}

/// Bound for a week, and nobody's: what an operator made is for it to know.
fn is_settled(claim: &PersistentVolumeClaim, view: &View<'_>) -> bool {
    let is_old = view.is_older_than_minutes(claim.metadata.creation_timestamp.at(), UNUSED_FOR_MINUTES);
    let is_free = claim.metadata.owner_references.is_empty() && !view.is_going(&claim.metadata);
    claim.status.phase == "Bound" && is_old && is_free && knows_users(&claim.metadata.namespace, view)
}

fn knows_users(namespace: &str, view: &View<'_>) -> bool {
    view.knows(Kind::Pod, namespace) && view.knows(Kind::Deployment, namespace)
}

/// The claims that pod templates name, workloads that are scaled to nothing and controllers of other kinds included.
fn named_by_templates<'a>(view: &View<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let templates = view.workloads().map(|workload| (workload.metadata.namespace.as_str(), workload.template));
    let made = view.all::<ReplicaSet>().iter().map(|set| (set.metadata.namespace.as_str(), &set.spec.template));
    let sources = templates.chain(made).flat_map(|(namespace, template)| {
        let volumes = template.spec.volumes.iter().filter_map(|volume| volume.source.persistent_volume_claim.as_ref());
        volumes.map(move |source| (namespace, source.claim_name.as_str()))
    });
    sources.collect()
}

fn finding(claim: &PersistentVolumeClaim) -> Finding {
    let (object, name, namespace) = (claim.reference(), &claim.metadata.name, &claim.metadata.namespace);
    let size = claim.status.capacity.iter().find(|it| it.name == "storage").map_or("", |it| it.quantity.as_str());
    let title = format!("PersistentVolumeClaim {name} is used by no pod, and no workload names it");
    Finding::new("STO-18", Severity::Info, object.clone(), title)
        .risk()
        .evidence(&object, "status.phase", &*claim.status.phase)
        .evidence(&object, "status.capacity.storage", size)
        .since(claim.metadata.creation_timestamp.at())
        .look(format!("kubectl describe persistentvolumeclaim {name} -n {namespace}"))
}

const PAGE: &str = "\
A claim is bound, at least a week old, and nothing uses it: no pod, no template of a workload (scaled
to nothing or suspended ones included), no StatefulSet. The disk is paid for. Its data may be what
somebody wanted to keep, or left over from what was removed.

Looked at: all claims, pods and workloads of the namespace. Not meant: claims with an owner, which an
operator made; claims of a StatefulSet that is there (GAP-80 tells those of pods that it has no more).

What to do: ask who made it; keep the data elsewhere before deleting it:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const KIND: &str = "PersistentVolumeClaim";

    fn settled() -> Scenario {
        Scenario::captured("STO-18").later(8 * 24 * 60)
    }

    fn names(scenario: &Scenario) -> Vec<String> {
        scenario.judge(&CHECK).into_iter().map(|it| it.object.name).collect()
    }

    #[test]
    fn only_the_claim_that_nothing_uses_is_named() {
        assert_eq!(names(&settled()), ["forgotten"]);
        let finding = &settled().judge(&CHECK)[0];
        assert_eq!((finding.severity, finding.evidence[1].value.as_str()), (Severity::Info, "1Gi"));
    }

    #[test]
    fn a_claim_of_this_week_is_not_meant() {
        assert_eq!(names(&Scenario::captured("STO-18")), [""; 0]);
    }

    #[test]
    fn a_claim_that_an_operator_owns_is_not_meant() {
        let owners = json!([{"apiVersion": "example.com/v1", "kind": "Database", "name": "db", "uid": "1"}]);
        assert_eq!(names(&settled().set(KIND, "forgotten", "/metadata/ownerReferences", owners)), [""; 0]);
    }

    #[test]
    fn without_the_workload_its_claim_is_unused_too() {
        let without = settled().without("CronJob", "report");
        assert_eq!(names(&without), ["forgotten", "nightly"]);
    }

    #[test]
    fn claims_of_a_set_that_is_there_are_not_meant() {
        let set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "ten", "namespace": "fault-sto-18"},
            "spec": {"replicas": 0, "volumeClaimTemplates": [{"metadata": {"name": "forgot"}}]}
        });
        let renamed = settled().set(KIND, "forgotten", "/metadata/name", "forgot-ten-0");
        assert_eq!(names(&renamed), ["forgot-ten-0"]);
        assert_eq!(names(&renamed.with(set)), [""; 0]);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
