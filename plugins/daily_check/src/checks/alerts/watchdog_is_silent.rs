//! The alert that always fires does not arrive: then others may not arrive either.

use super::FIRING;
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::object::ObjectRef;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "ALT-02",
    title: "no Watchdog proves that alerts arrive",
    section: Section::Alerts,
    examines: &[Sight::Alertmanager],
    relies_on: &[],
    consults: &[Sight::Prometheus],
    page: PAGE,
    run: |view| judge(view).into_iter().collect(),
};

const NAME: &str = "Watchdog";

fn judge(view: &View<'_>) -> Option<Finding> {
    let alerts = view.snapshot.answers.alerts()?;
    if alerts.iter().any(|alert| alert.name() == NAME) {
        return None;
    }
    let asked = view.snapshot.answers.samples(&FIRING, view.now());
    let fires = asked.as_ref().map(|firing| firing.iter().any(|sample| sample.label("alertname") == NAME));
    let (severity, title) = match fires {
        Some(true) => (Severity::Critical, "it fires in Prometheus and does not arrive in Alertmanager: no alert may"),
        Some(false) => (Severity::Warning, "no rule of Prometheus makes it fire, so nothing proves that alerts arrive"),
        None => (Severity::Warning, "Alertmanager does not have it, so nothing proves that alerts arrive"),
    };
    let object = ObjectRef::cluster("Alert", NAME);
    let finding = Finding::new(CHECK.id, severity, object.clone(), title).evidence(
        &object,
        "/api/v2/alerts",
        format!("{} alerts, none of them {NAME}", alerts.len()),
    );
    Some(match fires {
        Some(fires) => finding.evidence(&object, "ALERTS", if fires { "firing" } else { "not there" }),
        None => finding,
    })
}

const PAGE: &str = "\
A rule called Watchdog fires always and by design: as long as it is seen, alerts find their way from
Prometheus to Alertmanager. When Alertmanager does not have it, silence means nothing.

Critical: Prometheus says that it fires, and Alertmanager does not have it. Warning: no rule makes it
fire, or Prometheus could not be asked, so that nothing proves that alerts arrive. Where another system
proves it, exclude it in a profile.

Looked at: /api/v2/alerts of Alertmanager, the series ALERTS of Prometheus.

What to do: see in Prometheus (/alertmanagers, its log) whether it reaches Alertmanager; without such
a rule, add one: expr: vector(1), with a receiver that notices when it stops.";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn said(scenario: &Scenario) -> Vec<Severity> {
        scenario.judge(&CHECK).into_iter().map(|finding| finding.severity).collect()
    }

    fn without_watchdog(list: &mut Value) {
        let alerts = list.as_array_mut().expect("alerts");
        let before = alerts.len();
        alerts.retain(|alert| alert["labels"]["alertname"] != NAME);
        assert_eq!(alerts.len(), before - 1);
    }

    #[test]
    fn one_that_fires_and_does_not_arrive_is_critical() {
        let scenario = Scenario::captured("monitoring").edit_answer("/api/v2/alerts", without_watchdog);
        assert_eq!(said(&scenario), [Severity::Critical]);
    }

    #[test]
    fn one_that_no_rule_makes_fire_is_a_warning() {
        let scenario = Scenario::captured("monitoring").edit_answer("/api/v2/alerts", without_watchdog);
        let scenario = scenario.edit_answer("/api/v1/query?", |answer| {
            let firing = answer["data"]["result"].as_array_mut().expect("a vector");
            firing.retain(|sample| sample["metric"]["alertname"] != NAME);
        });
        assert_eq!(said(&scenario), [Severity::Warning]);
    }

    #[test]
    fn one_that_arrives_is_well_and_without_alertmanager_nothing_is_decided() {
        assert_eq!(said(&Scenario::captured("monitoring")), []);
        let gap = Scenario::captured("monitoring").gap(Sight::Alertmanager, GapReason::Unavailable);
        assert_eq!(said(&gap), [Severity::Unknown]);
    }
}
