//! A container cannot be created or started.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-06",
    title: "a container cannot be created or started",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("POD-06", CLASSES),
};

const CLASSES: &[&str] = &["container-command-invalid", "container-runtime-error", "lifecycle-hook-failed"];

const PAGE: &str = "\
The image is there, and still the container does not come up. Three culprits are told apart by what the
runtime answers: the command (not in the image, not executable: the template is wrong), the runtime (its
helper, a mount, a profile: the node is to be looked at), or a lifecycle hook that fails.

Looked at: waiting states and last ends of the pods' containers (CreateContainerError, RunContainerError,
StartError, exit codes 126 and 127), the Failed events and the events about hooks.

Harmless: a runtime error that a single pod shows once while its node starts.

See also:
  kubectl sre explain container-command-invalid
  kubectl sre explain container-runtime-error
  kubectl sre explain lifecycle-hook-failed";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn command_runtime_and_hook_are_told_apart() {
        let findings = Scenario::captured("POD-06").judge(&CHECK);
        let told: Vec<_> = findings.iter().map(|it| (it.object.name.as_str(), it.class.unwrap_or_default())).collect();
        assert_eq!(
            told,
            [
                ("hook", "lifecycle-hook-failed"),
                ("script", "container-command-invalid"),
                ("slow", "container-runtime-error"),
                ("web", "container-command-invalid"),
            ]
        );
        let web = &findings[3];
        assert_eq!(web.object.to_string(), "Deployment/fault-pod-06/web");
        assert_eq!((web.severity, web.part.as_str(), web.shows_on.len()), (Severity::Critical, "app", 2));
        assert!(web.evidence[0].value.contains("/srv/serve"), "{:?}", web.evidence);
        assert!(web.remedies[1].command.starts_with("kubectl logs web-"), "{:?}", web.remedies);
    }

    #[test]
    fn another_exit_code_is_not_the_commands_fault() {
        let scenario = Scenario::captured("POD-06");
        let pod = scenario.name_of("Pod", "script-");
        let other = scenario.set("Pod", &pod, "/status/containerStatuses/0/lastState/terminated/exitCode", 3);
        assert!(other.judge(&CHECK).iter().all(|finding| finding.object.name != "script"));
    }

    #[test]
    fn a_full_disk_is_the_nodes_trouble() {
        let scenario = Scenario::captured("POD-06");
        let pod = scenario.name_of("Pod", "slow-");
        let field = "/status/containerStatuses/0/state/waiting/message";
        let full = scenario.set("Pod", &pod, field, "write /var/lib/x: no space left on device");
        assert!(full.judge(&CHECK).iter().all(|finding| finding.object.name != "slow"));
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("POD-06").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
