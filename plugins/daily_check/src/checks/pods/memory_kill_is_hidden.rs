//! A container was killed at its memory limit, and its pod is ready now, so that nothing shows it.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-48",
    title: "a container was killed at its memory limit, and its pod is ready now",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let causes = view.recognised("GAP-48", &["container-oom-killed"]).into_iter();
    causes.filter(|cause| cause.severity == Severity::Warning).collect()
}

const PAGE: &str = "\
A container was killed at its memory limit within the last seven days, was started again, and is ready.
Every list of pods shows it as healthy; the kill stands in the last state alone, and the next one is a
question of load.

Looked at: the last states of running containers.

Harmless: a limit that was raised since then does not matter to a new pod, whose last state is empty; a
container that is known to be killed by its own peak, such as a batch worker, may be left alone.

See also: kubectl sre explain container-oom-killed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn a_kill_that_is_over_is_a_warning() {
        let findings = Scenario::captured("GAP-48").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let web = &findings[0];
        assert_eq!(web.object.to_string(), "Deployment/fault-gap-48/web");
        assert_eq!((web.severity, web.class, web.shows_on.len()), (Severity::Warning, Some("container-oom-killed"), 2));
        assert_eq!(web.title, "container app of 2 pods was killed at its memory limit of 256Mi, and runs again");
        assert!(web.evidence[0].value.contains("OOMKilled"), "{:?}", web.evidence);
        assert!(web.remedies[1].command.contains("--previous"), "{:?}", web.remedies);
    }

    #[test]
    fn another_last_end_is_not_meant() {
        let scenario = Scenario::captured("GAP-48");
        let ended = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/containerStatuses/0/lastState/terminated/reason", "Completed")
        });
        assert_eq!(ended.judge(&CHECK), []);
    }

    #[test]
    fn a_kill_of_two_weeks_ago_is_forgotten() {
        assert_eq!(Scenario::captured("GAP-48").later(14 * 24 * 60).judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("GAP-48").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
