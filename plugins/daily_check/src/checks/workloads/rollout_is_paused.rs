//! A Deployment is paused.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-05",
    title: "a Deployment's rollouts are paused",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Deployment)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.recognised("WRK-05", &["rollout-paused"]),
};

const PAGE: &str = "\
A paused Deployment keeps and scales the pods that it has, and does nothing about changes of its
template: a new image, also one with a security fix, is accepted and reaches no pod. kubectl says
nothing about it.

It is information for a day, then a warning. A pause of less than an hour, within a release, is not
meant, nor are Deployments scaled to zero.

Looked at: spec.paused, and since when by the condition Progressing (DeploymentPaused).

See also: kubectl sre explain rollout-paused";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_pause_of_long_ago_was_forgotten() {
        let findings = Scenario::captured("WRK-05").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-wrk-05/web");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.title, "its rollouts are paused: changes of the template reach no pod");
        assert_eq!(finding.since.map(|it| it.to_string()).as_deref(), Some("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn a_pause_of_today_is_information_and_one_of_this_hour_is_work() {
        let scenario = Scenario::captured("WRK-05");
        let place = scenario.field("Deployment", "web", "/status/conditions").as_array().unwrap();
        let place = place.iter().position(|it| it["type"] == "Progressing").unwrap();
        let made = scenario.field("Deployment", "web", "/metadata/creationTimestamp").clone();
        let field = format!("/status/conditions/{place}/lastTransitionTime");
        let fresh = scenario.set("Deployment", "web", &field, made);
        assert_eq!(fresh.judge(&CHECK), []);
        assert_eq!(fresh.later(90).judge(&CHECK)[0].severity, Severity::Info);
    }

    #[test]
    fn a_deployment_that_goes_on_is_not_meant() {
        let resumed = Scenario::captured("WRK-05").unset("Deployment", "web", "/spec/paused");
        assert_eq!(resumed.judge(&CHECK), []);
        assert_eq!(Scenario::captured("WRK-05").set("Deployment", "web", "/spec/replicas", 0).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-05");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
