//! Checks of the section `control-plane`.

pub mod leader_is_gone;
