//! Who may do everything, and what was bound this week.

use super::{Row, Source};
use crate::checks::allowing;
use jiff::SignedDuration;
use sre_core::check::Sight;
use sre_core::slim::role_binding::Subject;
use sre_core::slim::{ClusterRoleBinding, Kind, Object, RoleBinding};
use sre_core::view::View;

const WEEK: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The group that every cluster binds for its administrators.
const ADMINISTRATORS: &str = "system:masters";

pub(super) const SOURCE: Source = Source {
    id: "access",
    title: "Who may do everything, and what was bound in the last 7 days",
    sights: &[Sight::Of(Kind::ClusterRoleBinding), Sight::Of(Kind::RoleBinding), Sight::Of(Kind::ClusterRole)],
    queries: &[],
    section: None,
    rows: |view, _| Some(rows(view)),
};

fn rows(view: &View<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for binding in view.all::<ClusterRoleBinding>() {
        let others = binding.subjects.iter().filter(|it| it.name != ADMINISTRATORS).map(Subject::words);
        let others: Vec<String> = others.collect();
        if others.is_empty() {
            continue;
        }
        if allowing(&binding.role_ref.name, view).is_some() {
            rows.push(Row::of(None, binding.reference(), format!("lets {} do everything", others.join(", "))));
        } else if is_new(view, binding) {
            rows.push(bound(binding, &binding.role_ref.name, &others));
        }
    }
    for binding in view.all::<RoleBinding>().iter().filter(|it| is_new(view, *it)) {
        let subjects: Vec<String> = binding.subjects.iter().map(Subject::words).collect();
        rows.push(bound(binding, &binding.role_ref.name, &subjects));
    }
    rows
}

fn is_new<T: Object>(view: &View<'_>, object: &T) -> bool {
    object.metadata().creation_timestamp.at().is_some_and(|at| view.now().duration_since(at) <= WEEK)
}

fn bound<T: Object>(binding: &T, role: &str, subjects: &[String]) -> Row {
    let at = binding.metadata().creation_timestamp.at();
    Row::of(at, binding.reference(), format!("gives {role} to {}", subjects.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sre_testkit::Scenario;

    #[test]
    fn who_may_do_everything_is_named() {
        let snapshot = Scenario::captured("GAP-94").snapshot();
        let told: Vec<String> = rows(&View::new(&snapshot)).into_iter().map(|row| row.text).collect();
        assert!(told.iter().any(|text| text.ends_with("do everything")), "{told:?}");
        assert!(told.iter().all(|text| !text.contains("system:masters")), "{told:?}");
    }

    #[test]
    fn what_was_bound_before_the_week_is_no_news() {
        let new = |minutes| {
            let snapshot = Scenario::captured("CFG-09").later(minutes).snapshot();
            rows(&View::new(&snapshot)).into_iter().filter(|row| row.text.starts_with("gives ")).count()
        };
        assert!(new(0) > 0);
        assert_eq!(new(60 * 24 * 8), 0);
    }
}
