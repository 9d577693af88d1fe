//! Reads or writes of a disk take too long.

use crate::cause::Class;

/// See the module.
pub const CLASS: Class = Class { id: "storage-slow", page: PAGE, ..Class::OWN };

const PAGE: &str = "\
A disk does not keep up: its class has too few operations a second, or another user of it takes them.

It is a class of our own, beside the vocabulary: no state of an object shows it.

Looked at: logs of containers (\"fsync is taking too long\", \"slow fdatasync\", ...); with a Prometheus and its
node exporter the time that a write takes, from 100 ms on.

What to do: see whose load it is, and move the data to a class with more operations a second:
  kubectl get persistentvolumeclaims -n NAMESPACE
  kubectl get storageclasses";
