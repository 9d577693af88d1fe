//! `kubectl sre daily-check`: the morning routine.
