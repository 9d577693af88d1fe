//! Something that a workload calls does not answer.

use crate::cause::{Class, Heard, Saying, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "dependency-unavailable",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| it.is_about(&["Pod"]) && calls_in_vain(it),
            |_| "something that the workload calls does not answer".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

/// A probe that its own container refuses is no call to somebody else.
fn calls_in_vain(saying: &Saying<'_>) -> bool {
    let is_refused = saying.says(&[
        "connection refused",
        "no route to host",
        "econnrefused",
        "upstream connect error",
        "connection timed out",
        "could not connect",
        "unable to connect",
        "failed to connect",
        "host unreachable",
    ]);
    let is_named = saying.says(&["dependency", "upstream", "database", "backend", "svc", "service unavailable"]);
    let is_own_probe = saying.says(&["probe failed: get", "probe failed: dial"]);
    let is_of_the_node = saying.says(&["pull", "volume", "webhook", "sandbox", "csi", ":6443", "apiserver"]);
    !is_of_the_node
        && !is_own_probe
        && (is_refused && !saying.says(&["probe"])
            || is_named
                && saying.says(&["unavailable", "unreachable", "refused", "timed out", "not ready", "connection"]))
}

const PAGE: &str = "\
A workload fails because something that it calls (a database, a queue, another service) refuses the
connection or does not answer, and why that is so is not in sight.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: triage what is called; its Service and its pods are the place to look:
  kubectl sre incident triage service/NAME -n NAMESPACE";
