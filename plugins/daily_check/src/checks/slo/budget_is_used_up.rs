//! The error budget of a promise is used up, or nearly.

use super::{bad, object, percent, undecided, used};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::profile::Objective;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "SLO-01",
    title: "the error budget of an objective is used up, or nearly",
    section: Section::Slo,
    examines: &[Sight::Prometheus],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.profile.objectives.iter().filter_map(|objective| judge(objective, view)).collect(),
};

fn judge(objective: &Objective, view: &View<'_>) -> Option<Finding> {
    let period = objective.period();
    let object = object(objective);
    let Some(used) = used(view, objective) else {
        let title = format!("not decided: its queries give {}", undecided(view, objective, &period));
        return Some(Finding::new(CHECK.id, Severity::Unknown, object, title).symptom());
    };
    let severity = severity(objective, used)?;
    let title = match used {
        used if used >= 1.0 => format!("its error budget is gone: {} of it are used", percent_of_budget(used)),
        used => format!("{} of its error budget are used", percent_of_budget(used)),
    };
    let bad = bad(view, objective, &period)?;
    let finding = Finding::new(CHECK.id, severity, object.clone(), title)
        .evidence(&object, "objective", format!("{} over {period}", percent(objective.target)))
        .evidence(&object, format!("bad requests over {period}"), percent(bad));
    Some(finding)
}

/// As the team says; a budget that is gone is critical whatever it says.
fn severity(objective: &Objective, used: f64) -> Option<Severity> {
    let levels = objective.levels;
    match used {
        used if used >= levels.critical.unwrap_or(1.0).min(1.0) => Some(Severity::Critical),
        used if levels.warning.is_some_and(|level| used >= level) => Some(Severity::Warning),
        _ => None,
    }
}

fn percent_of_budget(used: f64) -> String {
    format!("{:.0} %", used * 100.0)
}

const PAGE: &str = "\
A profile promises that so many percent of all requests are good over so many days (slos). What may be
bad is the error budget: 99.9 % over 30 days leaves 43 minutes and 12 seconds of nothing but errors.
Critical when it is gone, or from levels.critical on; a warning from levels.warning on.

Where the queries give nothing at all over the whole time, or more than one series, nothing is decided:
sum them.

Looked at: the queries of the profile, over the whole time of the objective, in Prometheus.

What to do: see what burns it now (kubectl sre explain SLO-02); where the policy of the team says so,
stop what changes the system until the budget is back.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::slo::tests::{judged, objective, of_two_instances, promised};
    use sre_core::snapshot::GapReason;

    fn said(text: &str) -> Vec<(Severity, String)> {
        judged(&CHECK, &promised(), &objective(text)).into_iter().map(|it| (it.severity, it.title)).collect()
    }

    #[test]
    fn a_budget_that_is_gone_is_critical() {
        let said = said("objective: 99.9");
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0].0, Severity::Critical);
        assert!(said[0].1.starts_with("its error budget is gone: "), "{said:?}");
    }

    #[test]
    fn what_is_left_is_told_from_the_levels_of_the_team_on() {
        assert_eq!(said("objective: 98"), []);
        let warned = said("objective: 98\nlevels: {warning: 10}");
        assert!(
            matches!(&warned[..], [(Severity::Warning, title)] if title.ends_with("of its error budget are used")),
            "{warned:?}"
        );
        assert_eq!(said("objective: 98\nlevels: {critical: 10}")[0].0, Severity::Critical);
    }

    #[test]
    fn the_first_of_several_series_is_not_the_promise() {
        let found = judged(&CHECK, &of_two_instances(), &objective("objective: 99"));
        assert_eq!((found.len(), found[0].severity), (1, Severity::Unknown), "{found:#?}");
        let words = "not decided: its queries give 2 series over 30d, of which none is the whole; sum them";
        assert_eq!(found[0].title, words);
    }

    #[test]
    fn without_an_answer_nothing_is_decided() {
        let gap = promised().gap(Sight::Prometheus, GapReason::TimedOut);
        assert_eq!(judged(&CHECK, &gap, &objective("objective: 99"))[0].severity, Severity::Unknown);
        let empty = promised().edit_answer("/api/v1/query?", |answer| answer["data"]["result"] = serde_json::json!([]));
        assert_eq!(judged(&CHECK, &empty, &objective("objective: 99"))[0].severity, Severity::Unknown);
    }
}
