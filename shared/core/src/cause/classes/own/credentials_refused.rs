//! What a program calls refuses its credentials.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "credentials-refused", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.restart().into_iter().collect()
}

const PAGE: &str = "\
A database, a queue or another server refuses the user or the password that a program has.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"password authentication failed\", \"WRONGPASS\", 401 in an error, ...).

What to do: see which Secret they come from, and whether it was changed on one side only; pods read variables
once, so that they keep the old ones until they are replaced:
  kubectl sre incident triage TYPE/NAME -n NAMESPACE -o wide
  kubectl sre change restart TYPE/NAME -n NAMESPACE --dry-run";
