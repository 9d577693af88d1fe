//! Data on a volume cannot be read any more as what it was.

use crate::cause::Class;

/// See the module.
pub const CLASS: Class = Class { id: "data-corrupted", page: PAGE, ..Class::OWN };

const PAGE: &str = "\
A database or a queue says that a file of its own is damaged: a page with a wrong checksum, an index or a
log that cannot be read. Starting it again does not help, and may make it worse.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"database disk image is malformed\", \"invalid page in block\", ...).

What to do: stop writing to it, keep a copy of the volume as it is, and restore the newest backup that can be
read; see first whether the disk below it is ill:
  kubectl get volumesnapshots -n NAMESPACE
  kubectl get events -A --field-selector involvedObject.kind=Node";
