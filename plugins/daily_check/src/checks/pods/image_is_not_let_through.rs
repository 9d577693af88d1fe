//! The registry of an image is unavailable, or the signature of an image is not accepted.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Kind, Object, Pod};
use sre_core::view::{Group, View};

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-04",
    title: "a registry is unavailable, or the signature of an image is not accepted",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let unavailable = view.recognised("POD-04", &["image-registry-unavailable"]).into_iter();
    unavailable.filter(|cause| super::waits_with(cause, "RegistryUnavailable")).chain(unsigned(view)).collect()
}

/// No class of the vocabulary stands for a signature that a node does not accept.
fn unsigned(view: &View<'_>) -> Vec<Finding> {
    let statuses = view.all::<Pod>().iter().flat_map(|pod| pod.container_statuses().map(move |status| (pod, status)));
    let refused = statuses.filter(|(_, status)| {
        status.state.waiting.as_ref().is_some_and(|waiting| waiting.reason == "SignatureValidationFailed")
    });
    let groups = view.grouped(refused.map(|(pod, status)| (pod, status.name.clone())));
    groups.iter().map(refused_signature).collect()
}

fn refused_signature(group: &Group<'_>) -> Finding {
    let pod = group.first();
    let status = pod.container_statuses().find(|status| status.name == group.part);
    let waiting = status.and_then(|status| status.state.waiting.as_deref());
    let words = waiting.map_or_else(String::new, |waiting| format!("{}: {}", waiting.reason, waiting.message));
    let image = pod.spec.all_containers().find(|one| one.name == group.part).map_or("", |one| &one.image);
    let title = format!("the signature of image {image} is not accepted by the node; {} cannot start", group.count());
    let finding = Finding::new("POD-04", Severity::Critical, group.owner.clone(), title).part(&group.part);
    let path = format!("status.containerStatuses[{}].state.waiting", group.part);
    group
        .show(finding)
        .evidence(&pod.reference(), path, words)
        .since(pod.metadata.creation_timestamp.at())
        .look(format!("kubectl describe pod {} -n {}", pod.metadata.name, group.namespace()))
}

const PAGE: &str = "\
The runtime says in so many words that a registry does not answer (RegistryUnavailable), or that the
signature of an image was not accepted by the node's policy (SignatureValidationFailed). The first passes
or is the network's matter and concerns every image of that registry; the second never passes by itself.

Looked at: the waiting states of the pods' containers. Pulls that fail for other reasons, or whose message
alone speaks of the registry, are findings of POD-02.

See also: kubectl sre explain image-registry-unavailable";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// The captured pods with another waiting reason: only its word differs between the two.
    fn waiting_with(reason: &str) -> Scenario {
        let scenario = Scenario::captured("POD-04");
        scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/containerStatuses/0/state/waiting/reason", reason)
        })
    }

    #[test]
    fn an_unavailable_registry_is_named_for_all_pods() {
        let findings = Scenario::captured("POD-04").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let web = &findings[0];
        assert_eq!(web.object.to_string(), "Deployment/fault-pod-04/web");
        assert_eq!((web.severity, web.class), (Severity::Critical, Some("image-registry-unavailable")));
        assert_eq!((web.part.as_str(), web.shows_on.len()), ("app", 2));
        assert!(web.evidence[1].value.starts_with("RegistryUnavailable"), "{:?}", web.evidence);
        assert!(web.remedies[0].command.starts_with("kubectl describe pod web-"));
    }

    #[test]
    fn a_refused_signature_is_found() {
        let findings = waiting_with("SignatureValidationFailed").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!((findings[0].severity, findings[0].class), (Severity::Critical, None));
        assert!(findings[0].title.contains("signature of image registry.example/shop/web:2.0.0"));
    }

    #[test]
    fn a_pull_that_merely_fails_is_left_to_the_other_check() {
        assert_eq!(waiting_with("ImagePullBackOff").judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-04").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
