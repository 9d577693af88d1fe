//! Checks of the section `warnings`.

pub mod warnings_pile_up;
