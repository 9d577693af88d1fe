//! An autoscaler cannot change the number of pods.

use jiff::Timestamp;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::slim::{HorizontalPodAutoscaler, Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-38",
    title: "an autoscaler cannot change the number of pods",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::HorizontalPodAutoscaler)],
    relies_on: &[],
    consults: &[
        Sight::Of(Kind::Event),
        Sight::Of(Kind::Deployment),
        Sight::Of(Kind::StatefulSet),
        Sight::Of(Kind::ReplicaSet),
    ],
    page: PAGE,
    run: |view| view.all::<HorizontalPodAutoscaler>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// The controller tries every fifteen seconds; a conflict with another writer passes.
const TRIES_MINUTES: i64 = 1;

/// What the controller reports of a try that failed, and how long ago it belongs to the present trouble.
const FAILURES: [&str; 2] = ["FailedRescale", "FailedGetScale"];
const RECENT_MINUTES: i64 = 15;

fn judge(autoscaler: &HorizontalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let able = condition_of(&autoscaler.status.conditions, "AbleToScale").filter(|it| it.status == "False")?;
    let object = autoscaler.reference();
    let since = first_failure(&object, view).or_else(|| able.last_transition_time.at());
    if !view.is_older_than_minutes(since, TRIES_MINUTES) || view.is_going(&autoscaler.metadata) {
        return None;
    }
    let (name, namespace) = (&autoscaler.metadata.name, &autoscaler.metadata.namespace);
    let target = &autoscaler.spec.scale_target_ref;
    let title = format!("it cannot scale {} {}: {}", target.kind, target.name, able.reason);
    Some(
        Finding::new("WRK-38", Severity::Warning, object.clone(), title)
            .symptom()
            .evidence(&object, "status.conditions[AbleToScale].message", able.message.trim())
            .evidence(&object, "status.currentReplicas", autoscaler.status.current_replicas.to_string())
            .evidence(&object, "status.desiredReplicas", autoscaler.status.desired_replicas.to_string())
            .since(since)
            .look(format!("kubectl describe hpa {name} -n {namespace}")),
    )
}

/// Each try turns the condition on and off again, so that its time is always now; the events of the tries tell.
fn first_failure(autoscaler: &ObjectRef, view: &View<'_>) -> Option<Timestamp> {
    let failures = view.events_about(autoscaler).iter().filter(|event| FAILURES.contains(&event.reason.as_str()));
    let recent = failures.filter(|event| !view.is_older_than_minutes(event.last_seen(), RECENT_MINUTES));
    recent.filter_map(|event| event.first_seen()).min()
}

const PAGE: &str = "\
An autoscaler wants another number of pods and cannot set it: an admission policy or a webhook refuses
the change (FailedUpdateScale), or the scale of its target cannot be read (FailedGetScale). The number
of pods stays as it is.

It is a symptom: a target that does not exist (WRK-39) comes first and explains it.

Looked at: the condition AbleToScale, and for how long its tries have failed by the events about it: a
minute at least.

What to do: the message says what the API server answered:
  kubectl describe hpa NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::finding::Role;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    #[test]
    fn what_the_api_server_answered_is_told() {
        let findings = Scenario::captured("WRK-38").later(2).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "HorizontalPodAutoscaler/fault-wrk-38/web");
        assert_eq!((finding.severity, finding.role), (Severity::Warning, Role::Symptom));
        assert_eq!(finding.title, "it cannot scale Deployment web: FailedUpdateScale");
        assert!(finding.evidence[0].value.contains("scaling is frozen"), "{:?}", finding.evidence);
    }

    #[test]
    fn it_is_told_below_a_target_that_does_not_exist() {
        let gone = Scenario::captured("WRK-38").later(2).without("Deployment", "web").snapshot();
        let view = View::new(&gone);
        let missing = crate::checks::scaling::autoscaler_target_is_missing::CHECK;
        let judged = sre_core::cause::fold([(CHECK.run)(&view), (missing.run)(&view)].concat(), &view);
        assert_eq!((judged.len(), judged[0].finding.check), (2, "WRK-39"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn a_first_try_that_failed_is_not_told() {
        assert_eq!(Scenario::captured("WRK-38").judge(&CHECK), []);
    }

    #[test]
    fn what_could_not_be_listed_leaves_it_undecided() {
        let scenario = Scenario::captured("WRK-38").later(2);
        let findings = scenario.gap(Sight::Of(Kind::HorizontalPodAutoscaler), GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].severity, Severity::Unknown);
        assert!(
            findings[0].title.contains("HorizontalPodAutoscaler was not seen whole (forbidden)"),
            "{}",
            findings[0].title
        );
    }
}
