//! Checks of the section `coverage`.
