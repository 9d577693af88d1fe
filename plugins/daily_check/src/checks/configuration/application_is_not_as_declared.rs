//! An application of Argo CD is degraded, or cannot be synchronised.

use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::slim::custom::application::Application;
use sre_core::slim::{Kind, Object, Time};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "CFG-20",
    title: "an application of Argo CD is degraded, or not as its repository has it",
    section: Section::Configuration,
    examines: &[Sight::Of(Kind::Application)],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.all::<Application>().iter().filter_map(|it| judge(it, view)).collect(),
};

/// How long a rollout may look degraded.
const PATIENCE_MINUTES: i64 = 5;

fn judge(application: &Application, view: &View<'_>) -> Option<Finding> {
    let status = &application.status;
    if !view.is_settled(&application.metadata) {
        return None;
    }
    let (severity, title) =
        refused(application).or_else(|| unhealthy(application, view)).or_else(|| differing(application))?;
    let object = application.reference();
    let (name, namespace) = (&application.metadata.name, &application.metadata.namespace);
    let finding = Finding::new("CFG-20", severity, object.clone(), title)
        .evidence(&object, "status.sync.status", status.sync.status.as_str())
        .evidence(&object, "status.health.status", status.health.status.as_str());
    let finding = match status.operation_state.as_ref().filter(|it| !it.message.is_empty()) {
        Some(state) => finding.evidence(&object, "status.operationState.message", state.message.as_str()),
        None => finding,
    };
    let finding = finding.since(status.health.last_transition_time.as_ref().and_then(Time::at));
    Some(finding.look(format!("kubectl describe applications.argoproj.io {name} -n {namespace}")))
}

/// The last synchronisation failed, and the difference is still there.
fn refused(application: &Application) -> Option<(Severity, String)> {
    let status = &application.status;
    let phase = status.operation_state.as_ref()?.phase.as_str();
    let is_failed = matches!(phase, "Failed" | "Error") && status.sync.status != "Synced";
    let name = &application.metadata.name;
    is_failed.then(|| (Severity::Warning, format!("Application {name} could not be synchronised ({phase})")))
}

fn unhealthy(application: &Application, view: &View<'_>) -> Option<(Severity, String)> {
    let health = &application.status.health;
    let since = health.last_transition_time.as_ref().and_then(Time::at);
    // Older versions do not say since when.
    let lasts = since.is_none() || view.is_older_than_minutes(since, PATIENCE_MINUTES);
    // What is synchronised by hand may not have been so yet.
    let is_missing = health.status == "Missing" && application.spec.sync_policy.automated.is_some();
    let is_bad = (health.status == "Degraded" || is_missing) && lasts;
    let name = &application.metadata.name;
    is_bad.then(|| (Severity::Warning, format!("Application {name} is {}", health.status.to_lowercase())))
}

/// What is not synchronised by itself waits for somebody, and may be meant to.
fn differing(application: &Application) -> Option<(Severity, String)> {
    let is_different = application.status.sync.status == "OutOfSync";
    let by_itself = application.spec.sync_policy.automated.is_some();
    let why = if by_itself { ", though it is synchronised by itself" } else { "" };
    let name = &application.metadata.name;
    is_different.then(|| (Severity::Info, format!("Application {name} differs from its repository{why}")))
}

const PAGE: &str = "\
Argo CD says that an application is not as its repository has it. Its last synchronisation failed, or
its objects are degraded or missing for five minutes or more: a warning. That it merely differs is
info: it waits for somebody, or something was changed by hand.

Looked at: status.health, status.sync and status.operationState of Applications.

Harmless: applications that are synchronised by hand and have a change waiting.

What to do: see what differs and what failed:
  kubectl describe applications.argoproj.io NAME -n NAMESPACE";

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::snapshot::GapReason;
    use sre_testkit::Scenario;

    fn settled() -> Scenario {
        Scenario::captured("CFG-20").later(6)
    }

    #[test]
    fn failed_degraded_and_different_ones_are_told() {
        let findings = settled().judge(&CHECK);
        let said: Vec<(&str, Severity)> = findings.iter().map(|it| (it.title.as_str(), it.severity)).collect();
        assert_eq!(
            said,
            [
                ("Application api is degraded", Severity::Warning),
                ("Application docs differs from its repository", Severity::Info),
                ("Application shop could not be synchronised (Failed)", Severity::Warning),
            ]
        );
        assert_eq!(findings[2].evidence[2].field, "status.operationState.message");
        let command = "kubectl describe applications.argoproj.io shop -n fault-cfg-20";
        assert_eq!(findings[2].remedies[0].command, command);
    }

    #[test]
    fn what_is_healthy_and_synchronised_is_not_meant() {
        let healthy = settled().set("Application", "api", "/status/health/status", "Healthy");
        let synced = healthy.set("Application", "docs", "/status/sync/status", "Synced");
        assert_eq!(synced.judge(&CHECK).len(), 1);
    }

    #[test]
    fn what_is_synchronised_by_hand_may_be_missing_still() {
        let missing = |name| settled().set("Application", name, "/status/health/status", "Missing").judge(&CHECK);
        assert_eq!(missing("docs")[1].severity, Severity::Info);
        let by_itself =
            settled().set("Application", "docs", "/spec/syncPolicy", serde_json::json!({ "automated": {} }));
        let findings = by_itself.set("Application", "docs", "/status/health/status", "Missing").judge(&CHECK);
        assert_eq!(findings[1].title, "Application docs is missing");
    }

    #[test]
    fn a_failure_that_was_made_good_is_over() {
        let good = settled().set("Application", "shop", "/status/sync/status", "Synced");
        assert_eq!(good.judge(&CHECK).len(), 2);
    }

    #[test]
    fn applications_that_could_not_be_listed_leave_it_undecided() {
        let findings = settled().gap(Sight::Of(Kind::Application), GapReason::Forbidden).judge(&CHECK);
        assert_eq!((findings.len(), findings[0].severity), (1, Severity::Unknown));
    }
}
