//! A container uses nearly all of the memory that it may have.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "memory-near-limit", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.raise_limit("memory").into_iter().chain(of.of_profile(CLASS.id)).collect()
}

const PAGE: &str = "\
At its limit the kernel kills it. It is told before that, as a warning.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: the working set against the limit, from 90 percent on (memoryOfLimitPercent of a profile): of Prometheus,
else of metrics.k8s.io.

What to do: raise the limit, and see whether it grows without end:
  kubectl sre scale resources TYPE/NAME --container C --limits memory=2Gi -n NAMESPACE --dry-run";
