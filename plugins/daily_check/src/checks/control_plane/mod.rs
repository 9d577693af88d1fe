//! Checks of the section `control-plane`.
