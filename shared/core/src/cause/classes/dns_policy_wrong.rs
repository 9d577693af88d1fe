//! The DNS policy of a pod leads to the wrong resolver.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "dns-policy-wrong",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Running,
        |it| {
            it.is_about(&["Pod"])
                && (it.is(&["DNSConfigForming"]) || it.says(&["dnspolicy", "dns policy", "resolv.conf"]))
        },
        |_| "the DNS policy of the pod leads to the wrong resolver".to_owned(),
    )),
    ..Class::SILENT
};

const PAGE: &str = "\
A pod asks another resolver than that of the cluster, so that names of Services do not resolve: its
dnsPolicy is Default or None, or it uses the network of the host without ClusterFirstWithHostNet.

Looked at: events that say so; daily-check looks at pods in the network of the host.

What to do: set dnsPolicy to ClusterFirst, or ClusterFirstWithHostNet with hostNetwork:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.dnsPolicy} {.spec.dnsConfig}'";
