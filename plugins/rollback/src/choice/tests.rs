use super::*;
use crate::revisions::tests::Captured;

fn choose_in(name: &str, wanted: Wanted) -> Result<Choice, NoChoice> {
    choose(&Captured::named(name).history(), wanted)
}

fn with_verdicts(name: &str, verdicts: &[Verdict]) -> Vec<Revision> {
    let mut history = Captured::named(name).history();
    history.iter_mut().zip(verdicts).for_each(|(revision, verdict)| revision.health.verdict = *verdict);
    history
}

use Verdict::{Bad, Healthy, Unknown};

#[test]
fn the_newest_that_worked_is_taken_and_not_simply_the_one_before() {
    let healthy = |number| Ok(Choice { number, verdict: Healthy, tier: Tier::Reversible, notes: Vec::new() });
    assert_eq!(choose_in("broken-image", Wanted::LastHealthy), healthy(3));
    assert_eq!(
        choose_in("three-good", Wanted::LastHealthy),
        healthy(2),
        "asked for, though the current one is available"
    );
    assert_eq!(choose(&with_verdicts("broken-image", &[Bad, Bad, Unknown, Healthy]), Wanted::LastHealthy), healthy(1));
    assert_eq!(choose_in("stuck-stateful-set", Wanted::LastHealthy), healthy(2));
    assert_eq!(choose_in("daemon-set", Wanted::LastHealthy), healthy(2));
}

#[test]
fn failing_that_the_newest_that_is_not_known_to_be_bad() {
    let chosen =
        choose(&with_verdicts("broken-image", &[Bad, Bad, Unknown, Unknown]), Wanted::LastHealthy).expect("one");
    assert_eq!((chosen.number, chosen.verdict, chosen.tier), (2, Unknown, Tier::Disruptive));
    assert_eq!(chosen.notes, [Note::warning("health unknown: nothing shows that revision 2 worked")]);
    let none = choose(&with_verdicts("broken-image", &[Bad, Bad, Bad, Bad]), Wanted::LastHealthy);
    assert_eq!(none, Err(NoChoice::OnlyBad { bad: vec![3, 2, 1] }));
}

#[test]
fn a_bad_one_is_taken_by_its_number_only() {
    let history = with_verdicts("broken-image", &[Bad, Bad, Unknown, Healthy]);
    let chosen = choose(&history, Wanted::Number(3)).expect("one");
    assert_eq!((chosen.number, chosen.tier), (3, Tier::Disruptive));
    assert_eq!(chosen.notes, [Note::warning("revision 3 is known not to work")]);
}

#[test]
fn repeating_it_does_not_go_to_and_fro() {
    let again = choose_in("rolled-back", Wanted::LastHealthy).expect_err("nothing to do");
    assert_eq!(again, NoChoice::NothingToDo { number: 5, is_brought_back: true, others: vec![4, 2, 1] });
    let told = "nothing to do: the workload is at revision 5, which somebody went back to already; to go elsewhere, \
                name one with --to-revision: 4, 2, 1";
    assert_eq!(again.to_string(), told);
    let while_it_rolls = with_verdicts("rolled-back", &[Unknown, Healthy, Healthy, Unknown]);
    assert!(matches!(choose(&while_it_rolls, Wanted::LastHealthy), Err(NoChoice::NothingToDo { .. })));
    let does_not_work = with_verdicts("rolled-back", &[Bad, Healthy, Healthy, Unknown]);
    let further_back = choose(&does_not_work, Wanted::LastHealthy).map(|it| it.number);
    assert_eq!(further_back, Ok(2), "not to revision 4, which it was brought back from");
}

#[test]
fn a_restart_is_nothing_to_go_back_from() {
    let mut history = with_verdicts("broken-image", &[Bad, Healthy, Healthy, Healthy]);
    history[1].template = history[0].template.clone();
    history[1].template["metadata"]["annotations"] =
        serde_json::json!({"kubectl.kubernetes.io/restartedAt": "2026-01-15T08:00:00Z"});
    assert_eq!(choose(&history, Wanted::LastHealthy).map(|it| it.number), Ok(2));
    assert_eq!(choose(&history, Wanted::Number(3)).map(|it| it.number), Ok(3), "by its number it can be had");
}

#[test]
fn without_a_history_it_says_so_and_what_else_there_is() {
    let mut history = Captured::named("broken-image").history();
    history.truncate(1);
    for history in [&history[..], &[]] {
        let none = choose(history, Wanted::LastHealthy).expect_err("no history");
        assert_eq!(none, NoChoice::NoHistory);
        let text = none.to_string();
        assert!(["revisionHistoryLimit", "digest", "Helm", "Git"].iter().all(|word| text.contains(word)), "{text}");
    }
}

#[test]
fn a_number_that_is_not_there_is_told_with_those_that_are() {
    let none = choose_in("broken-image", Wanted::Number(9)).expect_err("no such revision");
    assert_eq!(none.to_string(), "there is no revision 9; there are 4, 3, 2, 1");
    let same = choose_in("broken-image", Wanted::Number(4)).expect_err("it is there");
    assert_eq!(same.to_string(), "nothing to do: the workload is at revision 4");
}

#[test]
fn while_nothing_is_current_any_can_be_gone_back_to() {
    let mut history = Captured::named("broken-image").history();
    history.iter_mut().for_each(|it| it.is_current = false);
    assert_eq!(choose(&history, Wanted::LastHealthy).map(|it| it.number), Ok(3));
}
