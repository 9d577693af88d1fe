//! The error budget of a promise burns so fast that it will be gone before its time.

use super::{burn, object, used};
use sre_core::check::{Check, Section, Sight};
use sre_core::finding::{Finding, Severity};
use sre_core::profile::Objective;
use sre_core::view::View;

/// See the module.
pub const CHECK: Check = Check {
    id: "SLO-02",
    title: "the error budget of an objective burns too fast",
    section: Section::Slo,
    examines: &[Sight::Prometheus],
    relies_on: &[],
    consults: &[],
    page: PAGE,
    run: |view| view.profile.objectives.iter().filter_map(|objective| judge(objective, view)).collect(),
};

/// A long window, a short one that shows that it still burns, the share of the budget that the long one may not use,
/// and how urgent that is. Source: the multiwindow alerts of <https://sre.google/workbook/alerting-on-slos/>.
struct Pace {
    long: &'static str,
    hours: f64,
    short: &'static str,
    share: f64,
    severity: Severity,
}

/// The share of bad requests from which on every promise is burning too fast.
const MOST: f64 = 0.9;

const PACES: [Pace; 2] = [
    Pace { long: "1h", hours: 1.0, short: "5m", share: 0.02, severity: Severity::Critical },
    Pace { long: "6h", hours: 6.0, short: "30m", share: 0.05, severity: Severity::Warning },
];

impl Pace {
    /// How many times faster than allowed it burns at this pace: for 30 days 14.4 and 6.
    ///
    /// Never below 1, which is what is allowed; and never more than when nine in ten requests are bad, or a promise with
    /// much room would stay silent while everything fails.
    fn factor(&self, objective: &Objective) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "days")]
        let period = objective.days as f64 * 24.0;
        (self.share * period / self.hours).min(MOST / objective.budget()).max(1.0)
    }
}

fn judge(objective: &Objective, view: &View<'_>) -> Option<Finding> {
    PACES.iter().find_map(|pace| {
        let (long, short) = (burn(view, objective, pace.long)?, burn(view, objective, pace.short)?);
        let factor = pace.factor(objective);
        (long > factor && short > factor).then(|| statement(objective, pace, (long, short), view))
    })
}

fn statement(objective: &Objective, pace: &Pace, (long, short): (f64, f64), view: &View<'_>) -> Finding {
    let object = object(objective);
    let left = used(view, objective).map(|used| (1.0 - used).max(0.0));
    #[allow(clippy::cast_precision_loss, reason = "days")]
    let hours_left = left.map(|left| left * objective.days as f64 * 24.0 / long);
    let end = match hours_left {
        Some(hours) if hours < 0.1 => ", and nothing of it is left".to_owned(),
        Some(hours) if hours < 48.0 => format!(": at this pace it is gone in {hours:.1} hours"),
        Some(hours) => format!(": at this pace it is gone in {:.0} days", hours / 24.0),
        None => String::new(),
    };
    let title = format!("its error budget burns {long:.1} times too fast{end}");
    Finding::new(CHECK.id, pace.severity, object.clone(), title)
        .evidence(&object, format!("burn rate over {}", pace.long), format!("{long:.2}"))
        .evidence(&object, format!("burn rate over {}", pace.short), format!("{short:.2}"))
        .evidence(&object, "burn rate that is too fast", format!("{:.2}", pace.factor(objective)))
}

const PAGE: &str = "\
Of the error budget of an objective (slos of a profile) so much is used in a short time that it will be
gone long before its time. Critical: 2 % of it within an hour; a warning: 5 % within six hours. A second,
shorter look (five minutes, half an hour) says that it still burns.

A burn rate of 1 uses up exactly the whole budget in the whole time; for 30 days the limits are 14.4 and 6.
For a few days they are at least 1; and nine bad requests in ten are too fast for every objective.

Looked at: the queries of the profile over 1h and 5m, 6h and 30m, in Prometheus.

What to do: users feel this now. See what broke and what changed:
  kubectl sre daily-check --routine evening";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::slo::tests::{judged, objective, promised};
    use sre_core::snapshot::GapReason;

    #[test]
    fn what_burns_in_both_windows_is_told() {
        let found = judged(&CHECK, &promised(), &objective("objective: 99.9"));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].severity, Severity::Critical);
        assert!(found[0].title.starts_with("its error budget burns "), "{}", found[0].title);
    }

    #[test]
    fn a_promise_with_more_room_burns_slowly() {
        assert_eq!(judged(&CHECK, &promised(), &objective("objective: 80")), []);
    }

    /// What is said of a share of bad requests in all windows.
    fn burning(bad: &str, lines: &str) -> Option<Severity> {
        let all = promised().edit_answer("shop_requests_total", |answer| {
            answer["data"]["result"][0]["value"][1] = bad.into();
        });
        judged(&CHECK, &all, &objective(lines)).first().map(|finding| finding.severity)
    }

    #[test]
    fn what_keeps_a_promise_of_one_day_does_not_burn_too_fast() {
        let one_day = "objective: 99\ndays: 1";
        assert_eq!(burning("0.009", one_day), None, "just what is allowed");
        assert_eq!(burning("0.02", one_day), Some(Severity::Critical));
    }

    #[test]
    fn a_promise_with_much_room_is_told_of_when_everything_fails() {
        assert_eq!(burning("1", "objective: 90"), Some(Severity::Critical));
        assert_eq!(burning("1", "objective: 50"), Some(Severity::Critical));
        assert_eq!(burning("0.3", "objective: 90"), None);
    }

    #[test]
    fn what_has_stopped_burning_is_not_told() {
        let over = promised().edit_answer("5m", |answer| answer["data"]["result"][0]["value"][1] = "0".into());
        let over = over.edit_answer("30m", |answer| answer["data"]["result"][0]["value"][1] = "0".into());
        assert_eq!(judged(&CHECK, &over, &objective("objective: 99.9")), []);
    }

    #[test]
    fn without_an_answer_nothing_is_decided() {
        let gap = promised().gap(Sight::Prometheus, GapReason::TimedOut);
        assert_eq!(judged(&CHECK, &gap, &objective("objective: 99"))[0].severity, Severity::Unknown);
    }
}
