//! Replays the scheduler's filters on the objects that were seen: which nodes would take a pod, and why the others not.
//!
//! Pure functions of a view. Wishes (preferred terms, `ScheduleAnyway`, `PreferNoSchedule`) never block and are left
//! out, as are the filters that need what a snapshot does not hold: attach limits, device claims, extenders.

mod demand;
mod fit;
mod floor;
mod near;
mod neighbours;
mod obstacle;
mod ports;
mod replay;
mod resources;
mod said;
mod spread;
mod stranded;
#[cfg(test)]
mod tests;

pub use demand::Demand;
pub(crate) use demand::local_volumes;
pub use fit::Fit;
pub use floor::{Floor, Place};
pub use near::nearest_word;
pub use obstacle::{Filter, Obstacle, closed_by_condition};
pub use replay::{Exclusion, Replay, Room};
pub use resources::{Resources, pod_request, written};
pub use said::counts_in;
pub(crate) use stranded::find as find_stranded;
pub use stranded::{Stranded, Verdict, unbound_claims};
