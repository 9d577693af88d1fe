//! KEDA cannot scale what it is to scale.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::custom::scaling::ScaledObject;
use sre_core::slim::{Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-43",
    title: "a ScaledObject of KEDA is not ready",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::ScaledObject)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<ScaledObject>().iter().filter_map(|it| judge(it, view)).collect(),
};

fn judge(scaled: &ScaledObject, view: &View<'_>) -> Option<Finding> {
    let ready = condition_of(&scaled.status.conditions, "Ready").filter(|it| it.status == "False")?;
    if !view.is_settled(&scaled.metadata) {
        return None;
    }
    let target = &scaled.spec.scale_target_ref;
    let kind = if target.kind.is_empty() { "Deployment" } else { &target.kind };
    let object = scaled.reference();
    let (name, namespace) = (&scaled.metadata.name, &scaled.metadata.namespace);
    let title =
        format!("ScaledObject {name} is not ready, so that {kind} {} is not scaled: {}", target.name, ready.reason);
    let finding = Finding::new("WRK-43", Severity::Warning, object.clone(), title)
        .evidence(&object, "status.conditions[Ready]", ready.message.as_str())
        .evidence(&object, "spec.scaleTargetRef.name", target.name.as_str())
        .since(ready.last_transition_time.at())
        .look(format!("kubectl describe scaledobject {name} -n {namespace}"));
    Some(finding.look(format!("kubectl get {} {} -n {namespace}", kind.to_lowercase(), target.name)))
}

const PAGE: &str = "\
KEDA says that a ScaledObject is not ready: its target does not exist, a trigger cannot be reached or
is written wrongly, or rights are missing. The workload keeps the size that it has, whatever comes.

Looked at: the condition Ready of ScaledObjects.

What to do: read the message, and the log of the operator:
  kubectl describe scaledobject NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("WRK-43").later(2)
    }

    #[test]
    fn what_is_not_scaled_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "ScaledObject/fault-wrk-43/worker");
        let title =
            "ScaledObject worker is not ready, so that Deployment worker is not scaled: ScaledObjectCheckFailed";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Warning, title));
        assert_eq!(finding.remedies[0].command, "kubectl describe scaledobject worker -n fault-wrk-43");
    }

    #[test]
    fn one_that_is_ready_is_not_meant() {
        assert_eq!(settled().set("ScaledObject", "worker", "/status/conditions/0/status", "True").judge(&CHECK), []);
    }

    #[test]
    fn a_new_one_is_given_time() {
        assert_eq!(Scenario::captured("WRK-43").judge(&CHECK), []);
    }

    #[test]
    fn scaled_objects_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::ScaledObject), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
