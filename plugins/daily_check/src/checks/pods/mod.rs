//! Checks of pods and their containers.

pub mod image_cannot_be_pulled;
