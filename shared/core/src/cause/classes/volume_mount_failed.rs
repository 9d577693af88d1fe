//! The node cannot mount a volume.

use crate::cause::Class;
use crate::cause::stuck_creation::{Stuck, stuck};

/// See the module.
pub const CLASS: Class =
    Class { id: "volume-mount-failed", page: PAGE, recognise: |view| stuck(view, Stuck::Mount), ..Class::SILENT };

const PAGE: &str = "\
The volume is attached, or needs no attaching, and the node cannot mount it: the server refuses, the
filesystem is damaged, a timeout. What is missing altogether (a ConfigMap, a claim, a driver) has
classes of its own.

Looked at: pods whose containers are being created, and the newest FailedMount event about each.

What to do: the message is the node's own:
  kubectl describe pod NAME -n NAMESPACE";
