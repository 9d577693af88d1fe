//! What must hold of everything that all checks together say of every fixture.

use kubectl_sre_daily_check::checks::CHECKS;
use sre_core::access::ResourceAttributes;
use sre_core::check::{Check, Section, judge};
use sre_core::finding::{Effect, Finding, Severity};
use sre_core::view::View;
use sre_testkit::Scenario;

/// Everything that is said of a captured cluster, but for what could not be decided.
fn said(scenario: &Scenario) -> Vec<Finding> {
    let checks: Vec<&Check> = CHECKS.iter().collect();
    let snapshot = scenario.snapshot();
    let mut findings = judge(&checks, &View::new(&snapshot)).findings;
    findings.retain(|finding| finding.severity != Severity::Unknown);
    findings
}

/// Everything that is said of all fixtures, when they were captured and when what is young then is not any more.
fn all_that_is_said() -> Vec<Finding> {
    let scenarios = Scenario::all().into_iter().map(|(_, scenario)| scenario);
    let findings: Vec<Finding> = scenarios.flat_map(|it| [said(&it), said(&it.later(15))].concat()).collect();
    assert!(findings.len() > 200, "only {} findings", findings.len());
    findings
}

/// What kubectl does that changes nothing, by its first words.
const LOOKS: [&str; 12] = [
    "get",
    "describe",
    "logs",
    "top",
    "explain",
    "events",
    "api-resources",
    "auth can-i",
    "config view",
    "rollout history",
    "rollout status",
    "version",
];

/// Whether a command changes nothing, or says that it is only tried.
pub fn is_harmless(command: &str) -> bool {
    let words = command.strip_prefix("kubectl ").unwrap_or(command);
    // What only the client makes, or only explains, reaches no cluster.
    let stays_here = command.contains(" --dry-run=client") || command.ends_with(" --help");
    stays_here
        || command.contains(" --dry-run=server")
        || words.starts_with("sre ") && command.ends_with(" --dry-run")
        || LOOKS.iter().any(|verb| words == *verb || words.starts_with(&format!("{verb} ")))
}

#[test]
fn every_printed_change_is_only_tried() {
    let mut changes = 0;
    for finding in all_that_is_said() {
        for remedy in &finding.remedies {
            let is_tried = remedy.command.contains(" --dry-run");
            assert!(is_harmless(&remedy.command), "{} changes something: {}", finding.check, remedy.command);
            assert_eq!(remedy.effect == Effect::Changes, is_tried, "{}: {}", finding.check, remedy.command);
            changes += usize::from(is_tried);
        }
    }
    assert!(changes > 20, "only {changes} changes");
}

#[test]
fn of_every_printed_change_it_is_known_what_it_asks_of_the_api_server() {
    let remedies = all_that_is_said().into_iter().flat_map(|finding| finding.remedies);
    let changes = remedies.filter(|remedy| remedy.effect == Effect::Changes).map(|remedy| remedy.command);
    let unknown: Vec<String> = changes.filter(|it| ResourceAttributes::of_command(it).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// Checks whose findings have no beginning that anything tells, and why.
const WITHOUT_BEGINNING: [(&str, &str); 17] = [
    ("CFG-03", "a ConfigMap tells how large it is, and not since when"),
    ("GAP-110", "what nodes have room for changes with every pod"),
    ("GAP-15", "a webhook has been so since somebody configured it; when that was is not kept"),
    ("GAP-16", "how many pods served a webhook before is not kept"),
    ("GAP-17", "how long nobody has answered a conversion is not kept"),
    ("GAP-80", "the scale-down that left the claims has no time in them"),
    ("GAP-83", "an attachment counts from its own beginning, and the number of them has none"),
    ("GAP-96", "a quota tells how much is used, and not since when"),
    ("NOD-12", "the number of pods on a node has no beginning"),
    ("NOD-28", "when a kubelet was replaced stands nowhere"),
    ("CFG-14", "a quota tells how much is used, and not since when; who was refused for it does"),
    ("GAP-02", "it is about events that are gone"),
    ("CTL-03", "a percentile of the last minutes has no beginning"),
    ("CTL-06", "how many targets are not reached is counted now"),
    ("POD-45", "a share of the last hour has no beginning"),
    ("STO-09", "how full a volume is was measured now"),
    ("GAP-10", "/readyz and /livez tell what is wrong, and nothing more"),
];

#[test]
fn every_finding_tells_since_when() {
    // A matter of taste has been so since somebody wrote it.
    let is_opinion =
        |finding: &Finding| CHECKS.iter().any(|check| check.id == finding.check && check.section == Section::Opinions);
    let is_excused =
        |finding: &Finding| is_opinion(finding) || WITHOUT_BEGINNING.iter().any(|(check, _)| *check == finding.check);
    let silent = all_that_is_said().into_iter().filter(|finding| finding.since.is_none() && !is_excused(finding));
    let silent: Vec<String> = silent.map(|it| format!("{} {}: {}", it.check, it.object, it.title)).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn nothing_is_excused_that_always_tells_since_when() {
    let silent: Vec<Finding> = all_that_is_said().into_iter().filter(|finding| finding.since.is_none()).collect();
    for (check, why) in WITHOUT_BEGINNING {
        let is_seen = Scenario::all().iter().any(|(name, _)| name == check);
        assert!(!is_seen || silent.iter().any(|finding| finding.check == check), "{check} always does: {why}");
    }
}

/// What a run that names no section warns of.
fn warned(scenario: &Scenario) -> Vec<String> {
    let checks: Vec<&Check> = CHECKS.iter().filter(|check| check.section.is_usual()).collect();
    let snapshot = scenario.snapshot();
    let findings = judge(&checks, &View::new(&snapshot)).findings.into_iter();
    let warned = findings.filter(|it| matches!(it.severity, Severity::Critical | Severity::Warning));
    warned.map(|it| format!("{} {}: {}", it.check, it.object, it.title)).collect()
}

#[test]
fn nothing_is_warned_of_where_all_is_well() {
    assert_eq!(warned(&Scenario::captured("healthy")), Vec::<String>::new());
}

/// The same without the rollout that has just begun, and without heartbeats, which would have gone on.
fn settled() -> Scenario {
    let settled = Scenario::captured("healthy").without("Deployment", "web").without("ReplicaSet", "web-");
    settled.without("Pod", "web-").without("Service", "web").without("Lease", "")
}

#[test]
fn a_node_that_joined_a_minute_ago_is_given_its_time() {
    assert_eq!(warned(&settled().later(1)), Vec::<String>::new());
}

#[test]
fn what_is_not_new_is_still_well_later() {
    let settled = settled().without("Node", "healthy-joining").later(60);
    assert_eq!(warned(&settled), Vec::<String>::new());
}
