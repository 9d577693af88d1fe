//! A claim does not become as large as it was told to.

use sre_core::cause::pending_claims::users;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::condition::Condition;
use sre_core::slim::{ConditionFacts, Kind, Object, PersistentVolumeClaim, ResourceAmount, condition_of, value_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "STO-06",
    title: "a claim does not become as large as it was told to",
    section: Section::Storage,
    examines: &[Sight::Of(Kind::PersistentVolumeClaim)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod)],
    page: PAGE,
    run,
};

/// Backends take minutes for a large disk.
const RESIZED_WITHIN_MINUTES: i64 = 30;

/// A kubelet grows the filesystem of a volume that is in use within seconds.
const GROWN_WITHIN_MINUTES: i64 = 15;

/// What holds a resize up: the words for it, and the condition or the state that says so.
struct Obstacle<'a> {
    words: &'static str,
    condition: Option<&'a Condition>,
    state: Option<&'a str>,
}

fn run(view: &View<'_>) -> Vec<Finding> {
    let claims = view.all::<PersistentVolumeClaim>().iter().filter(|claim| !view.is_going(&claim.metadata));
    claims.filter_map(|claim| Some(finding(claim, &obstacle(claim, view)?))).collect()
}

fn obstacle<'a>(claim: &'a PersistentVolumeClaim, view: &View<'_>) -> Option<Obstacle<'a>> {
    let holds = |kind| condition_of(&claim.status.conditions, kind).filter(|condition| condition.status == "True");
    let told = |words, condition| Obstacle { words, condition: Some(condition), state: None };
    if let Some(condition) = holds("ControllerResizeError") {
        return Some(told("the backend cannot grow it", condition));
    }
    if let Some(condition) = holds("NodeResizeError") {
        return Some(told("its filesystem cannot be grown", condition));
    }
    let state = value_of(&claim.status.allocated_resource_statuses, "storage");
    if let Some(state) = state.filter(|state| state.ends_with("Infeasible") || state.ends_with("Failed")) {
        return Some(Obstacle { words: "it cannot be grown", condition: None, state: Some(state) });
    }
    let since = |condition: &Condition| condition.since().or_else(|| claim.metadata.creation_timestamp.at());
    let waits = |condition: &&Condition, minutes| view.is_older_than_minutes(since(condition), minutes);
    let resizing = holds("Resizing").filter(|it| waits(it, RESIZED_WITHIN_MINUTES));
    let pending =
        holds("FileSystemResizePending").filter(|it| waits(it, GROWN_WITHIN_MINUTES) && !users(claim, view).is_empty());
    pending
        .map(|condition| told("the disk has grown, and its filesystem has not", condition))
        .or_else(|| resizing.map(|condition| told("the backend has not grown it yet", condition)))
}

fn size(amounts: &[ResourceAmount]) -> &str {
    amounts.iter().find(|amount| amount.name == "storage").map_or("unknown", |amount| amount.quantity.as_str())
}

fn finding(claim: &PersistentVolumeClaim, obstacle: &Obstacle<'_>) -> Finding {
    let (object, name, namespace) = (claim.reference(), &claim.metadata.name, &claim.metadata.namespace);
    let (wanted, has) = (size(&claim.spec.resources.requests), size(&claim.status.capacity));
    let title = format!("PersistentVolumeClaim {name} stays at {has} instead of {wanted}: {}", obstacle.words);
    let finding = Finding::new("STO-06", Severity::Warning, object.clone(), title)
        .evidence(&object, "spec.resources.requests.storage", wanted)
        .evidence(&object, "status.capacity.storage", has);
    let finding = match (obstacle.condition, obstacle.state) {
        (Some(condition), _) => finding
            .evidence(&object, format!("status.conditions[{}]", condition.type_), said(condition))
            .since(condition.since()),
        (None, state) => {
            finding.evidence(&object, "status.allocatedResourceStatuses.storage", state.unwrap_or_default())
        }
    };
    finding
        .look(format!("kubectl describe persistentvolumeclaim {name} -n {namespace}"))
        .look(format!("kubectl get events -n {namespace} --field-selector involvedObject.name={name}"))
}

fn said(condition: &Condition) -> String {
    let words = [condition.status.as_str(), condition.reason.as_str(), condition.message.as_str()];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ")
}

const PAGE: &str = "\
Somebody asked for a larger volume (spec.resources.requests.storage was raised), and it does not
become so: the backend refuses or does nothing, or the disk has grown and the filesystem on it has
not, which some drivers do only when the pod starts anew.

Looked at: the conditions Resizing, FileSystemResizePending, ControllerResizeError and NodeResizeError
of the claims, and allocatedResourceStatuses. Not meant: a backend that has been at it for less than
half an hour; a filesystem that waits for less than a quarter of an hour, or that no pod uses, since
it is grown when one starts.

What to do: read the events; when only the filesystem waits, let the pod start anew:
  kubectl describe persistentvolumeclaim NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
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
