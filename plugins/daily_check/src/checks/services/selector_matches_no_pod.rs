//! The selector of a Service matches no pod.

use sre_core::check::{Check, Section, Sight};
use sre_core::slim::Kind;

/// See the module.
pub const CHECK: Check = Check {
    id: "NET-03",
    title: "the selector of a Service matches no pod",
    section: Section::Services,
    examines: &[Sight::Of(Kind::Service)],
    relies_on: &[
        Sight::Of(Kind::Pod),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::ReplicaSet),
    ],
    consults: &[Sight::Of(Kind::EndpointSlice), Sight::Of(Kind::Job), Sight::Of(Kind::CronJob)],
    page: PAGE,
    run: |view| view.recognised("NET-03", &["service-selector-mismatch"]),
};

const PAGE: &str = "\
A Service asks for labels that no pod and no pod template of its namespace has, so that nobody will
ever answer at it. The workload whose labels come nearest is named, with the label that differs.

Looked at: spec.selector of Services, labels of pods and of the pod templates of all workloads.

Harmless: a Service that waits for a workload which is scaled to zero is not reported; one whose pods
get the label from an operator, and one of a control plane that runs elsewhere, are only mentioned.
Headless Services are a warning. A left-over Service that nobody calls can be deleted.

See also: kubectl sre explain service-selector-mismatch";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::finding::{Role, Severity};
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_nearest_workload_and_the_label_that_differs_are_named() {
        let findings = Scenario::captured("NET-03").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Service/fault-net-03/web");
        assert_eq!(
            (finding.severity, finding.role, finding.class),
            (Severity::Critical, Role::Cause, Some("service-selector-mismatch"))
        );
        assert!(finding.title.ends_with("nothing has app=wbe; Deployment web comes nearest and has app=web"));
        let seen = (finding.evidence[1].field.as_str(), finding.evidence[1].value.as_str());
        assert_eq!(seen, ("spec.template.metadata.labels", "app=web"));
        assert_eq!(finding.remedies[0].command, "kubectl get pods -n fault-net-03 --show-labels");
        let patch = r#"-p '{"spec":{"selector":{"app":"web"}}}' --dry-run=server"#;
        assert!(finding.remedies[2].command.ends_with(patch), "{}", finding.remedies[2].command);
    }

    #[test]
    fn a_selector_that_matches_is_not_meant() {
        let scenario = Scenario::captured("NET-03").set("Service", "web", "/spec/selector/app", "web");
        assert_eq!(scenario.judge(&CHECK), []);
    }

    #[test]
    fn a_workload_without_pods_that_may_get_the_label_is_waited_for() {
        let selector = json!({ "app": "web", "role": "leader" });
        let led = Scenario::captured("NET-03").set("Service", "web", "/spec/selector", selector);
        assert_eq!(led.judge(&CHECK).len(), 1);
        assert_eq!(led.judge(&CHECK)[0].remedies.len(), 2, "nobody knows who shall have the role");
        assert_eq!(led.without("Pod", "web-").judge(&CHECK), []);
        let asleep = Scenario::captured("NET-03").set("Service", "web", "/spec/selector/app", "web");
        assert_eq!(asleep.without("Pod", "web-").judge(&CHECK), []);
    }

    #[test]
    fn a_role_that_nobody_has_now_is_only_mentioned() {
        let selector = json!({ "app": "web", "role": "replica" });
        let scenario = Scenario::captured("NET-03").set("Service", "web", "/spec/selector", selector);
        assert_eq!(scenario.judge(&CHECK)[0].severity, Severity::Critical);
        let pod = scenario.name_of("Pod", "web-");
        let led = scenario.set("Pod", &pod, "/metadata/labels/role", "primary");
        let findings = led.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Info));
        assert!(findings[0].title.contains("nothing has app=web,role=replica now"), "{}", findings[0].title);
        let templated = led.set("Deployment", "web", "/spec/template/metadata/labels/role", "primary");
        assert_eq!(templated.judge(&CHECK)[0].severity, Severity::Critical);
    }

    #[test]
    fn headless_services_and_those_of_a_hidden_control_plane_hurt_less() {
        let headless = Scenario::captured("NET-03").set("Service", "web", "/spec/clusterIP", "None");
        assert_eq!(headless.judge(&CHECK)[0].severity, Severity::Warning);
        let selector = json!({ "component": "kube-scheduler" });
        let monitored = headless.set("Service", "web", "/spec/selector", selector);
        assert_eq!(monitored.judge(&CHECK)[0].severity, Severity::Warning);
        let monitored = monitored.set("Service", "web", "/metadata/namespace", "kube-system");
        assert_eq!(monitored.judge(&CHECK)[0].severity, Severity::Info);
    }

    #[test]
    fn pods_that_could_not_be_listed_leave_it_undecided() {
        let findings = Scenario::captured("NET-03").gap(Sight::Of(Kind::Pod), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
        assert!(findings[0].title.contains("Pod was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
