//! The cause engine: classes recognise root causes; the engine folds what follows from them.
//!
//! The engine knows no class by name. A class is one file: what it needs to see, how it is
//! recognised, its page. `daily-check` and every later command ask the same engine.

mod acts;
pub mod ca_bundle;
pub mod certificate_use;
mod class;
mod classes;
mod fold;
pub mod gateways;
mod heard;
pub mod leadership;
mod logged;
pub mod missing_configuration;
mod missing_dependencies;
pub mod node_problem;
pub mod pending_claims;
pub mod routes;
mod saying;
mod sights;
pub mod specs;
pub mod stuck_creation;
mod unplaced;

pub use acts::Acts;
pub use class::{Class, Heard, Origin, Tells};
pub use classes::{CLASSES, refused_by_webhooks, why_job_failed};
pub use fold::{Judged, Upstream, fold, upstream};
pub use heard::with_sayings;
pub use logged::{tells_only_that, with_acts, with_line, with_logs};
pub use saying::{Saying, Sayings, Stage, is_in_the_first_moments, is_past, quoted_after, sayings};
pub use sights::SIGHTS;

use crate::finding::Finding;
use crate::view::View;

/// Lets every class look; what one pod shows is left to the class that comes first on its way to life.
pub fn recognise(view: &View<'_>) -> Vec<Finding> {
    sorted(CLASSES.iter().flat_map(|class| class.recognised(view)).collect())
}

/// Lets those look again that heed what the others have recognised.
pub fn left(view: &View<'_>) -> Vec<Finding> {
    sorted(CLASSES.iter().flat_map(|class| class.left(view)).collect())
}

fn sorted(mut causes: Vec<Finding>) -> Vec<Finding> {
    causes.sort_by(|a, b| (&a.object, a.class, &a.part).cmp(&(&b.object, b.class, &b.part)));
    causes
}
