//! A process is refused by file permissions, its user or a read-only root.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "container-permission-denied",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.is_about(&["Pod"])
                    && it.says(&[
                        "permission denied",
                        "read-only file system",
                        "eacces",
                        "erofs",
                        "operation not permitted",
                    ])
                    && !it.says(&[
                        "permission denied for ",
                        "mountvolume",
                        "cni",
                        "mount failed",
                        "exec: ",
                        "oci runtime",
                        "containerd",
                        "failed to create",
                    ])
            },
            |_| "a process is refused by permissions of files".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

const PAGE: &str = "\
The process of a container runs and is then refused by the file system: it may not read or write a
path as the user that it runs as, or the root file system is read-only.

Looked at: what the container said at its end, events, and its log where that was read.

What to do: give the volume an fsGroup, the image the right owner of its files, or mount an emptyDir
where it must write:
  kubectl get pod NAME -n NAMESPACE -o jsonpath='{.spec.securityContext}{.spec.containers[*].securityContext}'";
