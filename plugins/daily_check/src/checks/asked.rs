//! What Prometheus, and in its place kubelets, are asked for each check.

use super::{alerts, control_plane, pods, slo, storage};
use sre_core::check::Check;
use sre_core::inquiry::{KubeletInquiry, Query};
use sre_core::profile::{Profile, Summary};

/// What is always asked for a check.
const QUERIES: &[(&Check, &[Query])] = &[
    (&alerts::watchdog_is_silent::CHECK, &[alerts::FIRING]),
    (&alerts::alert_comes_and_goes::CHECK, &[alerts::NIGHT]),
    (&storage::volume_fills_up::CHECK, storage::volume_fills_up::QUERIES),
    (&pods::container_is_throttled::CHECK, &[pods::container_is_throttled::THROTTLED]),
    (&pods::heap_is_large::CHECK, &[pods::heap_is_large::HEAP]),
    (&control_plane::api_server_is_slow::CHECK, &[control_plane::api_server_is_slow::LATENCY]),
    (&control_plane::target_is_not_measured::CHECK, control_plane::target_is_not_measured::QUERIES),
];

/// What is asked for these checks, of a system that a profile describes.
pub fn queries(checks: &[&Check], profile: &Profile) -> Vec<Query> {
    let is_wanted = |check: &Check| is_among(checks, check);
    let fixed = QUERIES.iter().filter(|(check, _)| is_wanted(check)).flat_map(|(_, queries)| *queries).cloned();
    let promised = profile
        .objectives
        .iter()
        .filter(|_| is_wanted(&slo::budget_is_used_up::CHECK) || is_wanted(&slo::budget_burns_fast::CHECK));
    fixed.chain(promised.flat_map(slo::queries)).collect()
}

/// How kubelets are asked for these checks; not at all where a profile does not want it.
pub fn kubelets(checks: &[&Check], profile: &Profile) -> Option<KubeletInquiry> {
    let is_wanted = is_among(checks, &storage::volume_fills_up::CHECK) && profile.kubelets.summary != Summary::Unwanted;
    is_wanted.then(|| KubeletInquiry {
        instead: storage::volume_fills_up::SPACE,
        most: profile.kubelets.nodes,
        is_required: profile.kubelets.summary == Summary::Wanted,
    })
}

fn is_among(checks: &[&Check], check: &Check) -> bool {
    checks.iter().any(|wanted| wanted.id == check.id)
}
