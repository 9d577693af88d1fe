//! A Deployment's deadline for progress is shorter than the time that its pods may take to start.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::container::Container;
use sre_core::slim::{Deployment, Kind, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-32",
    title: "a rollout's deadline is shorter than its pods may take to start",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Deployment>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// The server's default, in seconds.
const DEADLINE: i32 = 600;

fn judge(deployment: &Deployment, view: &View<'_>) -> Option<Finding> {
    let spec = &deployment.spec;
    let deadline = spec.progress_deadline_seconds.unwrap_or(DEADLINE);
    let containers = spec.template.spec.containers.iter().map(|it| (it.name.as_str(), allowance(it)));
    let (slowest, start) = containers.max_by_key(|(_, seconds)| *seconds)?;
    let budget = start.saturating_add(spec.min_ready_seconds);
    let is_meant = spec.replicas != Some(0) && !spec.paused && !view.is_going(&deployment.metadata);
    (is_meant && start > 0 && budget >= deadline).then(|| finding(deployment, slowest, budget, deadline))
}

/// How long a container may take until its probes must have succeeded, in seconds.
fn allowance(container: &Container) -> i32 {
    let startup = container.startup_probe.as_deref().map_or(0, |probe| {
        probe.initial_delay_seconds.saturating_add(probe.period_seconds.saturating_mul(probe.failure_threshold))
    });
    startup.saturating_add(container.readiness_probe.as_deref().map_or(0, |probe| probe.initial_delay_seconds))
}

fn finding(deployment: &Deployment, slowest: &str, budget: i32, deadline: i32) -> Finding {
    let object = deployment.reference();
    let (name, namespace) = (&deployment.metadata.name, &deployment.metadata.namespace);
    let field = format!("spec.template.spec.containers[{slowest}].startupProbe and readinessProbe");
    let title = format!("its pods may take {budget} s to start, and its rollouts count as failed after {deadline} s");
    Finding::new("GAP-32", Severity::Info, object.clone(), title)
        .risk()
        .part(slowest)
        .evidence(&object, "spec.progressDeadlineSeconds", deadline.to_string())
        .evidence(&object, field, format!("{budget} s with minReadySeconds"))
        .since(deployment.metadata.creation_timestamp.at())
        .look(format!("kubectl get deployment {name} -n {namespace} -o yaml"))
        .change(format!(
            "kubectl patch deployment {name} -n {namespace} --type=merge -p '{{\"spec\":{{\"progressDeadlineSeconds\":{}}}}}' --dry-run=server",
            budget.saturating_add(DEADLINE)
        ))
}

const PAGE: &str = "\
The startup probe gives a container a certain time, the readiness probe waits before it asks, and
minReadySeconds comes on top. Together that is as long as progressDeadlineSeconds or longer: a rollout
that goes as it should, but slowly, is reported as failed, and tools that wait for it undo it.

Looked at: probes, minReadySeconds and progressDeadlineSeconds (600 when not set). Pulling the image
and init containers come on top and are not counted. Not meant: paused Deployments and those that are
scaled to zero.

What to do: make the deadline longer than the slowest start that is allowed:
  kubectl explain deployment.spec.progressDeadlineSeconds";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn both_times_are_told() {
        let findings = Scenario::captured("GAP-32").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-gap-32/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Info, "app"));
        assert_eq!(finding.title, "its pods may take 655 s to start, and its rollouts count as failed after 600 s");
        assert!(finding.remedies[1].command.contains("1255"), "{:?}", finding.remedies);
    }

    #[test]
    fn a_longer_deadline_leaves_time() {
        let patient = Scenario::captured("GAP-32").set("Deployment", "web", "/spec/progressDeadlineSeconds", 900);
        assert_eq!(patient.judge(&CHECK), []);
    }

    #[test]
    fn what_wants_no_pods_is_not_meant() {
        let retired = Scenario::captured("GAP-32").set("Deployment", "web", "/spec/replicas", 0);
        assert_eq!(retired.judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-32");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
