//! The certificate of a kubelet has expired, or its renewal is not approved.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "kubelet-certificate-expired",
    page: PAGE,
    heard: Some(Heard::of(
        Stage::Elsewhere,
        |it| {
            it.is_about(&["Node", "CertificateSigningRequest"])
                && it.says(&[
                    "certificate has expired",
                    "certificate expired",
                    "expired certificate",
                    "client certificate is expired",
                    "certificate is expired",
                    "failed to rotate",
                    "certificate rotation",
                ])
        },
        |_| "the certificate of the kubelet has expired or is not renewed".to_owned(),
    )),
    brings: &["node-not-ready", "node-kubelet-silent"],
    ..Class::SILENT
};

const PAGE: &str = "\
A kubelet cannot speak to the API server, nor be spoken to, because its certificate has expired or the
request for a new one waits for approval. Its node becomes NotReady, and logs and exec fail.

Looked at: what the node and events about it say.

What to do: see whether a request waits, and approve it once its origin is certain:
  kubectl get csr";
