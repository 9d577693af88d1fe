//! etcd does not answer the API server.

use super::failed_health::failures;
use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "etcd-unavailable",
    page: PAGE,
    recognise: |view| failures(view, |part| part == "etcd"),
    heard: Some(
        Heard::of(
            Stage::Elsewhere,
            |it| {
                it.says(&[
                    "etcdserver: request timed out",
                    "etcdserver: no leader",
                    "etcdserver: leader changed",
                    "mvcc: database space exceeded",
                    "etcdserver: mvcc",
                ])
            },
            |_| "etcd is slow, without leader or full".to_owned(),
        )
        .and_by_processes(),
    ),
    brings: &["apiserver-unavailable", "control-plane-unstable", "rollout-not-progressing"],
    is_everybodys: true,
    ..Class::SILENT
};

const PAGE: &str = "\
The API server reaches no etcd, or etcd has no leader, is too slow, or is full. Reads from the
server's cache may still work, writes do not, and soon nothing does.

Looked at: the sub-checks etcd and etcd-readiness of /readyz and /livez.

What to do: look at the etcd members, their disks (space, latency) and their logs. Change nothing
else meanwhile: what is written now may be lost.";
