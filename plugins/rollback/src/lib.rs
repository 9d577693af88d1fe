//! `kubectl sre rollback`: back to a revision that is known to work.
//!
//! [`revisions`] says what revisions there are and how each fared, [`choice`] which of them to go back to, and [`plan`]
//! how to get there and what stays behind. All of it decides on values; nothing here looks or acts.

pub mod choice;
pub mod plan;
pub mod revisions;
