//! A provider outside lets a program do no more for now: rate, quota or budget.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "provider-limit-reached", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id)
}

const PAGE: &str = "\
What a program calls outside of the cluster has had enough of it: too many requests a minute, a quota or a
budget that is used up. The key is right.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"insufficient_quota\", \"Rate limit reached\", \"token budget exhausted\", ...); with a
Prometheus what the profile asks (performance).

What to do: wait where it is a rate, with fewer requests at a time; raise the budget, or use another provider:
  kubectl sre change set-env TYPE/NAME PROVIDER_SETTING=other -n NAMESPACE --dry-run";
