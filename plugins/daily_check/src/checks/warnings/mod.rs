//! Checks of the section `warnings`.
