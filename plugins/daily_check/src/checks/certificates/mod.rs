//! Checks of the section `certificates`.
