//! A workload's containers ask for no CPU or no memory.

use super::{Opinion, asked, lacking, own_workloads, stated};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::Finding;
use sre_core::slim::container::ResourceRequirements;
use sre_core::slim::{Kind, amount_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "POD-39",
    title: "containers request no CPU or no memory",
    section: Section::Opinions,
    examines: &[
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::DaemonSet),
        Sight::Of(Kind::CronJob),
    ],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::LimitRange), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::Job)],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let opinions: Vec<Opinion> = own_workloads(view)
        .filter_map(|workload| {
            let containers = lacking(asked(&workload, view)?, is_silent);
            let names = containers.join(", ");
            (!containers.is_empty()).then(|| Opinion {
                title: format!("container {names} requests no CPU or no memory: the scheduler counts it as nothing"),
                field: format!("{}.containers[{}].resources.requests", workload.pod_spec_field, containers[0]),
                value: "cpu or memory not set".to_owned(),
                object: workload.reference,
            })
        })
        .collect();
    stated("POD-39", "workloads have containers that request no CPU or no memory", &opinions, view)
}

/// A limit stands for a request.
fn is_silent(resources: &ResourceRequirements) -> bool {
    let asks = |name| amount_of(&resources.requests, name).or_else(|| amount_of(&resources.limits, name)).is_some();
    !asks("cpu") || !asks("memory")
}

const PAGE: &str = "\
The scheduler places pods by their requests and not by their use. A container without them counts as
nothing: nodes are filled beyond what they can carry, and under pressure its pod is ended first.

Looked at: the lasting containers of a pod of each workload, or of its template while there is none and
no LimitRange in its namespace. A limit stands for a request.

What to do: request what it uses:
  kubectl sre scale resources deployment/NAME --container CONTAINER --requests cpu=100m,memory=128Mi -n NAMESPACE --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Severity;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn with(resources: &serde_json::Value) -> Scenario {
        let scenario = Scenario::captured("POD-39");
        scenario
            .names_of("Pod", "")
            .iter()
            .fold(scenario, |scenario, pod| scenario.set("Pod", pod, "/spec/containers/0/resources", resources.clone()))
    }

    #[test]
    fn the_container_is_named() {
        let findings = Scenario::captured("POD-39").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].object.to_string(), "Deployment/fault-pod-39/web");
        assert_eq!(findings[0].severity, Severity::Info);
        let title = "container app requests no CPU or no memory: the scheduler counts it as nothing";
        assert_eq!(findings[0].title, title);
    }

    #[test]
    fn requests_and_limits_are_enough() {
        let both = serde_json::json!({"requests": {"cpu": "100m"}, "limits": {"memory": "128Mi"}});
        assert_eq!(with(&both).judge(&CHECK), []);
        assert_eq!(with(&serde_json::json!({"requests": {"cpu": "100m"}})).judge(&CHECK).len(), 1);
    }

    #[test]
    fn a_template_may_get_its_defaults_from_a_limit_range() {
        let none = Scenario::captured("POD-39").without("Pod", "");
        assert_eq!(none.judge(&CHECK).len(), 1);
        let range = serde_json::json!({
            "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "all", "namespace": "fault-pod-39"}
        });
        assert_eq!(none.with(range).judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("POD-39");
        let findings = scenario.gap(Sight::Of(Kind::Deployment), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(findings[0].title.contains("Deployment was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
