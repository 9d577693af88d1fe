//! Service level objectives of a system, and what Prometheus is asked for them.

use crate::inquiry::{Query, Sample, only_share};
use crate::strict::Cursor;
use jiff::SignedDuration;

/// What stands for the window in the expressions of an objective.
const WINDOW: &str = "$window";

/// What is promised of a system: so many percent of all requests are good.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What the team calls it.
    pub name: String,
    /// The promised share of good requests, between 0 and 1.
    pub target: f64,
    /// The days that it is promised for.
    pub days: i64,
    /// PromQL that gives the share of bad requests, with `$window` for how far back.
    ratio: String,
    /// From which part of the budget on its use is told, between 0 and 1, each if the team says so.
    pub levels: Levels,
}

/// From which part of the budget on its use is told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Levels {
    /// As a warning.
    pub warning: Option<f64>,
    /// As critical; a budget that is gone is critical anyway.
    pub critical: Option<f64>,
}

impl Objective {
    /// What Prometheus is asked for the share of bad requests of so long, written as in PromQL: `1h`.
    pub fn query(&self, window: &str) -> Query {
        Query::Now(self.ratio_over(window).into())
    }

    /// PromQL for the share of bad requests of so long.
    pub fn ratio_over(&self, window: &str) -> String {
        self.ratio.replace(WINDOW, window)
    }

    /// The whole time of the promise, as in PromQL.
    pub fn period(&self) -> String {
        format!("{}d", self.days)
    }

    /// The share of requests that may be bad.
    pub fn budget(&self) -> f64 {
        1.0 - self.target
    }

    /// What Prometheus is asked for how much of the budget is used.
    pub fn spent_query(&self) -> Query {
        self.query(&self.period())
    }

    /// The used part of the budget, by the answer to [`Self::spent_query`]; none where there is no single share of bad
    /// requests.
    pub fn spent(&self, samples: &[Sample]) -> Option<f64> {
        Some(only_share(samples)? / self.budget())
    }

    /// How long everything may be bad in the whole time.
    pub fn budget_time(&self) -> SignedDuration {
        #[allow(clippy::cast_precision_loss, reason = "days")]
        let seconds = self.budget() * self.days as f64 * 86_400.0;
        SignedDuration::try_from_secs_f64(seconds.round()).unwrap_or_default()
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["name", "objective", "days", "errors", "good", "total", "levels"])?;
        let name = fields.required("name").and_then(|it| it.text());
        // Of 100 % nothing may ever be bad: such a promise has no budget.
        let target = fields.required("objective").and_then(|it| it.number(1.0..=99.9999));
        let days = fields.optional("days").map_or(Some(30.0), |it| it.whole(1.0..=90.0));
        let total = fields.required("total").and_then(|it| it.parsed(expression));
        let part = match (fields.optional("errors"), fields.optional("good")) {
            (Some(errors), None) => errors.parsed(expression).map(|errors| (errors, Part::Bad)),
            (None, Some(good)) => good.parsed(expression).map(|good| (good, Part::Good)),
            _ => {
                fields.wrong("either errors or good is wanted, beside total");
                None
            }
        };
        let levels = fields.optional("levels").map_or(Some(Levels::default()), |it| levels(&it));
        let (part, of) = part?;
        let total = total?;
        let ratio = match of {
            // The series of errors begins with the first error: until then there are none of the requests that there are.
            Part::Bad => format!("(({part}) or on() 0 * ({total})) / ({total})"),
            Part::Good => format!("1 - ({part}) / ({total})"),
        };
        #[allow(clippy::cast_possible_truncation, reason = "at most 90")]
        Some(Self { name: name?, target: target? / 100.0, days: days? as i64, ratio, levels: levels? })
    }
}

/// What an expression counts.
enum Part {
    Bad,
    Good,
}

fn levels(cursor: &Cursor<'_>) -> Option<Levels> {
    let fields = cursor.fields(&["warning", "critical"])?;
    let level = |name| fields.optional(name).map_or(Some(None), |it| it.number(1.0..=100.0).map(|it| Some(it / 100.0)));
    let (warning, critical) = (level("warning"), level("critical"));
    let levels = Levels { warning: warning?, critical: critical? };
    if levels.warning.zip(levels.critical).is_some_and(|(warning, critical)| warning > critical) {
        fields.wrong("warning is above critical, so nobody would ever be warned");
    }
    Some(levels)
}

fn expression(text: &str) -> Result<String, String> {
    if text.contains(WINDOW) {
        return Ok(text.trim().to_owned());
    }
    Err(format!("it names no {WINDOW}; write for example sum(rate(http_requests_total[{WINDOW}]))"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strict;

    fn read(text: &str) -> Result<Objective, Vec<String>> {
        strict::read(text, Objective::read).map_err(|all| all.iter().map(|it| it.message.clone()).collect())
    }

    #[test]
    fn a_promise_has_a_budget_and_a_query() {
        let text = "name: api\nobjective: 99.9\nerrors: sum(rate(e[$window]))\ntotal: sum(rate(t[$window]))\n";
        let objective = read(text).expect("an objective");
        assert_eq!(
            objective.query("1h"),
            Query::Now("((sum(rate(e[1h]))) or on() 0 * (sum(rate(t[1h])))) / (sum(rate(t[1h])))".into())
        );
        assert_eq!(objective.period(), "30d");
        assert_eq!(objective.budget_time(), SignedDuration::from_secs(2592));
        let good = text.replace("errors:", "good:");
        let asked = read(&good).expect("an objective").query("5m");
        assert_eq!(asked, Query::Now("1 - (sum(rate(e[5m]))) / (sum(rate(t[5m])))".into()));
    }

    #[test]
    fn what_cannot_be_kept_or_asked_is_refused() {
        let text = "name: api\nobjective: 100\nerrors: e\ngood: g[$window]\ntotal: t[$window]\n";
        let problems = read(text).expect_err("problems");
        assert!(problems.iter().any(|it| it.contains("99.9999")) && problems.len() == 2, "{problems:?}");
        let upside_down = read(
            "name: a\nobjective: 99\nerrors: e[$window]\ntotal: t[$window]\nlevels: {warning: 90, critical: 50}\n",
        );
        assert_eq!(upside_down, Err(vec!["warning is above critical, so nobody would ever be warned".to_owned()]));
        let part = read("name: a\nobjective: 99\ndays: 1.5\nerrors: e[$window]\ntotal: t[$window]\n");
        assert_eq!(part, Err(vec!["1.5 is no whole number".to_owned()]));
        let one = read("name: a\nobjective: 99\nerrors: e\ntotal: t[$window]\n").expect_err("a problem");
        assert!(one[0].starts_with("it names no $window"), "{one:?}");
    }
}
