//! An alert fires, and nobody has silenced it.

use super::{BY_DESIGN, named, subject};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::inquiry::Alert;
use sre_core::object::ObjectRef;
use sre_core::view::View;
use std::collections::BTreeMap;

/// See the module.
pub const CHECK: Check = Check {
    id: "ALT-01",
    title: "an alert fires",
    section: Section::Alerts,
    examines: &[Sight::Alertmanager],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

/// Objects of one alert that are worth being named.
const NAMED: usize = 10;

fn run(view: &View<'_>) -> Vec<Finding> {
    let mut firing: BTreeMap<ObjectRef, Vec<Alert>> = BTreeMap::new();
    for alert in view.snapshot.answers.alerts().unwrap_or_default() {
        let is_meant =
            alert.is_active() && !BY_DESIGN.contains(&alert.name()) && view.includes(alert.label("namespace"));
        if is_meant {
            firing.entry(named(&alert.labels)).or_default().push(alert);
        }
    }
    firing.into_iter().filter_map(|(object, alerts)| statement(object, &alerts)).collect()
}

/// All that fire of one name in one namespace are one trouble.
fn statement(object: ObjectRef, alerts: &[Alert]) -> Option<Finding> {
    let severity = alerts.iter().map(severity).min()?;
    let since = alerts.iter().map(|alert| alert.starts_at).min();
    let words = alerts.iter().find_map(words).map_or(String::new(), |words| format!(": {words}"));
    let times = if alerts.len() > 1 { format!(" {} times", alerts.len()) } else { String::new() };
    let title = format!("it fires{times}{words}");
    let finding = Finding::new(CHECK.id, severity, object.clone(), title).symptom().since(since);
    let finding =
        alerts.iter().take(NAMED).fold(finding, |finding, alert| finding.evidence(&object, "labels", written(alert)));
    let subjects: Vec<ObjectRef> = alerts.iter().filter_map(|alert| subject(&alert.labels)).collect();
    // Where one of them is about nothing that is known, no cause can explain all of it.
    let shown = if subjects.len() == alerts.len() { subjects } else { Vec::new() };
    let finding = shown.into_iter().fold(finding, Finding::shows_on);
    let page = alerts.iter().find_map(|alert| alert.annotations.get("runbook_url"));
    Some(match page {
        Some(page) => finding.evidence(&object, "annotations.runbook_url", page.as_str()),
        None => finding,
    })
}

/// As urgent as the rule says; what says nothing is worth a warning.
fn severity(alert: &Alert) -> Severity {
    match alert.label("severity").to_ascii_lowercase().as_str() {
        "critical" | "page" | "error" | "emergency" => Severity::Critical,
        "info" | "none" | "debug" => Severity::Info,
        _ => Severity::Warning,
    }
}

fn words(alert: &Alert) -> Option<&str> {
    let annotation = |name: &str| alert.annotations.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let text = annotation("summary").or_else(|| annotation("description")).or_else(|| annotation("message"))?;
    text.lines().next().map(|line| line.trim_end_matches('.'))
}

fn written(alert: &Alert) -> String {
    let known = ["alertname", "severity", "prometheus"];
    let labels = alert.labels.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    labels.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

const PAGE: &str = "\
Alertmanager has an alert that fires, and neither a silence nor another alert keeps it quiet. How bad
it is, its label severity says: critical, page and error are critical, info and none are info,
everything else is a warning. Watchdog and InfoInhibitor fire by design and are no alerts.

All that fire under one name in one namespace are one finding. What the labels name (pod, deployment,
node ...) is looked at like any other object: where the report knows why it is ill, the alert is told
below its cause.

Looked at: /api/v2/alerts of the Alertmanager that the profile names, else of the one that is found in
the cluster.

What to do: read the page that the alert's annotation runbook_url names; kubectl sre explain shows
what the checks of the objects say. What is known and worked on is silenced in Alertmanager, with a
reason and an end.";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn said(scenario: &Scenario) -> Vec<(String, Severity, String)> {
        let findings = scenario.judge(&CHECK).into_iter();
        findings.map(|finding| (finding.object.to_string(), finding.severity, finding.title)).collect()
    }

    #[test]
    fn what_fires_is_told_once_for_each_name_and_namespace() {
        let said = said(&Scenario::captured("monitoring"));
        let titles: Vec<(&str, Severity)> =
            said.iter().map(|(object, severity, _)| (object.as_str(), *severity)).collect();
        let wanted = [("Alert/shop/CartIsSlow", Severity::Warning), ("Alert/shop/CheckoutIsDown", Severity::Critical)];
        assert_eq!(titles, wanted, "{said:#?}");
        assert_eq!(said[1].2, "it fires 2 times: nobody can pay");
    }

    #[test]
    fn what_is_silenced_or_fires_by_design_is_not_told() {
        let silenced = Scenario::captured("monitoring").edit_answer("/api/v2/alerts", |alerts| {
            for alert in alerts.as_array_mut().expect("alerts") {
                alert["status"]["silencedBy"] = serde_json::json!(["a"]);
            }
        });
        assert_eq!(said(&silenced), []);
    }

    #[test]
    fn an_alertmanager_that_does_not_answer_leaves_it_undecided() {
        let findings = Scenario::captured("monitoring").gap(Sight::Alertmanager, GapReason::TimedOut).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
