//! What commands have in common that change a pod template.

use sre_core::plan::TemplateFault;
use sre_runtime::error::Error;

/// The kinds with a pod template that can be changed.
pub(crate) const KINDS: [&str; 6] =
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "CronJob"];

/// Why nothing is done, and what to do instead.
pub(crate) fn refused(fault: TemplateFault) -> Error {
    let said = fault.to_string();
    let refused = |hint: &str| Error::Refused { why: said.clone(), hint: hint.to_owned() };
    match fault {
        TemplateFault::FromElsewhere { .. } => refused("change it there; what comes from elsewhere is never replaced"),
        TemplateFault::Confidential(_) => refused("keep it in a Secret, and refer to it with valueFrom"),
        TemplateFault::NoContainer { .. } => {
            Error::Usage { message: said, hint: "name one of those that there are".to_owned() }
        }
        TemplateFault::NoTemplate(_) => {
            Error::Usage { message: said, hint: format!("name a {}", KINDS.join(" or a ")) }
        }
        TemplateFault::NoImage(_) => {
            let hint = "type for example registry.example/shop/web:1.4.2".to_owned();
            Error::Usage { message: said, hint }
        }
    }
}
