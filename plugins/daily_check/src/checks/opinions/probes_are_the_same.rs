//! A container's liveness probe asks the same as its readiness probe, and gives up soon.

use super::{Opinion, own_workloads, stated};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::slim::container::Container;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-49",
    title: "a liveness probe is the readiness probe, and gives up as soon",
    section: Section::Opinions,
    examines: &[Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet), Sight::Of(Kind::DaemonSet)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// A dependency that is away for so many seconds must not restart everybody who asks for it.
const SOON_SECONDS: i32 = 30;

fn run(view: &View<'_>) -> Vec<Finding> {
    let opinions: Vec<Opinion> = own_workloads(view)
        .filter_map(|workload| {
            let mut containers = workload.template.spec.containers.iter();
            let (name, seconds) = containers.find_map(|it| Some((it.name.clone(), gives_up_after(it)?)))?;
            Some(Opinion {
                title: format!("what makes container {name} not ready for {seconds} s also restarts it"),
                field: format!("{}.containers[{name}].livenessProbe", workload.pod_spec_field),
                value: format!("the same as readinessProbe, gives up after {seconds} s"),
                object: workload.reference,
            })
        })
        .collect();
    stated("GAP-49", "workloads restart containers for what makes them not ready", &opinions, view)
}

/// When the liveness probe asks the very same and is no more patient: after how many seconds it gives up.
fn gives_up_after(container: &Container) -> Option<i32> {
    let (liveness, readiness) = (container.liveness_probe.as_deref()?, container.readiness_probe.as_deref()?);
    let seconds = liveness.period_seconds.saturating_mul(liveness.failure_threshold);
    let patience = readiness.period_seconds.saturating_mul(readiness.failure_threshold);
    let is_same = liveness.handler == readiness.handler;
    (is_same && seconds > 0 && seconds <= SOON_SECONDS.max(patience)).then_some(seconds)
}

const PAGE: &str = "\
A readiness probe may fail because a database is away: the pod gets no requests until it is back. When
the liveness probe asks the same and gives up as soon, the kubelet restarts the container for it, and
all containers at once: a short trouble of one part becomes an outage, with cold caches afterwards.

Looked at: both probes of the containers of each template; the liveness probe asks the same and gives
up within thirty seconds, or no later than the readiness probe.

What to do: let the liveness probe ask only whether the process itself lives, or be far more patient:
  kubectl explain pod.spec.containers.livenessProbe";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const LIVENESS: &str = "/spec/template/spec/containers/0/livenessProbe";

    #[test]
    fn the_container_is_named_with_the_time() {
        let findings = Scenario::captured("GAP-49").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Deployment/fault-gap-49/web");
        assert_eq!(findings[0].severity, Severity::Info);
        assert_eq!(findings[0].title, "what makes container app not ready for 15 s also restarts it");
    }

    #[test]
    fn another_question_is_not_meant() {
        let path = format!("{LIVENESS}/httpGet/path");
        assert_eq!(Scenario::captured("GAP-49").set("Deployment", "web", &path, "/live").judge(&CHECK), []);
    }

    #[test]
    fn patience_is_not_meant() {
        let threshold = format!("{LIVENESS}/failureThreshold");
        assert_eq!(Scenario::captured("GAP-49").set("Deployment", "web", &threshold, 30).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-49");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
