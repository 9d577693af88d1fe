//! A ConfigMap that pods need is missing, or a key of it.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::Kind;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-27",
    title: "a ConfigMap that pods need, or a key of it, is missing",
    section: Section::Workloads,
    examines: &[Sight::Of(Kind::Pod)],
    relies_on: &[Sight::Of(Kind::ConfigMap)],
    consults: &[Sight::Of(Kind::Secret), Sight::Of(Kind::Event), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

const CLASSES: &[&str] = &["config-object-missing", "config-key-missing", "config-kind-mismatch"];

/// Both kinds share their classes: a finding is about the missing object, or its part names the kind that was meant.
fn run(view: &View<'_>) -> Vec<Finding> {
    let is_meant = |finding: &Finding| finding.object.kind == "ConfigMap" || finding.part.starts_with("ConfigMap/");
    view.recognised("POD-27", CLASSES).into_iter().filter(is_meant).collect()
}

const PAGE: &str = "\
A pod names a ConfigMap (environment, volume) that does not exist, that lacks the key, or whose name
belongs to a Secret. Its containers wait with CreateContainerConfigError, or its volumes cannot be
filled. One finding stands for the missing thing, whoever needs it.

Looked at: every reference in the specs of the pods that have not ended, and the ConfigMaps of their
namespaces; names of keys only, never values. What is marked optional is left out.

Harmless: nothing hurts while the pods that run were started before it went; that is a warning.

See also: kubectl sre explain config-object-missing";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn the_missing_object_and_the_missing_key_are_named() {
        let findings = Scenario::captured("POD-27").later(2).judge(&CHECK);
        let all: Vec<_> = findings.iter().map(|it| (it.object.to_string(), it.part.as_str(), it.class)).collect();
        assert_eq!(
            all,
            [
                ("ConfigMap/fault-pod-27/settings".to_owned(), "", Some("config-object-missing")),
                ("ConfigMap/fault-pod-27/tuning".to_owned(), "log.format", Some("config-key-missing")),
            ]
        );
        assert_eq!(findings[0].title, "ConfigMap settings does not exist; 3 pods of Deployment/web cannot start");
        assert_eq!((findings[0].severity, findings[0].shows_on.len()), (Severity::Critical, 3));
        assert_eq!(findings[0].evidence[0].field, "spec.containers[app].envFrom");
        assert_eq!(findings[0].remedies[0].command, "kubectl get configmaps -n fault-pod-27");
        assert_eq!(findings[1].title, "ConfigMap tuning has no key log.format; 1 pod of Deployment/api cannot start");
    }

    #[test]
    fn what_is_optional_may_be_missing() {
        let scenario = Scenario::captured("POD-27").later(2);
        let optional = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            scenario.set("Pod", pod, "/spec/containers/0/envFrom/0/configMapRef/optional", true)
        });
        assert_eq!(optional.judge(&CHECK).len(), 1, "the key is missing still");
    }

    #[test]
    fn a_key_that_is_there_is_not_meant() {
        let findings =
            Scenario::captured("POD-27").later(2).set("ConfigMap", "tuning", "/data/log.format", "json").judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].object.name, "settings");
    }

    #[test]
    fn pods_that_run_are_only_in_danger() {
        let scenario = Scenario::captured("POD-27").later(2).without("Pod", "api-");
        let running = scenario.names_of("Pod", "web-").iter().fold(scenario, |scenario, pod| {
            let scenario = scenario.set("Pod", pod, "/status/phase", "Running");
            scenario.unset("Pod", pod, "/status/containerStatuses")
        });
        let findings = running.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Warning));
        assert!(findings[0].title.ends_with("would not start again"), "{}", findings[0].title);
    }

    #[test]
    fn files_with_config_maps_of_other_namespaces_tell_nothing() {
        let other = serde_json::json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "other"}
        });
        let mut snapshot = Scenario::captured("POD-27").later(2).without("ConfigMap", "").with(other).snapshot();
        assert_ne!((CHECK.run)(&sre_core::view::View::new(&snapshot)), []);
        snapshot.origin.clock = Some("the newest timestamp in it".to_owned());
        assert_eq!((CHECK.run)(&sre_core::view::View::new(&snapshot)), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let findings =
            Scenario::captured("POD-27").later(2).gap(Sight::Of(Kind::ConfigMap), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("ConfigMap was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
