//! Answers take too long.

use crate::cause::{Acts, Class, Tells};

/// See the module.
pub const CLASS: Class = Class { id: "response-slow", page: PAGE, acts, tells: Tells::That, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id).into_iter().chain(of.add_replica()).collect()
}

const PAGE: &str = "\
A program answers, and takes too long for it. That is what users meet: why it is so may stand beside it, as a
CPU limit that holds it back, slow statements, or connections that are used up.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: what the profile asks Prometheus (performance), as the 95th percentile of its requests.

What to do: look at what it waits for; add replicas where it is busy itself, and cache where that is a setting:
  kubectl sre incident triage TYPE/NAME -n NAMESPACE
  kubectl sre scale TYPE/NAME --replicas 4 -n NAMESPACE --dry-run";
