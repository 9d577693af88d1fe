//! An admission policy that should be in force is not there, or does not fit what it judges.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::scheduling::nearest_word;
use sre_core::slim::{Kind, Object, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CTL-12",
    title: "an admission policy is missing, or does not fit what it judges",
    section: Section::ControlPlane,
    examines: &[Sight::Of(Kind::ValidatingAdmissionPolicyBinding), Sight::Of(Kind::ValidatingAdmissionPolicy)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    let bindings = view.all::<ValidatingAdmissionPolicyBinding>().iter();
    let settled = bindings.filter(|it| !view.is_young(&it.metadata) && it.metadata.deletion_timestamp.is_none());
    let void = settled.filter_map(|binding| void(binding, view));
    let unfit = view.all::<ValidatingAdmissionPolicy>().iter().filter_map(unfit);
    void.chain(unfit).collect()
}

fn void(binding: &ValidatingAdmissionPolicyBinding, view: &View<'_>) -> Option<Finding> {
    let policy = binding.spec.policy_name.as_str();
    let is_missing = view.get::<ValidatingAdmissionPolicy>("", policy).is_none();
    if !is_missing || !view.knows(Kind::ValidatingAdmissionPolicy, "") {
        return None;
    }
    let (object, name) = (binding.reference(), &binding.metadata.name);
    let title = format!("binding {name} puts nothing into force: ValidatingAdmissionPolicy {policy} does not exist");
    let finding = Finding::new("CTL-12", Severity::Warning, object.clone(), title)
        .evidence(&object, "spec.policyName", policy)
        .since(binding.metadata.creation_timestamp.at());
    let known = view.all::<ValidatingAdmissionPolicy>().iter().map(|it| it.metadata.name.as_str());
    let finding = match nearest_word(policy, known) {
        Some(near) => {
            let other = ObjectRef::cluster("ValidatingAdmissionPolicy", near);
            finding.evidence(&other, "metadata.name", format!("{near} (nearest name)"))
        }
        None => finding,
    };
    Some(
        finding
            .look(format!("kubectl describe validatingadmissionpolicybinding {name}"))
            .look("kubectl get validatingadmissionpolicies"),
    )
}

/// An expression that reads a field which the type does not have fails when it is evaluated.
fn unfit(policy: &ValidatingAdmissionPolicy) -> Option<Finding> {
    let status = &policy.status;
    let warnings = &status.type_checking.as_ref()?.expression_warnings;
    if warnings.is_empty() || status.observed_generation < policy.metadata.generation {
        return None;
    }
    let passes = policy.spec.failure_policy.as_deref() == Some("Ignore");
    let (severity, outcome) = match passes {
        true => (Severity::Info, "requests pass unjudged where that matters"),
        false => (Severity::Warning, "requests are refused where that matters"),
    };
    let (object, name) = (policy.reference(), &policy.metadata.name);
    let title = format!("expressions of admission policy {name} do not fit the types that it judges: {outcome}");
    let finding =
        Finding::new("CTL-12", severity, object.clone(), title).risk().since(policy.metadata.creation_timestamp.at());
    let finding = warnings.iter().take(3).fold(finding, |finding, warning| {
        // The first lines name the type and the error; the rest points into the expression.
        let said: Vec<&str> = warning.warning.lines().filter(|line| !line.trim_start().starts_with('|')).collect();
        finding.evidence(&object, &*warning.field_ref, said.join(" "))
    });
    Some(finding.look(format!("kubectl describe validatingadmissionpolicy {name}")))
}

const PAGE: &str = "\
A ValidatingAdmissionPolicyBinding names a policy that does not exist: what it should forbid is let
through, and nothing says so. Or the API server has found that an expression of a policy reads fields
that the judged types do not have. With failurePolicy Fail such requests are refused, a warning; with
Ignore they pass unjudged, told as info.

Looked at: spec.policyName of the bindings after their first minute, the policies, and what the
controller says in status.typeChecking. Whether the parameters of a binding exist is not looked at.

What to do: restore the policy, or delete the binding; guard fields that may be missing:
  kubectl describe validatingadmissionpolicybinding NAME";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    const BINDING: &str = "ValidatingAdmissionPolicyBinding";
    const POLICY: &str = "ValidatingAdmissionPolicy";

    fn settled() -> Scenario {
        Scenario::captured("CTL-12").later(2)
    }

    #[test]
    fn the_missing_policy_and_the_unfit_one_are_named() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        assert_eq!((findings[0].object.name.as_str(), findings[0].severity), ("fault-ctl-12-void", Severity::Warning));
        assert!(findings[0].title.ends_with("ValidatingAdmissionPolicy fault-ctl-12-replica does not exist"));
        assert_eq!(findings[0].evidence[1].value, "fault-ctl-12-replicas (nearest name)");
        assert_eq!(
            (findings[1].object.name.as_str(), findings[1].severity),
            ("fault-ctl-12-replicas", Severity::Warning)
        );
        assert!(findings[1].evidence[0].value.contains("undefined field 'absent'"), "{:?}", findings[1].evidence);
    }

    #[test]
    fn a_policy_that_lets_pass_is_told_as_info() {
        let open = settled().set(POLICY, "fault-ctl-12-replicas", "/spec/failurePolicy", "Ignore").judge(&CHECK);
        assert_eq!(open[1].severity, Severity::Info);
    }

    #[test]
    fn a_binding_to_a_policy_and_a_policy_that_fits_are_not_meant() {
        let bound = settled().set(BINDING, "fault-ctl-12-void", "/spec/policyName", "fault-ctl-12-replicas");
        assert_eq!(bound.unset(POLICY, "fault-ctl-12-replicas", "/status/typeChecking").judge(&CHECK), []);
    }

    #[test]
    fn a_new_binding_has_its_minute() {
        let now = Scenario::captured("CTL-12").snapshot().taken_at.to_string();
        let fresh = Scenario::captured("CTL-12").set(BINDING, "fault-ctl-12-void", "/metadata/creationTimestamp", now);
        assert!(fresh.judge(&CHECK).iter().all(|it| it.object.kind == POLICY));
    }

    #[test]
    fn policies_that_could_not_be_listed_leave_it_undecided() {
        let gap = settled().gap(Sight::Of(Kind::ValidatingAdmissionPolicy), GapReason::Forbidden);
        let findings = gap.judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
