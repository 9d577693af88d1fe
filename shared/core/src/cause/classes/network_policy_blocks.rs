//! A NetworkPolicy denies traffic that is needed.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "network-policy-blocks",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.says(&["networkpolicy", "network policy"])
                    && it.says(&["den", "block", "drop", "timeout", "timed out", "refus"])
                    && !it.says(&[":53", "dns"])
            },
            |_| "a network policy denies traffic that is needed".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

const PAGE: &str = "\
A NetworkPolicy selects a pod and leaves out a peer or port that it needs. Connections time out rather
than being refused.

Looked at: events that name a policy.

What to do: add a rule for the peer and the port:
  kubectl get networkpolicies -n NAMESPACE -o yaml";
