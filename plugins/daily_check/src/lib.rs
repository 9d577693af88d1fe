//! `kubectl sre daily-check`: the morning routine. It looks, and changes nothing.

pub mod checks;
