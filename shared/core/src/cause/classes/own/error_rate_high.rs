//! Too many answers are errors.

use crate::cause::{Acts, Class, Tells};

/// See the module.
pub const CLASS: Class = Class { id: "error-rate-high", page: PAGE, acts, tells: Tells::That, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id)
}

const PAGE: &str = "\
A program answers too many requests with an error of its own (5xx). That is what users meet: why it is so may
stand beside it.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: what the profile asks Prometheus (performance).

What to do: read what it writes, and go back where it began with a rollout:
  kubectl sre incident triage TYPE/NAME -n NAMESPACE
  kubectl sre rollback TYPE/NAME -n NAMESPACE --dry-run";
