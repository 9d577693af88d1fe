//! Everything that changes a cluster: one path from a plan to its record.
//!
//! ```text
//! plan -> the server tries it -> refusals -> the question -> approved plan
//!      -> lock -> journal, audit log, step, wait (each step) -> Event -> outcome
//! ```

mod acting;
mod approvals;
pub mod audit;
mod choose;
mod discovery;
mod event;
mod execute;
mod gate;
mod helm;
mod hidden;
mod interrupt;
mod journal;
mod lease;
mod measured;
mod objects;
mod pods;
mod programs;
pub(crate) mod record;
mod releases;
mod report;
mod routes;
mod rules;
#[cfg(test)]
mod tests;

pub use acting::{Acting, Carried};
pub use approvals::approve;
pub use choose::Candidate;
pub use event::{COMPONENT, Told, told};
pub use execute::Look;
pub use gate::{Approval, ApprovedPlan, Judged};
pub use interrupt::{Interrupt, Meaning};
pub use journal::{Changes, Recorded, load, save};
pub use objects::{FIELD_MANAGER, Objects, encoded};
pub use pods::{default_container, selected_by};
pub use programs::{ProgramFault, looked};
pub use rules::Rules;
