//! A container is killed at its memory limit again and again.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-11",
    title: "a container is killed at its memory limit",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let causes = view.recognised("POD-11", &["container-oom-killed"]).into_iter();
    causes.filter(|cause| cause.severity == Severity::Critical).collect()
}

const PAGE: &str = "\
A container used more memory than its limit, was killed by the kernel, and does so again and again, or is
not ready yet since the last kill. Init containers count as well.

The kill is known by the reason OOMKilled of the state or the last state, whatever the container does at
the moment. Exit code 137 alone is no proof: probes and people kill with it, too.

Not meant: a kill after which the pod is ready again; GAP-48 tells that as a warning.

See also: kubectl sre explain container-oom-killed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_limit_stands_in_the_title_and_the_remedy() {
        let findings = Scenario::captured("POD-11").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let web = &findings[0];
        assert_eq!(web.object.to_string(), "Deployment/fault-pod-11/web");
        assert_eq!(
            (web.severity, web.class, web.part.as_str()),
            (Severity::Critical, Some("container-oom-killed"), "app")
        );
        assert_eq!(web.title, "container app of 3 pods is killed at its memory limit of 256Mi, again and again");
        assert!(web.evidence[1].value.contains("OOMKilled, exit code 137 (killed by SIGKILL)"), "{:?}", web.evidence);
        assert_eq!(
            web.remedies[2].command,
            "kubectl sre scale resources deployment/web --container app --limits memory=512Mi -n fault-pod-11 --dry-run"
        );
    }

    #[test]
    fn exit_code_137_alone_is_no_proof() {
        let scenario = Scenario::captured("POD-11");
        let killed = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/status/containerStatuses/0/lastState/terminated/reason", "Error")
        });
        assert_eq!(killed.judge(&CHECK), []);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-11").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
