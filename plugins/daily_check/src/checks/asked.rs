//! What Prometheus is asked for each check.

use super::{alerts, slo};
use sre_core::check::Check;
use sre_core::inquiry::Query;
use sre_core::profile::Profile;

/// What is always asked for a check.
const QUERIES: &[(&Check, &[Query])] = &[
    (&alerts::watchdog_is_silent::CHECK, &[alerts::FIRING]),
    (&alerts::alert_comes_and_goes::CHECK, &[alerts::NIGHT]),
];

/// What is asked for these checks, of a system that a profile describes.
pub fn queries(checks: &[&Check], profile: &Profile) -> Vec<Query> {
    let is_wanted = |check: &Check| checks.iter().any(|wanted| wanted.id == check.id);
    let fixed = QUERIES.iter().filter(|(check, _)| is_wanted(check)).flat_map(|(_, queries)| *queries).cloned();
    let promised = profile
        .objectives
        .iter()
        .filter(|_| is_wanted(&slo::budget_is_used_up::CHECK) || is_wanted(&slo::budget_burns_fast::CHECK));
    fixed.chain(promised.flat_map(slo::queries)).collect()
}
