//! What was edited since an earlier run: when an object was edited stands in no field that is kept.

use super::run::{Run, revisions};
use jiff::Timestamp;
use sre_core::object::ObjectRef;
use sre_core::view::View;

/// What was edited, as far as it can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edits {
    /// When the earlier run was made.
    pub since: Timestamp,
    /// What the earlier run is called.
    pub run: String,
    /// Configuration, workloads and rights that have another revision now.
    pub objects: Vec<ObjectRef>,
}

impl Edits {
    /// Holds what there is against an earlier run; nothing is known against one that kept no revisions.
    pub fn since(run: &Run, view: &View<'_>) -> Option<Self> {
        if run.revisions.is_empty() {
            return None;
        }
        let is_other =
            |(name, (_, now)): &(String, (ObjectRef, String))| run.revisions.get(name).is_some_and(|then| then != now);
        let objects = revisions(view).into_iter().filter(is_other).map(|(_, (object, _))| object).collect();
        Some(Self { since: run.taken_at, run: run.id.clone(), objects })
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::revisions_to_keep;
    use super::*;
    use serde_json::json;
    use sre_testkit::Scenario;
    use std::collections::BTreeMap;

    fn run(scenario: &Scenario) -> Run {
        let snapshot = scenario.snapshot();
        let view = View::new(&snapshot);
        Run {
            id: "20261124T070000Z-1".to_owned(),
            cluster: "uid".to_owned(),
            context: None,
            server: None,
            scope: "all namespaces".to_owned(),
            taken_at: view.now(),
            findings: Vec::new(),
            inventory: BTreeMap::new(),
            revisions: revisions_to_keep(&view),
            usage: None,
        }
    }

    fn edited(before: &Scenario, now: &Scenario) -> Vec<String> {
        let edits = Edits::since(&run(before), &View::new(&now.snapshot())).expect("revisions");
        edits.objects.iter().map(ToString::to_string).collect()
    }

    fn scaled() -> Scenario {
        Scenario::captured("POD-02").with(json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web", "namespace": "fault-pod-02"},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 9},
        }))
    }

    #[test]
    fn an_edit_of_a_workload_is_known_by_its_generation() {
        let before = Scenario::captured("POD-02");
        let now = before.clone().set("Deployment", "web", "/metadata/generation", 7);
        assert_eq!(edited(&before, &now), ["Deployment/fault-pod-02/web"]);
        assert_eq!(edited(&before, &before), Vec::<String>::new());
    }

    #[test]
    fn what_an_autoscaler_scales_is_edited_when_its_template_is() {
        let more = scaled().set("Deployment", "web", "/metadata/generation", 7);
        assert_eq!(edited(&scaled(), &more), Vec::<String>::new());
        let revision = "/metadata/annotations/deployment.kubernetes.io~1revision";
        assert_eq!(edited(&scaled(), &more.set("Deployment", "web", revision, "9")), ["Deployment/fault-pod-02/web"]);
    }

    #[test]
    fn rights_and_what_leads_to_workloads_count_too() {
        let with = |version: &str| {
            let object = |api: &str, kind: &str| {
                let metadata = json!({"name": "a", "namespace": "shop", "resourceVersion": version});
                json!({"apiVersion": api, "kind": kind, "metadata": metadata})
            };
            Scenario::captured("POD-02")
                .with(object("rbac.authorization.k8s.io/v1", "Role"))
                .with(object("rbac.authorization.k8s.io/v1", "RoleBinding"))
                .with(object("v1", "Service"))
        };
        assert_eq!(edited(&with("1"), &with("2")), ["Role/shop/a", "RoleBinding/shop/a", "Service/shop/a"]);
    }

    #[test]
    fn what_programs_write_all_day_is_no_edit() {
        let with = |version: &str| {
            let map = |name: &str, annotations: serde_json::Value| {
                let metadata =
                    json!({"name": name, "namespace": "a", "resourceVersion": version, "annotations": annotations});
                json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
            };
            Scenario::captured("POD-02")
                .with(map("cluster-autoscaler-status", json!({})))
                .with(map("ingress-controller-leader", json!({})))
                .with(map("lock", json!({"control-plane.alpha.kubernetes.io/leader": "{}"})))
                .with(map("settings", json!({})))
        };
        assert_eq!(edited(&with("1"), &with("2")), ["ConfigMap/a/settings"]);
    }

    #[test]
    fn a_run_without_revisions_says_nothing_of_edits() {
        let scenario = Scenario::captured("POD-02");
        let report = Run { revisions: BTreeMap::new(), ..run(&scenario) };
        assert_eq!(Edits::since(&report, &View::new(&scenario.snapshot())), None);
    }
}
