//! Checks of the section `storage`.
