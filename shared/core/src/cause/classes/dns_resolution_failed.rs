//! Names do not resolve for a workload.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "dns-resolution-failed",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.says(&[
                    "no such host",
                    "server misbehaving",
                    "dns lookup failed",
                    "dns lookup",
                    "temporary failure in name resolution",
                    "could not resolve",
                    "could not be resolved",
                    "name resolution",
                    "name or service not known",
                    "nxdomain",
                    "servfail",
                    ":53: i/o timeout",
                    ":53: read",
                ]) && !it.says(&["webhook", "pull", "registry"])
            },
            |_| "names do not resolve for the workload".to_owned(),
        )
        .and_by_processes(),
    ),
    brings: &["container-exit-error", "crash-unexplained", "readiness-probe-failed", "dependency-unavailable"],
    ..Class::SILENT
};

const PAGE: &str = "\
A workload asks for names and gets no answer, and cluster DNS is not seen to be at fault.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: ask for the same name from the same place, and look at cluster DNS:
  kubectl get pods -n kube-system -l k8s-app=kube-dns
  kubectl sre incident triage deployment/coredns -n kube-system";
