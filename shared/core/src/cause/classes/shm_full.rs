//! The shared memory of a container is full.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "shm-full",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| it.says(&["/dev/shm", "shared memory segment"]) && it.says(&["no space", "resize", "full", "enospc"]),
            |_| "the shared memory of a container is full".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

const PAGE: &str = "\
A container has 64 MiB of shared memory at /dev/shm unless it is given more. Databases and browsers run
into that, and get ENOSPC while all disks are free.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: mount an emptyDir with medium Memory at /dev/shm:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.volumes}'";
