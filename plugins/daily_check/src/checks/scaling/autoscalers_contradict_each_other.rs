//! A workload is scaled by usage, and the measure of usage is moved at the same time.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::custom::scaling::VerticalPodAutoscaler;
use sre_core::slim::{HorizontalPodAutoscaler, Kind, Object};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-37b",
    title: "a horizontal and a vertical autoscaler work on the same resource",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::VerticalPodAutoscaler)],
    relies_on: &[Sight::Of(Kind::HorizontalPodAutoscaler)],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<VerticalPodAutoscaler>().iter().filter_map(|it| judge(it, view)).collect(),
};

fn judge(vertical: &VerticalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let namespace = vertical.metadata.namespace.as_str();
    let target = &vertical.spec.target_ref;
    let is_acting = !matches!(vertical.spec.update_policy.update_mode.as_deref(), Some("Off" | "Initial"));
    if !is_acting || !view.is_settled(&vertical.metadata) || !view.knows(Kind::HorizontalPodAutoscaler, namespace) {
        return None;
    }
    let beside = view.all::<HorizontalPodAutoscaler>().iter().filter(|it| {
        let scaled = &it.spec.scale_target_ref;
        it.metadata.namespace == namespace && scaled.kind == target.kind && scaled.name == target.name
    });
    let mut contradicting = beside.filter_map(|it| Some((it, shared(it, vertical)?)));
    let (horizontal, resource) = contradicting.next()?;
    let object = ObjectRef::namespaced(&target.kind, namespace, &target.name);
    let (name, other) = (&vertical.metadata.name, &horizontal.metadata.name);
    let title = format!(
        "{} {} is scaled by {resource} (HorizontalPodAutoscaler {other}), while VerticalPodAutoscaler {name} moves its {resource} requests",
        target.kind, target.name
    );
    let finding = Finding::new("GAP-37b", Severity::Warning, object, title)
        .risk()
        .evidence(&horizontal.reference(), "spec.metrics[].resource.name", resource)
        .evidence(&vertical.reference(), "spec.updatePolicy.updateMode", mode(vertical))
        .since(vertical.metadata.creation_timestamp.at().max(horizontal.metadata.creation_timestamp.at()))
        .look(format!("kubectl describe horizontalpodautoscaler {other} -n {namespace}"));
    let patch = r#"{"spec":{"updatePolicy":{"updateMode":"Off"}}}"#;
    Some(finding.change(format!(
        "kubectl patch verticalpodautoscaler {name} -n {namespace} --type=merge -p '{patch}' --dry-run=server"
    )))
}

fn mode(vertical: &VerticalPodAutoscaler) -> &str {
    vertical.spec.update_policy.update_mode.as_deref().unwrap_or("Auto, the default")
}

/// The resource whose share of the request the one scales by, and whose request the other sets.
fn shared<'a>(horizontal: &'a HorizontalPodAutoscaler, vertical: &VerticalPodAutoscaler) -> Option<&'a str> {
    let by_share = horizontal.spec.metrics.iter().filter_map(|metric| {
        let whole = metric.resource.as_ref().map(|it| (it.name.as_str(), &it.target));
        let part = metric.container_resource.as_ref().map(|it| (it.name.as_str(), &it.target));
        let (name, target) = whole.or(part)?;
        target.average_utilization.map(|_| name)
    });
    by_share.into_iter().find(|resource| sets(vertical, resource))
}

/// Whether it sets the request of any container; CPU and memory, unless a policy names some.
fn sets(vertical: &VerticalPodAutoscaler, resource: &str) -> bool {
    let policies = &vertical.spec.resource_policy.container_policies;
    let by_default = matches!(resource, "cpu" | "memory");
    if policies.is_empty() {
        return by_default;
    }
    policies.iter().filter(|policy| policy.mode.as_deref() != Some("Off")).any(|policy| {
        let named = policy.controlled_resources.as_ref();
        named.map_or(by_default, |names| names.iter().any(|name| name == resource))
    })
}

const PAGE: &str = "\
A HorizontalPodAutoscaler counts pods by the share of a request that they use, and a
VerticalPodAutoscaler changes that request: each undoes what the other has just done, and the number
of pods goes up and down or drifts to a limit.

Looked at: targets, metrics by utilisation, update mode and controlled resources. Vertical ones that
only recommend (Off) or set pods once (Initial) are left out.

What to do: scale by something else than the share of the request, or let the vertical one recommend:
  kubectl patch vpa NAME -n NAMESPACE --type=merge -p '{\"spec\":{\"updatePolicy\":{\"updateMode\":\"Off\"}}}' --dry-run=server";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("GAP-37b").later(2)
    }

    #[test]
    fn both_on_the_same_resource_are_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "Deployment/fault-gap-37b/web");
        assert_eq!(finding.severity, Severity::Warning);
        let title = "Deployment web is scaled by cpu (HorizontalPodAutoscaler web), while VerticalPodAutoscaler web moves its cpu requests";
        assert_eq!(finding.title, title);
        assert_eq!(finding.evidence[0].value, "cpu");
        assert!(finding.remedies[1].command.ends_with("--dry-run=server"), "{}", finding.remedies[1].command);
    }

    #[test]
    fn one_that_only_recommends_is_not_meant() {
        let mode = "/spec/updatePolicy/updateMode";
        assert_eq!(settled().set("VerticalPodAutoscaler", "web", mode, "Off").judge(&CHECK), []);
    }

    #[test]
    fn different_resources_do_not_contradict() {
        let policy = json!({ "containerPolicies": [{ "containerName": "*", "controlledResources": ["memory"] }] });
        assert_eq!(settled().set("VerticalPodAutoscaler", "web", "/spec/resourcePolicy", policy).judge(&CHECK), []);
    }

    #[test]
    fn autoscalers_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::HorizontalPodAutoscaler), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
