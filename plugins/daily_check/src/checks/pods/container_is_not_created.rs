//! A container is stuck in creation.

use sre_core::cause::stuck_creation::{Stuck, stuck};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-07",
    title: "a container is stuck in creation",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::Event)],
    consults: &[Sight::Of(Kind::PersistentVolumeClaim), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut findings = view.recognised("POD-07", &["volume-mount-failed", "volume-attach-failed"]);
    for other in [Stuck::Sandbox, Stuck::Content, Stuck::Driver] {
        findings.extend(stuck(view, other).into_iter().map(|finding| Finding { check: "POD-07", ..finding }));
    }
    findings
}

const PAGE: &str = "\
A pod has a node, but its containers are not created: a volume cannot be attached or mounted, or the
sandbox cannot be made (network, runtime). For the first five minutes this is a warning, because
attaching takes its time; then it is critical.

Looked at: pods whose containers all wait with ContainerCreating or PodInitializing, and the newest
FailedMount, FailedAttachVolume or FailedCreatePodSandBox event about each. Where the cause is seen
elsewhere (a missing ConfigMap, a node, a volume) this is told below it.

Harmless: a pod without any such event is still being created, and is not meant.

What to do:
  kubectl describe pod NAME -n NAMESPACE

See also: kubectl sre explain volume-mount-failed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn volume_and_sandbox_are_told_apart() {
        let findings = Scenario::captured("POD-07").judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.class, it.part.as_str())).collect();
        assert_eq!(
            all,
            [
                ("Deployment/fault-pod-07/files".to_owned(), Some("volume-mount-failed"), "mount"),
                ("Deployment/fault-pod-07/web".to_owned(), None, "sandbox"),
            ]
        );
        assert_eq!(findings[0].title, "a volume cannot be mounted for 2 pods of Deployment/files");
        assert!(findings.iter().all(|it| it.severity == Severity::Warning), "for the first minutes");
        assert!(findings[1].evidence[0].value.contains("calico"), "{:?}", findings[1].evidence);
        assert!(findings[0].remedies[0].command.starts_with("kubectl describe pod files-"));
    }

    #[test]
    fn after_five_minutes_it_hurts() {
        let findings = Scenario::captured("POD-07").later(6).judge(&CHECK);
        assert!(findings.iter().all(|it| it.severity == Severity::Critical), "{findings:#?}");
    }

    #[test]
    fn a_pod_that_runs_is_not_meant() {
        let scenario = Scenario::captured("POD-07");
        let running = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/status/phase", "Running"));
        assert_eq!(running.judge(&CHECK), []);
    }

    #[test]
    fn a_pod_without_a_complaint_is_still_being_created() {
        assert_eq!(Scenario::captured("POD-07").without("Event", "").judge(&CHECK), []);
    }

    #[test]
    fn what_an_earlier_pod_of_the_name_complained_of_is_past() {
        let scenario = Scenario::captured("POD-07");
        let anew = scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/metadata/uid", "another"));
        assert_eq!(anew.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings = Scenario::captured("POD-07").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
