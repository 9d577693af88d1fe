//! Questions about performance: what Prometheus is asked for a triage, what metrics.k8s.io tells in its place, what
//! databases say of themselves where they are asked, and what cannot be seen from here.
//!
//! A measurement is a symptom or a risk unless somebody feels it: nothing of it stands before what objects show.

mod builtin;
mod databases;
mod measured;
mod unseen;
mod usage;

pub use databases::{DatabaseSeen, databases};
pub use unseen::{Unmeasured, Unseen, unmeasured, unseen};

use crate::cause::{CLASSES, Origin};
use crate::finding::{Finding, Role};
use crate::inquiry::Query;
use crate::profile::{Measure, Profile};
use crate::view::View;

/// What is measured: what every cluster may have, and what a profile asks of its system.
pub fn measures(profile: &Profile) -> Vec<Measure> {
    let builtin = builtin::measures(profile);
    builtin.into_iter().chain(profile.performance.iter().cloned()).collect()
}

/// What Prometheus is asked for that.
pub fn queries(profile: &Profile) -> Vec<Query> {
    measures(profile).into_iter().map(|measure| measure.query).collect()
}

/// Adds what measurements say to the causes that are known.
pub fn with_measurements(view: &View<'_>, mut causes: Vec<Finding>) -> Vec<Finding> {
    let all = measures(&view.profile);
    let told: Vec<&str> = all.iter().filter(|it| !view.samples(&it.query).is_empty()).map(|it| it.class).collect();
    let mut found = [measured::findings(view, &all), usage::findings(view, &told)].concat();
    // What was killed at its limit was near it: that is told.
    found.retain(|it| !causes.iter().any(|cause| says_more(cause, it)));
    // A server says more of itself than what measures it.
    let told = databases::findings(view);
    found.retain(|it| !told.iter().any(|cause| says_more(cause, it)));
    found.extend(told);
    let felt: Vec<Finding> = found.iter().filter(|it| it.role == Role::Symptom).cloned().collect();
    for finding in causes.iter_mut().chain(&mut found) {
        for symptom in felt.iter().filter(|it| it.object == finding.object) {
            let is_own = CLASSES.iter().any(|it| Some(it.id) == finding.class && it.origin == Origin::Own);
            match finding.role {
                // Somebody feels it: it is no mere risk.
                Role::Risk if finding.class != Some("memory-growing") => {
                    finding.role = Role::Cause;
                    finding.severity = finding.severity.min(symptom.severity);
                }
                Role::Cause if is_own => finding.severity = finding.severity.min(symptom.severity),
                _ => {}
            }
        }
    }
    causes.extend(found);
    causes
}

fn says_more(cause: &Finding, measured: &Finding) -> bool {
    let is_of_memory = matches!(measured.class, Some("memory-near-limit" | "memory-growing"));
    let is_same = cause.class == measured.class || is_of_memory && cause.class == Some("container-oom-killed");
    is_same && cause.object == measured.object
}
