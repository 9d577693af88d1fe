//! Checks of the section `slo`: promises that only a profile makes.

pub mod budget_burns_fast;
pub mod budget_is_used_up;

use sre_core::inquiry::{Query, only_share};
use sre_core::object::ObjectRef;
use sre_core::profile::Objective;
use sre_core::view::View;

/// Short windows that tell how fast a budget burns, longest first.
const WINDOWS: [&str; 4] = ["6h", "1h", "30m", "5m"];

/// What Prometheus is asked for a promise.
pub fn queries(objective: &Objective) -> Vec<Query> {
    let windows = WINDOWS.iter().map(|window| objective.query(window));
    windows.chain([objective.query(&objective.period())]).collect()
}

/// The share of bad requests of so long; none where nobody asked for anything, and where there are several.
pub fn bad(view: &View<'_>, objective: &Objective, window: &str) -> Option<f64> {
    only_share(&view.samples(&objective.query(window)))
}

/// Why there is no share of so long, in words.
pub fn undecided(view: &View<'_>, objective: &Objective, window: &str) -> String {
    match view.samples(&objective.query(window)).len() {
        0 => format!("no value over {window}: nobody asked for anything, or they name what is not there"),
        count => format!("{count} series over {window}, of which none is the whole; sum them"),
    }
}

/// How many times faster than allowed a budget burned for so long.
pub fn burn(view: &View<'_>, objective: &Objective, window: &str) -> Option<f64> {
    Some(bad(view, objective, window)? / objective.budget())
}

/// The share of the budget that is used.
pub fn used(view: &View<'_>, objective: &Objective) -> Option<f64> {
    burn(view, objective, &objective.period())
}

/// The promise, as an object.
pub fn object(objective: &Objective) -> ObjectRef {
    ObjectRef::cluster("SLO", &objective.name)
}

/// A percentage, with as many digits as make a difference to a promise.
pub fn percent(share: f64) -> String {
    let text = format!("{:.4}", share * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::check::{Check, judge};
    use sre_core::finding::Finding;
    use sre_core::profile::Profile;
    use sre_testkit::Scenario;

    /// A shop of which 1 % of all requests failed for 30 days, and 5 % in the last hours.
    pub(super) fn promised() -> Scenario {
        Scenario::captured("monitoring")
    }

    /// A profile with one objective, of which the lines are given.
    pub(super) fn objective(lines: &str) -> Profile {
        let lines = lines.replace('\n', "\n  ");
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nslos:\n- name: checkout\n  {lines}\n  \
             errors: sum(rate(shop_requests_total{{code=~\"5..\"}}[$window]))\n  \
             total: sum(rate(shop_requests_total[$window]))\n"
        );
        Profile::parse(&text, &[]).expect("a profile")
    }

    pub(super) fn judged(check: &Check, scenario: &Scenario, profile: &Profile) -> Vec<Finding> {
        let snapshot = scenario.snapshot();
        judge(&[check], &View::new(&snapshot).with_profile(profile.clone())).findings
    }

    /// The same, where the queries give one series for each of two instances.
    pub(super) fn of_two_instances() -> Scenario {
        promised().edit_answer("shop_requests_total", |answer| {
            let first = answer["data"]["result"][0].clone();
            let series = |instance: &str, share: &str| {
                let mut one = first.clone();
                one["metric"]["instance"] = instance.into();
                one["value"][1] = share.into();
                one
            };
            answer["data"]["result"] = vec![series("a", "0"), series("b", "1")].into();
        })
    }

    #[test]
    fn a_share_is_written_with_the_digits_that_count() {
        assert_eq!([percent(0.999), percent(0.99995), percent(0.5)], ["99.9 %", "99.995 %", "50 %"]);
    }
}
