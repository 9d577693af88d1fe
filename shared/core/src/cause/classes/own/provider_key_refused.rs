//! A provider of models or of another service outside refuses the key of a program.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "provider-key-refused", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id).into_iter().chain(of.restart()).collect()
}

const PAGE: &str = "\
What a program calls outside of the cluster refuses its key: it is wrong, has been revoked, or is missing.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"Incorrect API key provided\", \"invalid x-api-key\", ...).

What to do: see which Secret the key comes from and when it was changed; put the right one there (its value
is shown nowhere here), and let the pods read it again:
  kubectl sre change restart TYPE/NAME -n NAMESPACE --dry-run";
