//! The traffic of a route: which pods are behind each destination, which of them is the canary, and how it fares.

mod behind;
mod canary;
mod errors;

pub use behind::{Backed, Behind, backed, note, risky};
pub use canary::{NoCanary, canary};
pub use errors::{Errors, errors_of, errors_query};
