//! The event loop of a program is held up by its own work.

use crate::cause::{Acts, Class};

/// See the module.
pub const CLASS: Class = Class { id: "event-loop-blocked", page: PAGE, acts, ..Class::OWN };

fn acts(of: &Acts<'_>) -> Vec<String> {
    of.of_profile(CLASS.id).into_iter().chain(of.add_replica()).collect()
}

const PAGE: &str = "\
A program with one loop for everything (Node.js, asyncio) does long work in it: all requests wait for that, and
probes may fail though the processor is idle.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: nodejs_eventloop_lag_p99_seconds of Prometheus, from 200 ms on, and what the profile asks (performance).

What to do: see whether its CPU limit holds it back; spread the work over more pods until the long work is out of
the loop:
  kubectl sre scale TYPE/NAME --replicas 4 -n NAMESPACE --dry-run";
