//! A volume has no space or inodes left.

use crate::cause::{Class, Heard, Stage};

/// See the module.
pub const CLASS: Class = Class {
    id: "volume-full",
    page: PAGE,
    heard: Some(
        Heard::of(
            Stage::Running,
            |it| {
                it.is_about(&["PersistentVolumeClaim", "Pod"])
                    && it.says(&[
                        "volume is full",
                        "volume full",
                        "disk quota exceeded",
                        "no inodes",
                        "out of inodes",
                        "persistent volume is full",
                        "could not extend file",
                        "no space left on device: data",
                    ])
                    || it.is_of_process && it.says(&["no space left on device"]) && !it.says(&["inotify", "/dev/shm"])
            },
            |_| "a volume has no space left".to_owned(),
        )
        .and_by_processes(),
    ),
    ..Class::SILENT
};

const PAGE: &str = "\
A volume is full: writes fail, databases stop. daily-check tells before that, where a Prometheus or the
kubelets say what volumes hold.

Looked at: events, what containers said at their end, and their logs where these were read.

What to do: let the volume grow, if its class allows that, or make room in it:
  kubectl sre scale volume CLAIM --size 20Gi -n NAMESPACE --dry-run";
