//! How much of each error budget is left.

use super::{Row, Source};
use crate::checks::slo::{bad, burn, object, percent, undecided, used};
use jiff::SignedDuration;
use sre_core::check::{Section, Sight};
use sre_core::profile::Objective;
use sre_core::view::View;

pub(super) const SOURCE: Source = Source {
    id: "slo",
    title: "Service level objectives",
    sights: &[Sight::Prometheus],
    // What is asked depends on the profile.
    queries: &[],
    section: Some(Section::Slo),
    rows: |view, _| {
        let objectives = &view.profile.objectives;
        (!objectives.is_empty()).then(|| objectives.iter().map(|objective| row(objective, view)).collect())
    },
};

fn row(objective: &Objective, view: &View<'_>) -> Row {
    let period = objective.period();
    let known = bad(view, objective, &period).zip(used(view, objective));
    let text = known.map_or_else(
        || format!("gives {}", undecided(view, objective, &period)),
        |(bad, used)| {
            let kept = format!("{} of {} over {period}", percent(1.0 - bad), percent(objective.target));
            let budget = objective.budget_time();
            let left = budget.mul_f64((1.0 - used).max(0.0));
            let pace = burn(view, objective, "1h")
                .map_or(String::new(), |pace| format!(", burning {pace:.1} times in the last hour"));
            format!(
                "{kept}; {:.0} % of the error budget left ({} of {}){pace}",
                (1.0 - used).max(0.0) * 100.0,
                span(left),
                span(budget)
            )
        },
    );
    Row::of(None, object(objective), text)
}

/// Minutes, or hours from three on.
fn span(length: SignedDuration) -> String {
    let minutes = length.as_secs_f64() / 60.0;
    if minutes < 180.0 { format!("{minutes:.1} min") } else { format!("{:.1} h", minutes / 60.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_core::profile::Profile;
    use sre_testkit::Scenario;

    fn told(errors: &str, objective: &str) -> String {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\nslos:\n- name: checkout\n  objective: {objective}\n  \
             errors: {errors}\n  total: sum(rate(shop_requests_total[$window]))\n"
        );
        let profile = Profile::parse(&text, &[]).expect("a profile");
        let snapshot = Scenario::captured("monitoring").snapshot();
        let view = View::new(&snapshot).with_profile(profile);
        (SOURCE.rows)(&view, None).expect("a panel").remove(0).text
    }

    const ERRORS: &str = "sum(rate(shop_requests_total{code=~\"5..\"}[$window]))";

    #[test]
    fn what_is_left_is_told_in_time() {
        let text = told(ERRORS, "98");
        assert!(text.starts_with("98.95") && text.contains(" of 98 % over 30d; 4"), "{text}");
        assert!(text.contains(" of 14.4 h)") && text.ends_with("burning 2.5 times in the last hour"), "{text}");
        assert!(told(ERRORS, "99.9").contains("; 0 % of the error budget left (0.0 min of 43.2 min)"));
    }

    #[test]
    fn what_was_not_answered_has_no_value() {
        assert!(told("sum(rate(other[$window]))", "99").starts_with("gives no value over 30d: "));
    }
}
