//! Checks of the section `nodes`.
