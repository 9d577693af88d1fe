//! A vertical autoscaler has nothing to recommend.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::custom::scaling::VerticalPodAutoscaler;
use sre_core::slim::{Kind, Object, condition_of};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "WRK-44",
    title: "a vertical autoscaler recommends nothing",
    section: Section::Scaling,
    examines: &[Sight::Of(Kind::VerticalPodAutoscaler)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<VerticalPodAutoscaler>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// How long the recommender may take to see enough.
const PATIENCE_MINUTES: i64 = 30;

fn judge(autoscaler: &VerticalPodAutoscaler, view: &View<'_>) -> Option<Finding> {
    let (metadata, status) = (&autoscaler.metadata, &autoscaler.status);
    let made = metadata.creation_timestamp.at();
    let is_old = view.is_older_than_minutes(made, PATIENCE_MINUTES);
    if status.recommendation.is_some() || !is_old || view.is_going(metadata) {
        return None;
    }
    let said = ["ConfigUnsupported", "NoPodsMatched", "FetchingHistory"];
    let mut said = said.into_iter().filter_map(|kind| condition_of(&status.conditions, kind));
    let why = said.find(|it| it.status == "True");
    let object = autoscaler.reference();
    let (name, namespace) = (&metadata.name, &metadata.namespace);
    let target = &autoscaler.spec.target_ref;
    let reason = match why {
        Some(it) => it.type_.as_str(),
        None if status.conditions.is_empty() => "no recommender has looked at it",
        None => "it has seen no usage yet",
    };
    let title =
        format!("VerticalPodAutoscaler {name} recommends nothing for {} {}: {reason}", target.kind, target.name);
    let finding = Finding::new("WRK-44", Severity::Info, object.clone(), title)
        .evidence(&object, "status.recommendation", "not set")
        .evidence(&object, "spec.targetRef", format!("{} {}", target.kind, target.name));
    let finding = match why {
        Some(it) => finding.evidence(&object, format!("status.conditions[{}]", it.type_), it.message.as_str()),
        None => finding,
    };
    let finding = finding.since(made).look(format!("kubectl describe verticalpodautoscaler {name} -n {namespace}"));
    Some(finding.look(format!("kubectl top pods -n {namespace}")))
}

const PAGE: &str = "\
A VerticalPodAutoscaler is half an hour old or older and has no recommendation: its target has no pods,
no usage is measured, or its recommender does not run. Nothing is resized.

Looked at: status.recommendation and conditions of VerticalPodAutoscalers.

What to do: see whether usage is measured, and whether the target has pods:
  kubectl describe verticalpodautoscaler NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("WRK-44").later(31)
    }

    #[test]
    fn one_without_a_recommendation_is_told() {
        let findings = settled().judge(&CHECK);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let finding = &findings[0];
        assert_eq!(finding.object.to_string(), "VerticalPodAutoscaler/fault-wrk-44/web");
        let title = "VerticalPodAutoscaler web recommends nothing for Deployment web: NoPodsMatched";
        assert_eq!((finding.severity, finding.title.as_str()), (Severity::Info, title));
        assert_eq!(finding.remedies[0].command, "kubectl describe verticalpodautoscaler web -n fault-wrk-44");
    }

    #[test]
    fn a_recommendation_is_enough() {
        let advice = json!({ "containerRecommendations": [{ "containerName": "app", "target": { "cpu": "25m" } }] });
        let advised = settled().set("VerticalPodAutoscaler", "web", "/status/recommendation", advice);
        assert_eq!(advised.judge(&CHECK), []);
    }

    #[test]
    fn a_new_one_is_given_time() {
        assert_eq!(Scenario::captured("WRK-44").later(29).judge(&CHECK), []);
    }

    #[test]
    fn autoscalers_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::VerticalPodAutoscaler), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
