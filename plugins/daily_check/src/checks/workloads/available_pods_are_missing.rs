//! A Deployment has fewer available pods than it wants.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::{Deployment, Kind, Object, Pod, condition_of};
use sre_core::view::{View, is_ready, unready_since};

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-01",
    title: "a Deployment has fewer available pods than it wants",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Event)],
    page: PAGE,
    run: |view| view.all::<Deployment>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// How long a rollout may take when the Deployment says nothing, and at most, in seconds.
const DEADLINE: i32 = 600;
const LONGEST_DEADLINE: i32 = 3600;

/// How long pods that were there long before may be unavailable, in minutes.
const SETTLED_MINUTES: i64 = 1;

fn judge(deployment: &Deployment, view: &View<'_>) -> Option<Finding> {
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let available = deployment.status.available_replicas;
    let is_unobserved = deployment.status.observed_generation < deployment.metadata.generation;
    if available >= wanted || is_unobserved || has_stopped(deployment) || is_paused_and_served(deployment) {
        return None;
    }
    let unready: Vec<&Pod> =
        view.pods_of(&deployment.reference()).iter().copied().filter(|pod| !is_ready(pod)).collect();
    let since = troubled_since(deployment, &unready)?;
    let deadline = deployment.spec.progress_deadline_seconds.unwrap_or(DEADLINE).min(LONGEST_DEADLINE);
    let age = view.age(since).as_secs();
    let is_long = age >= i64::from(deadline);
    let is_settled = is_complete(deployment) && unready.iter().any(|pod| is_old(pod, deadline, view));
    let is_trouble = is_long || (is_settled && view.is_older_than_minutes(Some(since), SETTLED_MINUTES));
    is_trouble.then(|| finding(deployment, &unready).since(Some(since)))
}

/// Another check speaks of rollouts that have stopped.
fn has_stopped(deployment: &Deployment) -> bool {
    condition_of(&deployment.status.conditions, "Progressing").is_some_and(|it| it.reason == "ProgressDeadlineExceeded")
}

/// A rollout that was paused half-way lacks pods by design, as long as enough serve.
fn is_paused_and_served(deployment: &Deployment) -> bool {
    let available = condition_of(&deployment.status.conditions, "Available");
    deployment.spec.paused && available.is_some_and(|it| it.status == "True")
}

fn is_complete(deployment: &Deployment) -> bool {
    condition_of(&deployment.status.conditions, "Progressing").is_some_and(|it| it.reason == "NewReplicaSetAvailable")
}

/// Whether a pod is no newcomer of a scale-up, which is still starting.
fn is_old(pod: &Pod, deadline: i32, view: &View<'_>) -> bool {
    pod.metadata.creation_timestamp.at().is_some_and(|at| view.age(at).as_secs() >= i64::from(deadline))
}

/// Since it fell below its minimum, else since the first pod was not ready, else since the rollout moved last.
fn troubled_since(deployment: &Deployment, unready: &[&Pod]) -> Option<jiff::Timestamp> {
    let conditions = &deployment.status.conditions;
    let unavailable = condition_of(conditions, "Available").filter(|it| it.status == "False");
    let below = unavailable.and_then(|it| it.last_transition_time.at());
    let first = || unready.iter().filter_map(|pod| unready_since(pod)).min();
    let moved = || condition_of(conditions, "Progressing").and_then(|it| it.last_update_time.at());
    below.or_else(first).or_else(moved).or_else(|| deployment.metadata.creation_timestamp.at())
}

fn finding(deployment: &Deployment, unready: &[&Pod]) -> Finding {
    let object = deployment.reference();
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let available = deployment.status.available_replicas;
    let severity = if available == 0 { Severity::Critical } else { Severity::Warning };
    let finding =
        Finding::new("WRK-01", severity, object.clone(), format!("{available} of {wanted} pods are available"))
            .symptom()
            .evidence(&object, "spec.replicas", wanted.to_string())
            .evidence(&object, "status.availableReplicas", available.to_string())
            .look(format!("kubectl describe deployment {name} -n {namespace}"));
    unready.iter().fold(finding, |finding, pod| finding.shows_on(pod.reference()))
}

const PAGE: &str = "\
A Deployment wants more pods than are available: some are missing, not ready, or not ready for long
enough. With none available its users have nothing.

It is a symptom: whatever is wrong with the pods, their node, image, configuration or a quota comes
first and explains it; alone it stands only when nothing in sight does.

Looked at: spec.replicas and status.availableReplicas, the conditions, the readiness of the pods.
Not meant: rollouts and scale-ups younger than progressDeadlineSeconds (600 by default), paused
rollouts that still serve, Deployments scaled to zero. A rollout whose deadline has passed is
WRK-02.

What to do: see which pods are not ready, and why:
  kubectl describe deployment NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn pods_that_stay_unavailable_are_found() {
        let findings = Scenario::captured("WRK-01").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-wrk-01/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "3 of 5 pods are available");
        assert_eq!(finding.shows_on.len(), 2);
        assert_eq!(finding.remedies[0].command, "kubectl describe deployment web -n fault-wrk-01");
    }

    #[test]
    fn none_available_is_critical() {
        let findings = Scenario::captured("WRK-01")
            .later(2)
            .set("Deployment", "web", "/status/availableReplicas", 0)
            .judge(&CHECK);
        assert_eq!(findings[0].severity, Severity::Critical);
    }

    #[test]
    fn enough_pods_are_no_trouble() {
        let scaled = Scenario::captured("WRK-01").later(2).set("Deployment", "web", "/spec/replicas", 3);
        assert_eq!(scaled.judge(&CHECK), []);
    }

    #[test]
    fn a_scale_up_younger_than_the_deadline_is_let_be() {
        let patient =
            Scenario::captured("WRK-01").later(2).set("Deployment", "web", "/spec/progressDeadlineSeconds", 600);
        assert_eq!(patient.judge(&CHECK), []);
        assert_eq!(patient.later(10).judge(&CHECK).len(), 1);
    }

    #[test]
    fn scaled_to_zero_is_a_wish() {
        let zero = Scenario::captured("WRK-01").later(2).set("Deployment", "web", "/spec/replicas", 0);
        assert_eq!(zero.set("Deployment", "web", "/status/availableReplicas", 0).judge(&CHECK), []);
    }

    #[test]
    fn a_paused_rollout_that_serves_is_let_be() {
        let paused = Scenario::captured("WRK-01").later(2).set("Deployment", "web", "/spec/paused", true);
        assert_eq!(paused.judge(&CHECK).len(), 1, "below its minimum");
        let served = (0..2).fold(paused, |paused, index| {
            paused.set("Deployment", "web", &format!("/status/conditions/{index}/status"), "True")
        });
        assert_eq!(served.judge(&CHECK), []);
    }

    #[test]
    fn deployments_that_could_not_be_listed_leave_it_undecided() {
        let findings =
            Scenario::captured("WRK-01").gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
