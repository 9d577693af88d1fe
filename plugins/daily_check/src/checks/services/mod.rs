//! Checks of the section `services`.
