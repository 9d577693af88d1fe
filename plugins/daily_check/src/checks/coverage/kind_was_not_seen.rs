//! Something could not be looked at.

use sre_core::check::{Check, Section, Sight, everything_of};
use sre_core::finding::{Finding, Severity};
use sre_core::snapshot::{Gap, GapReason};
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "GAP-01",
    title: "something could not be looked at",
    section: Section::Coverage,
    examines: &[],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run,
};

fn run(view: &View<'_>) -> Vec<Finding> {
    view.snapshot.coverage.gaps().map(|(sight, gap)| statement(view, sight, gap)).collect()
}

fn statement(view: &View<'_>, sight: Sight, gap: &Gap) -> Finding {
    let object = everything_of(sight, view);
    let seen = if gap.seen == 0 { String::new() } else { format!(", {} were seen nevertheless", gap.seen) };
    let title = format!("{} could not be looked at: {}{seen}", sight.word(), gap.reason.word());
    let finding = Finding::new("GAP-01", Severity::Unknown, object.clone(), title);
    finding.evidence(&object, "read", format!("{}: {}", gap.reason.word(), gap.detail)).look(way_on(view, sight, gap))
}

/// Whoever may not look asks what they may; whoever got no answer tries it alone.
fn way_on(view: &View<'_>, sight: Sight, gap: &Gap) -> String {
    let Sight::Of(kind) = sight else { return format!("kubectl get --raw '{}?verbose'", sight.word()) };
    let info = kind.info();
    let group = info.api_version.split_once('/').map_or_else(String::new, |(group, _)| format!(".{group}"));
    let scope = view.snapshot.namespaces.one().map_or_else(|| "-A".to_owned(), |one| format!("-n {one}"));
    match gap.reason {
        GapReason::Forbidden => format!("kubectl auth can-i list {}{group} {scope}", info.plural),
        _ => format!("kubectl get {}{group} {scope}", info.plural),
    }
}

const PAGE: &str = "\
A kind of object, or a health endpoint of the API server, could not be read, or not whole: access is
forbidden, no answer came in time, the answer was cut short, or objects could not be decoded. Every
check that needs it says `unknown` instead of silently finding nothing; those findings are folded
under this one.

What to do: for a forbidden kind ask for the right to list it (kubectl sre daily-check --print-rbac
prints the smallest rights for a whole run); for the others try the list by itself, and look at the
API that serves it.

Harmless: what is not installed, or was not asked for, is no gap and stands in the coverage only.";

#[cfg(test)]
mod tests {
    use super::super::super::nodes::kubelet_is_silent;
    use super::*;
    use sre_core::cause::fold;
    use sre_core::slim::Kind;
    use sre_core::snapshot::ReadState;
    use sre_testkit::Scenario;

    fn blind() -> Scenario {
        Scenario::captured("NOD-02").gap(Sight::Of(Kind::Node), GapReason::Forbidden)
    }

    #[test]
    fn each_gap_is_one_finding_that_names_the_kind() {
        let findings = blind().gap(Sight::Of(Kind::ReplicaSet), GapReason::TimedOut).judge(&CHECK);
        assert_eq!(findings.len(), 2, "{findings:#?}");
        assert_eq!((findings[0].object.to_string().as_str(), findings[0].severity), ("Node/*", Severity::Unknown));
        assert_eq!(findings[0].title, "Node could not be looked at: forbidden");
        assert_eq!(findings[0].evidence[0].value, "forbidden: as the test says");
        assert_eq!(findings[0].remedies[0].command, "kubectl auth can-i list nodes -A");
        assert_eq!(findings[1].remedies[0].command, "kubectl get replicasets.apps -A");
    }

    #[test]
    fn what_was_read_whole_or_is_not_there_is_not_meant() {
        let whole = Scenario::captured("NOD-02").state(Sight::Of(Kind::Node), ReadState::NotInstalled);
        assert_eq!(whole.judge(&CHECK), []);
    }

    #[test]
    fn the_undecided_checks_are_folded_under_it() {
        let scenario = blind();
        let findings = [scenario.judge(&CHECK), scenario.judge(&kubelet_is_silent::CHECK)].concat();
        let snapshot = scenario.snapshot();
        let judged = fold(findings, &View::new(&snapshot));
        assert_eq!((judged[0].finding.check, judged[1].finding.check), ("GAP-01", "NOD-02"));
        assert_eq!(judged[1].caused_by, [judged[0].id.clone()]);
    }

    #[test]
    fn a_health_endpoint_is_named_by_its_path() {
        let findings = Scenario::captured("NOD-02").gap(Sight::Readyz, GapReason::Forbidden).judge(&CHECK);
        assert_eq!(findings[0].object.name, "*");
        assert_eq!(findings[0].remedies[0].command, "kubectl get --raw '/readyz?verbose'");
    }
}
