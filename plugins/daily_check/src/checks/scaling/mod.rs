//! Checks of the section `scaling`.
