//! An autoscaler aims at a share of a request that its pods do not make.

use sre_core::cause::specs::has_ended;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::container::{Container, ResourceRequirements};
use sre_core::slim::horizontal_pod_autoscaler::MetricSpec;
use sre_core::slim::pod_spec::PodSpec;
use sre_core::slim::{
    Deployment, HorizontalPodAutoscaler, Kind, LimitRange, Object, ReplicaSet, ResourceAmount, StatefulSet,
    condition_of,
};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-40",
    title: "an autoscaler's pods lack the request that it scales by",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::HorizontalPodAutoscaler), Sight::Of(Kind::Deployment), Sight::Of(Kind::StatefulSet)],
    relies_on: &[],
    consults: &[Sight::Of(Kind::Pod), Sight::Of(Kind::ReplicaSet), Sight::Of(Kind::LimitRange)],
    page: PAGE,
    run: |view| view.all::<HorizontalPodAutoscaler>().iter().flat_map(|it| judge(it, view)).collect(),
};

/// A share of the request of one resource that is aimed at, of one container or of all.
struct Aim<'a> {
    resource: &'a str,
    container: Option<&'a str>,
}

fn judge(autoscaler: &HorizontalPodAutoscaler, view: &View<'_>) -> Vec<Finding> {
    let Some((target, template)) = target(autoscaler, view).filter(|_| !is_scaling(autoscaler)) else {
        return Vec::new();
    };
    let pod = view.pods_of(&target).iter().find(|pod| !has_ended(pod));
    let spec = pod.map_or(template, |pod| &pod.spec);
    let defaults = if pod.is_none() { view.all::<LimitRange>() } else { &[] };
    let namespace = autoscaler.metadata.namespace.as_str();
    let is_defaulted =
        |resource: &str| defaults.iter().any(|it| it.metadata.namespace == namespace && gives(it, resource));
    let aims = autoscaler.spec.metrics.iter().filter_map(aim).filter(|aim| !is_defaulted(aim.resource));
    let lacking = aims.map(|aim| (lacking(spec, &aim), aim)).filter(|(containers, _)| !containers.is_empty());
    let lacking: Vec<(Vec<&str>, Aim<'_>)> = lacking.collect();
    let is_blind = lacking.len() == autoscaler.spec.metrics.len();
    let severity = if is_blind { Severity::Critical } else { Severity::Warning };
    lacking.iter().map(|(containers, aim)| finding(autoscaler, &target, (aim.resource, containers), severity)).collect()
}

/// Whether the autoscaler itself says that it gets its values.
fn is_scaling(autoscaler: &HorizontalPodAutoscaler) -> bool {
    condition_of(&autoscaler.status.conditions, "ScalingActive").is_some_and(|it| it.status == "True")
}

/// The target and its pod template; none when it is scaled to zero, which switches the autoscaler off.
fn target<'a>(autoscaler: &HorizontalPodAutoscaler, view: &View<'a>) -> Option<(ObjectRef, &'a PodSpec)> {
    let target = &autoscaler.spec.scale_target_ref;
    let (namespace, name) = (autoscaler.metadata.namespace.as_str(), target.name.as_str());
    let (replicas, template) = match target.kind.as_str() {
        "Deployment" => view.get::<Deployment>(namespace, name).map(|it| (it.spec.replicas, &it.spec.template)),
        "StatefulSet" => view.get::<StatefulSet>(namespace, name).map(|it| (it.spec.replicas, &it.spec.template)),
        "ReplicaSet" => view.get::<ReplicaSet>(namespace, name).map(|it| (it.spec.replicas, &it.spec.template)),
        _ => None,
    }?;
    (replicas != Some(0)).then(|| (ObjectRef::namespaced(&target.kind, namespace, name), &*template.spec))
}

fn aim(metric: &MetricSpec) -> Option<Aim<'_>> {
    if let Some(of_pod) = metric.resource.as_ref().filter(|it| it.target.average_utilization.is_some()) {
        return Some(Aim { resource: &of_pod.name, container: None });
    }
    let of_one = metric.container_resource.as_ref().filter(|it| it.target.average_utilization.is_some())?;
    Some(Aim { resource: &of_one.name, container: Some(&of_one.container) })
}

/// Whether a LimitRange gives containers a request of their own accord.
fn gives(range: &LimitRange, resource: &str) -> bool {
    let of_containers = range.spec.limits.iter().filter(|item| item.type_ == "Container");
    of_containers.into_iter().any(|item| has(&item.default_request, resource) || has(&item.default, resource))
}

/// The containers that count and make no request; a limit stands for a request, and one of the whole pod for all.
fn lacking<'a>(spec: &'a PodSpec, aim: &Aim<'_>) -> Vec<&'a str> {
    let is_whole = aim.container.is_none() && spec.resources.as_ref().is_some_and(|it| asks(it, aim.resource));
    let sidecars = spec.init_containers.iter().map(|it| &**it).filter(|it| it.is_restartable());
    let counting = sidecars.chain(spec.containers.iter().map(|it| &**it));
    let meant = counting.filter(|it| aim.container.is_none_or(|name| it.name == name));
    let silent = |it: &&Container| !is_whole && !asks(&it.resources, aim.resource);
    meant.filter(silent).map(|it| it.name.as_str()).collect()
}

fn asks(resources: &ResourceRequirements, resource: &str) -> bool {
    has(&resources.requests, resource) || has(&resources.limits, resource)
}

fn has(list: &[ResourceAmount], resource: &str) -> bool {
    list.iter().any(|entry| entry.name == resource)
}

fn finding(
    autoscaler: &HorizontalPodAutoscaler,
    target: &ObjectRef,
    (resource, containers): (&str, &[&str]),
    severity: Severity,
) -> Finding {
    let object = autoscaler.reference();
    let (name, namespace) = (&autoscaler.metadata.name, &autoscaler.metadata.namespace);
    let kind = target.kind.to_lowercase();
    let who = containers.join(", ");
    let title =
        format!("it scales by a share of the {resource} request, and container {who} makes none: no value comes out");
    let finding = Finding::new("WRK-40", severity, object.clone(), title)
        .part(resource)
        .evidence(&object, "spec.metrics", format!("{resource} as a share of the request"))
        .since(autoscaler.metadata.creation_timestamp.at())
        .look(format!("kubectl describe hpa {name} -n {namespace}"))
        .change(format!(
            "kubectl sre scale resources {kind}/{} --container {} --requests {resource}={} -n {namespace} --dry-run",
            target.name,
            containers[0],
            if resource == "cpu" { "100m" } else { "128Mi" }
        ));
    containers.iter().fold(finding, |finding, container| {
        let field = format!("spec.template.spec.containers[{container}].resources.requests.{resource}");
        finding.evidence(target, field, "not set")
    })
}

const PAGE: &str = "\
An autoscaler that aims at averageUtilization divides what the pods use by what they request. One
container without that request, a small sidecar is enough, makes the sum impossible, and the metric
counts for nothing. When it is the only one, nothing is scaled at all: critical, else a warning.

Looked at: the metrics of the autoscaler; the requests and limits of a pod of the target, or of its
template and the LimitRanges of the namespace when there is no pod. A limit stands for a request.
A request of the pod as a whole stands for those of its containers. Not meant: averageValue, which
needs no request, targets scaled to zero, and autoscalers that say that they get their values
(ScalingActive).

What to do: give every container a request of that resource, or aim at one container
(ContainerResource):
  kubectl sre scale resources deployment/NAME --container CONTAINER --requests cpu=100m -n NAMESPACE --dry-run";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    /// Gives the sidecar a request, in the template and in the pods.
    fn requesting(scenario: Scenario, field: &str) -> Scenario {
        let value = serde_json::json!({field: {"cpu": "50m"}});
        let pods = scenario.names_of("Pod", "web-");
        let scenario = scenario.set("Deployment", "web", "/spec/template/spec/containers/1/resources", value.clone());
        pods.iter().fold(scenario, |it, pod| it.set("Pod", pod, "/spec/containers/1/resources", value.clone()))
    }

    #[test]
    fn a_sidecar_without_a_request_is_found() {
        let findings = Scenario::captured("WRK-40").judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "HorizontalPodAutoscaler/fault-wrk-40/web");
        assert_eq!((finding.severity, finding.part.as_str()), (Severity::Critical, "cpu"));
        assert!(finding.title.contains("container agent makes none"), "{}", finding.title);
        assert_eq!(finding.evidence[1].field, "spec.template.spec.containers[agent].resources.requests.cpu");
        assert_eq!(
            finding.remedies[1].command,
            "kubectl sre scale resources deployment/web --container agent --requests cpu=100m -n fault-wrk-40 --dry-run"
        );
    }

    #[test]
    fn a_request_or_a_limit_is_enough() {
        for field in ["requests", "limits"] {
            assert_eq!(requesting(Scenario::captured("WRK-40"), field).judge(&CHECK), [], "{field}");
        }
    }

    #[test]
    fn a_value_needs_no_request() {
        let target = serde_json::json!({"type": "AverageValue", "averageValue": "200m"});
        let scenario = Scenario::captured("WRK-40").set(
            "HorizontalPodAutoscaler",
            "web",
            "/spec/metrics/0/resource/target",
            target,
        );
        assert_eq!(scenario.judge(&CHECK), []);
    }

    #[test]
    fn one_container_alone_may_be_aimed_at() {
        let of = |container: &str| {
            serde_json::json!({"type": "ContainerResource", "containerResource": {"name": "cpu", "container": container,
                "target": {"type": "Utilization", "averageUtilization": 70}}})
        };
        let scenario = Scenario::captured("WRK-40");
        let aiming =
            |container: &str| scenario.clone().set("HorizontalPodAutoscaler", "web", "/spec/metrics/0", of(container));
        assert_eq!(aiming("app").judge(&CHECK), []);
        assert_eq!(aiming("agent").judge(&CHECK).len(), 1);
    }

    #[test]
    fn without_pods_a_limit_range_may_give_the_request() {
        let range = serde_json::json!({"apiVersion": "v1", "kind": "LimitRange",
            "metadata": {"name": "bounds", "namespace": "fault-wrk-40"},
            "spec": {"limits": [{"type": "Container", "defaultRequest": {"cpu": "10m"}}]}});
        let scenario = Scenario::captured("WRK-40").with(range);
        assert_eq!(scenario.judge(&CHECK).len(), 1, "the pods that are there have none");
        assert_eq!(scenario.without("Pod", "web-").judge(&CHECK), []);
    }

    #[test]
    fn a_request_of_the_whole_pod_is_enough() {
        let whole = serde_json::json!({ "requests": { "cpu": "500m" } });
        let scenario = Scenario::captured("WRK-40");
        let pods = scenario.names_of("Pod", "web-");
        let asking = pods.iter().fold(scenario, |it, pod| it.set("Pod", pod, "/spec/resources", whole.clone()));
        assert_eq!(asking.judge(&CHECK), []);
    }

    #[test]
    fn an_autoscaler_that_gets_its_values_is_not_meant() {
        let active = serde_json::json!([{ "type": "ScalingActive", "status": "True", "reason": "ValidMetricFound" }]);
        let scenario = Scenario::captured("WRK-40");
        let active = scenario.set("HorizontalPodAutoscaler", "web", "/status/conditions", active);
        assert_eq!(active.judge(&CHECK), []);
    }

    #[test]
    fn a_pod_that_has_ended_tells_nothing() {
        let scenario = requesting(Scenario::captured("WRK-40"), "requests");
        let pod = scenario.name_of("Pod", "web-");
        let bare = scenario.set("Pod", &pod, "/spec/containers/1/resources", serde_json::json!({}));
        assert_eq!(bare.judge(&CHECK).len(), 1);
        assert_eq!(bare.set("Pod", &pod, "/status/phase", "Failed").judge(&CHECK), []);
    }

    #[test]
    fn autoscalers_that_could_not_be_listed_leave_it_undecided() {
        let scenario = Scenario::captured("WRK-40").gap(Sight::Of(Kind::HorizontalPodAutoscaler), GapReason::Forbidden);
        let findings = scenario.judge(&CHECK);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].title.contains("was not seen whole (forbidden)"), "{}", findings[0].title);
    }
}
