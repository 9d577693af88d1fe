//! Running containers read a ConfigMap or Secret at their start that has been made anew since.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-40",
    title: "running pods still use what a ConfigMap or Secret held before",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ConfigMap), Sight::Of(Kind::Secret)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run: |view| view.recognised("GAP-40", &["config-change-not-rolled-out"]),
};

const PAGE: &str = "\
A container gets its variables from a ConfigMap or Secret once, when it starts; a file that is mounted
by subPath never changes either. The object was deleted and made anew after that, so that running pods
may work with old values, and pods that start from now on with new ones: an old password, an old
address, half of a release.

Looked at: env, envFrom and mounts by subPath of running containers, when they started, and when the
object was made. An object that was edited in place is not seen, since only the server's record of
field managers tells that, which is not read. Not meant: whole volumes, which follow their object, and
objects that were made within the last fifteen minutes.

See also: kubectl sre explain config-change-not-rolled-out";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn late() -> Scenario {
        Scenario::captured("GAP-40").later(20)
    }

    #[test]
    fn the_object_is_named_for_the_workload() {
        let findings = late().judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.name.as_str(), it.part.as_str())).collect();
        assert_eq!(all, [("web", "ConfigMap/settings"), ("web", "Secret/database")]);
        let finding = &findings[0];
        assert_eq!(finding.title, "1 pod uses what ConfigMap settings held before it was made anew");
        assert_eq!((finding.severity, finding.shows_on.len()), (Severity::Info, 1));
        assert_eq!(finding.evidence[2].field, "spec.containers[app].envFrom");
        assert_eq!(finding.remedies[1].command, "kubectl rollout history statefulset/web -n fault-gap-40");
    }

    #[test]
    fn a_container_that_started_later_has_the_new_values() {
        let made = late().field("ConfigMap", "settings", "/metadata/creationTimestamp").clone();
        let restarted = late().set("Pod", "web-0", "/status/containerStatuses/0/state/running/startedAt", made);
        assert_eq!(restarted.judge(&CHECK), []);
    }

    #[test]
    fn an_object_that_was_made_just_now_is_not_told() {
        assert_eq!(Scenario::captured("GAP-40").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("GAP-40").without("Secret", "");
        let findings = scenario.gap(Sight::Of(Kind::ConfigMap), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("ConfigMap was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
